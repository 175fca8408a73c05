#include "journal_load.h"

#include "json.h"

#include <string.h>

/* ---- what was asked, and where the figures are from ---- */

static bool set_asked(
    struct json_object *o, const struct load_test_options *options, const struct load_test *t)
{
    bool open = t->limits.open;
    double asked = open ? t->result.asked_per_s : t->limits.streams;
    double achieved = open ? t->result.rates.begun_per_s : t->steady.in_flight_mean;
    return json_set_text(o, "arrivals", arrivals_kind_name(options->plan.arrivals.kind)) &&
           json_set_text(o, "unit", open ? "requests/s" : "streams") && json_set_real(o, "asked", asked) &&
           json_set_real(o, "achieved", achieved) &&
           json_set_real(o, "in_flight_mean", t->steady.in_flight_mean);
}

static bool set_window(struct json_object *o, const struct load_test *t)
{
    struct json_object *window = json_object_new_array();
    int64_t start_ns = t->outcome.t_start_ns;
    bool ok = json_add_real(window, (double)(t->steady.from_ns - start_ns) / 1e9) &&
              json_add_real(window, (double)(t->steady.to_ns - start_ns) / 1e9);
    ok = json_set(o, "window", window) && ok;
    return ok && json_set_text(o, "state", steady_state_name(t->steady.state)) &&
           json_set_int(o, "excluded", (int64_t)(t->steady.before + t->steady.after));
}

static bool set_objectives(struct json_object *o, const struct slo_set *slo)
{
    struct buf words = BUF_INIT(8192);
    for (size_t i = 0; slo && i < slo->count; i++)
        buf_printf(&words, "%s%s", i ? "," : "", slo->items[i].word);
    bool ok = words.len == 0 || json_set_text(o, "objectives", buf_text(&words));
    buf_fini(&words);
    return ok;
}

/* ---- what became of the requests ---- */

static struct json_object *requests_of(const struct load_counts *c)
{
    struct json_object *o = json_object_new_object();
    if (json_set_int(o, "begun", (int64_t)c->begun) && json_set_int(o, "ok", (int64_t)c->ok) &&
        json_set_int(o, "failed", (int64_t)c->failed) && json_set_int(o, "cut_off", (int64_t)c->cut_off))
        return o;
    json_object_put(o);
    return NULL;
}

static struct json_object *errors_of(const struct load_counts *c)
{
    struct json_object *o = json_object_new_object();
    for (int i = 1; i < EXCHANGE_ERROR_COUNT; i++)
        if (c->by_error[i])
            json_set_int(o, exchange_error_name((enum exchange_error)i), (int64_t)c->by_error[i]);
    return o;
}

/* Of the requests that count and ended well; a count that one of them lacks is none. */
static struct json_object *tokens_of(struct load_test *t)
{
    static const char *const names[] = {"prompt", "completion", "cached"};
    struct json_object *o = json_object_new_object();
    int64_t sums[3] = {0};
    bool known[3] = {true, true, true};
    load_source_rewind(&t->source);
    for (const struct load_sample *s; (s = load_source_next(&t->source)) != NULL;) {
        if (!steady_holds(&t->steady, s, t->limits.open) || !load_sample_ok(s))
            continue;
        const int32_t counts[3] = {s->prompt_tokens, s->completion_tokens, s->cached_tokens};
        for (int i = 0; i < 3; i++) {
            known[i] = known[i] && counts[i] >= 0;
            sums[i] += counts[i] > 0 ? counts[i] : 0;
        }
    }
    for (int i = 0; i < 3; i++)
        if (known[i] && t->result.counts.ok > 0)
            json_set_int(o, names[i], sums[i]);
    const char *protocol = t->outcome.infos[0].protocol;
    bool native = strcmp(protocol, "ollama") == 0 || strcmp(protocol, "llamacpp") == 0;
    json_set_text(o, "source", native ? "server_native" : "server_usage");
    return o;
}

/* ---- the client ---- */

/* Reasons that are the server's, or nobody's, are said in the verdict and raise no flag against the client. */
static bool is_clients(const char *name)
{
    static const char *const others[] = {
        "stall_s", "server_lateness_p99_s", "cut_off_share", "unanswered_share"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return true;
}

static bool set_figure(struct json_object *o, const struct load_reason *r)
{
    return json_set_text(o, "figure", r->name) &&
           json_set_text(o, "figure_fitness", load_fitness_name(r->fitness)) &&
           json_set_text(o, "unit", r->unit) && json_set_real(o, "measured", r->measured) &&
           json_set_real(o, "bound", r->bound);
}

static bool set_reasons(struct json_object *o, const struct load_verdict *v)
{
    struct buf text = BUF_INIT(16 << 10);
    const struct load_reason *first = NULL;
    for (size_t i = 0; i < v->count; i++) {
        buf_printf(&text, "%s%s", i ? "; " : "", v->reasons[i].text);
        if (!first && is_clients(v->reasons[i].name))
            first = &v->reasons[i];
    }
    bool ok = v->count == 0 || json_set_text(o, "reason", buf_text(&text));
    buf_fini(&text);
    return ok && (!first || set_figure(o, first));
}

static struct json_object *client_of(struct load_test *t)
{
    struct json_object *o = json_object_new_object();
    struct distribution *late = &t->result.values[LOAD_LATENESS];
    bool ok = json_set_text(o, "fitness", load_fitness_name(t->verdict.fitness)) &&
              json_set_real(o, "cpu_share", t->cpu_share) &&
              (!t->has_window || json_set_text(o, "calibration", t->cited.words)) &&
              set_reasons(o, &t->verdict) &&
              (late->n == 0 || json_set_real(o, "lateness_p99_s", distribution_quantile(late, 0.99)));
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

bool journal_load_client(struct journal *j, struct load_test *t)
{
    struct json_object *o = json_object_new_object();
    if (json_set(o, "client", client_of(t)))
        return journal_append_json(j, JOURNAL_LOAD, o);
    json_object_put(o);
    journal_drop(j);
    return false;
}

/* The moments and the work between them, as the rates are of: for what the machine used meanwhile. */
static bool set_work(struct json_object *o, int repeat, const struct load_test *t)
{
    double seconds = (double)(t->steady.to_ns - t->steady.from_ns) / 1e9;
    const struct load_rates *rates = &t->result.rates;
    return json_set_int(o, "repeat", repeat) && json_set_int(o, "from_ns", t->steady.from_ns) &&
           json_set_int(o, "to_ns", t->steady.to_ns) &&
           json_set_real(o, "completed", rates->requests_per_s * seconds) &&
           (t->result.counts.tokens_not_counted > 0 ||
               json_set_real(o, "output_tokens", rates->output_tokens_per_s * seconds));
}

bool journal_load(struct journal *j, int repeat, const struct load_test_options *options, struct load_test *t)
{
    struct json_object *o = json_object_new_object();
    bool ok = set_asked(o, options, t) && set_window(o, t) && set_work(o, repeat, t) &&
              set_objectives(o, options->slo) && json_set(o, "requests", requests_of(&t->result.counts)) &&
              json_set(o, "errors", errors_of(&t->result.counts)) && json_set(o, "tokens", tokens_of(t)) &&
              json_set(o, "client", client_of(t));
    if (ok)
        return journal_append_json(j, JOURNAL_LOAD, o);
    json_object_put(o);
    journal_drop(j);
    return false;
}
