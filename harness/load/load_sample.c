#include "load_sample.h"

bool load_sample_ok(const struct load_sample *s)
{
    return s->error == EXCHANGE_OK && !(s->flags & LOAD_CUT_OFF);
}

static bool span(int64_t from_ns, int64_t to_ns, int64_t *ns)
{
    *ns = to_ns - from_ns;
    return from_ns > 0 && to_ns >= from_ns;
}

bool load_sample_ttft_ns(const struct load_sample *s, int64_t *ns)
{
    return span(s->t_sent_ns, s->t_first_token_ns, ns) && (s->flags & LOAD_STREAMED);
}

bool load_sample_latency_ns(const struct load_sample *s, int64_t *ns)
{
    return span(s->t_sent_ns, s->t_done_ns, ns) && load_sample_ok(s);
}

bool load_sample_response_ns(const struct load_sample *s, int64_t *ns)
{
    return span(s->t_intended_ns, s->t_done_ns, ns) && load_sample_ok(s);
}

/* Where each event is a token, or all but the stop token are, the events count: metric.h, tpot_s. */
bool load_sample_tpot_ns(const struct load_sample *s, double *ns)
{
    int64_t whole_ns = 0, tokens = s->completion_tokens;
    if (s->flags & LOAD_EVENTS_ARE_TOKENS)
        tokens = s->token_events;
    bool known = span(s->t_first_token_ns, s->t_last_token_ns, &whole_ns) && tokens > 1 && load_sample_ok(s);
    *ns = known ? (double)whole_ns / (double)(tokens - 1) : 0;
    return known && (s->flags & LOAD_STREAMED);
}

bool load_sample_tokens(const struct load_sample *s, int64_t *tokens)
{
    *tokens = s->completion_tokens;
    if (*tokens < 0)
        *tokens = s->token_events;
    return s->completion_tokens >= 0 || (s->flags & LOAD_EVENTS_ARE_TOKENS);
}
