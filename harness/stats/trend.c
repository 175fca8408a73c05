#include "trend.h"

#include "tail.h"

#include <math.h>

enum { POINTS_MIN = 5 };

static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

/* What is left of the squares of the residuals, and the share of it that neighbours have in common. */
static double residual_squares(
    const double *x, const double *y, const struct trend *t, double x_mean, double *correlation)
{
    double squares = 0, products = 0, last = 0;
    for (size_t i = 0; i < t->n; i++) {
        double residual = y[i] - t->mean - t->slope * (x[i] - x_mean);
        squares += residual * residual;
        products += residual * last;
        last = residual;
    }
    *correlation = squares > 0 && products > 0 ? products / squares : 0;
    return squares;
}

static void judge_slope(struct trend *t, double squares, double x_squares, double correlation)
{
    double n = (double)t->n * (1 - correlation) / (1 + correlation);
    if (n <= 2.5)
        return;
    t->error = sqrt(squares / (n - 2) / x_squares);
    /* A line without scatter: any slope that is more than rounding is sure. */
    double least = 1e-12 * (fabs(t->mean) + fabs(t->rise)) / sqrt(x_squares);
    if (t->error > least)
        t->chance = tail_student(t->slope / t->error, n - 2);
    else
        t->chance = fabs(t->slope) > 10 * least ? 0 : 1;
}

bool trend_fit(const double *x, const double *y, size_t n, struct trend *out)
{
    *out = (struct trend){.n = n, .chance = 1};
    if (n < POINTS_MIN)
        return false;
    double x_mean = mean_of(x, n), x_squares = 0, products = 0, correlation;
    out->mean = mean_of(y, n);
    for (size_t i = 0; i < n; i++) {
        x_squares += (x[i] - x_mean) * (x[i] - x_mean);
        products += (x[i] - x_mean) * (y[i] - out->mean);
    }
    if (!(x_squares > 0))
        return false;
    out->slope = products / x_squares;
    out->rise = out->slope * (x[n - 1] - x[0]);
    double squares = residual_squares(x, y, out, x_mean, &correlation);
    judge_slope(out, squares, x_squares, correlation);
    return true;
}
