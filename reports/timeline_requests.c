/* The requests of a run, as how many were in flight and how many tokens a second came. */
#include "timeline_build.h"

#include "line_check.h"

#include "json.h"
#include "jsonl.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Times are in bins of so many a timeline, none shorter than a millisecond: half a pixel of a very wide screen. */
#define BINS_MAX 32768
#define BIN_LEAST_NS INT64_C(1000000)

/* Kinds of stream events that carry tokens: reasoning, answer, tool call (schemas/exchange.schema.json). */
#define CARRIES_TOKENS (2 | 4 | 8)

struct requests {
    struct timeline *t;
    int64_t origin_ns, bin_ns;
    size_t bins;
    double *partial; /* in flight in a part of the bin, as a share of it */
    double *steps;   /* how many more are in flight all through the bin than in the one before */
    double *tokens;
    size_t seen, uncounted;
    struct timeline_refusals refusals;
};

/* One exchange, in wall-clock time. */
struct flight {
    int64_t sent_ns, done_ns;
    double after_ns; /* sent so long after it was meant to be */
};

/* More than a century is no duration. */
#define LONGEST_NS INT64_C(3155760000000000000)

static bool read_flight(struct json_object *tree, struct flight *f)
{
    int64_t start_ns = 0, sent = 0, done = 0;
    if (!json_get_int(tree, "/start_unix_ns", &start_ns) || start_ns <= 0 || start_ns > TIMELINE_LATEST_NS ||
        !json_get_int(tree, "/t/sent_ns", &sent) || !json_get_int(tree, "/t/done_ns", &done) || sent < 0 ||
        done < sent || done - sent > LONGEST_NS)
        return false;
    *f = (struct flight){.sent_ns = start_ns, .done_ns = start_ns + (done - sent), .after_ns = (double)sent};
    return true;
}

static double bin_of(const struct requests *r, int64_t t_ns, double later_ns)
{
    double at = ((double)(t_ns - r->origin_ns) + later_ns) / (double)r->bin_ns;
    return fmin(fmax(at, 0), (double)r->bins - 1e-6);
}

static void add_flight(struct requests *r, const struct flight *f)
{
    double from = bin_of(r, f->sent_ns, 0), to = bin_of(r, f->done_ns, 0);
    size_t first = (size_t)from, last = (size_t)to;
    if (first == last) {
        r->partial[first] += to - from;
        return;
    }
    r->partial[first] += (double)first + 1 - from;
    r->partial[last] += to - (double)last;
    r->steps[first + 1] += 1;
    r->steps[last] -= 1;
}

/* ---- tokens ---- */

static int64_t item_int(struct json_object *array, size_t i)
{
    return json_object_get_int64(json_object_array_get_idx(array, i));
}

static size_t count_carriers(struct json_object *kinds)
{
    size_t count = 0;
    for (size_t i = 0; kinds && i < json_object_array_length(kinds); i++)
        count += (item_int(kinds, i) & CARRIES_TOKENS) != 0;
    return count;
}

/* Where the server says how many tokens an event has, so many; else each event that carries some its share of all. */
static void add_streamed(struct requests *r, struct json_object *tree, const struct flight *f, double share)
{
    struct json_object *times = json_get_array(tree, "/events/t_ns"),
                       *kinds = json_get_array(tree, "/events/kinds");
    struct json_object *counts = json_get_array(tree, "/events/tokens");
    double later_ns = -f->after_ns;
    size_t n = times ? json_object_array_length(times) : 0;
    for (size_t i = 0; i < n; i++) {
        later_ns += (double)item_int(times, i);
        double tokens = (item_int(kinds, i) & CARRIES_TOKENS) != 0 ? share : 0;
        if (counts && item_int(counts, i) >= 0)
            tokens = (double)item_int(counts, i);
        if (tokens > 0)
            r->tokens[(size_t)bin_of(r, f->sent_ns, later_ns)] += tokens;
    }
}

/* An answer in one piece: when its tokens were made is not known, so they are spread over its time. */
static void add_whole(struct requests *r, const struct flight *f, double tokens)
{
    double from = bin_of(r, f->sent_ns, 0), to = bin_of(r, f->done_ns, 0);
    size_t first = (size_t)from, last = (size_t)to;
    double each = tokens / (double)(last - first + 1);
    for (size_t i = first; i <= last; i++)
        r->tokens[i] += each;
}

static void add_tokens(struct requests *r, struct json_object *tree, const struct flight *f)
{
    double completion = 0;
    bool counted = json_get_real(tree, "/tokens/completion", &completion);
    size_t carriers = count_carriers(json_get_array(tree, "/events/kinds"));
    if (!counted && !json_get_array(tree, "/events/tokens"))
        r->uncounted += carriers > 0;
    else if (carriers > 0)
        add_streamed(r, tree, f, completion / (double)carriers);
    else if (completion > 0)
        add_whole(r, f, completion);
}

/* ---- lines ---- */

static enum status take_line(struct requests *r, struct jsonl_line *line)
{
    struct error why;
    struct flight f;
    error_clear(&why);
    enum status s = line->status;
    if (s == STATUS_OK)
        s = line_check("exchange", line->tree, &why);
    if (s == STATUS_NO_MEMORY)
        return s;
    if (s != STATUS_OK) {
        timeline_refuse(
            &r->refusals, line->number, line->status == STATUS_OK ? error_text(&why) : line->error.text);
        return STATUS_OK;
    }
    if (!read_flight(line->tree, &f))
        return STATUS_OK; /* it was never sent */
    r->seen++;
    if (r->bins == 0) {
        timeline_widen(r->t, f.sent_ns, f.done_ns);
        return STATUS_OK;
    }
    add_flight(r, &f);
    add_tokens(r, line->tree, &f);
    return STATUS_OK;
}

