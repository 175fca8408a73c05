#include "load_json.h"

#include "clock.h"
#include "json.h"
#include "knee.h"
#include "program_json.h"
#include "target.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static bool set_summary(struct json_object *o, const struct summary *s)
{
    const struct {
        const char *name;
        double value;
        bool is;
    } members[] = {{"mean", s->mean, true}, {"stddev", s->stddev, true}, {"min", s->min, true},
        {"max", s->max, true}, {"p25", s->p25, true}, {"p50", s->p50, true}, {"p75", s->p75, true},
        {"p90", s->p90, s->has_p90}, {"p95", s->p95, s->has_p95}, {"p99", s->p99, s->has_p99},
        {"p999", s->p999, s->has_p999}};
    bool ok = json_set_int(o, "n", (int64_t)s->n);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        ok = ok && (!members[i].is || json_set_real(o, members[i].name, members[i].value));
    return ok;
}

static struct json_object *values_to_json(struct load_result *r)
{
    struct json_object *values = json_object_new_object();
    for (int i = 0; i < LOAD_VALUES; i++) {
        struct summary s;
        if (distribution_summarise(&r->values[i], &s) != STATUS_OK)
            continue;
        struct json_object *one = json_object_new_object();
        set_summary(one, &s);
        json_set(values, load_value_name((enum load_value)i, r->gaps_are_tokens), one);
    }
    return values;
}

static struct json_object *rates_to_json(const struct load_rates *r)
{
    static const char *const places[] = {
        [TOKENS_BY_EVENT] = "by_event", [TOKENS_SPREAD] = "spread", [TOKENS_AT_END] = "at_end"};
    struct json_object *o = json_object_new_object(), *tokens = json_object_new_object();
    json_set_real(o, "window_s", r->window_s);
    json_set_real(o, "begun_per_s", r->begun_per_s);
    json_set_real(o, "requests_per_s", r->requests_per_s);
    json_set_real(o, "failures_per_s", r->failures_per_s);
    json_set_real(o, "output_tokens_per_s", r->output_tokens_per_s);
    json_set_real(o, "failed_tokens_per_s", r->failed_tokens_per_s);
    for (int i = 0; i < TOKEN_PLACES; i++)
        json_set_real(tokens, places[i], r->by_place[i]);
    json_set(o, "tokens_by", tokens);
    return o;
}

static struct json_object *counts_to_json(const struct load_test *t)
{
    const struct load_counts *c = &t->result.counts;
    struct json_object *o = json_object_new_object(), *errors = json_object_new_object();
    json_set_int(o, "begun", (int64_t)c->begun);
    json_set_int(o, "ok", (int64_t)c->ok);
    json_set_int(o, "failed", (int64_t)c->failed);
    json_set_int(o, "cut_off", (int64_t)c->cut_off);
    json_set_int(o, "connections_reused", (int64_t)c->reused);
    json_set_int(o, "connections_new", (int64_t)c->connected);
    json_set_int(o, "http_2", (int64_t)c->http_2);
    json_set_int(o, "tokens_not_counted", (int64_t)c->tokens_not_counted);
    for (int i = 1; i < EXCHANGE_ERROR_COUNT; i++)
        if (c->by_error[i] && i != EXCHANGE_CANCELLED)
            json_set_int(errors, exchange_error_name((enum exchange_error)i), (int64_t)c->by_error[i]);
    json_set(o, "errors", errors);
    return o;
}

static struct json_object *first_errors_to_json(const struct load_outcome *outcome)
{
    struct json_object *o = json_object_new_object();
    for (int i = 1; i < EXCHANGE_ERROR_COUNT; i++)
        if (*outcome->first_errors[i])
            json_set_text(o, exchange_error_name((enum exchange_error)i), outcome->first_errors[i]);
    return o;
}

static double seconds_in(const struct load_test *t, int64_t t_ns)
{
    return (double)(t_ns - t->outcome.t_start_ns) / 1e9;
}

