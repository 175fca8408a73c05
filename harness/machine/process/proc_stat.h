/*
 * proc_stat.h - what a platform tells of one process: of /proc/PID/stat on Linux, of libproc on macOS.
 *
 * CPU time and memory are in the platform's own units, so that nothing is rounded: ticks and pages on Linux,
 * nanoseconds and bytes on macOS. Whoever reads them knows the unit (struct process_units).
 */
#ifndef ASSAY_PROC_STAT_H
#define ASSAY_PROC_STAT_H

#include <stdint.h>

struct proc_stat {
    int32_t pid, ppid, session;
    char state;     /* 'Z': a zombie */
    uint64_t ticks; /* user and system, reaped children included */
    uint64_t start_ticks;
    uint64_t rss_pages;    /* resident; 0 where the line ends before it */
    uint64_t major_faults; /* that had to read the disk */
};

#endif
