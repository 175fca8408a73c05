/*
 * drift.h - a record's own figures against it: a rate that fell from repeat to repeat, a warm-up that was not over.
 *
 *     drift_into_record(record);      // with system_health and performance; does nothing without
 *
 * Drift: the rate's median of the last third of the repeats is worse than that of the first third by more than 5 %,
 * and a series without a trend shows such a slope (trend.h) in less than one of a thousand records. Warm-up: the
 * first repeats are worse than the others' median by more than 10 %, and by more than three times the others' whole
 * range (four times that of five others, six times that of four: the range of a few is easily small by chance): values
 * that only scatter do so in less than one of a thousand records.
 */
#ifndef ASSAY_DRIFT_H
#define ASSAY_DRIFT_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

#define DRIFT_SHARE 0.05
#define DRIFT_CHANCE 0.001
#define DRIFT_VALUES_MIN 8 /* below it one odd value makes a third */
#define WARMUP_SHARE 0.10
#define WARMUP_VALUES_MIN 5

/* By how much of the first third's median the last third's is worse; 0 where it is better or too little is known. */
struct drift {
    double share;
    double chance; /* that it means nothing; 1 where nothing can be said */
    bool found;    /* beyond both limits */
};

/* x: moments or numbers, rising. higher_is_better: a rate; else a time. */
void drift_judge(const double *x, const double *values, size_t n, bool higher_is_better, struct drift *drift);

/* By how much of the others' median the first repeats are worse, where they stand out; else 0. */
double drift_warmup_rest(const double *values, size_t n, bool higher_is_better);

/* Figures of a metric one after the other, which are "the repeats", or whatever else they are of. Borrowed. */
struct drift_series {
    const char *metric, *of;
    const double *x, *values; /* as of drift_judge() */
    size_t n;
    bool higher_is_better;
};

/* Judges them, and says so in the record's evidence. False: no memory. */
bool drift_add(struct json_object *record, const char *sensor, const struct drift_series *series);

/* False: no memory. */
bool drift_into_record(struct json_object *record);

#endif
