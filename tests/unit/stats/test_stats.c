/* Expected figures come from exact rational arithmetic (Python fractions, math.comb), rounded once to double.
 */
#include "stats.h"

#include "testkit.h"

#include <math.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool is_close(double got, double wanted)
{
    return fabs(got - wanted) <= 1e-12 * (1 + fabs(wanted));
}

#define CHECK_CLOSE(got, wanted)                                                                             \
    ck_assert_msg(is_close(got, wanted), "%s is %.17g, not %.17g", #got, got, wanted)

static const struct {
    size_t n;
    double values[10];
    double median, mad, mean, stddev, p25, p75;
} summaries[] = {
    {1, {0.25}, 0.25, 0, 0.25, 0, 0.25, 0.25},
    {2, {3, 1}, 2, 1, 2, 1.41421356237309504880, 1.5, 2.5},
    {5, {1, 2, 3, 4, 100}, 3, 1, 22, 43.6176569751287963764, 2, 4},
    {10, {0.112, 0.118, 0.109, 0.131, 0.115, 0.117, 0.110, 0.290, 0.113, 0.116}, 0.1155, 0.003, 0.1331,
        0.0554706128403940466947, 0.11225, 0.11775},
    {7, {-1.5, 2, 0, 7, -8, 2, 2}, 2, 2, 0.5, 4.57347424467074775137, -0.75, 2},
    {4, {1000000004, 1000000007, 1000000013, 1000000016}, 1000000010, 4.5, 1000000010, 5.47722557505166113457,
        1000000006.25, 1000000013.75},
};

static void summaries_agree_with_exact_arithmetic(void)
{
    for (size_t i = 0; i < COUNT(summaries); i++) {
        struct summary s;
        ck_assert_int_eq(stats_summarise(summaries[i].values, summaries[i].n, &s), STATUS_OK);
        ck_assert_uint_eq(s.n, summaries[i].n);
        CHECK_CLOSE(s.median, summaries[i].median);
        CHECK_CLOSE(s.p50, summaries[i].median);
        CHECK_CLOSE(s.mad, summaries[i].mad);
        CHECK_CLOSE(s.mean, summaries[i].mean);
        CHECK_CLOSE(s.stddev, summaries[i].stddev);
        CHECK_CLOSE(s.p25, summaries[i].p25);
        CHECK_CLOSE(s.p75, summaries[i].p75);
        CHECK_CLOSE(stats_median(summaries[i].values, summaries[i].n), summaries[i].median);
    }
}

/* The squares of 0..n-1 in a shuffled order. */
static double *shuffled_squares(size_t n)
{
    double *values = malloc(n * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < n; i++) {
        double x = (double)(i * 7919 % n);
        values[i] = x * x;
    }
    return values;
}

static void each_percentile_appears_exactly_at_its_floor(void)
{
    static const struct {
        size_t n;
        double p90, p95, p99, p999;
    } at[] = {
        {29, 635.2, 707.8, 768.6, 782.46},
        {59, 2725, 3036.1, 3297.3, 3357.33},
        {299, 71931.4, 80145.7, 87036.82, 88626.69},
        {2995, 7260869.4, 8090042.7, 8785651.74, 8946116.898},
    };
    for (size_t i = 0; i < COUNT(at); i++) {
        double *values = shuffled_squares(at[i].n);
        struct summary s, below;
        ck_assert_int_eq(stats_summarise(values, at[i].n, &s), STATUS_OK);
        ck_assert_int_eq(stats_summarise(values, at[i].n - 1, &below), STATUS_OK);
        const bool has[] = {s.has_p90, s.has_p95, s.has_p99, s.has_p999};
        const bool has_below[] = {below.has_p90, below.has_p95, below.has_p99, below.has_p999};
        const double got[] = {s.p90, s.p95, s.p99, s.p999};
        const double wanted[] = {at[i].p90, at[i].p95, at[i].p99, at[i].p999};
        for (size_t p = 0; p < 4; p++) {
            ck_assert_int_eq(has[p], p <= i);
            ck_assert_int_eq(has_below[p], p < i);
            if (has[p])
                CHECK_CLOSE(got[p], wanted[p]);
        }
        free(values);
    }
}

static void floors_are_where_a_one_sided_95_percent_bound_begins(void)
{
    static const struct {
        size_t floor;
        double p;
    } floors[] = {
        {STATS_FLOOR_P90, 0.9}, {STATS_FLOOR_P95, 0.95}, {STATS_FLOOR_P99, 0.99}, {STATS_FLOOR_P999, 0.999}};
    for (size_t i = 0; i < COUNT(floors); i++)
        ck_assert_uint_eq(floors[i].floor, (size_t)ceil(log(0.05) / log(floors[i].p)));
}

static void ranks_of_the_median_interval_are_the_exact_binomial_ones(void)
{
    static const size_t exact[][3] = {{6, 1, 6}, {7, 1, 7}, {8, 1, 8}, {9, 2, 8}, {10, 2, 9}, {11, 2, 10},
        {12, 3, 10}, {15, 4, 12}, {20, 6, 15}, {25, 8, 18}, {29, 9, 21}, {30, 10, 21}, {50, 18, 33},
        {59, 22, 38}, {99, 40, 60}, {100, 40, 61}, {101, 41, 61}, {200, 86, 115}, {299, 133, 167},
        {500, 228, 273}, {999, 469, 531}, {1000, 469, 532}, {1001, 470, 532}, {2995, 1444, 1552},
        {5000, 2431, 2570}};
    for (size_t i = 0; i < COUNT(exact); i++) {
        size_t low = 0, high = 0;
        ck_assert(stats_median_ci95_ranks(exact[i][0], &low, &high));
        ck_assert_uint_eq(low, exact[i][1]);
        ck_assert_uint_eq(high, exact[i][2]);
    }
}

/* Coverage counted from the binomial coefficients themselves, which doubles hold exactly up to n = 50. */
static void coverage_is_at_least_95_percent_and_one_rank_less_is_not(void)
{
    for (size_t n = 6; n <= 50; n++) {
        size_t low, high;
        ck_assert(stats_median_ci95_ranks(n, &low, &high));
        double coefficient = 1, below = 0, all = ldexp(1, (int)n);
        for (size_t i = 0; i < low; i++) {
            below += coefficient;
            coefficient = coefficient * (double)(n - i) / (double)(i + 1);
        }
        ck_assert(1 - 2 * below / all >= 0.95);
        ck_assert(1 - 2 * (below + coefficient) / all < 0.95);
        ck_assert_uint_eq(low + high, n + 1);
    }
}

static void below_six_samples_there_is_no_interval(void)
{
    const double values[] = {1, 2, 3, 4, 5, 6};
    for (size_t n = 0; n <= 6; n++) {
        struct summary s;
        size_t low, high;
        ck_assert_int_eq(stats_median_ci95_ranks(n, &low, &high), n == 6);
        if (n == 0)
            continue;
        ck_assert_int_eq(stats_summarise(values, n, &s), STATUS_OK);
        ck_assert_int_eq(s.has_ci95, n == 6);
    }
}

static void the_interval_is_made_of_measured_values(void)
{
    const double values[] = {9, 1, 8, 2, 7, 3, 6, 4, 5, 10};
    struct summary s;
    ck_assert_int_eq(stats_summarise(values, 10, &s), STATUS_OK);
    ck_assert(s.ci95_low == 2 && s.ci95_high == 9);
}

static void a_million_samples_have_an_interval_like_the_normal_one(void)
{
    size_t low, high;
    ck_assert(stats_median_ci95_ranks(1000000, &low, &high));
    ck_assert_uint_ge(low, 499019);
    ck_assert_uint_le(low, 499021); /* 500000 - 1.96 * 500 */
}

static void what_is_not_finite_is_refused(void)
{
    const double bad[][3] = {{1, NAN, 2}, {INFINITY, 1, 2}, {1, 2, -INFINITY}, {-1e308, 1e308, 1e308}};
    struct summary s;
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_int_eq(stats_summarise(bad[i], 3, &s), STATUS_INVALID);
    ck_assert_int_eq(stats_summarise(NULL, 0, &s), STATUS_INVALID);
    ck_assert(isnan(stats_median(NULL, 0)));
}

static void the_callers_values_stay_in_their_order(void)
{
    double values[] = {3, 1, 2};
    struct summary s;
    ck_assert_int_eq(stats_summarise(values, 3, &s), STATUS_OK);
    (void)stats_median(values, 3);
    ck_assert(values[0] == 3 && values[1] == 1 && values[2] == 2);
}

static void quantiles_stay_between_their_neighbours(void)
{
    const double flat[] = {0.1, 0.1, 0.1, 0.3};
    for (int i = 0; i <= 1000; i++) {
        double q = stats_quantile_sorted(flat, 4, i / 1000.0);
        ck_assert(q >= 0.1 && q <= 0.3);
        ck_assert(i > 666 || q == 0.1);
    }
    ck_assert(stats_quantile_sorted(flat, 4, 1) == 0.3);
    ck_assert(stats_quantile_sorted(flat, 1, 0.5) == 0.1);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(summaries_agree_with_exact_arithmetic),
        TESTKIT_TEST(each_percentile_appears_exactly_at_its_floor),
        TESTKIT_TEST(floors_are_where_a_one_sided_95_percent_bound_begins),
        TESTKIT_TEST(ranks_of_the_median_interval_are_the_exact_binomial_ones),
        TESTKIT_TEST(coverage_is_at_least_95_percent_and_one_rank_less_is_not),
        TESTKIT_TEST(below_six_samples_there_is_no_interval),
        TESTKIT_TEST(the_interval_is_made_of_measured_values),
        TESTKIT_TEST(a_million_samples_have_an_interval_like_the_normal_one),
        TESTKIT_TEST(what_is_not_finite_is_refused),
        TESTKIT_TEST(the_callers_values_stay_in_their_order),
        TESTKIT_TEST(quantiles_stay_between_their_neighbours),
        {0},
    };
    return testkit_run("stats", tests);
}
