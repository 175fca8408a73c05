/*
 * hist.h - log-linear histogram of durations: fixed memory, bounded error, merged by addition.
 *
 * Derivation. Let b = HIST_SUB_BITS = 7. Values below 2^(b+1) = 256 ns have a bucket each. A larger value v,
 * with its highest bit at e > b, is shifted right by s = e - b, which leaves 2^b <= v >> s < 2^(b+1): every
 * power of two is cut into 2^b = 128 buckets of width 2^s. The buckets are numbered without a gap by
 *
 *     index(v) = s * 2^b + (v >> s)            s = 0 for v < 2^(b+1)
 *
 * and index i >= 2^(b+1) stands for [m * 2^s, (m + 1) * 2^s) with s = i / 2^b - 1, m = i - s * 2^b.
 *
 * Error. Two values of a bucket differ by less than its width 2^s, and each is at least m * 2^s >= 2^b * 2^s.
 * So any point of the bucket taken for any value in it is wrong by less than 2^s / 2^(b+s) = 2^-b = 2^-7
 * (0.78 %) of the value; the middle, which is what hist_quantile takes, by at most 2^-8. A type 7 quantile is
 * a mean of two such values with non-negative weights and keeps the bound.
 *
 * 64-bit values end at index 7295: 57 KiB. Values below zero are not recorded but counted as dropped. One
 * thread.
 *
 *     struct hist *h = hist_new();
 *     hist_record(h, gap_ns);
 *     double p99_s = hist_quantile(h, 0.99) / 1e9;
 *     for (struct hist_bin bin = HIST_FIRST; hist_next(h, &bin);) write(bin.index, bin.count);
 *     hist_free(h);
 */
#ifndef ASSAY_HIST_H
#define ASSAY_HIST_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

enum { HIST_SUB_BITS = 7, HIST_BUCKETS = (62 - HIST_SUB_BITS + 2) << HIST_SUB_BITS };

struct hist {
    uint64_t counts[HIST_BUCKETS];
    uint64_t total;         /* recorded */
    uint64_t dropped;       /* refused because below zero */
    int64_t min_ns, max_ns; /* exact; of the recorded values, meaningless for total = 0 */
};

struct hist_bin {
    size_t index;
    uint64_t count;
};
#define HIST_FIRST                                                                                           \
    {                                                                                                        \
        .index = SIZE_MAX                                                                                    \
    }

struct hist *hist_new(void); /* NULL: no memory */
void hist_free(struct hist *h);
void hist_clear(struct hist *h);

void hist_record(struct hist *h, int64_t ns);
void hist_record_many(struct hist *h, int64_t ns, uint64_t times);

/* Adds all of `other`; the same as if its values had been recorded here. */
void hist_merge(struct hist *h, const struct hist *other);

/* Type 7 quantile in ns, 0 <= p <= 1, within 2^-7 of the exact one and never beyond min and max; NaN for no
 * values. */
double hist_quantile(const struct hist *h, double p);

/* The next bucket with a count, by rising index; false at the end. */
bool hist_next(const struct hist *h, struct hist_bin *bin);

/*
 * Adds an exported bin. STATUS_INVALID for an index that no value has. min and max become the bucket's own
 * borders where they were not known better: set them afterwards if the exporter kept them.
 */
enum status hist_add_bin(struct hist *h, struct hist_bin bin) ASSAY_MUST_CHECK;

size_t hist_index(int64_t ns);          /* ns >= 0 */
int64_t hist_bucket_low(size_t index);  /* smallest value of the bucket */
int64_t hist_bucket_high(size_t index); /* largest */

#endif
