/*
 * knee.h - where a curve of throughput over load bends, by two definitions that do not need a drawing:
 *
 * Share: the load at which a unit of it (a stream, a request per second) brings only `share` of what it brings
 * at the lowest load of the curve, interpolated between the two points around it, on a logarithmic scale of
 * load.
 *
 * Power: the load at which throughput / latency is greatest (Kleinrock 1979): beyond it latency grows faster
 * than throughput. The top of the parabola through the greatest point and its neighbours, on logarithmic
 * scales.
 *
 * `low` and `high` bound it: the points around it, and where runs were repeated and differ, at least where the
 * curve would cut the share if it lay two standard errors lower or higher.
 *
 *     struct knee knee;
 *     if (knee_by_share(points, n, 0.9, &knee)) printf("knee at %g (%g-%g)\n", knee.load, knee.low, knee.high);
 */
#ifndef ASSAY_KNEE_H
#define ASSAY_KNEE_H

#include "load_search.h"

struct knee {
    double load, low, high;
    double throughput; /* there, interpolated */
};

/* points by rising load, each with at least one run; those at the end without one are left out. False: the curve
 * does not come to a knee. */
bool knee_by_share(const struct load_point *points, size_t n, double share, struct knee *out);
/* Also false: the greatest point is the first or the last, or a latency is not known. */
bool knee_by_power(const struct load_point *points, size_t n, struct knee *out);

#endif
