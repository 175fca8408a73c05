#include "load_sample_json.h"

#include "json.h"

static bool set_moment(struct json_object *o, const char *name, int64_t t_ns, int64_t start_ns)
{
    return t_ns == 0 || json_set_real(o, name, (double)(t_ns - start_ns) / 1e9);
}

static bool set_count(struct json_object *o, const char *name, int32_t value)
{
    return value < 0 || json_set_int(o, name, value);
}

static bool set_ending(struct json_object *o, const struct load_sample *s)
{
    return json_set_int(o, "item", s->item) && json_set_int(o, "target", s->choice) &&
           json_set_int(o, "thread", s->thread) &&
           json_set_text(o, "error", exchange_error_name((enum exchange_error)s->error)) &&
           (s->http_status == 0 || json_set_int(o, "http_status", s->http_status)) &&
           json_set_bool(o, "warm_up", s->flags & LOAD_WARMUP) &&
           json_set_bool(o, "cut_off", s->flags & LOAD_CUT_OFF);
}

static bool set_connection(struct json_object *o, const struct load_sample *s)
{
    bool reused = s->flags & LOAD_REUSED;
    double connect_s = ((double)s->connect_us + (double)s->tls_us) / 1e6;
    return json_set_bool(o, "reused", reused) &&
           (!(s->flags & LOAD_HTTP_2) || json_set_text(o, "http_version", "2")) &&
           (reused || connect_s <= 0 || json_set_real(o, "connect_s", connect_s)) &&
           (reused || s->tls_us == 0 || json_set_real(o, "tls_s", s->tls_us / 1e6));
}

static bool set_moments(struct json_object *o, const struct load_sample *s, int64_t start_ns)
{
    return set_moment(o, "intended_s", s->t_intended_ns, start_ns) &&
           set_moment(o, "dequeued_s", s->t_dequeued_ns, start_ns) &&
           set_moment(o, "sent_s", s->t_sent_ns, start_ns) &&
           set_moment(o, "first_token_s", s->t_first_token_ns, start_ns) &&
           set_moment(o, "last_token_s", s->t_last_token_ns, start_ns) &&
           set_moment(o, "done_s", s->t_done_ns, start_ns);
}

static bool set_tokens(struct json_object *o, const struct load_sample *s)
{
    return set_count(o, "prompt_tokens", s->prompt_tokens) &&
           set_count(o, "cached_tokens", s->cached_tokens) &&
           set_count(o, "completion_tokens", s->completion_tokens) &&
           json_set_int(o, "token_events", s->token_events) &&
           json_set_bool(o, "events_are_tokens", s->flags & LOAD_EVENTS_ARE_TOKENS);
}

/* Rounded moments are subtracted, not differences rounded: so nothing adds up. */
static bool set_gaps(struct json_object *o, const struct load_sample *s, const struct load_source *source)
{
    struct json_object *gaps = NULL;
    int64_t before_us = 0;
    bool ok = true;
    for (int64_t t_ns; ok && load_source_next_event(source, &t_ns);) {
        int64_t at_us = (t_ns - s->t_sent_ns + 500) / 1000;
        if (!gaps)
            gaps = json_object_new_array();
        ok = json_add_int(gaps, at_us - before_us);
        before_us = at_us;
    }
    return !gaps ? ok : json_set(o, "gaps_us", gaps) && ok;
}

struct json_object *load_sample_to_json(
    const struct load_sample *s, const struct load_source *source, int64_t t_start_ns)
{
    struct json_object *o = json_object_new_object();
    if (o && set_ending(o, s) && set_connection(o, s) && set_moments(o, s, t_start_ns) && set_tokens(o, s) &&
        set_gaps(o, s, source))
        return o;
    json_object_put(o);
    return NULL;
}
