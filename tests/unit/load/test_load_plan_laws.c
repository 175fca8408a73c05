/*
 * Do plans follow the laws that they are asked for? Every bound is stated with its level; seeds are fixed, so
 * a test fails by a change only, never by luck.
 */
#include "load_plan.h"

#include "testkit.h"

#include <math.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { DRAWS = 100000 };

static struct load_plan plan_of(const struct load_plan_options *options)
{
    struct load_plan plan;
    struct error why = {0};
    enum status s = load_plan_make(options, &plan, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    return plan;
}

static struct load_plan arrivals_of(enum arrivals_kind kind, double rate_per_s, double cv)
{
    struct load_plan_options o = {
        .arrivals = {.kind = kind, .rate_per_s = rate_per_s, .cv = cv}, .count = DRAWS, .seed = 5};
    return plan_of(&o);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Gaps in seconds, the first from 0; to be freed. */
static double *gaps_of(const struct load_plan *plan)
{
    double *gaps = malloc(plan->count * sizeof *gaps);
    ck_assert_ptr_nonnull(gaps);
    for (size_t i = 0; i < plan->count; i++) {
        int64_t gap_ns = plan->items[i].at_ns - (i ? plan->items[i - 1].at_ns : 0);
        ck_assert_int_ge(gap_ns, 0);
        gaps[i] = (double)gap_ns * 1e-9;
    }
    return gaps;
}

struct moments {
    double mean, stddev;
};

static struct moments moments_of(const double *values, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return (struct moments){mean, sqrt(squares / (double)(n - 1))};
}

static double exponential_distance(const double *sorted, size_t n, double rate_per_s)
{
    double distance = 0;
    for (size_t i = 0; i < n; i++) {
        double p = -expm1(-rate_per_s * sorted[i]);
        distance = fmax(distance, fmax(p - (double)i / (double)n, (double)(i + 1) / (double)n - p));
    }
    return distance;
}

/* Kolmogorov-Smirnov at the level 0.001: 1.95 / sqrt n. A rate that is wrong by 2 % does not pass. */
static void gaps_of_poisson_arrivals_are_exponential(void)
{
    struct load_plan plan = arrivals_of(ARRIVALS_POISSON, 500, 0);
    double *gaps = gaps_of(&plan), bound = 1.95 / sqrt(DRAWS);
    qsort(gaps, plan.count, sizeof *gaps, by_value);
    ck_assert_double_lt(exponential_distance(gaps, plan.count, 500), bound);
    ck_assert_double_gt(exponential_distance(gaps, plan.count, 510), bound);
    free(gaps);
    load_plan_fini(&plan);
}

/* Neighbouring gaps have nothing to do with each other: their correlation is below 3.3 / sqrt n (0.001). */
static void gaps_of_poisson_arrivals_do_not_follow_from_each_other(void)
{
    struct load_plan plan = arrivals_of(ARRIVALS_POISSON, 500, 0);
    double *gaps = gaps_of(&plan), sum = 0;
    struct moments m = moments_of(gaps, plan.count);
    for (size_t i = 1; i < plan.count; i++)
        sum += (gaps[i] - m.mean) * (gaps[i - 1] - m.mean);
    ck_assert_double_lt(fabs(sum / (m.stddev * m.stddev * DRAWS)), 3.3 / sqrt(DRAWS));
    free(gaps);
    load_plan_fini(&plan);
}

/* Counts in windows of a second: variance equals mean, as of no process that was rescaled or thinned badly. */
static void counts_of_poisson_arrivals_vary_as_they_must(void)
{
    static double counts[10000];
    struct load_plan_options o = {.arrivals = {.kind = ARRIVALS_POISSON, .rate_per_s = 20},
        .duration_ns = INT64_C(10000) * 1000000000,
        .seed = 9};
    struct load_plan plan = plan_of(&o);
    for (size_t i = 0; i < plan.count; i++)
        counts[plan.items[i].at_ns / 1000000000]++;
    struct moments m = moments_of(counts, COUNT(counts));
    ck_assert_double_lt(fabs(m.mean - 20), 3.3 * sqrt(20.0 / COUNT(counts)));
    ck_assert_double_lt(fabs(m.stddev * m.stddev / m.mean - 1), 3.3 * sqrt(2.0 / COUNT(counts)));
    ck_assert_uint_ne(plan.count, 200000); /* the draw's number, not the mean's */
    load_plan_fini(&plan);
}

/* The mean of n gaps is within 3.3 of its standard errors, cv / sqrt n (0.001). */
static void arrivals_have_the_rate_and_the_cv_asked_for(void)
{
    static const struct {
        enum arrivals_kind kind;
        double cv, tolerance; /* of the cv: 3.3 standard errors, from the fourth moment of the law */
    } processes[] = {
        {ARRIVALS_POISSON, 1, 0.015},
        {ARRIVALS_GAMMA, 0.25, 0.003},
        {ARRIVALS_GAMMA, 0.5, 0.006},
        {ARRIVALS_GAMMA, 1, 0.015},
        {ARRIVALS_GAMMA, 2, 0.055},
        {ARRIVALS_GAMMA, 4, 0.22},
    };
    for (size_t i = 0; i < COUNT(processes); i++) {
        struct load_plan plan = arrivals_of(processes[i].kind, 250, processes[i].cv);
        double *gaps = gaps_of(&plan);
        struct moments m = moments_of(gaps, plan.count);
        ck_assert_msg(
            fabs(m.mean * 250 - 1) < 3.3 * processes[i].cv / sqrt(DRAWS), "%zu: mean gap %g", i, m.mean);
        ck_assert_msg(fabs(m.stddev / m.mean - processes[i].cv) < processes[i].tolerance, "%zu: cv %g", i,
            m.stddev / m.mean);
        free(gaps);
        load_plan_fini(&plan);
    }
}

/* Of an inhomogeneous Poisson process, the transformed moments are a Poisson process of rate 1. */
static void a_ramp_keeps_the_law_of_the_gaps(void)
{
    struct load_plan_options o = {
        .arrivals = {.kind = ARRIVALS_POISSON, .rate_per_s = 500, .ramp_ns = INT64_C(100) * 1000000000},
        .count = 20000,
        .seed = 5};
    struct load_plan plan = plan_of(&o);
    double *gaps = malloc(plan.count * sizeof *gaps), before = 0;
    ck_assert_ptr_nonnull(gaps);
    for (size_t i = 0; i < plan.count;
         i++) { /* all within the ramp: 2.5 t^2 have arrived at t, 25000 in all */
        double at_s = (double)plan.items[i].at_ns * 1e-9, arrived = 2.5 * at_s * at_s;
        gaps[i] = arrived - before;
        before = arrived;
    }
    ck_assert_double_lt((double)plan.items[plan.count - 1].at_ns * 1e-9, 100);
    qsort(gaps, plan.count, sizeof *gaps, by_value);
    ck_assert_double_lt(exponential_distance(gaps, plan.count, 1), 1.95 / sqrt((double)plan.count));
    free(gaps);
    load_plan_fini(&plan);
}

static struct moments lengths_of(struct length length)
{
    static double values[DRAWS];
    struct load_plan_options o = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = 1},
        .count = DRAWS,
        .prompt_tokens = length,
        .seed = 11};
    struct load_plan plan = plan_of(&o);
    for (size_t i = 0; i < DRAWS; i++)
        values[i] = plan.items[i].prompt_tokens;
    load_plan_fini(&plan);
    return moments_of(values, DRAWS);
}

