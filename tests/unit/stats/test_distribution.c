#include "distribution.h"

#include "rng.h"
#include "testkit.h"

#include <math.h>
#include <stdlib.h>

static double *draw(size_t n, uint64_t seed)
{
    struct rng rng;
    double *values = malloc(n * sizeof *values);
    ck_assert_ptr_nonnull(values);
    rng_seed(&rng, seed);
    for (size_t i = 0; i < n; i++)
        values[i] = rng_lognormal(&rng, -3, 0.5);
    return values;
}

static void few_values_are_summarised_exactly(void)
{
    enum { N = 5000 };
    double *values = draw(N, 1);
    struct distribution d = {0};
    struct summary exact, got;
    for (size_t i = 0; i < N; i++)
        distribution_add(&d, values[i]);
    ck_assert_int_eq(stats_summarise(values, N, &exact), STATUS_OK);
    ck_assert_int_eq(distribution_summarise(&d, &got), STATUS_OK);
    ck_assert_double_eq(got.p99, exact.p99);
    ck_assert_double_eq(got.p999, exact.p999);
    ck_assert_double_eq(got.mad, exact.mad);
    ck_assert_double_eq(distribution_quantile(&d, 0.99), exact.p99);
    ck_assert_uint_eq(distribution_count_above(&d, exact.p99), 50);
    distribution_fini(&d);
    free(values);
}

#define CHECK_WITHIN(got, exact, share) ck_assert_double_eq_tol(got, exact, (exact) * (share))

static void check_near(const struct summary *got, const struct summary *exact)
{
    static const double bound = 1 / 128.0;
    ck_assert_uint_eq(got->n, exact->n);
    CHECK_WITHIN(got->mean, exact->mean, 1e-9);
    CHECK_WITHIN(got->stddev, exact->stddev, 1e-9);
    ck_assert_double_eq(got->min, exact->min);
    ck_assert_double_eq(got->max, exact->max);
    CHECK_WITHIN(got->p25, exact->p25, bound);
    CHECK_WITHIN(got->median, exact->median, bound);
    CHECK_WITHIN(got->p99, exact->p99, bound);
    CHECK_WITHIN(got->p999, exact->p999, bound);
    CHECK_WITHIN(got->mad, exact->mad, 3 * bound);
    CHECK_WITHIN(got->ci95_low, exact->ci95_low, bound);
    CHECK_WITHIN(got->ci95_high, exact->ci95_high, bound);
}

/* Three threads: one with many values, one with few, one with none. */
static void merged_parts_are_as_good_as_the_whole(void)
{
    enum { N = 150000, FIRST = 120000 };
    double *values = draw(N, 2);
    struct distribution parts[3] = {{0}}, all = {0};
    struct summary exact, got;
    for (size_t i = 0; i < N; i++)
        distribution_add(&parts[i >= FIRST], values[i]);
    ck_assert_ptr_nonnull(parts[0].hist);
    ck_assert_ptr_null(parts[1].hist);
    for (size_t i = 3; i-- > 0;) {
        distribution_merge(&all, &parts[i]);
        distribution_fini(&parts[i]);
    }
    ck_assert_int_eq(stats_summarise(values, N, &exact), STATUS_OK);
    ck_assert_int_eq(distribution_summarise(&all, &got), STATUS_OK);
    check_near(&got, &exact);
    double above = (double)distribution_count_above(&all, exact.p99);
    ck_assert_double_ge(above, 1300);
    ck_assert_double_le(above, 1700);
    distribution_fini(&all);
    free(values);
}

static void a_histogram_of_a_thread_is_taken_over(void)
{
    struct hist *hist = hist_new();
    struct distribution d = {0};
    struct summary s;
    for (int i = 1; i <= 1000; i++)
        hist_record(hist, i * 1000000);
    distribution_add(&d, 2);
    distribution_merge_hist(&d, hist);
    ck_assert_int_eq(distribution_summarise(&d, &s), STATUS_OK);
    ck_assert_uint_eq(s.n, 1001);
    ck_assert_double_eq(s.max, 2);
    ck_assert_double_eq(s.min, 0.001);
    CHECK_WITHIN(s.mean, (500.5 + 2) / 1001, 0.01);
    CHECK_WITHIN(s.stddev, 0.2926, 0.02);
    hist_free(hist);
    distribution_fini(&d);
}

static void what_is_no_duration_is_refused(void)
{
    struct distribution d = {0};
    struct summary s;
    distribution_add(&d, -1e-9);
    distribution_add(&d, (double)NAN);
    distribution_add(&d, (double)INFINITY);
    ck_assert_uint_eq(d.refused, 3);
    ck_assert(isnan(distribution_quantile(&d, 0.5)));
    ck_assert_int_eq(distribution_summarise(&d, &s), STATUS_INVALID);
    distribution_fini(&d);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(few_values_are_summarised_exactly),
        TESTKIT_TEST(merged_parts_are_as_good_as_the_whole),
        TESTKIT_TEST(a_histogram_of_a_thread_is_taken_over),
        TESTKIT_TEST(what_is_no_duration_is_refused),
        {0},
    };
    return testkit_run("distribution", tests);
}
