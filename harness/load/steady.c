#include "steady.h"

#include "clock.h"
#include "text.h"

#include <math.h>

enum { PARTS = 20 };
static const double full_share_wanted = 0.95;
static const double chance_allowed = 0.01, rise_allowed = 0.2;
static const int64_t shortest_ns = 10 * NS_PER_S;

const char *steady_state_name(enum steady_state state)
{
    static const char *const names[] = {[STEADY_YES] = "steady",
        [STEADY_SATURATED] = "saturated",
        [STEADY_DRIFTING] = "drifting",
        [STEADY_UNKNOWN] = "unknown"};
    return names[state];
}

int64_t steady_begin_ns(const struct load_sample *s, bool open)
{
    if (open)
        return s->t_intended_ns;
    return s->t_sent_ns > 0 ? s->t_sent_ns : s->t_dequeued_ns;
}

bool steady_holds(const struct steady *steady, const struct load_sample *s, bool open)
{
    int64_t t_ns = steady_begin_ns(s, open);
    return t_ns >= steady->from_ns && t_ns < steady->to_ns && !(s->flags & LOAD_WARMUP);
}

static size_t full(const struct steady_limits *limits)
{
    return (size_t)ceil(full_share_wanted * limits->streams - 1e-9);
}

/* The first and the last moment with enough in flight; false: there is none. */
static bool find_full(
    const struct in_flight *f, const struct steady_limits *limits, int64_t *from_ns, int64_t *to_ns)
{
    bool found = false;
    struct in_flight_stretch stretch;
    struct in_flight_walk walk = in_flight_from(f, limits->not_before_ns, limits->not_after_ns);
    while (in_flight_next(&walk, &stretch)) {
        if (stretch.requests < full(limits) || stretch.to_ns <= stretch.from_ns)
            continue;
        if (!found)
            *from_ns = stretch.from_ns;
        *to_ns = stretch.to_ns;
        found = true;
    }
    return found;
}

static void place_window(const struct in_flight *f, const struct steady_limits *limits, struct steady *out)
{
    out->from_ns = limits->not_before_ns;
    out->to_ns = limits->not_after_ns;
    if (!limits->open)
        out->never_full = !find_full(f, limits, &out->from_ns, &out->to_ns);
}

static void measure_window(const struct in_flight *f, const struct steady_limits *limits, struct steady *out)
{
    double area = 0, full_time = 0, whole = (double)(out->to_ns - out->from_ns);
    struct in_flight_stretch stretch;
    struct in_flight_walk walk = in_flight_from(f, out->from_ns, out->to_ns);
    while (in_flight_next(&walk, &stretch)) {
        double length = (double)(stretch.to_ns - stretch.from_ns);
        area += length * (double)stretch.requests;
        if (stretch.requests >= full(limits))
            full_time += length;
        if (stretch.requests > out->in_flight_max && length > 0)
            out->in_flight_max = stretch.requests;
    }
    out->in_flight_mean = area / whole;
    out->full_share = limits->open ? 0 : full_time / whole;
}

/* What each of the equal parts of the window had. */
struct parts {
    double ttft_s[PARTS];
    size_t first_tokens[PARTS];
    double latency_s; /* sum over all that were answered */
    size_t answered;
};

static void count_sample(
    const struct load_sample *s, bool open, const struct steady *steady, struct parts *parts)
{
    int64_t ttft_ns, latency_ns, t_ns = steady_begin_ns(s, open);
    size_t part =
        (size_t)((double)(t_ns - steady->from_ns) / (double)(steady->to_ns - steady->from_ns) * PARTS);
    if (part < PARTS && load_sample_ttft_ns(s, &ttft_ns)) {
        parts->ttft_s[part] += (double)ttft_ns / NS_PER_S;
        parts->first_tokens[part]++;
    }
    if (load_sample_latency_ns(s, &latency_ns)) {
        parts->latency_s += (double)latency_ns / NS_PER_S;
        parts->answered++;
    }
}

static void read_samples(const struct load_source *source, bool open, struct steady *out, struct parts *parts)
{
    load_source_rewind(source);
    for (const struct load_sample *s; (s = load_source_next(source)) != NULL;) {
        int64_t t_ns = steady_begin_ns(s, open);
        if (steady_holds(out, s, open)) {
            out->in++;
            count_sample(s, open, out, parts);
        } else if (t_ns < out->from_ns || (s->flags & LOAD_WARMUP)) {
            out->before++;
        } else {
            out->after++;
        }
    }
}

static void fit_trends(const struct in_flight *f, const struct parts *parts, struct steady *out)
{
    double at_s[PARTS], in_flight[PARTS], ttft_at_s[PARTS], ttft_s[PARTS];
    size_t with_ttft = 0;
    double part_ns = (double)(out->to_ns - out->from_ns) / PARTS;
    for (int i = 0; i < PARTS; i++) {
        int64_t from_ns = out->from_ns + (int64_t)(part_ns * i);
        at_s[i] = part_ns * (i + 0.5) / NS_PER_S;
        in_flight[i] = in_flight_mean(f, from_ns, out->from_ns + (int64_t)(part_ns * (i + 1)));
        if (parts->first_tokens[i] > 0) {
            ttft_at_s[with_ttft] = at_s[i];
            ttft_s[with_ttft++] = parts->ttft_s[i] / (double)parts->first_tokens[i];
        }
    }
    trend_fit(at_s, in_flight, PARTS, &out->in_flight);
    trend_fit(ttft_at_s, ttft_s, with_ttft, &out->ttft);
}