/* Mean and standard deviation of the lengths themselves, within 1 % (2 % where the tail is heavy). */
static void lengths_have_the_moments_asked_for(void)
{
    static const int64_t list[] = {10, 20, 30, 340};
    static const struct {
        struct length length;
        double mean, stddev, tolerance;
    } laws[] = {
        {{.kind = LENGTH_FIXED, .mean = 128}, 128, 0, 0},
        {{.kind = LENGTH_UNIFORM, .low = 100, .high = 200}, 150, 29.1548, 0.01}, /* sqrt((101^2 - 1) / 12) */
        {{.kind = LENGTH_NORMAL, .mean = 1000, .stddev = 100}, 1000, 100, 0.01},
        {{.kind = LENGTH_LOGNORMAL, .mean = 1000, .stddev = 100}, 1000, 100, 0.01},
        {{.kind = LENGTH_LOGNORMAL, .mean = 550, .stddev = 150}, 550, 150, 0.01},
        {{.kind = LENGTH_LOGNORMAL, .mean = 1000, .stddev = 800}, 1000, 800, 0.02},
        {{.kind = LENGTH_LIST, .list = list, .list_count = 4}, 100, 138.744, 0.01}, /* sqrt(19250) */
    };
    for (size_t i = 0; i < COUNT(laws); i++) {
        struct moments m = lengths_of(laws[i].length);
        ck_assert_msg(
            fabs(m.mean - laws[i].mean) <= laws[i].tolerance * laws[i].mean, "%zu: mean %g", i, m.mean);
        ck_assert_msg(fabs(m.stddev - laws[i].stddev) <= laws[i].tolerance * laws[i].stddev,
            "%zu: standard deviation %g", i, m.stddev);
    }
}

