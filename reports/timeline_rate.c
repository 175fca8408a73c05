#include "timeline_rate.h"

#include <math.h>

/* A few ticks of the kernel's clocks; of less than that they say nothing. */
#define SHORTEST_S 0.05

/* Of sums and differences that were rounded the last digits mean nothing. */
#define ROUNDING 1e-12

static bool fell(double now, double before)
{
    return now < before && before - now > ROUNDING * fabs(before);
}

static void start(struct timeline_rate *rate, const struct timeline_counter *now)
{
    *rate = (struct timeline_rate){true, now->value, now->total, now->t_ns, now->reading};
}

/* Growth a second, or in % of the growth of the total. NAN: cannot be told. */
static double rate_of(
    const struct timeline_rate *rate, const struct timeline_spec *spec, const struct timeline_counter *now)
{
    double growth = fmax(now->value - rate->value, 0);
    if (spec->kind != SERIES_SHARE)
        return growth / ((double)(now->t_ns - rate->t_ns) / 1e9);
    double of = now->total - rate->total;
    return of > 0 ? fmin(100 * growth / of, 100) : NAN; /* the two are not read at the same tick */
}

bool timeline_rate_step(struct timeline_rate *rate, const struct timeline_spec *spec,
    const struct timeline_counter *now, double *value, size_t *from_reading)
{
    double elapsed_s = (double)(now->t_ns - rate->t_ns) / 1e9;
    if (!rate->started || fell(now->value, rate->value) || fell(now->total, rate->total) || elapsed_s < 0) {
        start(rate, now); /* its source began anew */
        return false;
    }
    bool moved = now->value > rate->value && elapsed_s >= spec->window_s;
    bool rests = elapsed_s >= 2 * spec->window_s && elapsed_s >= SHORTEST_S;
    if (!moved && !rests && !(now->last && elapsed_s >= SHORTEST_S))
        return false;
    *value = rate_of(rate, spec, now);
    *from_reading = rate->reading + 1;
    start(rate, now);
    return isfinite(*value);
}
