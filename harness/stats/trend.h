/*
 * trend.h - does a series rise or fall? The line of least squares through it, and how sure its slope is.
 *
 * Values of a queue hang together: residuals that depend on their neighbours make a slope look surer than it
 * is. With the correlation r of neighbouring residuals, n points count as n (1 - r) / (1 + r) (Santer et al.
 * 2000, J. Geophys. Res. 105).
 *
 *     struct trend t;
 *     trend_fit(seconds, in_flight, 20, &t);
 *     if (t.chance < 0.01 && t.slope > 0) ...     // it rises
 */
#ifndef ASSAY_TREND_H
#define ASSAY_TREND_H

#include <stdbool.h>
#include <stddef.h>

struct trend {
    size_t n;
    double slope, error; /* error: standard error of the slope, dependence allowed for */
    double chance;       /* that a series without trend shows such a slope; 1 where nothing can be said */
    double mean;         /* of y */
    double rise;         /* slope times the range of x */
};

/* False (and chance 1): fewer than 5 points, or all at one x. x need not be evenly spaced but must rise. */
bool trend_fit(const double *x, const double *y, size_t n, struct trend *out);

#endif
