/*
 * clock_sync.h - does somebody keep this machine's wall clock right, and how well? What two machines' times can be
 * compared by.
 *
 *     struct clock_sync sync = clock_sync_read();
 *     if (sync.known && sync.kept) printf("within %.3f s\n", sync.error_s);
 */
#ifndef ASSAY_CLOCK_SYNC_H
#define ASSAY_CLOCK_SYNC_H

#include <stdbool.h>

struct clock_sync {
    bool known;     /* this system tells */
    bool kept;      /* by NTP, PTP or the like */
    double error_s; /* at most, as the kernel was told and has aged it since; 0 unless kept */
};

struct clock_sync clock_sync_read(void);

#endif
