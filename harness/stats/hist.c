#include "hist.h"

#include <math.h>
#include <stdlib.h>

#define SUB_COUNT (INT64_C(1) << HIST_SUB_BITS)

struct hist *hist_new(void)
{
    struct hist *h = malloc(sizeof *h);
    if (h != NULL)
        hist_clear(h);
    return h;
}

void hist_free(struct hist *h)
{
    free(h);
}

void hist_clear(struct hist *h)
{
    *h = (struct hist){.min_ns = INT64_MAX};
}

size_t hist_index(int64_t ns)
{
    int highest = 63 - __builtin_clzll((unsigned long long)ns | 1);
    int shift = highest > HIST_SUB_BITS ? highest - HIST_SUB_BITS : 0;
    return ((size_t)shift << HIST_SUB_BITS) + (size_t)(ns >> shift);
}

/* How far the values of a bucket are shifted; 0 for the buckets of one value. */
static int bucket_shift(size_t index)
{
    return index < 2 * SUB_COUNT ? 0 : (int)(index >> HIST_SUB_BITS) - 1;
}

int64_t hist_bucket_low(size_t index)
{
    int shift = bucket_shift(index);
    return (int64_t)(index - ((size_t)shift << HIST_SUB_BITS)) << shift;
}

int64_t hist_bucket_high(size_t index)
{
    return hist_bucket_low(index) + ((INT64_C(1) << bucket_shift(index)) - 1);
}

static void widen(struct hist *h, int64_t low_ns, int64_t high_ns)
{
    if (low_ns < h->min_ns)
        h->min_ns = low_ns;
    if (high_ns > h->max_ns)
        h->max_ns = high_ns;
}

void hist_record(struct hist *h, int64_t ns)
{
    hist_record_many(h, ns, 1);
}

void hist_record_many(struct hist *h, int64_t ns, uint64_t times)
{
    if (ns < 0) {
        h->dropped += times;
        return;
    }
    if (times == 0)
        return;
    h->counts[hist_index(ns)] += times;
    h->total += times;
    widen(h, ns, ns);
}

void hist_merge(struct hist *h, const struct hist *other)
{
    for (size_t i = 0; i < HIST_BUCKETS; i++)
        h->counts[i] += other->counts[i];
    h->total += other->total;
    h->dropped += other->dropped;
    if (other->total > 0)
        widen(h, other->min_ns, other->max_ns);
}

bool hist_next(const struct hist *h, struct hist_bin *bin)
{
    for (bin->index++; bin->index < HIST_BUCKETS; bin->index++) {
        bin->count = h->counts[bin->index];
        if (bin->count > 0)
            return true;
    }
    return false;
}

enum status hist_add_bin(struct hist *h, struct hist_bin bin)
{
    if (bin.index >= HIST_BUCKETS || bin.count > UINT64_MAX - h->total)
        return STATUS_INVALID;
    if (bin.count == 0)
        return STATUS_OK;
    h->counts[bin.index] += bin.count;
    h->total += bin.count;
    widen(h, hist_bucket_low(bin.index), hist_bucket_high(bin.index));
    return STATUS_OK;
}

/* Walks over the sorted values, which are known only by their buckets. */
struct walk {
    struct hist_bin bin;
    uint64_t before; /* values in the buckets before bin */
};

/* The value of 0-based rank, which must not be below that of the call before. */
static double value_at(const struct hist *h, struct walk *w, uint64_t rank)
{
    while (rank >= w->before + w->bin.count) {
        w->before += w->bin.count;
        if (!hist_next(h, &w->bin))
            return (double)h->max_ns;
    }
    int64_t low = hist_bucket_low(w->bin.index), high = hist_bucket_high(w->bin.index);
    double middle = (double)low + (double)(high - low) / 2;
    if (rank == 0 || middle < (double)h->min_ns)
        return (double)h->min_ns;
    if (rank == h->total - 1 || middle > (double)h->max_ns)
        return (double)h->max_ns;
    return middle;
}

double hist_quantile(const struct hist *h, double p)
{
    if (h->total == 0)
        return (double)NAN;
    double rank = (double)(h->total - 1) * p;
    uint64_t low = (uint64_t)rank;
    struct walk w = {.bin = HIST_FIRST};
    double a = value_at(h, &w, low);
    if (low >= h->total - 1)
        return a;
    double b = value_at(h, &w, low + 1);
    return a + (rank - (double)low) * (b - a);
}