static bool has_trend(const struct trend *t)
{
    return t->chance < chance_allowed && fabs(t->rise) > rise_allowed * fabs(t->mean);
}

/*
 * More came than went: by a twentieth of what came, and by more than chance makes of equal rates. A queue that
 * grows is a sum of chances, whose neighbours depend on each other so much that its trend alone proves little.
 */
static bool falls_behind(const struct steady *s)
{
    double came = (double)s->in, grown = s->in_flight.rise;
    return grown > 0.05 * came && grown > 2.5 * sqrt(came);
}

static enum steady_state judge(const struct steady *s, bool open)
{
    if (s->in < PARTS)
        return STEADY_UNKNOWN;
    bool piles_up = has_trend(&s->in_flight) && s->in_flight.slope > 0;
    bool slows = (has_trend(&s->ttft) && s->ttft.slope > 0) || s->ttft.n == 0;
    if (open && (falls_behind(s) || (piles_up && slows)))
        return STEADY_SATURATED;
    if (has_trend(&s->in_flight) || has_trend(&s->ttft))
        return STEADY_DRIFTING;
    return STEADY_YES;
}

static int64_t least_length(const struct steady_limits *limits, const struct parts *parts)
{
    int64_t least = shortest_ns, tenth = (limits->t_end_ns - limits->t_start_ns) / 10;
    if (tenth > least)
        least = tenth;
    double mean_s = parts->answered > 0 ? parts->latency_s / (double)parts->answered : 0;
    int64_t twice = clock_ns_of_seconds(2 * mean_s);
    return twice > least ? twice : least;
}

enum status steady_find(
    const struct load_source *source, const struct steady_limits *limits, struct steady *out, struct error *e)
{
    struct in_flight f;
    struct parts parts = {0};
    *out = (struct steady){.state = STEADY_UNKNOWN};
    if (limits->not_after_ns <= limits->not_before_ns)
        return error_set(
            e, STATUS_INVALID, "nothing was started after the warm-up: a longer test, or a shorter warm-up");
    enum status s = in_flight_init(&f, source, e);
    if (s != STATUS_OK)
        return s;
    place_window(&f, limits, out);
    measure_window(&f, limits, out);
    read_samples(source, limits->open, out, &parts);
    fit_trends(&f, &parts, out);
    out->least_ns = least_length(limits, &parts);
    out->too_short = out->to_ns - out->from_ns < out->least_ns;
    out->state = judge(out, limits->open);
    in_flight_fini(&f);
    return STATUS_OK;
}

static const char *seconds(char text[32], double value)
{
    text_format_significant(text, 32, value, 3);
    return text;
}

static void describe_window(const struct steady *s, const struct steady_limits *limits, struct buf *out)
{
    char a[32], b[32], c[32], d[32];
    double from_s = (double)(s->from_ns - limits->t_start_ns) / NS_PER_S;
    double to_s = (double)(s->to_ns - limits->t_start_ns) / NS_PER_S;
    text_format_decimal(a, sizeof a, from_s, 1);
    text_format_decimal(b, sizeof b, to_s, 1);
    text_format_decimal(c, sizeof c, to_s - from_s, 1);
    buf_printf(out, "From %s s to %s s (%s s), %s requests in flight in the mean", a, b, c,
        seconds(d, s->in_flight_mean));
    if (!limits->open)
        buf_printf(out, ", at least %zu of %d for %s %% of the time", full(limits), limits->streams,
            seconds(a, s->full_share * 100));
    buf_printf(out, ": %zu requests; left out %zu that began before it and %zu after it.\n", s->in, s->before,
        s->after);
}

static void describe_trend(
    const char *what, const char *unit, const struct trend *t, bool shown, struct buf *out)
{
    char mean[32], rise[32];
    if (has_trend(t) || shown)
        buf_printf(out, "%s %s by %s%s within the window, around a mean of %s%s.\n", what,
            t->rise > 0 ? "rose" : "fell", seconds(rise, fabs(t->rise)), unit, seconds(mean, t->mean), unit);
}

static void describe_faults(const struct steady *s, const struct steady_limits *limits, struct buf *out)
{
    char a[32], b[32];
    if (s->never_full)
        buf_printf(out,
            "There were never %zu of the %d streams in flight (most %zu): look for errors, for pauses "
            "between "
            "turns, or for too little memory or too few descriptors in the client.\n",
            full(limits), limits->streams, s->in_flight_max);
    if (s->too_short)
        buf_printf(out, "The window of %s s is shorter than the %s s that it should have: run it longer.\n",
            seconds(a, (double)(s->to_ns - s->from_ns) / NS_PER_S),
            seconds(b, (double)s->least_ns / NS_PER_S));
    if (s->state == STEADY_SATURATED)
        buf_append_text(out, "Requests piled up: more was asked than the server can do, and the latencies "
                             "grow with the length of the test. Lower the rate.\n");
    if (s->state == STEADY_UNKNOWN)
        buf_append_text(out, "There are too few requests to say whether the window is steady.\n");
    describe_trend("Requests in flight", "", &s->in_flight, s->state == STEADY_SATURATED, out);
    describe_trend("Time to first token", " s", &s->ttft, false, out);
}

enum status steady_describe(const struct steady *steady, const struct steady_limits *limits, struct buf *out)
{
    describe_window(steady, limits, out);
    describe_faults(steady, limits, out);
    return buf_status(out);
}