static struct json_object *steady_to_json(const struct load_test *t)
{
    const struct steady *s = &t->steady;
    struct json_object *o = json_object_new_object();
    struct buf text = BUF_INIT(64 << 10);
    json_set_real(o, "from_s", seconds_in(t, s->from_ns));
    json_set_real(o, "to_s", seconds_in(t, s->to_ns));
    json_set_text(o, "state", steady_state_name(s->state));
    json_set_bool(o, "too_short", s->too_short);
    json_set_bool(o, "never_full", s->never_full);
    json_set_real(o, "in_flight_mean", s->in_flight_mean);
    json_set_int(o, "in_flight_max", (int64_t)s->in_flight_max);
    json_set_int(o, "requests_before", (int64_t)s->before);
    json_set_int(o, "requests_in", (int64_t)s->in);
    json_set_int(o, "requests_after", (int64_t)s->after);
    if (steady_describe(s, &t->limits, &text) == STATUS_OK)
        json_set_text(o, "words", buf_text(&text));
    buf_fini(&text);
    return o;
}

static struct json_object *stall_to_json(const struct load_test *t)
{
    struct json_object *o = json_object_new_object();
    json_set_real(o, "from_s", seconds_in(t, t->stall.from_ns));
    json_set_real(o, "to_s", seconds_in(t, t->stall.to_ns));
    json_set_int(o, "answers", (int64_t)t->stall.answers);
    return o;
}

static struct json_object *objectives_to_json(const struct slo_set *set, struct load_result *r)
{
    struct json_object *list = json_object_new_array();
    struct slo_figures figures = load_result_figures(r);
    for (size_t i = 0; i < set->count; i++) {
        struct slo_finding f = slo_judge(&set->items[i], &figures);
        struct json_object *o = json_object_new_object();
        json_set_text(o, "objective", set->items[i].word);
        json_set_text(o, "verdict", slo_verdict_name(f.verdict));
        if (f.has_measured)
            json_set_real(o, "measured", f.measured);
        json_set_int(o, "n", (int64_t)f.n);
        json_set_int(o, "needed", (int64_t)f.needed);
        json_add(list, o);
    }
    return list;
}

static struct json_object *goodput_to_json(const struct load_goodput *g)
{
    struct json_object *o = json_object_new_object();
    json_set_int(o, "good", (int64_t)g->good);
    json_set_int(o, "unknown", (int64_t)g->unknown);
    json_set_int(o, "of", (int64_t)g->of);
    json_set_real(o, "per_s", g->per_s);
    json_set_real(o, "fraction", g->fraction);
    return o;
}

static struct json_object *bins_to_json(const struct load_bins *b)
{
    struct json_object *o = json_object_new_object(), *list = json_object_new_array();
    double width_s = (double)b->width_ns / 1e9;
    json_set_real(o, "width_s", width_s);
    for (size_t i = 0; i < b->count; i++) {
        const struct load_bin *bin = &b->bins[i];
        struct json_object *one = json_object_new_object();
        json_set_int(one, "started", (int64_t)bin->started);
        json_set_int(one, "ok", (int64_t)bin->ok);
        json_set_int(one, "failed", (int64_t)bin->failed);
        json_set_real(one, "tokens_per_s", bin->tokens / width_s);
        json_set_real(one, "in_flight", bin->in_flight);
        if (bin->ttfts)
            json_set_real(one, "ttft_s", bin->ttft_s / (double)bin->ttfts);
        json_add(list, one);
    }
    json_set(o, "bins", list);
    return o;
}

/* ---- the client itself ---- */

static bool set_lag(struct json_object *o, const char *name, const struct hist *h)
{
    if (!h || !h->total)
        return true;
    struct json_object *lag = json_object_new_object();
    return json_set_int(lag, "n", (int64_t)h->total) &&
           json_set_real(lag, "p50", hist_quantile(h, 0.5) / 1e9) &&
           json_set_real(lag, "p99", hist_quantile(h, 0.99) / 1e9) &&
           json_set_real(lag, "max", (double)h->max_ns / 1e9) && json_set(o, name, lag);
}

