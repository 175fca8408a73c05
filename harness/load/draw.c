#include "draw.h"

#include <math.h>

/* log x = e log 2 + 2 atanh((m - 1) / (m + 1)), x = m 2^e with m in [sqrt 1/2, sqrt 2): the series' argument is
 * at most 0.172, so that its twelfth term is below 2^-60. */
double draw_log(double x)
{
    static const double log2_high = 0x1.62e42fefa3800p-1, log2_low = 0x1.ef35793c76730p-45;
    int e = 0;
    double m = frexp(x, &e); /* exact */
    if (m < 0.70710678118654752440) {
        m *= 2;
        e--;
    }
    static const double inverse_odd[] = {1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11,
        1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3};
    double s = (m - 1) / (m + 1), q = s * s, sum = 0;
    for (size_t i = 0; i < sizeof inverse_odd / sizeof inverse_odd[0]; i++)
        sum = (sum + inverse_odd[i]) * q;
    return e * log2_high + (e * log2_low + (2 * s + 2 * s * sum));
}

/* exp x = 2^k exp r with |r| <= log 2 / 2: Taylor, whose fifteenth term is below 2^-64. */
double draw_exp(double x)
{
    static const double log2_high = 0x1.62e42fefa3800p-1, log2_low = 0x1.ef35793c76730p-45;
    double k = floor(x / 0x1.62e42fefa39efp-1 + 0.5);
    static const double inverse_factorial[] = {1 / 87178291200.0, 1 / 6227020800.0, 1 / 479001600.0,
        1 / 39916800.0, 1 / 3628800.0, 1 / 362880.0, 1 / 40320.0, 1 / 5040.0, 1 / 720.0, 1 / 120.0, 1 / 24.0,
        1 / 6.0, 1 / 2.0, 1, 1};
    double r = (x - k * log2_high) - k * log2_low, sum = 0;
    for (size_t i = 0; i < sizeof inverse_factorial / sizeof inverse_factorial[0]; i++)
        sum = sum * r + inverse_factorial[i];
    return ldexp(sum, (int)k);
}

double draw_exponential(struct rng *r)
{
    return -draw_log(1 - rng_uniform(r)); /* 1 - u is exact and never 0 */
}

/* Marsaglia's polar method, both values used; the other one waits in r. */
double draw_normal(struct rng *r)
{
    if (r->has_spare) {
        r->has_spare = 0;
        return r->spare_normal;
    }
    double u, v, q = rng_disc(r, &u, &v);
    double scale = sqrt(-2 * draw_log(q) / q);
    r->spare_normal = v * scale;
    r->has_spare = 1;
    return u * scale;
}

static double gamma_from_one_on(struct rng *r, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = draw_normal(r), t = 1 + c * x;
        if (t <= 0)
            continue;
        double v = t * t * t, u = 1 - rng_uniform(r);
        if (draw_log(u) < 0.5 * x * x + d - d * v + d * draw_log(v))
            return d * v;
    }
}

double draw_gamma(struct rng *r, double shape)
{
    if (shape >= 1)
        return gamma_from_one_on(r, shape);
    double exponent = draw_log(1 - rng_uniform(r)) / shape;
    double larger = gamma_from_one_on(r, shape + 1);
    return exponent < -700 ? 0 : larger * draw_exp(exponent);
}
