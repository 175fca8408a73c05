#include "exchange_json.h"

#include "json.h"

#include <string.h>

/* A count that may be unknown (negative) is left out. */
static bool set_known(struct json_object *o, const char *key, int64_t value)
{
    return value < 0 || json_set_int(o, key, value);
}

static bool set_known_real(struct json_object *o, const char *key, double value)
{
    return value < 0 || json_set_real(o, key, value);
}

static bool set_text_if_any(struct json_object *o, const char *key, const char *text)
{
    return *text == '\0' || json_set_text(o, key, text);
}

static bool set_times(struct json_object *line, const struct exchange *x)
{
    const struct {
        const char *name;
        int64_t t_ns;
    } moments[] = {
        {"dequeued_ns", x->t_dequeued_ns},
        {"sent_ns", x->t_sent_ns},
        {"headers_ns", x->t_headers_ns},
        {"event1_ns", x->t_event1_ns},
        {"first_token_ns", x->t_first_token_ns},
        {"first_answer_ns", x->t_first_answer_ns},
        {"last_token_ns", x->t_last_token_ns},
        {"done_ns", x->t_done_ns},
    };
    struct json_object *t = json_object_new_object();
    bool ok = json_set_int(t, "intended_ns", 0);
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        if (moments[i].t_ns)
            ok = ok && json_set_int(t, moments[i].name, moments[i].t_ns - x->t_intended_ns);
    return json_set(line, "t", t) && ok;
}

static bool set_connection(struct json_object *line, const struct exchange *x)
{
    struct json_object *c = json_object_new_object();
    const char *version = x->http == 20 ? "2" : x->http == 11 ? "1.1" : x->http == 10 ? "1.0" : NULL;
    bool ok = json_set_bool(c, "reused", x->connection_reused) &&
              (!version || json_set_text(c, "http_version", version));
    if (!x->connection_reused)
        ok = ok && json_set_int(c, "resolve_ns", x->resolve_ns) &&
             json_set_int(c, "connect_ns", x->connect_ns) && json_set_int(c, "tls_ns", x->tls_ns);
    return json_set(line, "connection", c) && ok;
}

static bool any_event_has_tokens(const struct exchange *x)
{
    for (size_t i = 0; i < x->event_count; i++)
        if (x->events[i].tokens >= 0)
            return true;
    return false;
}

static bool set_events(struct json_object *line, const struct exchange *x)
{
    if (!x->event_count)
        return true;
    bool with_tokens = any_event_has_tokens(x), ok = true;
    struct json_object *events = json_object_new_object(), *t = json_object_new_array(),
                       *kinds = json_object_new_array(), *bytes = json_object_new_array(),
                       *tokens = with_tokens ? json_object_new_array() : NULL;
    int64_t before_ns = x->t_intended_ns;
    for (size_t i = 0; i < x->event_count && ok; i++) {
        const struct exchange_event *event = &x->events[i];
        ok = json_add_int(t, event->t_ns - before_ns) && json_add_int(kinds, event->kinds) &&
             json_add_int(bytes, event->text_bytes) && (!with_tokens || json_add_int(tokens, event->tokens));
        before_ns = event->t_ns;
    }
    ok &= json_set(events, "t_ns", t);
    ok &= json_set(events, "kinds", kinds);
    ok &= json_set(events, "bytes", bytes);
    ok &= !with_tokens || json_set(events, "tokens", tokens);
    return json_set(line, "events", events) && ok;
}

static bool set_tokens(struct json_object *line, const struct exchange_tokens *t)
{
    if (t->source == TOKENS_NONE)
        return true;
    struct json_object *o = json_object_new_object();
    bool ok = set_known(o, "prompt", t->prompt) && set_known(o, "completion", t->completion) &&
              set_known(o, "reasoning", t->reasoning) && set_known(o, "cached", t->cached) &&
              json_set_text(o, "source", token_source_name(t->source)) &&
              (t->agrees < 0 ? json_set_null(o, "agrees") : json_set_bool(o, "agrees", t->agrees > 0));
    return json_set(line, "tokens", o) && ok;
}

static bool set_native(struct json_object *line, const struct exchange_native *n)
{
    if (!n->source)
        return true;
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "source", n->source) && set_known_real(o, "prompt_s", n->prompt_s) &&
              set_known_real(o, "decode_s", n->decode_s) && set_known_real(o, "load_s", n->load_s) &&
              set_known_real(o, "total_s", n->total_s) && set_known_real(o, "ttft_s", n->ttft_s) &&
              set_known_real(o, "decode_per_s", n->decode_per_s) &&
              set_known_real(o, "prefill_per_s", n->prefill_per_s) && set_known(o, "prompt_n", n->prompt_n) &&
              set_known(o, "decode_n", n->decode_n) && set_known(o, "cached_n", n->cached_n);
    return json_set(line, "native", o) && ok;
}

static bool set_outcome(struct json_object *line, const struct exchange *x)
{
    bool ok = json_set_bool(line, "streamed", x->streamed) &&
              json_set_text(line, "error", exchange_error_name(x->error)) &&
              (x->http_status == 0 || json_set_int(line, "http_status", x->http_status)) &&
              set_text_if_any(line, "finish_reason", x->finish_reason) &&
              json_set_int(line, "attempts", x->attempts) &&
              set_known(line, "retry_after_ns", x->retry_after_ns);
    if (x->error != EXCHANGE_OK)
        ok = ok && json_set_text(line, "error_text", x->error_text);
    if (x->earlier_count == 0)
        return ok;
    struct json_object *earlier = json_object_new_array();
    for (int i = 0; i < x->earlier_count; i++)
        ok = ok && json_add_text(earlier, exchange_error_name(x->earlier[i]));
    return json_set(line, "earlier_errors", earlier) && ok;
}

struct json_object *exchange_to_json(const struct exchange *x)
{
    struct json_object *line = json_object_new_object();
    if (line && set_outcome(line, x) && json_set_int(line, "start_unix_ns", x->start_unix_ns) &&
        set_times(line, x) && set_connection(line, x) && set_events(line, x) &&
        set_tokens(line, &x->tokens) && set_native(line, &x->native) &&
        json_set_int(line, "bytes_received", x->bytes_received) &&
        set_text_if_any(line, "server_header", x->server_header) &&
        json_set_bool(line, "simulated", x->simulated))
        return line;
    json_object_put(line);
    return NULL;
}
