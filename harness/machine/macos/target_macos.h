/*
 * target_macos.h - what the kernel tells of the measured server's processes beyond CPU time and footprint.
 *
 *     target_macos_look(pids, count, &readings);      // with each pass over all processes
 */
#ifndef ASSAY_TARGET_MACOS_H
#define ASSAY_TARGET_MACOS_H

#include "sensor.h"

#include <sys/types.h>

struct target_macos {
    struct reading rss_peak, files_open;
};

/* Of processes that are alive; one that does not let us look makes a reading unavailable: a part is not the whole. */
void target_macos_look(const pid_t *pids, size_t count, struct target_macos *readings);

#endif
