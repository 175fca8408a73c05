#include "hist.h"

#include "rng.h"
#include "stats.h"
#include "testkit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const double bound = 1.0 / 128;

static struct hist *new_hist(void)
{
    struct hist *h = hist_new();
    ck_assert_ptr_nonnull(h);
    return h;
}

static void buckets_follow_each_other_without_gap_or_overlap(void)
{
    ck_assert_int_eq(hist_bucket_low(0), 0);
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        int64_t low = hist_bucket_low(i), high = hist_bucket_high(i);
        ck_assert_int_le(low, high);
        ck_assert_uint_eq(hist_index(low), i);
        ck_assert_uint_eq(hist_index(high), i);
        if (i + 1 < HIST_BUCKETS)
            ck_assert_int_eq(high + 1, hist_bucket_low(i + 1));
    }
    ck_assert_int_eq(hist_bucket_high(HIST_BUCKETS - 1), INT64_MAX);
}

static void no_bucket_is_wider_than_its_share_of_the_smallest_value(void)
{
    for (size_t i = 1; i < HIST_BUCKETS; i++) {
        double low = (double)hist_bucket_low(i), high = (double)hist_bucket_high(i);
        ck_assert((high - low) / low <= bound);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Log-normal, uniform, constant and two-peaked values over nine orders of magnitude. */
static int64_t draw(struct rng *r, int shape)
{
    switch (shape) {
    case 0:
        return (int64_t)rng_lognormal(r, 14, 2);
    case 1:
        return (int64_t)rng_below(r, UINT64_C(60000000000));
    case 2:
        return 123456789;
    default:
        return rng_uniform(r) < 0.9 ? 1000 : (int64_t)rng_normal(r, 5e9, 1e6);
    }
}

static void every_quantile_is_within_2_to_the_minus_7_of_the_exact_one(void)
{
    enum { N = 20000 };
    double *values = malloc(N * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (int shape = 0; shape < 4; shape++) {
        struct hist *h = new_hist();
        struct rng r;
        rng_seed(&r, (uint64_t)shape);
        for (int i = 0; i < N; i++) {
            int64_t v = draw(&r, shape);
            hist_record(h, v);
            values[i] = (double)v;
        }
        qsort(values, N, sizeof *values, ascending);
        for (int i = 0; i <= 1000; i++) {
            double exact = stats_quantile_sorted(values, N, i / 1000.0), got = hist_quantile(h, i / 1000.0);
            ck_assert_msg(
                fabs(got - exact) <= bound * exact, "shape %d p %d: %g, exact %g", shape, i, got, exact);
        }
        ck_assert(hist_quantile(h, 0) == values[0] && hist_quantile(h, 1) == values[N - 1]);
        hist_free(h);
    }
    free(values);
}

static void values_below_256_ns_are_exact(void)
{
    struct hist *h = new_hist();
    for (int64_t v = 0; v < 256; v++)
        hist_record(h, v);
    for (int v = 0; v < 256; v++)
        ck_assert(fabs(hist_quantile(h, v / 255.0) - v) < 1e-9);
    hist_free(h);
}

static void merging_is_the_same_as_recording_everything_in_one(void)
{
    struct hist *parts[3] = {new_hist(), new_hist(), new_hist()}, *all = new_hist();
    struct rng r;
    rng_seed(&r, 7);
    for (int i = 0; i < 9999; i++) {
        int64_t v = draw(&r, 0) - 1000;
        hist_record(parts[i % 2], v); /* parts[2] stays empty */
        hist_record(all, v);
    }
    for (int i = 1; i < 3; i++)
        hist_merge(parts[0], parts[i]);
    ck_assert_mem_eq(parts[0], all, sizeof *all);
    hist_merge(parts[2], all);
    ck_assert_mem_eq(parts[2], all, sizeof *all);
    for (int i = 0; i < 3; i++)
        hist_free(parts[i]);
    hist_free(all);
}

static void negative_values_are_counted_and_left_out(void)
{
    struct hist *h = new_hist();
    hist_record(h, -1);
    hist_record_many(h, INT64_MIN, 4);
    ck_assert_uint_eq(h->total, 0);
    ck_assert_uint_eq(h->dropped, 5);
    ck_assert(isnan(hist_quantile(h, 0.5)));
    hist_free(h);
}

static void the_largest_value_fits(void)
{
    struct hist *h = new_hist();
    hist_record(h, INT64_MAX);
    ck_assert_uint_eq(h->counts[HIST_BUCKETS - 1], 1);
    ck_assert(hist_quantile(h, 0.5) == (double)INT64_MAX);
    hist_free(h);
}

static void export_is_sparse_and_comes_back_whole(void)
{
    struct hist *h = new_hist(), *back = new_hist();
    hist_record_many(h, 5, 2);
    hist_record_many(h, 1000000, 3);
    hist_record(h, 7000000000);
    size_t bins = 0, last = 0;
    for (struct hist_bin bin = HIST_FIRST; hist_next(h, &bin); bins++) {
        ck_assert(bins == 0 || bin.index > last);
        ck_assert_int_eq(hist_add_bin(back, bin), STATUS_OK);
        last = bin.index;
    }
    ck_assert_uint_eq(bins, 3);
    ck_assert_uint_eq(back->total, 6);
    ck_assert_mem_eq(back->counts, h->counts, sizeof h->counts);
    for (int i = 0; i <= 10; i++) {
        double a = hist_quantile(h, i / 10.0), b = hist_quantile(back, i / 10.0);
        ck_assert(fabs(a - b) <= bound * a);
    }
    hist_free(h);
    hist_free(back);
}

static void a_bin_that_cannot_be_is_refused(void)
{
    struct hist *h = new_hist();
    ck_assert_int_eq(hist_add_bin(h, (struct hist_bin){HIST_BUCKETS, 1}), STATUS_INVALID);
    ck_assert_int_eq(hist_add_bin(h, (struct hist_bin){SIZE_MAX, 1}), STATUS_INVALID);
    ck_assert_int_eq(hist_add_bin(h, (struct hist_bin){3, UINT64_MAX}), STATUS_OK);
    ck_assert_int_eq(hist_add_bin(h, (struct hist_bin){4, 1}), STATUS_INVALID);
    hist_free(h);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(buckets_follow_each_other_without_gap_or_overlap),
        TESTKIT_TEST(no_bucket_is_wider_than_its_share_of_the_smallest_value),
        TESTKIT_TEST(every_quantile_is_within_2_to_the_minus_7_of_the_exact_one),
        TESTKIT_TEST(values_below_256_ns_are_exact),
        TESTKIT_TEST(merging_is_the_same_as_recording_everything_in_one),
        TESTKIT_TEST(negative_values_are_counted_and_left_out),
        TESTKIT_TEST(the_largest_value_fits),
        TESTKIT_TEST(export_is_sparse_and_comes_back_whole),
        TESTKIT_TEST(a_bin_that_cannot_be_is_refused),
        {0},
    };
    return testkit_run("hist", tests);
}
