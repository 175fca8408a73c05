/*
 * arrival_times.h - the moments of an open loop without a trace: constant, Poisson or gamma, with a ramp.
 *
 * A process of rate 1 is drawn, and its time is stretched: the moment t of an arrival is where the integral
 * of the rate from 0 to t reaches the arrival's own time. So a ramp (rate proportional to t until it ends)
 * keeps the law of the gaps, whatever it is, and nothing is thinned or rescaled to hit an end: as many
 * requests arrive as the draw has it. Constant arrivals begin at 0, the others one gap later.
 *
 *     struct arrival_times times;
 *     if (arrival_times_init(&times, &options->arrivals, seed, &why) != STATUS_OK) ...
 *     double at_s = arrival_times_next(&times);     // never falls
 */
#ifndef ASSAY_ARRIVAL_TIMES_H
#define ASSAY_ARRIVAL_TIMES_H

#include "load_plan.h"
#include "rng.h"

struct arrival_times {
    struct rng random;
    enum arrivals_kind kind;
    double rate_per_s, ramp_s;
    double shape;     /* gamma: 1 / cv^2; its gaps have mean 1 */
    double unit_time; /* of the process of rate 1 */
    uint64_t drawn;
};

/* STATUS_USAGE: rate, cv or ramp make no process, with what to change. */
enum status arrival_times_init(struct arrival_times *times, const struct arrivals *arrivals, uint64_t seed,
    struct error *e) ASSAY_MUST_CHECK;

/* Seconds after the start. */
double arrival_times_next(struct arrival_times *times);

/* How many arrive before `seconds`, in the mean. */
double arrival_times_expected(const struct arrival_times *times, double seconds);

#endif
