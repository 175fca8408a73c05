#include "load_test.h"

#include "clock.h"
#include "load_stall.h"
#include "rng.h"
#include "transport.h"

#include <string.h>

static struct hist *merge(const struct load_outcome *outcome, bool gaps)
{
    struct hist *sum = hist_new();
    for (int i = 0; sum && i < outcome->threads; i++) {
        const struct load_thread_report *r = &outcome->reports[i];
        const struct hist *one = gaps ? r->gaps : r->loop_lag;
        if (one)
            hist_merge(sum, one);
    }
    return sum;
}

static int most_streams(const struct load_plan *plan)
{
    int most = 0;
    for (size_t i = 0; i < plan->stage_count; i++)
        if (plan->stages[i].streams > most)
            most = plan->stages[i].streams;
    return most;
}

static size_t planned_between(const struct load_plan *plan, int64_t from_ns, int64_t to_ns)
{
    size_t planned = 0;
    if (!plan->open || plan->conversations < plan->count)
        return 0; /* later turns have no moment of their own */
    for (size_t i = 0; i < plan->count; i++)
        planned += plan->items[i].at_ns >= from_ns && plan->items[i].at_ns < to_ns;
    return planned;
}

/* What was left to measure when warm-up and ramp were over, and before nothing new came. */
static struct steady_limits limits_of(const struct load_test_options *options, const struct load_test *t)
{
    const struct load_outcome *o = &t->outcome;
    int64_t ramp_ns = options->plan.arrivals.ramp_ns, skip_ns = options->client.warmup_ns;
    int64_t planned_end_ns = o->t_start_ns + t->plan.duration_ns;
    return (struct steady_limits){.open = t->plan.open,
        .streams = most_streams(&t->plan),
        .t_start_ns = o->t_start_ns,
        .not_before_ns = o->t_start_ns + (ramp_ns > skip_ns ? ramp_ns : skip_ns),
        .not_after_ns =
            t->plan.duration_ns < LOAD_NO_END && planned_end_ns < o->t_end_ns && !o->aborted && !o->stopped
                ? planned_end_ns
                : o->t_last_start_ns,
        .t_end_ns = o->t_end_ns};
}

static void add_threads(struct load_test *t)
{
    for (int i = 0; i < t->outcome.threads; i++) {
        const struct load_thread_report *r = &t->outcome.reports[i];
        double share = r->wall_s > 0 ? r->cpu_s / r->wall_s : 0;
        t->cpu_share = share > t->cpu_share ? share : t->cpu_share;
        t->samples_lost += r->samples_lost;
        t->times_dropped += r->gaps_lost;
        t->source_count += load_store_count(t->outcome.stores[i]);
    }
}

/* What the client knows of itself, whatever became of the requests. */
static struct load_vitals vitals_of_client(const struct load_test *t)
{
    struct load_vitals v = LOAD_VITALS_UNKNOWN;
    if (t->loop_lag->total > 0) {
        v.loop_lag_p99_s = hist_quantile(t->loop_lag, 0.99) / 1e9;
        v.loop_lag_max_s = (double)t->loop_lag->max_ns / 1e9;
    }
    v.cpu_share = t->cpu_share;
    v.samples_lost = (double)t->samples_lost;
    if (t->source_count > 0)
        v.times_dropped = (double)t->times_dropped / (double)t->source_count;
    return v;
}

/* With HTTP/2 streams share connections, and nobody counts those that are open; with one for each request they are
 * as many as the streams again. */
static bool shares_connections(const struct load_client_options *client, const struct load_source *source)
{
    if (client->fresh_connections)
        return false;
    for (size_t i = 0; i < client->choice_count; i++) {
        const struct http_transport *way = client->choices[i].access.transport;
        if (way && way->http == HTTP_WISH_2)
            return true;
    }
    load_source_rewind(source);
    for (const struct load_sample *s; (s = load_source_next(source)) != NULL;)
        if (s->flags & LOAD_HTTP_2)
            return true;
    return false;
}

/* Without figures, of which there may be none because of what the client lacked: what it counted. */
static void judge_counts(const struct load_client_options *client, struct load_test *t)
{
    struct load_vitals v = vitals_of_client(t);
    load_vitals_add_samples(&v, &t->source);
    if (!t->limits.open && !shares_connections(client, &t->source))
        load_vitals_add_limits(&v, t->limits.streams);
    load_verdict_judge(&v, &t->verdict);
}

static bool speaks_tls(const struct load_test_options *options, const struct load_test *t)
{
    for (size_t i = 0; i < options->client.choice_count; i++)
        if (strncmp(t->outcome.infos[i].endpoint, "https:", 6) == 0)
            return true;
    return false;
}

