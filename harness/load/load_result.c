#include "load_result.h"

#include "clock.h"

const char *load_value_name(enum load_value value, bool gaps_are_tokens)
{
    static const char *const names[LOAD_VALUES] = {[LOAD_TTFT] = "ttft_s",
        [LOAD_TPOT] = "tpot_s",
        [LOAD_GAP] = "icl_s",
        [LOAD_LATENCY] = "latency_s",
        [LOAD_RESPONSE] = "response_s",
        [LOAD_LATENESS] = "lateness_s",
        [LOAD_CONNECT] = "connect_s"};
    return value == LOAD_GAP && gaps_are_tokens ? "itl_s" : names[value];
}

/* One reading of all samples. */
struct reading {
    const struct load_source *source;
    const struct load_result_options *options;
    struct load_result *r;
    bool other_events; /* some events are not one token each */
};

static void add_ns(struct load_result *r, enum load_value value, double ns)
{
    distribution_add(&r->values[value], ns / NS_PER_S);
}

/* Making a connection is no lateness: it is there beside it, and as much the server's doing. */
static void add_lateness(struct load_result *r, const struct load_sample *s)
{
    int64_t due_ns = r->open ? s->t_intended_ns : s->t_dequeued_ns;
    if (!(s->flags & LOAD_REUSED))
        due_ns += ((int64_t)s->connect_us + s->tls_us) * NS_PER_US;
    if (s->t_sent_ns > 0)
        add_ns(r, LOAD_LATENESS, s->t_sent_ns > due_ns ? (double)(s->t_sent_ns - due_ns) : 0);
}

static void add_latencies(struct load_result *r, const struct load_sample *s)
{
    int64_t ns;
    double tpot_ns;
    if (load_sample_ttft_ns(s, &ns))
        add_ns(r, LOAD_TTFT, (double)ns);
    if (load_sample_tpot_ns(s, &tpot_ns))
        add_ns(r, LOAD_TPOT, tpot_ns);
    if (load_sample_latency_ns(s, &ns))
        add_ns(r, LOAD_LATENCY, (double)ns);
    if (r->open && load_sample_response_ns(s, &ns))
        add_ns(r, LOAD_RESPONSE, (double)ns);
    if (!(s->flags & LOAD_REUSED) && s->t_sent_ns > 0)
        add_ns(r, LOAD_CONNECT, ((double)s->connect_us + (double)s->tls_us) * NS_PER_US);
}

static void count(struct load_counts *c, const struct load_sample *s)
{
    int64_t tokens;
    c->begun++;
    if (s->flags & LOAD_CUT_OFF) {
        c->cut_off++;
        return;
    }
    c->ok += load_sample_ok(s);
    c->failed += !load_sample_ok(s);
    c->by_error[s->error < EXCHANGE_ERROR_COUNT ? s->error : EXCHANGE_INTERNAL]++;
    c->tokens_not_counted += load_sample_ok(s) && !load_sample_tokens(s, &tokens);
    c->http_2 += (s->flags & LOAD_HTTP_2) != 0;
    if (s->t_sent_ns > 0 && (s->flags & LOAD_REUSED))
        c->reused++;
    else if (s->t_sent_ns > 0)
        c->connected++;
}

static void add_goodput(struct load_goodput *g, const struct slo_set *slo, const struct load_sample *s)
{
    bool unknown;
    if (slo == NULL || slo->count == 0)
        return;
    if ((s->flags & LOAD_CUT_OFF) && !slo_request_is_too_late(slo, s))
        return;
    g->of++;
    g->good += slo_request_is_good(slo, s, &unknown);
    g->unknown += unknown;
}

static bool within(const struct steady *w, int64_t t_ns)
{
    return t_ns >= w->from_ns && t_ns < w->to_ns;
}

static void add_arrivals(struct load_rates *rates, const struct load_sample *s)
{
    if (load_sample_ok(s))
        rates->requests_per_s++;
    else if (!(s->flags & LOAD_CUT_OFF))
        rates->failures_per_s++;
}

static void add_parcel(struct load_rates *rates, const struct token_parcel *p, double share, bool failed)
{
    rates->output_tokens_per_s += p->tokens * share;
    rates->by_place[p->place] += p->tokens * share;
    if (failed)
        rates->failed_tokens_per_s += p->tokens * share;
}

