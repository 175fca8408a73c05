#include "distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS 1e9

void distribution_fini(struct distribution *d)
{
    free(d->values);
    hist_free(d->hist);
    *d = (struct distribution){0};
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(struct distribution *d)
{
    if (!d->sorted && d->values != NULL)
        qsort(d->values, d->n, sizeof *d->values, ascending);
    d->sorted = true;
}

/* From here on in buckets. */
static bool move_to_hist(struct distribution *d)
{
    if (d->hist == NULL && (d->hist = hist_new()) == NULL)
        return false;
    for (size_t i = 0; d->values != NULL && i < d->n; i++)
        hist_record(d->hist, llround(d->values[i] * NS));
    free(d->values);
    d->values = NULL;
    d->cap = 0;
    return true;
}

static bool grow(struct distribution *d)
{
    size_t cap = d->cap > 0 ? 2 * d->cap : 256;
    if (cap > DISTRIBUTION_EXACT_MAX)
        cap = DISTRIBUTION_EXACT_MAX;
    double *values = realloc(d->values, cap * sizeof *values);
    if (values == NULL)
        return false;
    d->values = values;
    d->cap = cap;
    return true;
}

static bool keep(struct distribution *d, double seconds)
{
    if (d->hist == NULL && d->n == DISTRIBUTION_EXACT_MAX && !move_to_hist(d))
        return false;
    if (d->hist != NULL) {
        hist_record(d->hist, llround(seconds * NS));
        return true;
    }
    if (d->n == d->cap && !grow(d))
        return false;
    d->values[d->n] = seconds;
    d->sorted = false;
    return true;
}

/* Chan, Golub, LeVeque (1979): the moments of two parts make those of the whole. */
static void add_moments(struct distribution *d, size_t n, double mean, double squares, double min, double max)
{
    double mine = (double)d->n, theirs = (double)n, delta = mean - d->mean;
    d->squares += squares + delta * delta * mine * theirs / (mine + theirs);
    d->mean += delta * theirs / (mine + theirs);
    d->min = d->n == 0 || min < d->min ? min : d->min;
    d->max = d->n == 0 || max > d->max ? max : d->max;
    d->n += n;
}

void distribution_add(struct distribution *d, double seconds)
{
    if (!(seconds >= 0 && seconds < 9e9)) {
        d->refused++;
        return;
    }
    if (d->no_memory || !keep(d, seconds))
        d->no_memory = true;
    else
        add_moments(d, 1, seconds, 0, seconds, seconds);
}

void distribution_merge(struct distribution *d, const struct distribution *other)
{
    d->refused += other->refused;
    d->no_memory |= other->no_memory;
    if (other->hist == NULL) {
        for (size_t i = 0; i < other->n; i++)
            distribution_add(d, other->values[i]);
    } else if (move_to_hist(d)) {
        hist_merge(d->hist, other->hist);
        add_moments(d, other->n, other->mean, other->squares, other->min, other->max);
    } else {
        d->no_memory = true;
    }
}

static double middle(size_t index)
{
    return ((double)hist_bucket_low(index) + (double)hist_bucket_high(index)) / 2 / NS;
}

void distribution_merge_hist(struct distribution *d, const struct hist *hist)
{
    d->refused += hist->dropped;
    if (hist->total == 0)
        return;
    if (!move_to_hist(d)) {
        d->no_memory = true;
        return;
    }
    hist_merge(d->hist, hist);
    for (struct hist_bin bin = HIST_FIRST; hist_next(hist, &bin);)
        add_moments(
            d, (size_t)bin.count, middle(bin.index), 0, (double)hist->min_ns / NS, (double)hist->max_ns / NS);
}

double distribution_quantile(struct distribution *d, double p)
{
    if (d->n == 0)
        return (double)NAN;
    if (d->hist != NULL)
        return hist_quantile(d->hist, p) / NS;
    sort(d);
    return stats_quantile_sorted(d->values, d->n, p);
}

size_t distribution_count_above(const struct distribution *d, double seconds)
{
    size_t above = 0;
    if (d->hist == NULL) {
        for (size_t i = 0; i < d->n; i++)
            above += d->values[i] > seconds;
        return above;
    }
    for (struct hist_bin bin = HIST_FIRST; hist_next(d->hist, &bin);)
        if (middle(bin.index) > seconds)
            above += (size_t)bin.count;
    return above;
}

struct distance {
    double from_median;
    uint64_t count;
};

static int nearer(const void *a, const void *b)
{
    const struct distance *x = a, *y = b;
    return (x->from_median > y->from_median) - (x->from_median < y->from_median);
}

/* Median distance from the median, to the bucket; false: no memory. */
static bool median_distance(const struct distribution *d, double median, double *mad)
{
    struct distance *all = malloc(HIST_BUCKETS * sizeof *all);
    size_t n = 0, at = 0;
    if (all == NULL)
        return false;
    for (struct hist_bin bin = HIST_FIRST; hist_next(d->hist, &bin);)
        all[n++] = (struct distance){.from_median = fabs(middle(bin.index) - median), .count = bin.count};
    qsort(all, n, sizeof *all, nearer);
    for (uint64_t before = all[0].count; before * 2 < d->n && at + 1 < n; before += all[at].count)
        at++;
    *mad = all[at].from_median;
    free(all);
    return true;
}

/* What a percentile has: its place in the summary, and from how many values on it is there. */
static const struct {
    size_t value, has;
    double p;
    size_t floor;
} percentiles[] = {
    {offsetof(struct summary, p90), offsetof(struct summary, has_p90), 0.9, STATS_FLOOR_P90},
    {offsetof(struct summary, p95), offsetof(struct summary, has_p95), 0.95, STATS_FLOOR_P95},
    {offsetof(struct summary, p99), offsetof(struct summary, has_p99), 0.99, STATS_FLOOR_P99},
    {offsetof(struct summary, p999), offsetof(struct summary, has_p999), 0.999, STATS_FLOOR_P999},
};

static enum status summarise_hist(struct distribution *d, struct summary *out)
{
    size_t low, high;
    double last = (double)(d->n - 1);
    out->median = out->p50 = distribution_quantile(d, 0.5);
    out->p25 = distribution_quantile(d, 0.25);
    out->p75 = distribution_quantile(d, 0.75);
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        bool has = d->n >= percentiles[i].floor;
        double value = has ? distribution_quantile(d, percentiles[i].p) : 0;
        memcpy((char *)out + percentiles[i].has, &has, sizeof has);
        memcpy((char *)out + percentiles[i].value, &value, sizeof value);
    }
    out->has_ci95 = stats_median_ci95_ranks(d->n, &low, &high);
    if (out->has_ci95) {
        out->ci95_low = distribution_quantile(d, (double)(low - 1) / last);
        out->ci95_high = distribution_quantile(d, (double)(high - 1) / last);
    }
    return median_distance(d, out->median, &out->mad) ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status distribution_summarise(struct distribution *d, struct summary *out)
{
    *out = (struct summary){0};
    if (d->no_memory)
        return STATUS_NO_MEMORY;
    if (d->hist == NULL)
        return stats_summarise(d->values, d->n, out);
    *out = (struct summary){.n = d->n, .mean = d->mean, .min = d->min, .max = d->max};
    out->stddev = d->n > 1 ? sqrt(d->squares / (double)(d->n - 1)) : 0;
    return summarise_hist(d, out);
}
