#include "token_times.h"

struct token_times token_times_begin(const struct load_sample *sample, const struct load_source *source)
{
    int64_t tokens = 0;
    struct token_times t = {.sample = sample, .source = source};
    if (load_sample_tokens(sample, &tokens) && tokens > 0)
        t.rest = (double)tokens;
    t.per_event = sample->token_events > 0 ? t.rest / sample->token_events : 0;
    return t;
}

static bool next_event(struct token_times *t, struct token_parcel *parcel)
{
    int64_t t_ns;
    if (!load_source_next_event(t->source, &t_ns))
        return false;
    *parcel = (struct token_parcel){.from_ns = t_ns,
        .to_ns = t_ns,
        .tokens = t->per_event,
        .place = TOKENS_BY_EVENT,
        .gap_ns = t->events > 0 ? t_ns - t->last_ns : -1};
    t->last_ns = t_ns;
    t->events++;
    return true;
}

bool token_times_next(struct token_times *t, struct token_parcel *parcel)
{
    const struct load_sample *s = t->sample;
    if (next_event(t, parcel))
        return true;
    if (t->events > 0 || t->rest <= 0)
        return false;
    bool spread =
        (s->flags & LOAD_STREAMED) && s->t_first_token_ns > 0 && s->t_last_token_ns > s->t_first_token_ns;
    *parcel = (struct token_parcel){.from_ns = spread ? s->t_first_token_ns : s->t_done_ns,
        .to_ns = spread ? s->t_last_token_ns : s->t_done_ns,
        .tokens = t->rest,
        .place = spread ? TOKENS_SPREAD : TOKENS_AT_END,
        .gap_ns = -1};
    t->rest = 0;
    return true;
}

double token_parcel_share(const struct token_parcel *parcel, int64_t from_ns, int64_t to_ns)
{
    if (parcel->from_ns >= parcel->to_ns)
        return parcel->from_ns >= from_ns && parcel->from_ns < to_ns ? 1 : 0;
    int64_t low = parcel->from_ns > from_ns ? parcel->from_ns : from_ns;
    int64_t high = parcel->to_ns < to_ns ? parcel->to_ns : to_ns;
    return high > low ? (double)(high - low) / (double)(parcel->to_ns - parcel->from_ns) : 0;
}
