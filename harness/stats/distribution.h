/*
 * distribution.h - many durations, one after the other, and what they look like: every value is kept up to
 * DISTRIBUTION_EXACT_MAX of them, from there on a histogram (hist.h: within 2^-7), with mean, deviation,
 * minimum and maximum exact in both. Those of several threads are merged, never averaged.
 *
 *     struct distribution d = {0};
 *     distribution_add(&d, ttft_s);
 *     struct summary s;
 *     if (distribution_summarise(&d, &s) == STATUS_OK && s.has_p99) ...
 *     distribution_fini(&d);
 */
#ifndef ASSAY_DISTRIBUTION_H
#define ASSAY_DISTRIBUTION_H

#include "hist.h"
#include "stats.h"

#include <stdbool.h>

enum { DISTRIBUTION_EXACT_MAX = 100000 };

struct distribution {
    double *values; /* owned; NULL once there are too many */
    size_t cap;
    struct hist *hist; /* owned; NULL until then */
    size_t n, refused; /* refused: negative or not finite */
    double mean, squares, min, max;
    bool sorted, no_memory;
};

void distribution_fini(struct distribution *d);
void distribution_add(struct distribution *d, double seconds);
void distribution_merge(struct distribution *d, const struct distribution *other);
/* Durations that were counted in a histogram; mean and deviation are then those of its buckets. */
void distribution_merge_hist(struct distribution *d, const struct hist *hist);

/* STATUS_INVALID without a value, STATUS_NO_MEMORY where one could not be kept. Percentiles below their floor
 * are absent. */
enum status distribution_summarise(struct distribution *d, struct summary *out) ASSAY_MUST_CHECK;

/* Any quantile, whatever its floor; NaN without a value. */
double distribution_quantile(struct distribution *d, double p);
/* How many are greater; of a histogram to the bucket. */
size_t distribution_count_above(const struct distribution *d, double seconds);

#endif
