#include "context_load.h"

#include "clock.h"
#include "context_private.h"
#include "descriptors.h"
#include "json.h"
#include "journal_load.h"
#include "load_sample_json.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- asking ---- */

static struct load_choice choice_of(const struct assay_context *ctx)
{
    const struct run_settings *settings = ctx->spec->settings;
    struct load_choice choice = {.access = *ctx->spec->access,
        .protocol = target_info(ctx->target)->protocol,
        .model = ctx->spec->model->id,
        .simulated = target_info(ctx->target)->simulated};
    choice.engine.ignore_eos = CHOICE_YES;
    choice.engine.more_json = settings->server_options[0] ? settings->server_options : NULL;
    return choice;
}

/* Once for a case: prompts are then as long as was asked for, where the server says how long they were. */
static void learn_scale(struct assay_context *ctx, const struct load_client_options *client)
{
    struct load_prompts prompts;
    struct load_plan none = {0};
    struct error why = {0};
    if (ctx->scale_tried)
        return;
    ctx->scale_tried = true;
    load_prompts_init(&prompts, &none, assay_unique(ctx, -1));
    if (load_client_learn_scale(client, &prompts, &why) == STATUS_OK)
        ctx->scale = prompts.scale;
    else
        assay_note(ctx, "prompt_lengths", "as many words as tokens were asked for: %s", error_text(&why));
}

/* ---- what it found ---- */

enum { QUANTILES = 10000 };

/* Of very many values only a histogram is kept: they are told by so many of its quantiles. */
static double *quantiles_of(struct distribution *d)
{
    double *values = malloc(QUANTILES * sizeof *values);
    for (int i = 0; values && i < QUANTILES; i++)
        values[i] = distribution_quantile(d, (i + 0.5) / QUANTILES);
    return values;
}

static bool observe_values(
    struct assay_context *ctx, struct journal_pool pool, struct distribution *d, double *spare)
{
    pool.repeat = ctx->repeat;
    pool.values = d->values ? d->values : spare;
    pool.n = d->values ? d->n : QUANTILES;
    return d->n == 0 || (pool.values && journal_observe_pool(ctx->journal, &pool));
}

static bool observe_pool(struct assay_context *ctx, const char *metric, struct distribution *d)
{
    double *spare = d->n > 0 && !d->values ? quantiles_of(d) : NULL;
    bool ok = observe_values(ctx, (struct journal_pool){.metric = metric}, d, spare);
    free(spare);
    return ok;
}

/* Where an event may be several tokens, those of the first one are only assumed: the bounds of the median are for
 * one token in it, and for all that the other events do not need. */
static bool observe_tpot(struct assay_context *ctx, struct load_test *t)
{
    struct distribution *d = &t->result.values[LOAD_TPOT], greatest = {0};
    bool known = t->result.gaps_are_tokens;
    load_source_rewind(&t->source);
    for (const struct load_sample *s; !known && (s = load_source_next(&t->source)) != NULL;)
        if (steady_holds(&t->steady, s, t->limits.open) && load_sample_ok(s) && s->token_events > 1)
            distribution_add(
                &greatest, (double)(s->t_last_token_ns - s->t_first_token_ns) / 1e9 / (s->token_events - 1));
    double low = distribution_quantile(d, 0.5),
           high = greatest.n ? distribution_quantile(&greatest, 0.5) : low;
    struct journal_pool pool = {
        .metric = "tpot_s", .k1 = known ? "known" : "assumed", .low = low, .high = high};
    double *spare = d->n > 0 && !d->values ? quantiles_of(d) : NULL;
    bool ok = observe_values(ctx, pool, d, spare);
    free(spare);
    distribution_fini(&greatest);
    return ok;
}

static bool observe_latencies(struct assay_context *ctx, struct load_test *t)
{
    struct distribution *values = t->result.values;
    return observe_pool(ctx, "ttft_s", &values[LOAD_TTFT]) && observe_tpot(ctx, t) &&
           observe_pool(ctx, "icl_s", &values[LOAD_GAP]) &&
           (!t->result.gaps_are_tokens || observe_pool(ctx, "itl_s", &values[LOAD_GAP])) &&
           observe_pool(ctx, "latency_s", &values[LOAD_LATENCY]) &&
           observe_pool(ctx, "response_s", &values[LOAD_RESPONSE]);
}

static bool observe_rates(struct assay_context *ctx, const struct load_result *r, bool objectives)
{
    size_t ended = r->counts.ok + r->counts.failed;
    const struct {
        const char *metric;
        double value;
        bool known;
    } rates[] = {{"output_tokens_per_s", r->rates.output_tokens_per_s, r->counts.tokens_not_counted == 0},
        {"requests_per_s", r->rates.requests_per_s, true},
        {"goodput_per_s", r->goodput.per_s, objectives && r->goodput.unknown == 0},
        {"goodput_fraction", r->goodput.fraction, objectives && r->goodput.unknown == 0 && r->goodput.of > 0},
        {"failed_fraction", ended ? (double)r->counts.failed / (double)ended : 0, ended > 0}};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof rates / sizeof *rates; i++)
        if (rates[i].known)
            ok = journal_observe(ctx->journal, rates[i].metric, ctx->repeat, &rates[i].value, 1);
    return ok;
}

