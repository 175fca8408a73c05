#include "load_answer.h"

#include "clock.h"

#include <stdio.h>

enum { FAILED_OF_AT_LEAST = 100 };

/* ---- its sample ---- */

static struct load_sample sample_of(const struct load_slot *slot)
{
    const struct exchange *x = &slot->x;
    const struct load_thread *t = slot->thread;
    const struct load_run *run = t->run;
    bool warm_up = slot->intended_ns - run->t_start_ns < run->options->warmup_ns;
    bool cut_off = x->error == EXCHANGE_CANCELLED;
    bool tokens = x->streamed && x->error == EXCHANGE_OK && exchange_events_are_tokens(x);
    return (struct load_sample){.t_intended_ns = x->t_intended_ns,
        .t_dequeued_ns = x->t_dequeued_ns,
        .t_sent_ns = x->t_sent_ns,
        .t_first_token_ns = x->t_first_token_ns,
        .t_last_token_ns = x->t_last_token_ns,
        .t_done_ns = x->t_done_ns,
        .item = (uint32_t)slot->item,
        .prompt_tokens = (int32_t)x->tokens.prompt,
        .cached_tokens = (int32_t)x->tokens.cached,
        .completion_tokens = (int32_t)x->tokens.completion,
        .token_events = (uint32_t)exchange_token_events(x),
        .connect_us = (uint32_t)((x->resolve_ns + x->connect_ns) / NS_PER_US),
        .tls_us = (uint32_t)(x->tls_ns / NS_PER_US),
        .bytes = x->bytes_received < UINT32_MAX ? (uint32_t)x->bytes_received : UINT32_MAX,
        .http_status = (uint16_t)x->http_status,
        .flags = (uint16_t)((x->connection_reused ? LOAD_REUSED : 0) | (x->streamed ? LOAD_STREAMED : 0) |
                            (x->http == 20 ? LOAD_HTTP_2 : 0) | (warm_up ? LOAD_WARMUP : 0) |
                            (cut_off ? LOAD_CUT_OFF : 0) | (tokens ? LOAD_EVENTS_ARE_TOKENS : 0)),
        .error = (uint8_t)x->error,
        .thread = (uint8_t)t->number,
        .choice = run->plan->items[slot->item].choice};
}

/* ---- what is counted beside it ---- */

static void note_lags(struct load_thread *t, const struct load_slot *slot, const struct load_sample *s)
{
    if (!s->t_sent_ns || s->flags & LOAD_WARMUP)
        return;
    struct hist *lag = s->flags & LOAD_REUSED ? t->report.start_lag : t->report.connect_start_lag;
    hist_record(lag, s->t_sent_ns - (slot->has_moment ? s->t_intended_ns : s->t_dequeued_ns));
}

static void note_gaps(struct load_thread *t, const struct exchange *x)
{
    int64_t before_ns = 0;
    for (size_t i = 0; i < x->event_count; i++) {
        if (!(x->events[i].kinds & EVENT_TOKEN_KINDS))
            continue;
        if (before_ns)
            hist_record(t->report.gaps, x->events[i].t_ns - before_ns);
        before_ns = x->events[i].t_ns;
    }
}

static void note_error(struct load_thread *t, const struct exchange *x)
{
    char *text = t->first_errors[x->error];
    if (!*text)
        snprintf(
            text, sizeof t->first_errors[0], "%.250s", *x->error_text ? x->error_text : "no reason given");
}

static void note_progress(struct load_thread *t, const struct load_sample *s)
{
    struct load_run *run = t->run;
    struct load_progress *p = &run->progress;
    bool failed = s->error != EXCHANGE_OK && !(s->flags & LOAD_CUT_OFF);
    long done = atomic_fetch_add_explicit(&p->done, 1, memory_order_relaxed) + 1;
    atomic_fetch_add_explicit(&p->token_events, s->token_events, memory_order_relaxed);
    if (!failed)
        return;
    long failures = atomic_fetch_add_explicit(&p->failed, 1, memory_order_relaxed) + 1;
    double most = run->options->abort_fraction;
    if (most > 0 && done >= FAILED_OF_AT_LEAST && (double)failures > most * (double)done) {
        atomic_store(&run->aborted, true);
        atomic_store(&run->ending, true);
    }
}

void load_answer_keep(struct load_thread *t, const struct load_slot *slot)
{
    const struct exchange *x = &slot->x;
    struct load_sample s = sample_of(slot);
    if (!load_store_add(t->store, &s, x->events, x->event_count))
        t->report.samples_lost++;
    note_lags(t, slot, &s);
    if (!(s.flags & LOAD_WARMUP))
        note_gaps(t, x);
    if (s.error != EXCHANGE_OK && !(s.flags & LOAD_CUT_OFF))
        note_error(t, x);
    if (x->simulated)
        t->simulated = true;
    if (!*t->server_model)
        snprintf(t->server_model, sizeof t->server_model, "%s", x->model);
    note_progress(t, &s);
}
