/*
 * monitor_window.h - what the sensors did between two moments: the sum of the samples taken there.
 *
 *     struct window window = {0};
 *     window_note(&window, &sample);            // each sample, in order: live, or read back from a file
 *     quality_judge(&window, &quality);         // quality.h
 */
#ifndef ASSAY_MONITOR_WINDOW_H
#define ASSAY_MONITOR_WINDOW_H

#include "sensor.h"

/* What one sensor did within the window. Only samples where it could be read count. */
struct span {
    struct reading first, last; /* at the two ends; first.status tells whether there is anything to judge */
    double low, high;           /* extremes */
    double high_lasting;        /* highest level that two passes over the processes found, a second apart */
    size_t seen, failed;        /* samples with a value, samples without */
};

struct window {
    int64_t start_ns, end_ns; /* monotonic: of the first and of the last sample; end_ns 0 while it is open */
    size_t samples;           /* ends included */
    size_t missed;            /* due moments at which nobody called */
    int64_t lateness_max_ns;
    int64_t cost_ns; /* what sampling itself took of this thread's CPU time */
    double memory_total_bytes,
        group_limit_bytes; /* what the available bytes are a share of; 0 where unknown */
    struct span spans[SENSOR_COUNT];
    double scan_before[SENSOR_COUNT]; /* values of the pass before, the least of those in quick succession */
    int64_t scan_before_ns;           /* when that was, or the first of them */
    bool have_scan_before;
};

/* Adds a sample; times, cost and missed moments are its owner's to keep. */
void window_note(struct window *window, const struct sample *sample);

#endif
