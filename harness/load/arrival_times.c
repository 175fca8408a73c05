#include "arrival_times.h"

#include "draw.h"

#include <math.h>

/* Outside of these a gap is a year, below a nanosecond, or a burst of which nothing is left at doubles' grain. */
static const double rate_min = 1e-6, rate_max = 1e9, cv_min = 0.01, cv_max = 30;

enum status arrival_times_init(
    struct arrival_times *times, const struct arrivals *a, uint64_t seed, struct error *e)
{
    if (!(a->rate_per_s >= rate_min && a->rate_per_s <= rate_max))
        return error_set(
            e, STATUS_USAGE, "rate: give the requests per second, a number between 0.000001 and 1000000000");
    if (a->kind == ARRIVALS_GAMMA && !(a->cv >= cv_min && a->cv <= cv_max))
        return error_set(e, STATUS_USAGE,
            "arrivals: the coefficient of variation of gamma must be between 0.01 and 30 (1 is Poisson)");
    if (a->ramp_ns < 0)
        return error_set(e, STATUS_USAGE, "ramp: it cannot be negative");
    *times = (struct arrival_times){
        .kind = a->kind, .rate_per_s = a->rate_per_s, .ramp_s = (double)a->ramp_ns * 1e-9};
    if (a->kind == ARRIVALS_GAMMA)
        times->shape = 1 / (a->cv * a->cv);
    rng_seed_text(&times->random, seed, "arrivals");
    return STATUS_OK;
}

static double next_unit_time(struct arrival_times *times)
{
    if (times->kind == ARRIVALS_CONSTANT)
        return (double)times->drawn++; /* counted, so that no rounding adds up */
    if (times->kind == ARRIVALS_GAMMA)
        times->unit_time += draw_gamma(&times->random, times->shape) / times->shape;
    else
        times->unit_time += draw_exponential(&times->random);
    times->drawn++;
    return times->unit_time;
}

/* The integral of the rate is rate t^2 / (2 ramp) during the ramp and rate (t - ramp / 2) behind it. */
double arrival_times_next(struct arrival_times *times)
{
    double unit_time = next_unit_time(times), behind = unit_time / times->rate_per_s;
    if (behind < times->ramp_s / 2)
        return sqrt(2 * behind * times->ramp_s);
    return times->ramp_s / 2 + behind;
}

double arrival_times_expected(const struct arrival_times *times, double seconds)
{
    if (seconds < times->ramp_s)
        return times->rate_per_s * seconds * seconds / (2 * times->ramp_s);
    return times->rate_per_s * (seconds - times->ramp_s / 2);
}