static void set_verdict(struct json_object *o, const struct load_verdict *verdict)
{
    struct json_object *list = json_object_new_array();
    json_set_text(o, "verdict", load_fitness_name(verdict->fitness));
    for (size_t i = 0; i < verdict->count; i++) {
        const struct load_reason *r = &verdict->reasons[i];
        struct json_object *one = json_object_new_object();
        json_set_text(one, "fitness", load_fitness_name(r->fitness));
        json_set_text(one, "name", r->name);
        json_set_real(one, "measured", r->measured);
        json_set_real(one, "bound", r->bound);
        json_set_text(one, "text", r->text);
        json_add(list, one);
    }
    json_set(o, "reasons", list);
}

static struct json_object *client_to_json(const struct load_test *t)
{
    struct json_object *o = json_object_new_object();
    struct rusage use;
    double cpu_s = 0;
    uint64_t without_times = 0;
    struct hist *lag = hist_new();
    for (int i = 0; i < t->outcome.threads; i++) {
        const struct load_thread_report *r = &t->outcome.reports[i];
        cpu_s += r->cpu_s;
        without_times += r->gaps_lost;
        if (lag && r->start_lag)
            hist_merge(lag, r->start_lag);
    }
    getrusage(RUSAGE_SELF, &use);
    json_set_int(o, "threads", t->outcome.threads);
    json_set_real(o, "cpu_s", cpu_s);
    json_set_real(o, "cpu_share", t->cpu_share);
    json_set_int(o, "peak_rss_bytes", (int64_t)use.ru_maxrss * 1024);
    json_set_int(o, "samples_lost", (int64_t)t->samples_lost);
    json_set_int(o, "samples_without_times", (int64_t)without_times);
    set_lag(o, "loop_lag_s", t->loop_lag);
    set_lag(o, "start_lag_s", lag);
    hist_free(lag);
    if (t->has_window || t->verdict.count > 0)
        set_verdict(o, &t->verdict);
    if (t->has_window)
        json_set_text(o, "calibration", t->cited.words);
    return o;
}

static struct json_object *simulator_to_json(struct load_simulator *sim)
{
    const struct simulator_lateness *late = &sim->late;
    struct json_object *o = json_object_new_object();
    if (sim->state == SIMULATOR_SILENT) {
        json_set_text(o, "unknown", error_text(&sim->why));
        return o;
    }
    json_set_int(o, "events", late->events);
    json_set_int(o, "blocked_events", late->blocked_events);
    if (late->stalled_s > 0)
        json_set_real(o, "stalled_s", late->stalled_s);
    if (late->events > 0) {
        json_set_real(o, "p50_s", late->p50_s);
        json_set_real(o, "p99_s", late->p99_s);
        json_set_real(o, "max_s", late->max_s);
    }
    return o;
}

/* ---- what was asked ---- */

static struct json_object *choices_to_json(const struct load_setup *setup, const struct load_outcome *outcome)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < setup->choice_count; i++) {
        struct json_object *o = json_object_new_object();
        const struct target_info *info = outcome ? &outcome->infos[i] : NULL;
        json_set_text(o, "name", setup->names[i]);
        json_set_text(o, "model", setup->choices[i].model);
        json_set_real(o, "share", setup->wish->shares[i]);
        if (info) {
            json_set_text(o, "protocol", info->protocol);
            json_set_text(o, "endpoint", info->endpoint);
            if (*info->server)
                json_set_text(o, "server", info->server);
            if (*info->server_version)
                json_set_text(o, "server_version", info->server_version);
        }
        json_add(list, o);
    }
    return list;
}

static bool set_word(struct json_object *o, const char *name, const char *word)
{
    return !word || json_set_text(o, name, word);
}

