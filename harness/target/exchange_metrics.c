#include "exchange.h"

#include "clock.h"

#include <string.h>

static double to_seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static bool span_s(int64_t from_ns, int64_t to_ns, double *seconds)
{
    if (from_ns == 0 || to_ns == 0)
        return false;
    *seconds = to_seconds(to_ns - from_ns);
    return true;
}

bool exchange_ttfe_s(const struct exchange *x, double *seconds)
{
    return span_s(x->t_sent_ns, x->t_event1_ns, seconds);
}

bool exchange_ttft_s(const struct exchange *x, double *seconds)
{
    return span_s(x->t_sent_ns, x->t_first_token_ns, seconds);
}

bool exchange_ttfa_s(const struct exchange *x, double *seconds)
{
    return span_s(x->t_sent_ns, x->t_first_answer_ns, seconds);
}

bool exchange_latency_s(const struct exchange *x, double *seconds)
{
    return x->error == EXCHANGE_OK && span_s(x->t_sent_ns, x->t_done_ns, seconds);
}

bool exchange_response_s(const struct exchange *x, double *seconds)
{
    return x->error == EXCHANGE_OK && span_s(x->t_intended_ns, x->t_done_ns, seconds);
}

static bool carries_token(const struct exchange_event *event)
{
    return (event->kinds & EVENT_TOKEN_KINDS) != 0;
}

size_t exchange_token_events(const struct exchange *x)
{
    size_t count = 0;
    for (size_t i = 0; i < x->event_count; i++)
        count += carries_token(&x->events[i]);
    return count;
}

size_t exchange_chunk_gaps(const struct exchange *x, double *gaps_s)
{
    size_t count = 0;
    const struct exchange_event *before = NULL;
    for (size_t i = 0; i < x->event_count; i++) {
        const struct exchange_event *event = &x->events[i];
        if (!carries_token(event))
            continue;
        if (before)
            gaps_s[count++] = to_seconds(event->t_ns - before->t_ns);
        before = event;
    }
    return count;
}

static const struct exchange_event *first_token_event(const struct exchange *x)
{
    for (size_t i = 0; i < x->event_count; i++)
        if (carries_token(&x->events[i]))
            return &x->events[i];
    return NULL;
}

static bool some_event_has_several_tokens(const struct exchange *x)
{
    for (size_t i = 0; i < x->event_count; i++)
        if (carries_token(&x->events[i]) && x->events[i].tokens > 1)
            return true;
    return false;
}

/* A stop token is counted but not sent; an answer that ended for its length has none. */
static bool may_have_stop_token(const struct exchange *x)
{
    return strcmp(x->finish_reason, "length") != 0;
}

bool exchange_events_are_tokens(const struct exchange *x)
{
    int64_t n = x->tokens.completion, events = (int64_t)exchange_token_events(x);
    if (events == 0 || some_event_has_several_tokens(x))
        return false;
    return n == events || (n == events + 1 && may_have_stop_token(x));
}

static struct tpot tpot_exact(double seconds)
{
    return (struct tpot){.seconds = seconds, .k1_known = true, .low_s = seconds, .high_s = seconds};
}

/*
 * k1 is the number of tokens in the first token event: all before it is prefill, so it is left out of the
 * divisor. With one token event alone, all n tokens came in it: n <= k1, and there is no time per token.
 *
 * Where each event is one token, the events are what is divided by: n may count a stop token that was never
 * sent, and n - k1 would make the time too small by the fraction 1 / (n - 1).
 */
bool exchange_tpot(const struct exchange *x, struct tpot *tpot)
{
    int64_t n = x->tokens.completion, events = (int64_t)exchange_token_events(x);
    double duration_s;
    if (x->error != EXCHANGE_OK || events < 2 ||
        !span_s(x->t_first_token_ns, x->t_last_token_ns, &duration_s))
        return false;
    if (exchange_events_are_tokens(x)) {
        *tpot = tpot_exact(duration_s / (double)(events - 1));
        return true;
    }
    int64_t said = first_token_event(x)->tokens, k1 = said > 0 ? said : 1;
    int64_t k1_max = n - events + 1 > 1 ? n - events + 1 : 1;
    if (n <= k1)
        return false;
    double value_s = duration_s / (double)(n - k1);
    *tpot = tpot_exact(value_s);
    if (said > 0)
        return true;
    tpot->k1_known = false;
    tpot->high_s = duration_s / (double)(n - k1_max);
    return true;
}

bool exchange_prefill_per_s(const struct exchange *x, double *per_s)
{
    int64_t cached = x->tokens.cached > 0 ? x->tokens.cached : 0, computed = x->tokens.prompt - cached;
    double ttft_s;
    if (x->error != EXCHANGE_OK || computed <= 0 || !exchange_ttft_s(x, &ttft_s) || ttft_s <= 0)
        return false;
    *per_s = (double)computed / ttft_s;
    return true;
}

bool exchange_decode_per_s(const struct exchange *x, double *per_s)
{
    struct tpot tpot;
    if (!exchange_tpot(x, &tpot) || tpot.seconds <= 0)
        return false;
    *per_s = 1.0 / tpot.seconds;
    return true;
}
