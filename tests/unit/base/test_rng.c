#include "rng.h"

#include "testkit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 200000 };

/* The first ten outputs of the authors' xoshiro256** for the state 1, 2, 3, 4. */
static void the_published_sequence_comes_out(void)
{
    static const uint64_t known[] = {UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
        UINT64_C(1215971899390074240), UINT64_C(1216172134540287360), UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625), UINT64_C(8476171486693032832), UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576)};
    struct rng r = {.s = {1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ck_assert_uint_eq(rng_next(&r), known[i]);
}

/* The first four outputs of the authors' splitmix64 for the state 0. */
static void seeding_goes_through_splitmix64(void)
{
    static const uint64_t known[] = {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
        UINT64_C(0x06c45d188009454f), UINT64_C(0xf88bb8a8724c81ec)};
    struct rng r;
    rng_seed(&r, 0);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(r.s[i], known[i]);
}

struct moments {
    double mean, sd, skewness;
};

static struct moments measure(double (*draw)(struct rng *), uint64_t seed)
{
    double *x = malloc(DRAWS * sizeof *x), mean = 0, m2 = 0, m3 = 0;
    struct rng r;
    ck_assert_ptr_nonnull(x);
    rng_seed(&r, seed);
    for (int i = 0; i < DRAWS; i++)
        mean += (x[i] = draw(&r)) / DRAWS;
    for (int i = 0; i < DRAWS; i++) {
        double d = x[i] - mean;
        m2 += d * d / DRAWS;
        m3 += d * d * d / DRAWS;
    }
    free(x);
    return (struct moments){mean, sqrt(m2), m3 / (m2 * sqrt(m2))};
}

static double draw_normal(struct rng *r)
{
    return rng_normal(r, 10, 3);
}

static double draw_exponential(struct rng *r)
{
    return rng_exponential(r, 0.25);
}

static double draw_lognormal(struct rng *r)
{
    return rng_lognormal(r, -1, 0.5);
}

/* Tolerances are about five standard errors; the seeds are fixed, so the test does not flicker. */
static void moments_are_those_of_the_distributions(void)
{
    const double lognormal_mean = exp(-1 + 0.125), lognormal_sd = lognormal_mean * sqrt(expm1(0.25));
    const struct {
        double (*draw)(struct rng *);
        double mean, sd, skewness, skewness_tolerance;
    } wanted[] = {
        {rng_uniform, 0.5, sqrt(1.0 / 12), 0, 0.03},
        {draw_normal, 10, 3, 0, 0.03},
        {draw_exponential, 0.25, 0.25, 2, 0.15},
        {draw_lognormal, lognormal_mean, lognormal_sd, 1.75, 0.15},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct moments m = measure(wanted[i].draw, 100 + i);
        ck_assert(fabs(m.mean - wanted[i].mean) < 5 * wanted[i].sd / sqrt(DRAWS));
        ck_assert(fabs(m.sd - wanted[i].sd) < 0.015 * wanted[i].sd);
        ck_assert(fabs(m.skewness - wanted[i].skewness) < wanted[i].skewness_tolerance);
    }
}

static void bounded_numbers_are_uniform_and_below_the_bound(void)
{
    struct rng r;
    int counts[7] = {0};
    uint64_t largest = 0;
    rng_seed(&r, 3);
    for (int i = 0; i < 70000; i++) {
        uint64_t x = rng_below(&r, 7);
        counts[x < 7 ? x : 0]++;
        largest = x > largest ? x : largest;
    }
    ck_assert_uint_eq(largest, 6);
    double chi2 = 0;
    for (int i = 0; i < 7; i++)
        chi2 += (counts[i] - 10000.0) * (counts[i] - 10000.0) / 10000.0;
    ck_assert(chi2 < 22.5); /* 0.1 % point of 6 degrees of freedom */
    ck_assert_uint_eq(rng_below(&r, 0), 0);
    ck_assert_uint_eq(rng_below(&r, 1), 0);
}

static void a_bound_beyond_half_the_range_is_not_biased(void)
{
    struct rng r;
    const uint64_t bound = UINT64_C(3)
                           << 62; /* without rejection the lower third would come twice as often */
    int low = 0;
    rng_seed(&r, 4);
    for (int i = 0; i < 30000; i++)
        low += rng_below(&r, bound) < bound / 3;
    ck_assert_int_gt(low, 9600);
    ck_assert_int_lt(low, 10400);
}

static void uniform_numbers_never_reach_one(void)
{
    struct rng r;
    int outside = 0, infinite = 0;
    rng_seed(&r, 5);
    for (int i = 0; i < DRAWS; i++) {
        double u = rng_uniform(&r);
        outside += !(u >= 0 && u < 1);
        infinite += !isfinite(rng_exponential(&r, 1));
    }
    ck_assert_int_eq(outside, 0);
    ck_assert_int_eq(infinite, 0);
}

static void a_shuffle_keeps_every_item_and_favours_no_order(void)
{
    struct rng r;
    int orders[27] = {0}, lost = 0;
    rng_seed(&r, 6);
    for (int i = 0; i < 60000; i++) {
        int items[3] = {0, 1, 2};
        rng_shuffle(&r, items, 3, sizeof items[0]);
        lost += ((1 << items[0]) | (1 << items[1]) | (1 << items[2])) != 7;
        orders[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    ck_assert_int_eq(lost, 0);
    for (int i = 0; i < 27; i++)
        ck_assert(orders[i] == 0 || (orders[i] > 9500 && orders[i] < 10500));
    rng_shuffle(&r, NULL, 0, 4);
}

static void the_same_seed_and_name_give_the_same_stream(void)
{
    struct rng a, b, other, neighbour;
    rng_seed_text(&a, 1, "chat.short");
    rng_seed_text(&b, 1, "chat.short");
    rng_seed_text(&other, 1, "chat.long");
    rng_seed_text(&neighbour, 2, "chat.short");
    ck_assert_mem_eq(a.s, b.s, sizeof a.s);
    ck_assert_mem_ne(a.s, other.s, sizeof a.s);
    ck_assert_mem_ne(a.s, neighbour.s, sizeof a.s);
}

static void entropy_differs_from_call_to_call(void)
{
    ck_assert_uint_ne(rng_entropy(), rng_entropy());
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_published_sequence_comes_out),
        TESTKIT_TEST(seeding_goes_through_splitmix64),
        TESTKIT_TEST(moments_are_those_of_the_distributions),
        TESTKIT_TEST(bounded_numbers_are_uniform_and_below_the_bound),
        TESTKIT_TEST(a_bound_beyond_half_the_range_is_not_biased),
        TESTKIT_TEST(uniform_numbers_never_reach_one),
        TESTKIT_TEST(a_shuffle_keeps_every_item_and_favours_no_order),
        TESTKIT_TEST(the_same_seed_and_name_give_the_same_stream),
        TESTKIT_TEST(entropy_differs_from_call_to_call),
        {0},
    };
    return testkit_run("rng", tests);
}
