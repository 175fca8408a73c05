/*
 * timeline_rate.h - counters as rates: each growth is spread over the readings in which it came about.
 *
 * A counter that its source moves on once a second, read five times a second, stands still four times and then leaps;
 * a rate is therefore told when the counter has moved after at least the series' window, or has not for twice as long,
 * and holds for all readings since the one before.
 *
 *     struct timeline_rate rate = {0};
 *     if (timeline_rate_step(&rate, spec, &now, &value, &from_reading))
 *         timeline_table_fill(table, column, from_reading, value);
 */
#ifndef ASSAY_TIMELINE_RATE_H
#define ASSAY_TIMELINE_RATE_H

#include "timeline_series.h"

#include <stdint.h>

struct timeline_rate {
    bool started;
    double value, total;
    int64_t t_ns;
    size_t reading;
};

struct timeline_counter {
    double value;
    double total;   /* CPU time of all CPUs, for a share; NAN where it was not read */
    int64_t t_ns;   /* on a clock that only grows */
    size_t reading; /* its number in the table, from 0 */
    bool last;      /* of a window: what there is must do */
};

/* True: the rate is `value` for the readings from *from_reading to this one. */
bool timeline_rate_step(struct timeline_rate *rate, const struct timeline_spec *spec,
    const struct timeline_counter *now, double *value, size_t *from_reading);

#endif
