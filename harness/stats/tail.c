#include "tail.h"

#include <math.h>
#include <stdint.h>

/* Lentz's method keeps both parts of the fraction away from zero by this much. */
#define TINY 1e-300

static double away_from_zero(double x)
{
    return fabs(x) < TINY ? TINY : x;
}

/* Numerators of the fraction: DLMF 8.17.22, d_1, d_2, ... */
static double numerator(double x, double a, double b, int i)
{
    double m = i / 2;
    if (i % 2 == 0)
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

/* 1 / (1 + d1 / (1 + d2 / ...)); converges quickly for x < (a + 1) / (a + b + 2). */
static double fraction(double x, double a, double b)
{
    double c = 1, d = 0, value = 1;
    for (int i = 1; i < 100000; i++) {
        double n = numerator(x, a, b, i);
        d = 1 / away_from_zero(1 + n * d);
        c = away_from_zero(1 + n / c);
        value *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return 1 / value;
}

/* I_x(a, b) */
static double incomplete_beta(double x, double a, double b)
{
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    if (x > (a + 1) / (a + b + 2))
        return 1 - incomplete_beta(1 - x, b, a);
    int sign;
    double log_front = lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) +
                       b * log1p(-x) - log(a);
    return exp(log_front) * fraction(x, a, b);
}

double tail_binomial(size_t n, size_t k, double p)
{
    if (k == 0)
        return 1;
    return k > n ? 0 : incomplete_beta(p, (double)k, (double)(n - k) + 1);
}

double tail_student(double t, double freedom)
{
    return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

size_t tail_quantile_floor(double p)
{
    if (p <= 0)
        return 1;
    double least = p < 1 ? ceil(log(0.05) / log(p)) : (double)INFINITY;
    return least < 1e15 ? (size_t)least : SIZE_MAX;
}