static void read_tokens(struct reading *reading, const struct load_sample *s)
{
    struct load_result *r = reading->r;
    const struct steady *w = reading->options->steady;
    bool failed = !load_sample_ok(s) && !(s->flags & LOAD_CUT_OFF);
    struct token_parcel p;
    struct token_times t = token_times_begin(s, reading->source);
    while (token_times_next(&t, &p)) {
        add_parcel(&r->rates, &p, token_parcel_share(&p, w->from_ns, w->to_ns), failed);
        add_parcel(&r->whole, &p, 1, failed);
        load_bins_add_tokens(&r->bins, &p);
        if (p.gap_ns >= 0 && within(w, p.to_ns))
            add_ns(r, LOAD_GAP, (double)p.gap_ns);
    }
    if (s->token_events > 1 && !(s->flags & LOAD_EVENTS_ARE_TOKENS))
        reading->other_events = true;
}

static void read_sample(struct reading *reading, const struct load_sample *s)
{
    struct load_result *r = reading->r;
    const struct load_result_options *o = reading->options;
    if (steady_holds(o->steady, s, r->open)) {
        count(&r->counts, s);
        add_latencies(r, s);
        add_lateness(r, s);
        add_goodput(&r->goodput, o->slo, s);
    }
    r->rates.begun_per_s += s->t_sent_ns > 0 && within(o->steady, s->t_sent_ns);
    r->whole.begun_per_s += s->t_sent_ns > 0;
    if (within(o->steady, s->t_done_ns))
        add_arrivals(&r->rates, s);
    add_arrivals(&r->whole, s);
    load_bins_add_sample(&r->bins, s);
    read_tokens(reading, s);
}

/* Until here the rates are counts. */
static void divide(struct load_rates *rates, int64_t length_ns)
{
    double seconds = rates->window_s = (double)length_ns / NS_PER_S;
    double *const counts[] = {&rates->begun_per_s, &rates->requests_per_s, &rates->failures_per_s,
        &rates->output_tokens_per_s, &rates->failed_tokens_per_s};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] = seconds > 0 ? *counts[i] / seconds : 0;
}

static void complete(struct reading *reading)
{
    struct load_result *r = reading->r;
    const struct load_result_options *o = reading->options;
    divide(&r->rates, o->steady->to_ns - o->steady->from_ns);
    divide(&r->whole, o->limits->t_end_ns - o->limits->t_start_ns);
    if (r->rates.window_s > 0) {
        r->asked_per_s = (double)o->planned / r->rates.window_s;
        r->goodput.per_s = (double)r->goodput.good / r->rates.window_s;
    }
    if (r->goodput.of > 0)
        r->goodput.fraction = (double)r->goodput.good / (double)r->goodput.of;
    if (r->values[LOAD_GAP].n == 0 && o->gaps != NULL) {
        distribution_merge_hist(&r->values[LOAD_GAP], o->gaps);
        r->gaps_of_whole_test = true;
    }
    r->gaps_are_tokens = r->values[LOAD_GAP].n > 0 && !reading->other_events;
}

static bool lacks_memory(const struct load_result *r)
{
    for (int i = 0; i < LOAD_VALUES; i++)
        if (r->values[i].no_memory)
            return true;
    return false;
}

enum status load_result_make(const struct load_source *source, const struct load_result_options *options,
    struct load_result *out, struct error *e)
{
    struct in_flight f;
    struct reading reading = {.source = source, .options = options, .r = out};
    *out = (struct load_result){.open = options->limits->open};
    load_bins_init(&out->bins, options->limits->t_start_ns, options->limits->t_end_ns);
    enum status s = in_flight_init(&f, source, e);
    if (s != STATUS_OK)
        return s;
    load_bins_set_in_flight(&out->bins, &f);
    in_flight_fini(&f);
    load_source_rewind(source);
    for (const struct load_sample *sample; (sample = load_source_next(source)) != NULL;)
        read_sample(&reading, sample);
    complete(&reading);
    if (!lacks_memory(out))
        return STATUS_OK;
    load_result_fini(out);
    return error_set(e, STATUS_NO_MEMORY, "no memory for the figures of a load test");
}

void load_result_fini(struct load_result *r)
{
    for (int i = 0; i < LOAD_VALUES; i++)
        distribution_fini(&r->values[i]);
}

struct slo_figures load_result_figures(struct load_result *r)
{
    struct distribution *v = r->values;
    return (struct slo_figures){.values = {[SLO_TTFT] = &v[LOAD_TTFT],
                                    [SLO_TPOT] = &v[LOAD_TPOT],
                                    [SLO_ITL] = r->gaps_are_tokens ? &v[LOAD_GAP] : NULL,
                                    [SLO_LATENCY] = &v[LOAD_LATENCY],
                                    [SLO_RESPONSE] = r->open ? &v[LOAD_RESPONSE] : &v[LOAD_LATENCY]},
        .requests = r->counts.ok + r->counts.failed,
        .failed = r->counts.failed,
        .cut_off = r->counts.cut_off};
}