static void cite(const struct load_test_options *options, struct load_test *t)
{
    load_cited_find(&(struct load_cited_need){.streams = t->steady.in_flight_max,
                        .events_per_s = t->result.rates.output_tokens_per_s,
                        .threads = t->outcome.threads,
                        .tls = speaks_tls(options, t),
                        .http_2 = t->result.counts.http_2 > 0},
        &t->cited);
}

static bool pauses(const struct load_plan_options *plan)
{
    return plan->pause_ms.mean > 0 || plan->pause_ms.list_count > 0 || plan->pause_ms.high > 0;
}

/* Whether the client could measure what it says. */
static enum status judge_client(const struct load_test_options *options, struct load_test *t, struct error *e)
{
    struct load_vitals v = vitals_of_client(t);
    load_vitals_add_result(&v, &t->result, &t->steady, &t->limits, pauses(&options->plan));
    if (!shares_connections(&options->client, &t->source))
        load_vitals_add_limits(&v, (long)t->steady.in_flight_max);
    enum status s = load_stall_find(&t->source, t->steady.from_ns, t->steady.to_ns, &t->stall, e);
    if (s == STATUS_OK)
        v.stall_s = t->stall.answers ? (double)(t->stall.to_ns - t->stall.from_ns) / 1e9 : 0;
    if (t->stall.answers)
        v.stall_at_s = (double)(t->stall.from_ns - t->outcome.t_start_ns) / 1e9;
    cite(options, t);
    v.calibrated_error = t->cited.error_s;
    if (t->simulator.state == SIMULATOR_SAID && t->simulator.late.events > 0)
        v.server_lateness_p99_s = t->simulator.late.p99_s;
    load_verdict_judge(&v, &t->verdict);
    return s;
}

static enum status judge(const struct load_test_options *options, struct load_test *t, struct error *e)
{
    t->source = load_source_of_outcome(&t->source_state, &t->outcome);
    t->limits = limits_of(options, t);
    enum status s = steady_find(&t->source, &t->limits, &t->steady, &t->no_window);
    if (s == STATUS_INVALID) { /* too short to have one: that is said, and nothing is lost */
        judge_counts(&options->client, t);
        return STATUS_OK;
    }
    if (s != STATUS_OK) {
        *e = t->no_window;
        return s;
    }
    struct load_result_options of_result = {.steady = &t->steady,
        .limits = &t->limits,
        .slo = options->slo,
        .gaps = t->gaps,
        .planned = planned_between(
            &t->plan, t->steady.from_ns - t->outcome.t_start_ns, t->steady.to_ns - t->outcome.t_start_ns)};
    s = load_result_make(&t->source, &of_result, &t->result, e);
    t->has_window = s == STATUS_OK;
    return s == STATUS_OK ? judge_client(options, t, e) : s;
}

static enum status ask(const struct load_test_options *options, struct load_test *t, struct error *e)
{
    struct load_client_options client = options->client;
    client.plan = &t->plan;
    client.prompts = &t->prompts;
    load_prompts_init(&t->prompts, &t->plan, rng_entropy()); /* servers remember texts of earlier tests */
    if (options->scale.tokens_per_word > 0)
        t->prompts.scale = options->scale;
    load_simulator_begin(client.choices, client.choice_count, &t->simulator);
    enum status s = load_client_run(&client, &t->outcome, e);
    if (s == STATUS_OK)
        load_simulator_end(client.choices, client.choice_count, &t->simulator);
    return s;
}

enum status load_test_run(const struct load_test_options *options, struct load_test *t, struct error *e)
{
    *t = (struct load_test){0};
    enum status s = load_plan_make(&options->plan, &t->plan, e);
    if (s == STATUS_OK)
        s = ask(options, t, e);
    if (s == STATUS_OK) {
        t->loop_lag = merge(&t->outcome, false);
        t->gaps = merge(&t->outcome, true);
        add_threads(t);
        s = t->loop_lag && t->gaps ? judge(options, t, e) : error_set(e, STATUS_NO_MEMORY, "out of memory");
    }
    if (s != STATUS_OK)
        load_test_fini(t);
    return s;
}

void load_test_fini(struct load_test *t)
{
    if (t->has_window)
        load_result_fini(&t->result);
    load_outcome_fini(&t->outcome);
    load_plan_fini(&t->plan);
    hist_free(t->loop_lag);
    hist_free(t->gaps);
    *t = (struct load_test){0};
}
