/*
 * thermal_state.h - heat, and what is done against it: throttle counters of Intel's processors, cooling devices
 * of everybody's, temperatures.
 *
 *     struct thermal_state t;
 *     thermal_open(&t, root);
 *     thermal_read(&t, &sample);       // once a second
 *     thermal_close(&t);
 *
 * A package's counter is repeated on each of its processors and taken once. Of a machine with many processors every
 * n-th is read, spread over all packages.
 */
#ifndef ASSAY_THERMAL_STATE_H
#define ASSAY_THERMAL_STATE_H

#include "sensor.h"

enum { THERMAL_FILES_MAX = 32 };

/* Descriptors of like files. */
struct thermal_files {
    int fds[THERMAL_FILES_MAX];
    size_t count;
};

struct thermal_state {
    struct thermal_files cores, packages;           /* throttle counts */
    struct thermal_files core_times, package_times; /* in ms */
    struct thermal_files temperatures;              /* in thousandths of a degree */
    struct thermal_files coolers;                   /* what a cooling device takes away at the moment */
};

void thermal_open(struct thermal_state *t, const char *root);
void thermal_close(struct thermal_state *t);
void thermal_read(const struct thermal_state *t, struct sample *sample);

#endif
