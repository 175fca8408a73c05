/*
 * stats.h - summaries of samples.
 *
 * Percentiles are type 7 of Hyndman and Fan (1996), absent below the sample floor of metric definitions: p90
 * needs n >= 29, p95 59, p99 299, p99.9 2995 (so that a one-sided 95 % bound exists: n >= ln 0.05 / ln p).
 *
 *     struct summary s;
 *     if (stats_summarise(values, n, &s) == STATUS_OK && s.has_p99) ...
 */
#ifndef ASSAY_STATS_H
#define ASSAY_STATS_H

#include "status.h"

#include <stddef.h>

/* Samples below which a percentile is absent. */
enum { STATS_FLOOR_P90 = 29, STATS_FLOOR_P95 = 59, STATS_FLOOR_P99 = 299, STATS_FLOOR_P999 = 2995 };

struct summary {
    size_t n;
    double median, mad, mean, stddev, min, max; /* mad unscaled; stddev with n - 1, 0 for n = 1 */
    double p25, p50, p75, p90, p95, p99, p999;
    bool has_p90, has_p95, has_p99, has_p999;
    bool has_ci95;
    double ci95_low,
        ci95_high; /* of the median, order statistics, coverage >= 95 %; absent below 6 samples */
};

/* STATUS_INVALID for n = 0, a sample that is not finite, or samples so large that their variance is not;
 * STATUS_NO_MEMORY. Does not change values. */
enum status stats_summarise(const double *values, size_t n, struct summary *out) ASSAY_MUST_CHECK;

/* Type 7 quantile of an ascending array, 0 <= p <= 1, n >= 1. */
double stats_quantile_sorted(const double *sorted, size_t n, double p);

/* Median of unsorted values; copies; NaN for n = 0 or no memory. */
double stats_median(const double *values, size_t n);

/* Ranks (1-based) of the order statistics whose interval covers the median with >= 95 %; false below 6. */
bool stats_median_ci95_ranks(size_t n, size_t *low, size_t *high);

#endif
