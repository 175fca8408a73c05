/*
 * process_table.h - one pass over all processes: whose they are, their CPU time, which of them are zombies.
 *
 * A process is the target's if it or an ancestor holds the target's listening socket, ours if it or an
 * ancestor is our own process or it belongs to a watched session, otherwise somebody else's. CPU time
 * includes that of reaped children, so what a process leaves behind is not lost when its parent reaps it.
 *
 * Between two passes process_table_look() reads the target's processes alone, those that the last pass found.
 */
#ifndef ASSAY_PROCESS_TABLE_H
#define ASSAY_PROCESS_TABLE_H

#include "process_list.h"
#include "server_process.h"
#include "socket_owner.h"

#define WATCHED_SESSIONS_MAX 8
#define TARGET_PROCESSES_MAX 256 /* that are looked at between passes */

struct target_totals {
    uint64_t ticks, rss_pages, major_faults;
    struct server_process server; /* the oldest that holds the socket; pid 0 where all of them ended */
    size_t owners_seen;           /* of the sockets' owners, alive */
};

struct process_totals {
    uint64_t ours_ticks;
    struct target_totals target;
    size_t ours_zombies, others_zombies;
    size_t processes, unreadable;
    bool own_seen;    /* our own process was among them */
    bool others_seen; /* so was process 1: /proc hides nobody (hidepid) */
};

struct process_table {
    struct process_list list;
    pid_t own_pid;
    pid_t sessions[WATCHED_SESSIONS_MAX];
    size_t session_count;
    struct proc_stat *items; /* of the last pass, by pid */
    size_t count, cap;
    pid_t targets[TARGET_PROCESSES_MAX]; /* likewise */
    size_t target_count;
    char reason[96]; /* why a pass failed */
};

void process_table_open(struct process_table *table, const char *root, pid_t own_pid);
void process_table_close(struct process_table *table);
void process_table_watch_session(struct process_table *table, pid_t session);

/* False with table->reason where processes cannot be listed. */
bool process_table_scan(
    struct process_table *table, const struct socket_owners *owners, struct process_totals *totals);

/* Whose a process is, as the last pass saw it. */
enum process_owner { PROCESS_UNSEEN, PROCESS_OURS, PROCESS_TARGET, PROCESS_OTHER };
enum process_owner process_table_owner(
    const struct process_table *table, const struct socket_owners *owners, pid_t pid);

/* The target's processes of the last pass, as they are now. */
void process_table_look(
    struct process_table *table, const struct socket_owners *owners, struct target_totals *totals);

#endif
