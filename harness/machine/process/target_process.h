/*
 * target_process.h - the measured server's processes: found by its listening socket, followed over its
 * restarts.
 *
 *     target_process_open(&t, "http://127.0.0.1:8080");
 *     target_process_locate(&t, root);
 *     target_process_scan(&t, root, &table, &totals);      // one pass over all processes
 *     if (!target_process_look(&t, &table)) ...            // only its own, between passes: false asks for a pass
 */
#ifndef ASSAY_TARGET_PROCESS_H
#define ASSAY_TARGET_PROCESS_H

#include "process_table.h"
#include "sensor.h"

struct target_process {
    enum { TARGET_NONE, TARGET_LOCAL, TARGET_REMOTE, TARGET_UNCLEAR } kind;
    struct endpoint endpoint;
    struct socket_owners owners;
    struct target_totals seen; /* at the last look; its server's pid is 0 where none is in sight */
    uint64_t ended_ticks;      /* of processes that ended and were replaced */
    bool ended;                /* the server's process did, and no other is in its place */
};

void target_process_open(struct target_process *t, const char *url); /* url may be NULL */
void target_process_locate(struct target_process *t, const char *root);

/* process_table_scan(); where a process of the server is gone it is located anew, and the pass made again. */
bool target_process_scan(
    struct target_process *t, const char *root, struct process_table *table, struct process_totals *totals);
bool target_process_look(struct target_process *t, struct process_table *table);

/* All that its processes used, those that ended included. */
uint64_t target_process_ticks(const struct target_process *t);

/* Why there is nothing to be read of it. */
void target_process_explain(const struct target_process *t, struct reading *r, const char *source);

#endif