/* What gamma and a trace have besides a rate. Folders are nobody's business. */
static void set_process(struct json_object *asked, const struct arrivals *a)
{
    if (a->kind == ARRIVALS_GAMMA)
        json_set_real(asked, "cv", a->cv);
    if (a->kind != ARRIVALS_TRACE)
        return;
    const char *slash = strrchr(a->trace_file, '/');
    json_set_text(asked, "trace", slash && slash[1] ? slash + 1 : a->trace_file);
    json_set_real(asked, "trace_speed", a->trace_speed > 0 ? a->trace_speed : 1);
}

/* Where a trace says how long its requests were, what is drawn is for later turns, if for any. */
static bool set_length(
    struct json_object *o, const char *name, const char *drawn, bool traced, bool later_turns)
{
    struct buf words = BUF_INIT(8192);
    if (traced && later_turns)
        buf_printf(&words, "trace; of later turns %s", drawn);
    bool ok = set_word(o, name, !traced ? drawn : later_turns ? buf_text(&words) : "trace");
    buf_fini(&words);
    return ok;
}

static struct json_object *asked_to_json(const struct load_setup *setup, const struct load_test *t)
{
    const struct load_options *o = setup->options;
    const struct load_plan_options *p = &setup->wish->plan;
    struct json_object *asked = json_object_new_object();
    json_set_text(asked, "arrivals", arrivals_kind_name(p->arrivals.kind));
    if (t && p->arrivals.kind == ARRIVALS_CLOSED)
        json_set_int(asked, "streams", t->limits.streams);
    else if (t && p->arrivals.rate_per_s > 0)
        json_set_real(asked, "rate_per_s", p->arrivals.rate_per_s);
    set_process(asked, &p->arrivals);
    set_word(asked, "stages", o->stages);
    if (p->duration_ns)
        json_set_real(asked, "duration_s", (double)p->duration_ns / 1e9);
    if (p->count)
        json_set_int(asked, "count", (int64_t)p->count);
    json_set_real(asked, "warmup_s", (double)setup->wish->warmup_ns / 1e9);
    if (p->arrivals.ramp_ns)
        json_set_real(asked, "ramp_s", (double)p->arrivals.ramp_ns / 1e9);
    set_length(asked, "prompt_tokens", o->prompt, t && t->plan.traced_prompts, o->turns != NULL);
    set_length(asked, "output_tokens", o->output, t && t->plan.traced_outputs, o->turns != NULL);
    set_word(asked, "turns", o->turns);
    set_word(asked, "pause", o->pause);
    set_word(asked, "prefix_tokens", o->prefix);
    if (o->prefix)
        json_set_int(asked, "prefixes", o->prefixes);
    json_set_bool(asked, "streamed", !o->unstreamed);
    if (o->fresh_connections)
        json_set_bool(asked, "fresh_connections", true);
    set_word(asked, "http", o->transport.http);
    json_set_int(asked, "seed", o->seed);
    if (setup->scale.tokens_per_word > 0)
        json_set_real(asked, "tokens_per_word", setup->scale.tokens_per_word);
    return asked;
}

static struct json_object *begin(const char *kind)
{
    char now[CLOCK_RFC3339_SIZE];
    struct json_object *o = json_object_new_object();
    clock_format_rfc3339(clock_wall_ns(clock_system()), now);
    json_set_text(o, "schema_version", "1.0.0");
    json_set_text(o, "kind", kind);
    json_set_text(o, "ended", now);
    json_set(o, "assay", program_to_json());
    return o;
}

