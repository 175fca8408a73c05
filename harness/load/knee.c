#include "knee.h"

#include <math.h>

/* Relative standard deviation of a throughput, pooled over all points that were run more than once. */
static double pooled_error(const struct load_point *points, size_t n)
{
    double squares = 0;
    int freedom = 0;
    for (size_t i = 0; i < n; i++) {
        int runs = points[i].runs < LOAD_SEEN_MAX ? points[i].runs : LOAD_SEEN_MAX;
        for (int r = 0; runs > 1 && r < runs; r++)
            squares += pow(points[i].seen[r] / points[i].throughput - 1, 2);
        freedom += runs > 1 ? runs - 1 : 0;
    }
    return freedom > 0 ? sqrt(squares / freedom) : -1;
}

static double share_at(const struct load_point *points, size_t i)
{
    return points[i].throughput / points[i].load / (points[0].throughput / points[0].load);
}

/* The load between points i - 1 and i at which the share is reached. */
static double crossing(const struct load_point *points, size_t i, double share)
{
    double before = share_at(points, i - 1), after = share_at(points, i);
    double part = before > after ? (before - share) / (before - after) : 0.5;
    double ratio = points[i].load / points[i - 1].load;
    return points[i - 1].load * pow(ratio, fmin(fmax(part, 0), 1));
}

/* The first point from which on all have less than the share, so that one bad run is no knee; 0: there is none. */
static size_t first_below(const struct load_point *points, size_t n, double share)
{
    size_t below = n;
    while (below > 1 && share_at(points, below - 1) < share)
        below--;
    return below < n && below > 0 ? below : 0;
}

static double cut(const struct load_point *points, size_t n, double share, double otherwise)
{
    size_t i = first_below(points, n, share);
    return i > 0 ? crossing(points, i, share) : otherwise;
}

static bool are_usable(const struct load_point *points, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(points[i].load > 0 && points[i].throughput > 0) || points[i].runs < 1 ||
            (i > 0 && points[i].load <= points[i - 1].load))
            return false;
    return n >= 2;
}

/* Loads that the client could not make are at the end, and have no throughput. */
static size_t count_measured(const struct load_point *points, size_t n)
{
    while (n > 0 && points[n - 1].runs < 1)
        n--;
    return n;
}

bool knee_by_share(const struct load_point *points, size_t n, double share, struct knee *out)
{
    *out = (struct knee){0};
    n = count_measured(points, n);
    if (!are_usable(points, n))
        return false;
    size_t i = first_below(points, n, share);
    if (i == 0)
        return false;
    double error = pooled_error(points, n);
    out->load = crossing(points, i, share);
    out->throughput = share * out->load * points[0].throughput / points[0].load;
    out->low = points[i - 1].load;
    out->high = points[i].load;
    if (error > 0) {
        out->low = fmin(out->low, cut(points, n, share * (1 + 2 * error), points[0].load));
        out->high = fmax(out->high, cut(points, n, share * (1 - 2 * error), points[n - 1].load));
    }
    return true;
}

static double power(const struct load_point *p)
{
    return log(p->throughput / p->latency_s);
}

/* Where the parabola through three points is greatest. */
static double top(const double x[3], const double y[3])
{
    double a = (x[1] - x[0]) * (y[1] - y[2]), b = (x[1] - x[2]) * (y[1] - y[0]);
    double above = (x[1] - x[0]) * a - (x[1] - x[2]) * b, below = a - b;
    return fabs(below) > 0 ? x[1] - above / (2 * below) : x[1];
}

bool knee_by_power(const struct load_point *points, size_t n, struct knee *out)
{
    *out = (struct knee){0};
    size_t best = 0;
    n = count_measured(points, n);
    for (size_t i = 0; i < n; i++) {
        if (!(points[i].latency_s > 0))
            return false;
        if (power(&points[i]) > power(&points[best]))
            best = i;
    }
    if (!are_usable(points, n) || best == 0 || best + 1 == n)
        return false;
    const struct load_point *p = &points[best];
    const double x[] = {log(p[-1].load), log(p[0].load), log(p[1].load)};
    const double y[] = {power(p - 1), power(p), power(p + 1)};
    *out = (struct knee){.load = exp(top(x, y)), .low = p[-1].load, .high = p[1].load};
    out->throughput = p->throughput * pow(out->load / p->load, log(p[1].throughput / p[-1].throughput) /
                                                                   log(p[1].load / p[-1].load));
    return true;
}