/* ---- raw times ---- */

/* Of what is not measured: as of a warm-up. */
static int repeat_of(const struct assay_context *ctx)
{
    return ctx->in_repeat && ctx->measuring ? ctx->repeat : -1;
}

static void keep_request(struct assay_context *ctx, struct json_object *line, struct buf *text)
{
    buf_clear(text);
    bool written = line && json_set_int(line, "repeat", repeat_of(ctx)) &&
                   json_write(line, text, NULL) == STATUS_OK &&
                   ctx->request_bytes + text->len <= CONTEXT_REQUESTS_MAX &&
                   journal_append(ctx->journal, JOURNAL_REQUEST, buf_text(text), text->len);
    ctx->request_bytes += written ? text->len : 0;
    ctx->requests_left_out += !written;
}

static void keep_requests(struct assay_context *ctx, struct load_test *t)
{
    struct buf text = BUF_INIT(CONTEXT_REQUESTS_MAX);
    load_source_rewind(&t->source);
    for (const struct load_sample *s; (s = load_source_next(&t->source)) != NULL;) {
        struct json_object *line = load_sample_to_json(s, &t->source, t->outcome.t_start_ns);
        keep_request(ctx, line, &text);
        json_object_put(line);
    }
    if (ctx->requests_left_out)
        assay_note(ctx, "requests_left_out",
            "%zu requests are not in requests.jsonl, which keeps %d MiB of a test", ctx->requests_left_out,
            CONTEXT_REQUESTS_MAX >> 20);
    buf_fini(&text);
}

/* ---- together ---- */

void assay_load_parameters(struct assay_context *ctx, const struct load_plan_options *plan)
{
    struct json_object *p = json_object_new_object();
    bool closed = plan->arrivals.kind == ARRIVALS_CLOSED;
    bool ok = closed ? json_set_int(p, "concurrency", plan->arrivals.streams)
                     : json_set_real(p, "rate_per_s", plan->arrivals.rate_per_s);
    if (ok)
        journal_append_json(ctx->journal, JOURNAL_PARAMETERS, p);
    else
        json_object_put(p);
}

static const char *first_error(const struct load_outcome *o)
{
    for (int i = 1; i < EXCHANGE_ERROR_COUNT; i++)
        if (i != EXCHANGE_CANCELLED && *o->first_errors[i])
            return o->first_errors[i];
    return "none ended in time";
}

/* Who does not come to look at answers sees them time out: a failure of ours says nothing of the server. */
static void end_where_client_failed(struct assay_context *ctx, struct load_test *t, bool journaled)
{
    const struct load_reason *own = load_verdict_own_failure(&t->verdict);
    bool measured = !t->outcome.aborted && t->has_window && t->result.counts.ok > 0;
    if (measured || !own)
        return;
    char why[1024];
    snprintf(why, sizeof why, "this client could not measure, which says nothing of the server: %s (%s)",
        own->text, first_error(&t->outcome));
    if (!journaled)
        (void)journal_load_client(ctx->journal, t);
    journal_unfit(ctx->journal, why);
    ck_abort_msg("%s", why);
}

static void check_ending(const struct load_test *t)
{
    ck_assert_msg(
        !t->outcome.aborted, "given up, because too many requests failed: %s", first_error(&t->outcome));
    ck_assert_msg(t->has_window, "nothing could be measured: %s", t->no_window.text);
    ck_assert_msg(t->result.counts.ok > 0, "of %zu requests none ended well: %s", t->result.counts.begun,
        first_error(&t->outcome));
}

void assay_load_test(struct assay_context *ctx, const struct load_test_options *options, struct load_test *t)
{
    const struct run_settings *settings = ctx->spec->settings;
    struct load_choice choice = choice_of(ctx);
    struct load_test_options o = *options;
    struct error why = {0};
    o.client.choices = &choice;
    o.client.choice_count = 1;
    o.client.temperature = settings->temperature;
    o.client.timeout_ns = clock_ns_of_seconds(settings->timeout_s);
    o.client.abort_fraction = 0.5;
    o.plan.seed = assay_unique(ctx, 0);
    descriptors_raise();
    learn_scale(ctx, &o.client);
    o.scale = ctx->scale;
    assay_event(ctx, "load_start");
    journal_mark(ctx->journal, "the load test of repeat %d", repeat_of(ctx));
    enum status s = load_test_run(&o, t, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    assay_event(ctx, "load_end");
    keep_requests(ctx, t);
    bool ok = true, observed = ctx->in_repeat && ctx->repeat >= 0 && ctx->measuring && t->has_window;
    if (observed)
        ok = journal_load(ctx->journal, ctx->repeat, &o, t) && observe_latencies(ctx, t) &&
             observe_rates(ctx, &t->result, o.slo && o.slo->count > 0);
    end_where_client_failed(ctx, t, observed);
    check_ending(t);
    ck_assert_msg(ok, "no memory, or no room in the journal, for the figures of a load test");
}
