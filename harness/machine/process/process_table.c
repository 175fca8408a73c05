#include "process_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void process_table_open(struct process_table *table, const char *root, pid_t own_pid)
{
    memset(table, 0, sizeof *table);
    table->own_pid = own_pid;
    (void)process_list_open(&table->list, root, table->reason, sizeof table->reason);
}

void process_table_close(struct process_table *table)
{
    process_list_close(&table->list);
    free(table->items);
    memset(table, 0, sizeof *table);
}

void process_table_watch_session(struct process_table *table, pid_t session)
{
    if (session > 0 && table->session_count < WATCHED_SESSIONS_MAX)
        table->sessions[table->session_count++] = session;
}

static bool append(struct process_table *table, const struct proc_stat *stat)
{
    if (table->count == table->cap) {
        size_t cap = table->cap ? 2 * table->cap : 256;
        struct proc_stat *items = realloc(table->items, cap * sizeof *items);
        if (!items)
            return false;
        table->items = items;
        table->cap = cap;
    }
    table->items[table->count++] = *stat;
    return true;
}

static int by_pid(const void *a, const void *b)
{
    const struct proc_stat *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

static const struct proc_stat *find_process(const struct process_table *table, pid_t pid)
{
    struct proc_stat key = {.pid = pid};
    return bsearch(&key, table->items, table->count, sizeof key, by_pid);
}

static bool holds_socket(const struct socket_owners *owners, pid_t pid)
{
    for (size_t i = 0; i < owners->count; i++) {
        if (owners->pids[i] == pid)
            return true;
    }
    return false;
}

static bool in_watched_session(const struct process_table *table, pid_t session)
{
    for (size_t i = 0; i < table->session_count; i++) {
        if (table->sessions[i] == session)
            return true;
    }
    return false;
}

/* The nearest ancestor that is ours or the target's decides; captured trees may hold loops, so the climb is
 * bounded. */
static enum process_owner owner_of(
    const struct process_table *table, const struct socket_owners *owners, const struct proc_stat *process)
{
    const struct proc_stat *at = process;
    for (int depth = 0; at && depth < 128; depth++) {
        if (holds_socket(owners, at->pid))
            return PROCESS_TARGET;
        if (at->pid == table->own_pid || in_watched_session(table, at->session))
            return PROCESS_OURS;
        at = at->ppid > 0 ? find_process(table, at->ppid) : NULL;
    }
    return PROCESS_OTHER;
}

enum process_owner process_table_owner(
    const struct process_table *table, const struct socket_owners *owners, pid_t pid)
{
    const struct proc_stat *process = find_process(table, pid);
    return process ? owner_of(table, owners, process) : PROCESS_UNSEEN;
}

static bool lives(const struct proc_stat *process)
{
    return process->state != 'Z' && process->state != 'X';
}

static void add_target(
    const struct socket_owners *owners, const struct proc_stat *process, struct target_totals *totals)
{
    struct server_process *server = &totals->server;
    totals->ticks += process->ticks;
    totals->rss_pages += process->rss_pages;
    totals->major_faults += process->major_faults;
    if (!holds_socket(owners, process->pid) || !lives(process))
        return;
    totals->owners_seen++;
    if (server->pid == 0 || process->start_ticks < server->start_ticks)
        *server = (struct server_process){process->pid, process->start_ticks};
}

static void add_process(struct process_table *table, const struct socket_owners *owners,
    const struct proc_stat *process, struct process_totals *totals)
{
    enum process_owner owner = owner_of(table, owners, process);
    if (owner == PROCESS_OURS)
        totals->ours_ticks += process->ticks;
    if (owner == PROCESS_TARGET)
        add_target(owners, process, &totals->target);
    if (owner == PROCESS_TARGET && table->target_count < TARGET_PROCESSES_MAX)
        table->targets[table->target_count++] = process->pid;
    if (process->state == 'Z' && owner == PROCESS_OURS)
        totals->ours_zombies++;
    else if (process->state == 'Z')
        totals->others_zombies++;
    totals->own_seen |= process->pid == table->own_pid;
    totals->others_seen |= process->pid == 1;
}

static bool take_process(const struct proc_stat *process, void *arg)
{
    return append(arg, process);
}

static bool read_all(struct process_table *table, struct process_totals *totals)
{
    table->count = 0;
    if (!process_list_each(&table->list, take_process, table, &totals->unreadable)) {
        snprintf(table->reason, sizeof table->reason, "no memory for %zu processes", table->count);
        return false;
    }
    if (table->count > 1)
        qsort(table->items, table->count, sizeof *table->items, by_pid);
    return true;
}

bool process_table_scan(
    struct process_table *table, const struct socket_owners *owners, struct process_totals *totals)
{
    memset(totals, 0, sizeof *totals);
    table->target_count = 0;
    if (!table->list.handle || !read_all(table, totals))
        return false;
    totals->processes = table->count;
    for (size_t i = 0; i < table->count; i++)
        add_process(table, owners, &table->items[i], totals);
    if (!totals->own_seen) {
        snprintf(table->reason, sizeof table->reason, "our own process is not among those in sight");
        return false;
    }
    return true;
}

void process_table_look(
    struct process_table *table, const struct socket_owners *owners, struct target_totals *totals)
{
    *totals = (struct target_totals){0};
    for (size_t i = 0; i < table->target_count; i++) {
        struct proc_stat stat;
        if (process_list_one(&table->list, table->targets[i], &stat))
            add_target(owners, &stat, totals);
    }
}
