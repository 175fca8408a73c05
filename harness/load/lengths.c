#include "lengths.h"

#include "draw.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>

bool length_is_absent(const struct length *l)
{
    return l->kind == LENGTH_FIXED && l->mean == 0 && l->stddev == 0; /* NaN is not: it is refused */
}

static enum status refuse_number(
    const struct length_limits *limits, const char *what, double value, struct error *e)
{
    char shown[64] = "NaN or infinity";
    if (isfinite(value))
        text_format_number(shown, sizeof shown, value);
    return error_set(e, STATUS_USAGE, "%s: the %s is %s; give one between %" PRId64 " and %" PRId64,
        limits->name, what, shown, limits->least, limits->most);
}

static bool is_between(double value, const struct length_limits *limits)
{
    return value >= (double)limits->least && value <= (double)limits->most;
}

static enum status set_limits(
    struct length_source *source, const struct length *l, const struct length_limits *limits, struct error *e)
{
    bool cut = l->high > 0 || l->kind == LENGTH_UNIFORM;
    source->low = cut ? l->low : limits->least;
    source->high = cut ? l->high : limits->most;
    if (source->low > source->high)
        return error_set(e, STATUS_USAGE,
            "%s: the lowest, %" PRId64 ", is above the highest, %" PRId64 "; exchange them", limits->name,
            source->low, source->high);
    if (source->low < limits->least && l->kind == LENGTH_UNIFORM)
        return refuse_number(limits, "lowest", (double)source->low, e);
    if (source->low < limits->least)
        source->low = limits->least;
    if (source->high > limits->most || source->high < limits->least)
        return refuse_number(limits, "highest", (double)source->high, e);
    return STATUS_OK;
}

static enum status check_list(const struct length *l, const struct length_limits *limits, struct error *e)
{
    if (!l->list || l->list_count == 0)
        return error_set(e, STATUS_USAGE, "%s: the list of lengths is empty", limits->name);
    for (size_t i = 0; i < l->list_count; i++)
        if (l->list[i] < limits->least || l->list[i] > limits->most)
            return error_set(e, STATUS_USAGE,
                "%s: number %zu of the list is %" PRId64 "; give one between %" PRId64 " and %" PRId64,
                limits->name, i + 1, l->list[i], limits->least, limits->most);
    return STATUS_OK;
}

static enum status check_mean(const struct length *l, const struct length_limits *limits, struct error *e)
{
    if (!is_between(l->mean, limits))
        return refuse_number(limits, "mean", l->mean, e);
    if (l->kind == LENGTH_LOGNORMAL && !(l->mean > 0))
        return error_set(e, STATUS_USAGE, "%s: a lognormal length needs a mean above 0", limits->name);
    if (l->kind != LENGTH_FIXED && !(l->stddev >= 0 && l->stddev <= (double)limits->most))
        return error_set(e, STATUS_USAGE, "%s: the standard deviation must be between 0 and %" PRId64,
            limits->name, limits->most);
    return STATUS_OK;
}

/* The logarithm's parameters from the mean and the standard deviation of the lengths: var/mean^2 = exp s^2 - 1. */
static void set_lognormal(struct length_source *source, const struct length *l)
{
    double ratio = l->stddev / l->mean, variance = draw_log(1 + ratio * ratio);
    source->location = draw_log(l->mean) - variance / 2;
    source->scale = sqrt(variance);
}

enum status length_source_init(struct length_source *source, const struct length *l,
    const struct length_limits *limits, uint64_t seed, struct error *e)
{
    *source = (struct length_source){.kind = l->kind, .list = l->list, .list_count = l->list_count};
    rng_seed_text(&source->random, seed, limits->name);
    if (length_is_absent(l))
        return STATUS_OK;
    enum status s = set_limits(source, l, limits, e);
    if (s != STATUS_OK || l->kind == LENGTH_UNIFORM)
        return s;
    if (l->kind == LENGTH_LIST)
        return check_list(l, limits, e);
    s = check_mean(l, limits, e);
    if (s != STATUS_OK)
        return s;
    source->location = l->mean;
    source->scale = l->kind == LENGTH_FIXED ? 0 : l->stddev;
    if (l->kind == LENGTH_LOGNORMAL)
        set_lognormal(source, l);
    return STATUS_OK;
}

static uint32_t cut(const struct length_source *source, double value)
{
    if (!(value > (double)source->low))
        return (uint32_t)source->low;
    if (value >= (double)source->high)
        return (uint32_t)source->high;
    return (uint32_t)(value + 0.5);
}

static uint32_t cut_whole(const struct length_source *source, int64_t value)
{
    return (uint32_t)(value < source->low ? source->low : value > source->high ? source->high : value);
}

uint32_t length_source_next(struct length_source *source)
{
    switch (source->kind) {
    case LENGTH_UNIFORM:
        return (uint32_t)(source->low +
                          (int64_t)rng_below(&source->random, (uint64_t)(source->high - source->low) + 1));
    case LENGTH_NORMAL:
        return cut(source, source->location + source->scale * draw_normal(&source->random));
    case LENGTH_LOGNORMAL:
        return cut(source, draw_exp(source->location + source->scale * draw_normal(&source->random)));
    case LENGTH_LIST:
        return cut_whole(source, source->list[rng_below(&source->random, source->list_count)]);
    case LENGTH_FIXED:
        break;
    }
    return cut(source, source->location);
}
