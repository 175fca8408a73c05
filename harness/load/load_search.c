#include "load_search.h"

#include "load_search_steps.h"
#include "stats.h"

#include <math.h>
#include <string.h>

static bool is_usable(const struct load_search_options *o)
{
    return o->lowest > 0 && isfinite(o->highest) && o->highest >= o->lowest && o->factor > 1 &&
           isfinite(o->factor) && o->width > 0 && o->repeats > 0 && o->runs_max > 0 && o->share > 0 &&
           o->share < 1 && o->first >= o->lowest && o->first <= o->highest;
}

static void fill_defaults(struct load_search_options *o)
{
    o->first = o->first > 0 ? o->first : o->lowest;
    o->factor = o->factor > 0 ? o->factor : 2;
    o->gain_min = o->gain_min > 0 ? o->gain_min : 0.05;
    o->share = o->share > 0 ? o->share : 0.9;
    o->repeats = o->repeats > 0 ? o->repeats : o->kind == SEARCH_SWEEP ? 1 : 3;
    o->width = o->width > 0 ? o->width : 0.05;
    o->runs_max = o->runs_max > 0 ? o->runs_max : 60;
    if (o->kind == SEARCH_KNEE)
        o->first = o->lowest;
    if (o->whole) {
        o->lowest = ceil(o->lowest);
        o->highest = floor(o->highest);
        o->first = round(o->first);
    }
}

enum status load_search_init(
    struct load_search *s, const struct load_search_options *options, struct error *e)
{
    memset(s, 0, sizeof *s);
    s->o = *options;
    fill_defaults(&s->o);
    if (!is_usable(&s->o))
        return error_set(e, STATUS_USAGE,
            "no search: it needs 0 < lowest <= first <= highest, a factor above 1, a share below 1");
    return STATUS_OK;
}

static struct load_point *find_point(struct load_search *s, double load)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->points[i].load == load)
            return &s->points[i];
    return NULL;
}

/* Keeps them by rising load; NULL: there are too many. */
static struct load_point *add_point(struct load_search *s, double load)
{
    size_t i = s->count;
    if (i == LOAD_POINTS_MAX)
        return NULL;
    for (; i > 0 && s->points[i - 1].load > load; i--)
        s->points[i] = s->points[i - 1];
    s->points[i] = (struct load_point){.load = load};
    s->count++;
    return &s->points[i];
}

bool load_search_next(struct load_search *s, struct load_trial *trial)
{
    if (s->end == SEARCH_GOES_ON &&
        (s->runs >= s->o.runs_max || (s->o.seconds_max > 0 && s->seconds >= s->o.seconds_max)))
        s->end = SEARCH_EXHAUSTED;
    if (s->end == SEARCH_GOES_ON)
        s->trial = s->o.kind == SEARCH_SWEEP ? search_sweep_on(s) : search_close_in(s);
    if (s->end != SEARCH_GOES_ON)
        return false;
    struct load_point *p = find_point(s, s->trial);
    if (p == NULL && (p = add_point(s, s->trial)) == NULL) {
        s->end = SEARCH_EXHAUSTED;
        return false;
    }
    *trial = (struct load_trial){
        .load = s->trial, .repeat = p->runs, .lengthen = 1 << (p->cannot_say < 2 ? p->cannot_say : 2)};
    return true;
}

static void add_measured(struct load_point *p, const struct trial_report *report)
{
    if (p->runs < LOAD_SEEN_MAX)
        p->seen[p->runs] = report->throughput;
    p->runs++;
    p->throughput = stats_median(p->seen, (size_t)(p->runs < LOAD_SEEN_MAX ? p->runs : LOAD_SEEN_MAX));
    p->latency_s += (report->latency_s - p->latency_s) / p->runs;
}

/* Of a knee: the share that it should have of what the lowest load brings, which is the first point, to what it
 * has. */
static double knee_margin(const struct load_search *s, const struct load_point *p, double throughput)
{
    const struct load_point *base = &s->points[0];
    if (p == base || throughput <= 0)
        return p == base ? s->o.share : 0;
    return s->o.share * base->throughput / base->load / (throughput / p->load);
}

static void add_margin(struct load_point *p, double margin)
{
    if (margin > 0 && isfinite(margin))
        p->log_margin += (log(margin) - p->log_margin) / ++p->margins;
}

static void set_knee_margin(struct load_point *p, double margin)
{
    if (margin > 0 && isfinite(margin)) {
        p->log_margin = log(margin);
        p->margins++;
    }
}

void load_search_report(struct load_search *s, struct trial_report report)
{
    struct load_point *p = find_point(s, s->trial);
    s->runs++;
    s->seconds += report.seconds;
    if (p == NULL)
        return;
    if (report.outcome == TRIAL_CANNOT_SAY && s->o.kind == SEARCH_HIGHEST) {
        p->cannot_say++;
    } else if (report.outcome == TRIAL_INVALID) {
        p->invalid++;
    } else {
        add_measured(p, &report);
        bool knee = s->o.kind == SEARCH_KNEE, held = report.outcome != TRIAL_BROKE;
        if (knee) {
            double margin = knee_margin(s, p, report.throughput);
            held = held && margin > 0 && margin <= 1;
            set_knee_margin(p, knee_margin(s, p, p->throughput));
        } else {
            add_margin(p, report.margin);
        }
        p->held += held;
        p->broke += !held;
    }
}
