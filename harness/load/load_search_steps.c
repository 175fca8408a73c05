#include "load_search_steps.h"

#include <math.h>

enum { CANNOT_SAY_MAX = 3, INVALID_MAX = 2 };

enum standing { BREAKS = -1, TIED = 0, HOLDS = 1 };

/* One run that the client could not make is run again: something else may have disturbed it. */
bool search_is_beyond_client(const struct load_point *p)
{
    return p->invalid >= INVALID_MAX && p->invalid > p->held + p->broke;
}

/* As the runs until now have it. What could not be judged did not break, at least: the search goes on upwards,
 * where there are more requests, and comes back for it if it turns out to be an end. */
static enum standing standing(const struct load_search *s, const struct load_point *p)
{
    if (search_is_beyond_client(p))
        return BREAKS;
    if (p->runs == 0 && p->cannot_say > 0)
        return HOLDS;
    if (s->o.all)
        return p->broke > 0 ? BREAKS : p->held > 0 ? HOLDS : TIED;
    return p->held > p->broke ? HOLDS : p->held < p->broke ? BREAKS : TIED;
}

/*
 * So many runs more on one side than on the other as make a majority of `repeats`: an end of the interval is
 * often a load whose only run was a wrong one, and two of three would let too many of them stand.
 */
static bool is_sure(const struct load_search *s, const struct load_point *p)
{
    if (search_is_beyond_client(p))
        return true;
    if (s->o.all)
        return p->broke > 0 || p->held >= s->o.repeats;
    int lead = p->held > p->broke ? p->held - p->broke : p->broke - p->held;
    return lead >= s->o.repeats / 2 + 1;
}

static double as_load(const struct load_search *s, double load)
{
    load = s->o.whole ? round(load) : load;
    return fmin(fmax(load, s->o.lowest), s->o.highest);
}

static bool is_last(struct load_search *s, enum search_end end)
{
    s->end = end;
    return true;
}

/* A sweep: has it come to its end with the last point, whose runs are all done? */
static bool sweep_is_over(struct load_search *s)
{
    const struct load_point *last = &s->points[s->count - 1], *before = last - 1;
    if (search_is_beyond_client(last))
        return is_last(s, SEARCH_CLIENT_LIMIT);
    if (standing(s, last) == BREAKS)
        return is_last(s, SEARCH_FOUND);
    if (s->count > 1 && last->throughput < before->throughput * (1 + s->o.gain_min))
        return is_last(s, SEARCH_FOUND);
    return last->load >= s->o.highest && is_last(s, SEARCH_ALL_HELD);
}

double search_sweep_on(struct load_search *s)
{
    if (s->count == 0)
        return s->o.first;
    const struct load_point *last = &s->points[s->count - 1];
    if (!search_is_beyond_client(last) && last->runs < s->o.repeats)
        return last->load;
    if (sweep_is_over(s))
        return 0;
    double next = as_load(s, last->load * s->o.factor);
    return s->o.whole && next <= last->load ? last->load + 1 : next;
}

struct search_interval search_interval(const struct load_search *s)
{
    struct search_interval i = {-1, -1};
    for (int at = 0; at < (int)s->count && i.high < 0; at++) {
        enum standing stands = standing(s, &s->points[at]);
        if (stands == BREAKS)
            i.high = at;
        else if (stands == HOLDS)
            i.low = at;
    }
    return i;
}

int search_first_broken(const struct load_search *s, int from)
{
    for (int at = from; at < (int)s->count; at++)
        if (!search_is_beyond_client(&s->points[at]) && standing(s, &s->points[at]) == BREAKS)
            return at;
    return -1;
}

/* A load that is to be run again before anything else, or -1: a tie, or a load that held above one that broke. */
static int find_doubtful(struct load_search *s, struct search_interval i)
{
    int above = -1;
    for (int at = 0; at < (int)s->count; at++) {
        const struct load_point *p = &s->points[at];
        if (standing(s, p) == TIED)
            return at;
        if (standing(s, p) == HOLDS && i.high >= 0 && at > i.high)
            above = at;
    }
    s->not_monotone = false;
    if (above < 0)
        return -1;
    if (!is_sure(s, &s->points[i.high]))
        return i.high;
    if (!is_sure(s, &s->points[above]))
        return above;
    s->not_monotone = true;
    return -1;
}

static bool is_narrow(const struct load_search *s, double low, double high)
{
    return high / low <= 1 + s->o.width || (s->o.whole && high - low <= 1);
}

/* Between two loads, on a logarithmic scale. */
static double halve(const struct load_search *s, double low, double high)
{
    double middle = sqrt(low * high);
    if (!s->o.whole)
        return middle;
    return fmin(fmax(round(middle), low + 1), high - 1);
}

/* The end of the interval again, until it is sure; 0, and the search is over: it cannot be judged. */
static double again(struct load_search *s, const struct load_point *end)
{
    if (end->runs == 0 && end->cannot_say >= CANNOT_SAY_MAX)
        is_last(s, SEARCH_UNDECIDED);
    return end->load;
}

/* Both ends are known: halve between them, then make sure of them. */
static double narrow(struct load_search *s, const struct load_point *low, const struct load_point *high)
{
    if (!is_narrow(s, low->load, high->load))
        return halve(s, low->load, high->load);
    if (!is_sure(s, low))
        return again(s, low);
    if (!is_sure(s, high))
        return again(s, high);
    is_last(s, search_is_beyond_client(high) ? SEARCH_CLIENT_LIMIT : SEARCH_FOUND);
    return 0;
}

/* One end is not known: go on towards it. */
static double widen(struct load_search *s, const struct load_point *low, const struct load_point *high)
{
    const struct load_point *end = low ? low : high;
    double bound = low ? s->o.highest : s->o.lowest;
    if (end->load == bound) {
        if (!is_sure(s, end))
            return again(s, end);
        is_last(s, low                             ? SEARCH_ALL_HELD
                   : search_is_beyond_client(high) ? SEARCH_CLIENT_LIMIT
                                                   : SEARCH_NONE_HELD);
        return 0;
    }
    double next = as_load(s, low ? end->load * s->o.factor : end->load / s->o.factor);
    if (s->o.whole && next == end->load)
        next += low ? 1 : -1;
    return next;
}

/* All other loads are judged by the first of a knee: an error of 0.1 % there moves the knee by 1 %. */
static bool knee_needs_its_base(const struct load_search *s)
{
    int runs = s->points[0].runs;
    return s->o.kind == SEARCH_KNEE && runs > 0 && runs < 2 * s->o.repeats - 1;
}

double search_close_in(struct load_search *s)
{
    if (s->count == 0)
        return s->o.first;
    if (knee_needs_its_base(s))
        return s->points[0].load;
    struct search_interval i = search_interval(s);
    int doubtful = find_doubtful(s, i);
    if (doubtful >= 0)
        return again(s, &s->points[doubtful]);
    const struct load_point *low = i.low >= 0 ? &s->points[i.low] : NULL;
    const struct load_point *high = i.high >= 0 ? &s->points[i.high] : NULL;
    return low && high ? narrow(s, low, high) : widen(s, low, high);
}
