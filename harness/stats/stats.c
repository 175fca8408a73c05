#include "stats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *sorted_copy(const double *values, size_t n)
{
    double *copy = n <= SIZE_MAX / sizeof *copy ? malloc(n * sizeof *copy) : NULL;
    if (copy == NULL)
        return NULL;
    memcpy(copy, values, n * sizeof *copy);
    qsort(copy, n, sizeof *copy, ascending);
    return copy;
}

double stats_quantile_sorted(const double *sorted, size_t n, double p)
{
    double h = (double)(n - 1) * p;
    size_t low = (size_t)h;
    if (low >= n - 1)
        return sorted[n - 1];
    double a = sorted[low], b = sorted[low + 1];
    double between = a + (h - (double)low) * (b - a);
    return between < b ? between : b; /* rounding must not pass the larger neighbour */
}

double stats_median(const double *values, size_t n)
{
    double *sorted = n > 0 ? sorted_copy(values, n) : NULL;
    double median = sorted != NULL ? stats_quantile_sorted(sorted, n, 0.5) : (double)NAN;
    free(sorted);
    return median;
}

bool stats_median_ci95_ranks(size_t n, size_t *low, size_t *high)
{
    /*
     * With B ~ Binomial(n, 1/2), [x(k), x(n+1-k)] misses the median with probability 2 P(B < k): the largest
     * k with P(B < k) <= 0.025. The sum starts ten standard deviations below the mean, where less than 1e-22
     * is left out.
     */
    if (n < 6)
        return false;
    double count = (double)n, start = floor(count / 2 - 5 * sqrt(count));
    size_t k = start > 0 ? (size_t)start : 0;
    int sign;
    double log_term = lgamma_r(count + 1, &sign) - lgamma_r((double)k + 1, &sign) -
                      lgamma_r(count - (double)k + 1, &sign) - count * log(2);
    double term = exp(log_term), below = 0;
    for (; below + term <= 0.025; k++) {
        below += term;
        term *= (count - (double)k) / ((double)k + 1);
    }
    *low = k;
    *high = n + 1 - k;
    return k >= 1;
}

/* Welford (1962): one pass, no cancellation. */
static void add_moments(const double *values, size_t n, struct summary *out)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        double delta = values[i] - mean;
        mean += delta / (double)(i + 1);
        squares += delta * (values[i] - mean);
    }
    out->mean = mean;
    out->stddev = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
}

static void add_quantiles(const double *sorted, size_t n, struct summary *out)
{
    out->min = sorted[0];
    out->max = sorted[n - 1];
    out->median = out->p50 = stats_quantile_sorted(sorted, n, 0.5);
    out->p25 = stats_quantile_sorted(sorted, n, 0.25);
    out->p75 = stats_quantile_sorted(sorted, n, 0.75);
    out->has_p90 = n >= STATS_FLOOR_P90;
    out->has_p95 = n >= STATS_FLOOR_P95;
    out->has_p99 = n >= STATS_FLOOR_P99;
    out->has_p999 = n >= STATS_FLOOR_P999;
    out->p90 = out->has_p90 ? stats_quantile_sorted(sorted, n, 0.9) : 0;
    out->p95 = out->has_p95 ? stats_quantile_sorted(sorted, n, 0.95) : 0;
    out->p99 = out->has_p99 ? stats_quantile_sorted(sorted, n, 0.99) : 0;
    out->p999 = out->has_p999 ? stats_quantile_sorted(sorted, n, 0.999) : 0;
}

static void add_interval(const double *sorted, size_t n, struct summary *out)
{
    size_t low, high;
    out->has_ci95 = stats_median_ci95_ranks(n, &low, &high);
    out->ci95_low = out->has_ci95 ? sorted[low - 1] : 0;
    out->ci95_high = out->has_ci95 ? sorted[high - 1] : 0;
}

/* Overwrites the sorted values with their distances from the median. */
static double median_distance(double *sorted, size_t n, double median)
{
    for (size_t i = 0; i < n; i++)
        sorted[i] = fabs(sorted[i] - median);
    qsort(sorted, n, sizeof *sorted, ascending);
    return stats_quantile_sorted(sorted, n, 0.5);
}

enum status stats_summarise(const double *values, size_t n, struct summary *out)
{
    *out = (struct summary){.n = n};
    if (n == 0)
        return STATUS_INVALID;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return STATUS_INVALID;
    double *sorted = sorted_copy(values, n);
    if (sorted == NULL)
        return STATUS_NO_MEMORY;
    add_moments(values, n, out);
    add_quantiles(sorted, n, out);
    add_interval(sorted, n, out);
    out->mad = median_distance(sorted, n, out->median);
    free(sorted);
    return isfinite(out->mean) && isfinite(out->stddev) ? STATUS_OK : STATUS_INVALID;
}
