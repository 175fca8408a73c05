#include "load_search_steps.h"
#include "text.h"

/* An end that the client could not make bounds what is known, not what the server can do. */
struct load_search_answer load_search_conclude(const struct load_search *s)
{
    struct search_interval i = search_interval(s);
    struct load_search_answer a = {.end = s->end, .runs = s->runs, .seconds = s->seconds};
    a.has_not_judged = i.high >= 0 && search_is_beyond_client(&s->points[i.high]);
    a.not_judged = a.has_not_judged ? s->points[i.high].load : 0;
    int broken = i.high >= 0 ? search_first_broken(s, i.high) : -1;
    a.has_low = i.low >= 0;
    a.has_high = broken >= 0;
    a.low = a.has_low ? s->points[i.low].load : 0;
    a.high = a.has_high ? s->points[broken].load : 0;
    a.estimate = a.has_low && a.has_high && !a.has_not_judged ? search_estimate(s, a.low, a.high) : 0;
    return a;
}

/* What holds: the objectives, or the share of a knee. */
static void describe_interval(
    const struct load_search *s, const struct load_search_answer *a, const char *unit, struct buf *out)
{
    char low[32], high[32], best[32], share[32];
    const char *what = s->o.kind == SEARCH_KNEE ? "The knee" : "The highest load that holds";
    text_format_significant(low, sizeof low, a->low, 4);
    text_format_significant(high, sizeof high, a->high, 4);
    if (a->has_low && a->has_high) {
        text_format_significant(share, sizeof share, (a->high / a->low - 1) * 100, 2);
        text_format_significant(best, sizeof best, a->estimate, 4);
        buf_printf(out, "%s is %s%sbetween %s and %s %s (%s %%)", what, a->estimate > 0 ? best : "",
            a->estimate > 0 ? ", " : "", low, high, unit, share);
    } else if (a->has_low) {
        buf_printf(out, "%s is at least %s %s", what, low, unit);
    } else if (a->has_high) {
        buf_printf(out, "%s is below %s %s", what, high, unit);
    } else {
        buf_printf(out, "%s is not known", what);
    }
}

static void describe_not_judged(const struct load_search_answer *a, const char *unit, struct buf *out)
{
    char load[32];
    text_format_significant(load, sizeof load, a->not_judged, 4);
    buf_printf(out,
        "; whether %s %s hold is not known, because this client cannot make the load: more threads, or "
        "another "
        "machine",
        load, unit);
}

static void describe_sweep(const struct load_search *s, const char *unit, struct buf *out)
{
    char load[32] = "nothing";
    if (s->count > 0)
        text_format_significant(load, sizeof load, s->points[s->count - 1].load, 4);
    buf_printf(out, "The sweep went up to %s %s", load, unit);
}

enum status load_search_describe(const struct load_search *s, const char *unit, struct buf *out)
{
    static const char *const why[] = {[SEARCH_GOES_ON] = "it is not over",
        [SEARCH_ALL_HELD] = "the highest load allowed still held: allow more",
        [SEARCH_NONE_HELD] = "the lowest load allowed broke: allow less, or promise less",
        [SEARCH_UNDECIDED] = "of a load too few requests ended to judge it: make its runs longer",
        [SEARCH_EXHAUSTED] = "no more runs or no more time was allowed"};
    char seconds[32];
    struct load_search_answer a = load_search_conclude(s);
    if (s->o.kind == SEARCH_SWEEP)
        describe_sweep(s, unit, out);
    else
        describe_interval(s, &a, unit, out);
    text_format_significant(seconds, sizeof seconds, a.seconds, 4);
    buf_printf(out, ", after %d runs in %s s", a.runs, seconds);
    if (a.end != SEARCH_FOUND && a.end != SEARCH_CLIENT_LIMIT)
        buf_printf(out, "; %s", why[a.end]);
    if (a.has_not_judged)
        describe_not_judged(&a, unit, out);
    if (s->not_monotone)
        buf_printf(out, "; a higher load held although a lower one %s: something else disturbs %s",
            a.has_not_judged ? "could not be made" : "broke", a.has_not_judged ? "the client" : "the server");
    buf_append_text(out, ".\n");
    return buf_status(out);
}
