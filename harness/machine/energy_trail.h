/*
 * energy_trail.h - what one source of energy said over time, as joules that can be asked for between any two
 * moments.
 *
 *     struct energy_trail trail;
 *     energy_trail_init(&trail, ENERGY_JOULES, 262143.3, NS_PER_S);
 *     energy_trail_add(&trail, t_ns, joules, false);              // again and again
 *     struct energy_stretch s = energy_trail_between(&trail, from_ns, to_ns);
 *     if (s.covered_s > 0.99 * seconds) use(s.joules);
 *     energy_trail_fini(&trail);
 *
 * Joules are those of a counter: its growth, over its wrap-around. Watts become joules by the trapezoid between two
 * readings. What lies between two readings counts for nothing, and is not covered, where the machine slept
 * meanwhile, where a counter began anew, and where readings of watts are too far apart. The ends of a stretch are
 * interpolated: a counter's growth evenly, watts in a straight line; never over a gap.
 *
 * A long trail is thinned out: sums stay exact, only the ends of a stretch become less so.
 */
#ifndef ASSAY_ENERGY_TRAIL_H
#define ASSAY_ENERGY_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENERGY_POINTS_MAX = 8192 }; /* 27 minutes at 200 ms */

/* More than any machine draws: a counter that grows faster was set back, it did not wrap. */
#define ENERGY_WATTS_MAX 50e3

enum energy_unit {
    ENERGY_JOULES, /* a counter: joules since some moment */
    ENERGY_WATTS,  /* what is drawn now */
};

/* Sums since the first reading, over those intervals only that count. */
struct energy_point {
    int64_t t_ns;
    double joules, covered_s, readings;
    double watts; /* at this moment; 0 where the source is a counter */
};

struct energy_trail {
    enum energy_unit unit;
    double range_j;   /* where a counter wraps around; 0: never */
    int64_t gap_ns;   /* readings further apart leave a gap */
    int64_t apart_ns; /* the same of points: further than readings where they were thinned out */
    double last;      /* reading */
    bool broken;      /* what lies before the next reading counts for nothing */
    struct energy_point *points;
    size_t count, cap;
};

struct energy_stretch {
    double joules, covered_s;
    double readings; /* within it that told something new: a counter that stood still says nothing */
};

void energy_trail_init(struct energy_trail *trail, enum energy_unit unit, double range_j, int64_t gap_ns);
void energy_trail_fini(struct energy_trail *trail);
void energy_trail_clear(struct energy_trail *trail); /* forgets all readings */

/* The machine slept: what lies between the last reading that was taken and the next one counts for nothing, however
 * many fail or tell of an earlier moment meanwhile. */
void energy_trail_break(struct energy_trail *trail);

/* A reading at a later moment than the last, else it is left out. slept: energy_trail_break() before it.
 * False: no memory, or a reading that cannot be (negative, not finite). */
bool energy_trail_add(struct energy_trail *trail, int64_t t_ns, double value, bool slept);

struct energy_stretch energy_trail_between(const struct energy_trail *trail, int64_t from_ns, int64_t to_ns);

#endif