struct json_object *load_test_to_json(const struct load_setup *setup, struct load_test *t)
{
    struct json_object *o = begin("load_test");
    json_set(o, "targets", choices_to_json(setup, &t->outcome));
    json_set(o, "asked", asked_to_json(setup, t));
    json_set_bool(o, "simulated", t->outcome.simulated);
    json_set_bool(o, "aborted", t->outcome.aborted);
    json_set_bool(o, "stopped", t->outcome.stopped);
    json_set(o, "first_errors", first_errors_to_json(&t->outcome));
    json_set(o, "client", client_to_json(t));
    if (t->simulator.state != SIMULATOR_NONE)
        json_set(o, "simulator", simulator_to_json(&t->simulator));
    if (!t->has_window) {
        json_set_text(o, "no_figures", error_text(&t->no_window));
        return o;
    }
    json_set(o, "steady", steady_to_json(t));
    json_set(o, "requests", counts_to_json(t));
    if (t->stall.answers)
        json_set(o, "stall", stall_to_json(t));
    json_set(o, "rates", rates_to_json(&t->result.rates));
    if (t->result.asked_per_s > 0)
        json_set_real(o, "asked_per_s", t->result.asked_per_s);
    json_set(o, "whole_test", rates_to_json(&t->result.whole));
    json_set(o, "values", values_to_json(&t->result));
    if (setup->wish->slo.count) {
        json_set(o, "objectives", objectives_to_json(&setup->wish->slo, &t->result));
        json_set(o, "goodput", goodput_to_json(&t->result.goodput));
    }
    json_set(o, "over_time", bins_to_json(&t->result.bins));
    return o;
}

/* ---- a search ---- */

static const char *end_name(enum search_end end)
{
    static const char *const names[] = {[SEARCH_GOES_ON] = "stopped",
        [SEARCH_FOUND] = "found",
        [SEARCH_ALL_HELD] = "all_held",
        [SEARCH_NONE_HELD] = "none_held",
        [SEARCH_CLIENT_LIMIT] = "client_limit",
        [SEARCH_UNDECIDED] = "undecided",
        [SEARCH_EXHAUSTED] = "exhausted"};
    return names[end];
}

static void set_knee(struct json_object *o, const char *name, bool found, const struct knee *knee)
{
    if (!found)
        return;
    struct json_object *k = json_object_new_object();
    json_set_real(k, "load", knee->load);
    json_set_real(k, "low", knee->low);
    json_set_real(k, "high", knee->high);
    json_set(o, name, k);
}

static bool any_simulated(const struct load_setup *setup)
{
    for (size_t i = 0; i < setup->choice_count; i++)
        if (setup->choices[i].simulated)
            return true;
    return false;
}

struct json_object *load_search_to_json(const struct load_setup *setup, const struct load_search *s)
{
    struct json_object *o = begin("load_search"), *points = json_object_new_array();
    struct load_search_answer answer = load_search_conclude(s);
    struct knee knee;
    json_set(o, "targets", choices_to_json(setup, NULL));
    json_set(o, "asked", asked_to_json(setup, NULL));
    json_set_bool(o, "simulated", any_simulated(setup));
    json_set_text(o, "find", setup->options->find);
    json_set_text(o, "unit", s->o.whole ? "streams" : "requests/s");
    json_set_text(o, "end", end_name(answer.end));
    if (answer.has_low)
        json_set_real(o, "low", answer.low);
    if (answer.has_high)
        json_set_real(o, "high", answer.high);
    if (answer.has_not_judged)
        json_set_real(o, "not_judged", answer.not_judged);
    if (answer.estimate > 0)
        json_set_real(o, "estimate", answer.estimate);
    json_set_int(o, "runs", answer.runs);
    json_set_real(o, "seconds", answer.seconds);
    set_knee(o, "knee_by_share", knee_by_share(s->points, s->count, s->o.share, &knee), &knee);
    set_knee(o, "knee_by_power", knee_by_power(s->points, s->count, &knee), &knee);
    for (size_t i = 0; i < s->count; i++) {
        const struct load_point *p = &s->points[i];
        struct json_object *one = json_object_new_object();
        json_set_real(one, "load", p->load);
        json_set_int(one, "held", p->held);
        json_set_int(one, "broke", p->broke);
        json_set_int(one, "cannot_say", p->cannot_say);
        json_set_int(one, "invalid", p->invalid);
        json_set_real(one, "throughput", p->throughput);
        json_set_real(one, "latency_s", p->latency_s);
        json_add(points, one);
    }
    json_set(o, "points", points);
    return o;
}
