#include "energy_trail.h"

#include <math.h>
#include <stdlib.h>

void energy_trail_init(struct energy_trail *trail, enum energy_unit unit, double range_j, int64_t gap_ns)
{
    *trail = (struct energy_trail){.unit = unit, .range_j = range_j, .gap_ns = gap_ns, .apart_ns = gap_ns};
}

void energy_trail_fini(struct energy_trail *trail)
{
    free(trail->points);
    *trail = (struct energy_trail){0};
}

void energy_trail_clear(struct energy_trail *trail)
{
    trail->count = 0;
    trail->apart_ns = trail->gap_ns;
    trail->broken = false;
}

void energy_trail_break(struct energy_trail *trail)
{
    trail->broken = true;
}

/* Every second point goes; the first and the last stay. */
static void thin_out(struct energy_trail *trail)
{
    size_t kept = 0;
    for (size_t i = 0; i < trail->count; i += 2)
        trail->points[kept++] = trail->points[i];
    if (trail->count % 2 == 0)
        trail->points[kept++] = trail->points[trail->count - 1];
    trail->count = kept;
    trail->apart_ns *= 2;
}

static bool make_room(struct energy_trail *trail)
{
    if (trail->count == ENERGY_POINTS_MAX)
        thin_out(trail);
    if (trail->count < trail->cap)
        return true;
    size_t cap = trail->cap ? 2 * trail->cap : 64;
    struct energy_point *points = realloc(trail->points, cap * sizeof *points);
    if (!points)
        return false;
    trail->points = points;
    trail->cap = cap;
    return true;
}

/* What was used since the last reading; negative where nobody knows. */
static double growth_of(const struct energy_trail *trail, double value, double seconds)
{
    const struct energy_point *last = &trail->points[trail->count - 1];
    if (trail->unit == ENERGY_WATTS)
        return seconds * 1e9 <= (double)trail->gap_ns ? (last->watts + value) / 2 * seconds : -1;
    double grown = value - trail->last;
    if (grown < 0)
        grown += trail->range_j;
    return grown <= ENERGY_WATTS_MAX * seconds ? grown : -1;
}

bool energy_trail_add(struct energy_trail *trail, int64_t t_ns, double value, bool slept)
{
    if (slept)
        energy_trail_break(trail);
    if (!isfinite(value) || value < 0)
        return false;
    if (trail->count > 0 && t_ns <= trail->points[trail->count - 1].t_ns)
        return true;
    if (!make_room(trail))
        return false;
    struct energy_point next = {.t_ns = t_ns, .watts = trail->unit == ENERGY_WATTS ? value : 0};
    if (trail->count > 0) {
        const struct energy_point *last = &trail->points[trail->count - 1];
        double seconds = (double)(t_ns - last->t_ns) / 1e9;
        double joules = trail->broken ? -1 : growth_of(trail, value, seconds);
        bool told = trail->unit == ENERGY_WATTS || value != trail->last;
        next.joules = last->joules + fmax(joules, 0);
        next.covered_s = last->covered_s + (joules >= 0 ? seconds : 0);
        next.readings = last->readings + told;
    }
    trail->points[trail->count++] = next;
    trail->last = value;
    trail->broken = false;
    return true;
}

/* The last point at or before a moment that is not before the first. */
static size_t find_point(const struct energy_trail *trail, int64_t t_ns)
{
    size_t low = 0, high = trail->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(trail->points[middle].t_ns <= t_ns ? &low : &high) = middle;
    }
    return low;
}

/* How much of what was used between two points had been used after this part of the time. */
static double share_used(const struct energy_trail *trail, const struct energy_point *a, double part)
{
    double mean = (a[0].watts + a[1].watts) / 2;
    if (trail->unit != ENERGY_WATTS || mean <= 0)
        return part;
    return (a[0].watts * part + (a[1].watts - a[0].watts) * part * part / 2) / mean;
}

/* The sums at a moment; in the middle of a gap those of the end that lies outside of the stretch are not taken. */
static struct energy_point sums_at(const struct energy_trail *trail, int64_t t_ns, bool is_end)
{
    const struct energy_point *first = &trail->points[0], *last = &trail->points[trail->count - 1];
    if (t_ns <= first->t_ns)
        return *first;
    if (t_ns >= last->t_ns)
        return *last;
    const struct energy_point *a = &trail->points[find_point(trail, t_ns)];
    struct energy_point sums = *a;
    int64_t length_ns = a[1].t_ns - a[0].t_ns;
    if (a[0].t_ns == t_ns)
        return sums;
    if (length_ns > trail->apart_ns) {
        sums = is_end ? a[0] : a[1];
        sums.readings = a[0].readings;
        return sums;
    }
    double part = (double)(t_ns - a[0].t_ns) / (double)length_ns;
    sums.joules += (a[1].joules - a[0].joules) * share_used(trail, a, part);
    sums.covered_s += (a[1].covered_s - a[0].covered_s) * part;
    return sums;
}

struct energy_stretch energy_trail_between(const struct energy_trail *trail, int64_t from_ns, int64_t to_ns)
{
    if (trail->count < 2 || to_ns <= from_ns)
        return (struct energy_stretch){0};
    struct energy_point from = sums_at(trail, from_ns, false), to = sums_at(trail, to_ns, true);
    return (struct energy_stretch){.joules = fmax(to.joules - from.joules, 0),
        .covered_s = fmax(to.covered_s - from.covered_s, 0),
        .readings = fmax(to.readings - from.readings, 0)};
}
