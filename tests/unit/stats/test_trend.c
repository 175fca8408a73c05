/* Expected tails come from exact sums of binomial terms (Python fractions) and from tables of Student's t. */
#include "tail.h"
#include "trend.h"

#include "rng.h"
#include "testkit.h"

#include <math.h>
#include <stdint.h>

static void tails_of_the_binomial_are_the_exact_sums(void)
{
    static const struct {
        size_t n, k;
        double p, tail;
    } known[] = {
        {1, 1, 0.25, 0.25},
        {10, 0, 0.5, 1},
        {10, 11, 0.5, 0},
        {10, 8, 0.5, 56 / 1024.0},
        {3, 2, 0.5, 0.5},
        {59, 59, 0.95, 0.048494525249423236},
        {100, 5, 0.01, 0.003432321587754515},
        {20, 1, 0.01, 0.18209306240276923},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_double_eq_tol(tail_binomial(known[i].n, known[i].k, known[i].p), known[i].tail, 1e-10);
    /* Beyond what sums of terms can do: half of the mass is at or above the mean. */
    ck_assert_double_eq_tol(tail_binomial(100000000, 50000000, 0.5), 0.5, 1e-4);
}

static void tails_of_student_are_those_of_the_tables(void)
{
    ck_assert_double_eq_tol(tail_student(1, 1), 0.5, 1e-12);
    ck_assert_double_eq_tol(tail_student(0, 7), 1, 1e-12);
    ck_assert_double_eq_tol(tail_student(2.228138852, 10), 0.05, 1e-9);
    ck_assert_double_eq_tol(tail_student(-3.169272673, 10), 0.01, 1e-9);
    ck_assert_double_eq_tol(tail_student(1.959963985, 1e9), 0.05, 1e-7);
}

static void floors_are_those_of_the_definitions(void)
{
    ck_assert_uint_eq(tail_quantile_floor(0.9), 29);
    ck_assert_uint_eq(tail_quantile_floor(0.95), 59);
    ck_assert_uint_eq(tail_quantile_floor(0.99), 299);
    ck_assert_uint_eq(tail_quantile_floor(0.999), 2995);
    ck_assert_uint_eq(tail_quantile_floor(0.5), 5);
    ck_assert_uint_eq(tail_quantile_floor(0), 1);
    ck_assert_uint_eq(tail_quantile_floor(1), SIZE_MAX);
}

static void a_line_is_found(void)
{
    const double x[] = {0, 1, 2, 4, 5}, y[] = {1, 3, 5, 9, 11}, flat[] = {2, 2, 2, 2, 2};
    struct trend t;
    ck_assert(trend_fit(x, y, 5, &t));
    ck_assert_double_eq_tol(t.slope, 2, 1e-12);
    ck_assert_double_eq_tol(t.rise, 10, 1e-12);
    ck_assert_double_eq_tol(t.mean, 5.8, 1e-12);
    ck_assert_double_eq(t.chance, 0);
    ck_assert(trend_fit(x, flat, 5, &t));
    ck_assert_double_eq(t.chance, 1);
    ck_assert(!trend_fit(x, y, 4, &t));
    ck_assert(!trend_fit(flat, y, 5, &t));
    ck_assert_double_eq(t.chance, 1);
}

/* How many of 1000 series without trend are found to have one; each value keeps a part of the last. */
static int false_alarms(double kept)
{
    struct rng rng;
    int alarms = 0;
    rng_seed(&rng, 5);
    for (int round = 0; round < 1000; round++) {
        double x[20], y[20], value = 0;
        struct trend t;
        for (int i = 0; i < 40; i++) {
            value = kept * value + rng_normal(&rng, 0, 1);
            x[i % 20] = i % 20;
            y[i % 20] = value;
        }
        ck_assert(trend_fit(x, y, 20, &t));
        alarms += t.chance < 0.01;
    }
    return alarms;
}

static void chance_is_what_it_says(void)
{
    int alarms = false_alarms(0);
    ck_assert_int_ge(alarms, 2);
    ck_assert_int_le(alarms, 20);
    /* Plain least squares would raise some 250 of these. */
    ck_assert_int_le(false_alarms(0.7), 100);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(tails_of_the_binomial_are_the_exact_sums),
        TESTKIT_TEST(tails_of_student_are_those_of_the_tables),
        TESTKIT_TEST(floors_are_those_of_the_definitions),
        TESTKIT_TEST(a_line_is_found),
        TESTKIT_TEST(chance_is_what_it_says),
        {0},
    };
    return testkit_run("trend", tests);
}
