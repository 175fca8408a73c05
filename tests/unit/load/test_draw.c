/* Expected figures of log and exp are from 60-digit decimal arithmetic, rounded once. */
#include "draw.h"

#include "testkit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static double ulps(double got, double wanted)
{
    return fabs(got - wanted) / (nextafter(fabs(wanted), INFINITY) - fabs(wanted));
}

static void logarithms_are_within_two_units_in_the_last_place(void)
{
    static const double points[][2] = {
        {0x1p-53, -36.7368005696771013991133},
        {1e-9, -20.72326583694641109388033},
        {0.5, -0.6931471805599453094172321},
        {0.1, -2.30258509299404562850684},
        {0.7071067811865475, -0.3465735902799727433597754},
        {0.9999999, -1.000000049473647432901626E-7},
        {1.5, 0.4054651081081643819780131},
        {3, 1.098612288668109691395245},
        {1e9, 20.72326583694641115616192},
    };
    for (size_t i = 0; i < COUNT(points); i++)
        ck_assert_msg(ulps(draw_log(points[i][0]), points[i][1]) <= 2, "log %.17g is %.17g", points[i][0],
            draw_log(points[i][0]));
    ck_assert_double_eq(draw_log(1), 0);
}

/* The C library is good to a unit; a table that is wrong somewhere would be far off. */
static void logarithms_and_exponentials_agree_with_the_library_everywhere(void)
{
    struct rng r;
    rng_seed(&r, 1);
    double worst_log = 0, worst_exp = 0;
    for (int i = 0; i < 200000; i++) {
        double x = ldexp(0.5 + rng_uniform(&r) / 2, (int)rng_below(&r, 140) - 70);
        double y = 1400 * rng_uniform(&r) - 700;
        worst_log = fmax(worst_log, ulps(draw_log(x), log(x)));
        worst_exp = fmax(worst_exp, ulps(draw_exp(y), exp(y)));
    }
    ck_assert_msg(worst_log <= 4, "log is up to %g units off", worst_log);
    ck_assert_msg(worst_exp <= 4, "exp is up to %g units off", worst_exp);
}

/* Golden: these bits are what every machine must draw. */
static void draws_are_the_same_bits_everywhere(void)
{
    struct rng r;
    rng_seed_text(&r, 1, "golden");
    uint64_t sum = 0;
    for (int i = 0; i < 1000; i++) {
        double values[] = {draw_exponential(&r), draw_normal(&r), draw_gamma(&r, 0.25), draw_gamma(&r, 4)};
        for (size_t k = 0; k < COUNT(values); k++) {
            uint64_t bits;
            memcpy(&bits, &values[k], sizeof bits);
            sum = sum * UINT64_C(0x100000001b3) + bits;
        }
    }
    ck_assert_msg(
        sum == UINT64_C(0x45cefef026a47f9), "the sum of the bits is 0x%llx", (unsigned long long)sum);
}

enum { DRAWS = 100000 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Largest distance between the law of the sorted values and law(x). */
static double kolmogorov_distance(double *values, size_t n, double (*law)(double))
{
    qsort(values, n, sizeof *values, by_value);
    double distance = 0;
    for (size_t i = 0; i < n; i++) {
        double p = law(values[i]);
        distance = fmax(distance, fmax(p - (double)i / (double)n, (double)(i + 1) / (double)n - p));
    }
    return distance;
}

static double normal_law(double x)
{
    return erfc(-x / sqrt(2)) / 2;
}

static double exponential_law(double x)
{
    return -expm1(-x);
}

/* Shape 1/2 is the law of half the square of a normal draw, shape 2 that of two exponentials' sum. */
static double gamma_half_law(double x)
{
    return erf(sqrt(x));
}

static double gamma_two_law(double x)
{
    return 1 - exp(-x) * (1 + x);
}

static double draw_gamma_half(struct rng *r)
{
    return draw_gamma(r, 0.5);
}

static double draw_gamma_two(struct rng *r)
{
    return draw_gamma(r, 2);
}

/* Kolmogorov-Smirnov at the level of 1 in 1000: 1.95 / sqrt n. The seed is fixed, so it never fails by luck. */
static void draws_follow_their_laws(void)
{
    static const struct {
        const char *name;
        double (*draw)(struct rng *);
        double (*law)(double);
    } laws[] = {
        {"normal", draw_normal, normal_law},
        {"exponential", draw_exponential, exponential_law},
        {"gamma 1/2", draw_gamma_half, gamma_half_law},
        {"gamma 2", draw_gamma_two, gamma_two_law},
    };
    static double values[DRAWS];
    for (size_t i = 0; i < COUNT(laws); i++) {
        struct rng r;
        rng_seed_text(&r, 7, laws[i].name);
        for (size_t k = 0; k < DRAWS; k++)
            values[k] = laws[i].draw(&r);
        double distance = kolmogorov_distance(values, DRAWS, laws[i].law);
        ck_assert_msg(distance < 1.95 / sqrt(DRAWS), "%s is %g away from its law", laws[i].name, distance);
    }
}

/* The test of the tests: draws of a neighbouring law are told from the right one. */
static void a_wrong_law_is_noticed(void)
{
    static double values[DRAWS];
    struct rng r;
    rng_seed(&r, 7);
    for (size_t k = 0; k < DRAWS; k++)
        values[k] = draw_gamma(&r, 1.03);
    ck_assert(kolmogorov_distance(values, DRAWS, exponential_law) > 1.95 / sqrt(DRAWS));
}

static void gamma_draws_of_tiny_shapes_stay_finite(void)
{
    struct rng r;
    rng_seed(&r, 3);
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = draw_gamma(&r, 1.0 / 900);
        ck_assert(isfinite(x) && x >= 0);
        sum += x;
    }
    ck_assert_msg(fabs(sum / DRAWS * 900 - 1) < 0.3, "mean %g", sum / DRAWS * 900);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(logarithms_are_within_two_units_in_the_last_place),
        TESTKIT_TEST(logarithms_and_exponentials_agree_with_the_library_everywhere),
        TESTKIT_TEST(draws_are_the_same_bits_everywhere),
        TESTKIT_TEST(draws_follow_their_laws),
        TESTKIT_TEST(a_wrong_law_is_noticed),
        TESTKIT_TEST(gamma_draws_of_tiny_shapes_stay_finite),
        {0},
    };
    return testkit_run("draw", tests);
}