static enum status read_lines(struct requests *r, const char *path, struct error *e)
{
    struct jsonl *lines = NULL;
    enum status s = jsonl_open(path, &lines, e);
    for (struct jsonl_line line; s == STATUS_OK && jsonl_next(lines, &line);)
        s = take_line(r, &line);
    enum status closed = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? closed : s;
}

/* ---- from bins to lines ---- */

static enum status make_bins(struct requests *r)
{
    int64_t span_ns = r->t->end_ns - r->t->start_ns;
    r->origin_ns = r->t->start_ns;
    r->bin_ns = span_ns / (BINS_MAX - 2) + 1;
    if (r->bin_ns < BIN_LEAST_NS)
        r->bin_ns = BIN_LEAST_NS;
    r->bins = (size_t)(span_ns / r->bin_ns) + 2;
    r->partial = calloc(r->bins + 1, sizeof *r->partial);
    r->steps = calloc(r->bins + 1, sizeof *r->steps);
    r->tokens = calloc(r->bins + 1, sizeof *r->tokens);
    return r->partial && r->steps && r->tokens ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Long enough that a stream's tokens make a line and not a comb, short enough to see a test in it. */
static double choose_window_s(const struct requests *r)
{
    static const double choices[] = {0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600};
    double bin_s = (double)r->bin_ns / 1e9;
    double wanted = fmax(fmin(bin_s * (double)r->bins / 50, 1), 2 * bin_s);
    size_t i = 0;
    while (i + 1 < sizeof choices / sizeof *choices && choices[i] < wanted)
        i++;
    return choices[i];
}

/* Both arrays become what is shown: requests in flight, and tokens a second in a window around each bin. */
static void sum_up(struct requests *r, double window_s)
{
    size_t reach = (size_t)(window_s * 1e9 / (double)r->bin_ns / 2 + 0.5);
    double flying = 0, within = 0;
    for (size_t i = 0; i < r->bins; i++) {
        flying += r->steps[i];
        r->partial[i] = fmax(flying + r->partial[i], 0);
    }
    for (size_t i = 0; i < reach && i < r->bins; i++)
        within += r->tokens[i];
    for (size_t i = 0; i < r->bins; i++) {
        within += i + reach < r->bins ? r->tokens[i + reach] : 0;
        within -= i > reach ? r->tokens[i - reach - 1] : 0;
        r->steps[i] = fmax(within, 0) / ((double)(2 * reach + 1) * (double)r->bin_ns / 1e9);
    }
}

static enum status add_rows(struct requests *r, size_t flying, size_t rate, bool counted)
{
    struct timeline_table *table = &r->t->tables[TABLE_REQUESTS];
    enum status s = STATUS_OK;
    for (size_t i = 0; i < r->bins && s == STATUS_OK; i++) {
        s = timeline_table_add_row(table, r->origin_ns + (int64_t)i * r->bin_ns);
        if (s != STATUS_OK)
            break;
        timeline_table_put(table, flying, r->partial[i]);
        if (counted)
            timeline_table_put(table, rate, r->steps[i]);
    }
    return s;
}

static const struct timeline_spec specs[] = {
    {"in_flight", ROW_REQUESTS, SERIES_GAUGE, "in flight", INK_BLUE, .filled = true, .step = 0.01},
    {"tokens_per_s", ROW_REQUESTS, SERIES_GAUGE, "tokens/s", INK_ORANGE, .right = true, .step = 0.1},
};

static enum status add_lines(struct requests *r)
{
    size_t flying = 0, rate = 0;
    char label[96], number[32];
    bool counted = false;
    r->t->rate_window_s = choose_window_s(r);
    for (size_t i = 0; i < r->bins && !counted; i++)
        counted = r->tokens[i] > 0;
    sum_up(r, r->t->rate_window_s);
    text_format_significant(number, sizeof number, r->t->rate_window_s, 3);
    snprintf(label, sizeof label, "tokens/s, over %s s", number);
    enum status s =
        timeline_add_series(r->t, &specs[0], "in_flight", specs[0].label, TABLE_REQUESTS, &flying);
    if (s == STATUS_OK && counted)
        s = timeline_add_series(r->t, &specs[1], "tokens_per_s", label, TABLE_REQUESTS, &rate);
    return s == STATUS_OK ? add_rows(r, flying, rate, counted) : s;
}

static enum status tell(const struct requests *r, const char *path)
{
    enum status s = timeline_tell_refusals(r->t, path, &r->refusals);
    if (s == STATUS_OK && r->uncounted)
        s = timeline_note(r->t,
            "of %zu requests nobody says how many tokens came: they are not part of tokens/s", r->uncounted);
    return s;
}

enum status timeline_read_requests(const char *path, struct timeline *t, struct error *e)
{
    struct requests r = {.t = t};
    enum status s = STATUS_OK;
    if (t->end_ns == 0) { /* no test has a time: the requests say how far the axis reaches */
        s = read_lines(&r, path, e);
        r = (struct requests){.t = t};
    }
    if (s == STATUS_OK && t->end_ns > 0) {
        s = make_bins(&r);
        if (s == STATUS_OK)
            s = read_lines(&r, path, e);
        if (s == STATUS_OK && r.seen)
            s = add_lines(&r);
        if (s == STATUS_OK)
            s = tell(&r, path);
    }
    free(r.partial);
    free(r.steps);
    free(r.tokens);
    return s;
}