/* Chi square of n equal chances: below the 0.001 quantile for 100 values (149.4) and 7 prefixes (22.5). */
static double chi_square(const double *counts, size_t n, double total)
{
    double sum = 0, wanted = total / (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (counts[i] - wanted) * (counts[i] - wanted) / wanted;
    return sum;
}

static void uniform_lengths_and_prefixes_have_equal_chances(void)
{
    double lengths[100] = {0}, prefixes[7] = {0};
    struct load_plan_options o = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = 1},
        .count = DRAWS,
        .prompt_tokens = {.kind = LENGTH_UNIFORM, .low = 1, .high = 100},
        .prefix_tokens = {.kind = LENGTH_FIXED, .mean = 500},
        .prefix_count = 7,
        .seed = 13};
    struct load_plan plan = plan_of(&o);
    ck_assert_uint_eq(plan.prefix_count, 7);
    for (size_t i = 0; i < plan.count; i++) {
        lengths[plan.items[i].prompt_tokens - 1]++;
        prefixes[plan.items[i].prefix]++;
    }
    ck_assert_double_lt(chi_square(lengths, 100, DRAWS), 149.4);
    ck_assert_double_lt(chi_square(prefixes, 7, DRAWS), 22.5);
    ck_assert_uint_eq(plan.prefix_lengths[6], 500);
    load_plan_fini(&plan);
}

/* Lengths of prompts and answers, and gaps, are not tied to each other: correlations below 3.3 / sqrt n. */
static void aspects_do_not_follow_from_each_other(void)
{
    static double values[3][DRAWS];
    struct load_plan_options o = {.arrivals = {.kind = ARRIVALS_POISSON, .rate_per_s = 100},
        .count = DRAWS,
        .prompt_tokens = {.kind = LENGTH_UNIFORM, .low = 1, .high = 1000},
        .output_tokens = {.kind = LENGTH_UNIFORM, .low = 1, .high = 1000},
        .seed = 17};
    struct load_plan plan = plan_of(&o);
    for (size_t i = 0; i < DRAWS; i++) {
        values[0][i] = (double)(plan.items[i].at_ns - (i ? plan.items[i - 1].at_ns : 0));
        values[1][i] = plan.items[i].prompt_tokens;
        values[2][i] = plan.items[i].output_tokens;
    }
    for (int a = 0; a < 3; a++) {
        const double *x = values[a], *y = values[(a + 1) % 3];
        struct moments p = moments_of(x, DRAWS), q = moments_of(y, DRAWS);
        double sum = 0;
        for (size_t i = 0; i < DRAWS; i++)
            sum += (x[i] - p.mean) * (y[i] - q.mean);
        ck_assert_double_lt(fabs(sum / (p.stddev * q.stddev * DRAWS)), 3.3 / sqrt(DRAWS));
    }
    load_plan_fini(&plan);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(gaps_of_poisson_arrivals_are_exponential),
        TESTKIT_TEST(gaps_of_poisson_arrivals_do_not_follow_from_each_other),
        TESTKIT_TEST(counts_of_poisson_arrivals_vary_as_they_must),
        TESTKIT_TEST(arrivals_have_the_rate_and_the_cv_asked_for),
        TESTKIT_TEST(a_ramp_keeps_the_law_of_the_gaps),
        TESTKIT_TEST(lengths_have_the_moments_asked_for),
        TESTKIT_TEST(uniform_lengths_and_prefixes_have_equal_chances),
        TESTKIT_TEST(aspects_do_not_follow_from_each_other),
        {0},
    };
    return testkit_run("load_plan_laws", tests);
}
