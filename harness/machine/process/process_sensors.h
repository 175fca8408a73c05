/*
 * process_sensors.h - the sensors that a pass over all processes fills: zombies, CPU time by owner, the server's
 * memory.
 *
 *     process_sensors_open(&p, root, &units, &options);
 *     process_sensors_scan(&p, busy_known ? &busy_s : NULL, &why_not);      // a pass
 *     process_sensors_look(&p, t_ns);            // between passes: false asks for one
 *     process_sensors_fill(&p, &sample);
 *     process_sensors_close(&p);
 */
#ifndef ASSAY_PROCESS_SENSORS_H
#define ASSAY_PROCESS_SENSORS_H

#include "reader.h"
#include "target_process.h"

/* What the numbers of struct proc_stat mean on a platform, and what they are called. Static text. */
struct process_units {
    double tick_s, page_bytes;
    const char *time, *target_time, *target_memory, *target_faults, *foreign; /* sources */
};

struct process_sensors {
    const char *root;
    const struct process_units *units;
    struct process_table table;
    struct target_process target;
    struct reading ours, target_time, foreign, target_rss, target_faults, zombies_ours, zombies_others;
    int64_t search_due_ns; /* for a target that ended */
};

/* root and units stay the caller's, and where they are. */
void process_sensors_open(struct process_sensors *p, const char *root, const struct process_units *units,
    const struct reader_options *options);
void process_sensors_close(struct process_sensors *p);

void process_sensors_locate(struct process_sensors *p); /* the target, anew */

/* busy_s: CPU time that the machine has spent, read just before; NULL where why_not says why nobody knows. */
void process_sensors_scan(struct process_sensors *p, const double *busy_s, const struct reading *why_not);

/* The target's memory of this moment. False where a process of it is gone, which only a pass can tell more of; for one
 * that stays away a pass is asked for six times a second at most. */
bool process_sensors_look(struct process_sensors *p, int64_t t_ns);
void process_sensors_fill(const struct process_sensors *p, struct sample *sample);

#endif
