#include "call_private.h"

#include "answer_error.h"
#include "clock.h"
#include "exchange_write.h"
#include "json.h"
#include "target_tap.h"

#include <string.h>
#include <strings.h>

enum { EVENT_BYTES_MAX = 64 << 20, ERROR_BODY_KEPT = 16 << 10 };
#define GRACE_AFTER_END_NS NS_PER_S /* for the last bytes behind the protocol's own end mark */

/* ---- classes ---- */

static const enum exchange_error class_of_http[] = {
    [HTTP_OK] = EXCHANGE_OK,
    [HTTP_RESOLVE] = EXCHANGE_RESOLVE,
    [HTTP_CONNECT] = EXCHANGE_CONNECT,
    [HTTP_TLS] = EXCHANGE_TLS,
    [HTTP_SEND] = EXCHANGE_SEND,
    [HTTP_TIMEOUT_CONNECT] = EXCHANGE_TIMEOUT_CONNECT,
    [HTTP_TIMEOUT_FIRST] = EXCHANGE_TIMEOUT_FIRST_TOKEN,
    [HTTP_TIMEOUT_IDLE] = EXCHANGE_TIMEOUT_IDLE,
    [HTTP_TIMEOUT_TOTAL] = EXCHANGE_TIMEOUT_TOTAL,
    [HTTP_PROTOCOL] = EXCHANGE_PROTOCOL,
    [HTTP_TRUNCATED] = EXCHANGE_TRUNCATED,
    [HTTP_TOO_LARGE] = EXCHANGE_TOO_LARGE,
    [HTTP_CANCELLED] = EXCHANGE_CANCELLED,
    [HTTP_INTERNAL] = EXCHANGE_INTERNAL,
};

static enum exchange_error class_of_status(int status, bool retry_after)
{
    if (status == 429 || (status == 503 && retry_after))
        return EXCHANGE_RATE_LIMITED;
    if (status >= 500)
        return EXCHANGE_HTTP_5XX;
    if (status >= 400)
        return EXCHANGE_HTTP_4XX;
    return status >= 200 && status < 300 ? EXCHANGE_OK : EXCHANGE_HTTP_OTHER;
}

/* ---- the answer ---- */

static bool starts_with(const char *text, const char *prefix)
{
    return text && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static enum body_mode mode_of_answer(const struct target_call *call, struct http_exchange *http, int status)
{
    const char *type = http_header(http, "Content-Type");
    if (status < 200 || status >= 300)
        return BODY_ERROR;
    if (!call->reader)
        return call->whole_body ? BODY_WHOLE : BODY_IGNORED;
    if (starts_with(type, call->reader->lines ? "application/x-ndjson" : "text/event-stream"))
        return BODY_EVENTS;
    /* A page (of a proxy, of another service) is no stream either; what has no type, or a wrong one, may be.
     */
    bool whole = starts_with(type, "application/json") || starts_with(type, "text/html") || !call->streamed;
    return whole ? BODY_WHOLE : BODY_EVENTS;
}

static void call_on_event(const struct sse_event *event, void *arg)
{
    struct target_call *call = arg;
    if (call->gave_up)
        return;
    if (!call->reader->event(call->state, event)) {
        call->gave_up = true;
        http_cancel(call->http);
    } else if (call->hang_up_after_events > 0 &&
               exchange_token_events(call->x) >= (size_t)call->hang_up_after_events) {
        http_cancel(call->http);
    }
}

static void begin_events(struct target_call *call)
{
    sse_init(&call->sse, EVENT_BYTES_MAX, call_on_event, call);
    call->sse.lines = call->reader->lines;
}

void call_on_headers(struct http_exchange *http, void *arg)
{
    struct target_call *call = arg;
    const struct target_tap *tap = call->target->tap;
    struct exchange *x = call->x;
    if (tap)
        http_each_header(http, tap->header, tap->arg);
    const char *server = http_header(http, "Server"), *simulated = http_header(http, "X-Assay-Simulated");
    x->http_status = http_result(http)->status;
    if (server)
        exchange_copy_text(x->server_header, sizeof x->server_header, server, strlen(server));
    const char *type = http_header(http, "Content-Type");
    if (type)
        exchange_copy_text(x->content_type, sizeof x->content_type, type, strcspn(type, "; "));
    x->simulated = simulated && strcmp(simulated, "1") == 0;
    call->mode = mode_of_answer(call, http, x->http_status);
    x->streamed = call->mode == BODY_EVENTS;
    if (call->mode == BODY_EVENTS)
        begin_events(call);
    else
        http_first_seen(http);
}

static void keep_start_of_body(struct target_call *call, const void *bytes, size_t len)
{
    struct buf *body = &call->x->body;
    bool all = call->target->keep_body || !call->reader;
    if (!all && call->mode != BODY_ERROR)
        return;
    size_t most = all ? body->limit : ERROR_BODY_KEPT;
    size_t room = most > body->len ? most - body->len : 0;
    buf_append(body, bytes, len < room ? len : room);
}

static void give_up_as_too_large(struct target_call *call)
{
    exchange_fail(call->x, EXCHANGE_TOO_LARGE, "the answer is larger than the client is willing to keep");
    call->gave_up = true;
    http_cancel(call->http);
}

static void take_events(struct target_call *call, const void *bytes, size_t len, int64_t t_ns)
{
    bool was_complete = call->reader->is_complete(call->state);
    if (sse_push(&call->sse, bytes, len, t_ns) != STATUS_OK)
        give_up_as_too_large(call);
    if (call->x->t_first_token_ns)
        http_first_seen(call->http);
    if (!was_complete && call->reader->is_complete(call->state)) {
        http_first_seen(call->http);
        http_set_idle_timeout(call->http, GRACE_AFTER_END_NS);
    }
}

void call_on_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct target_call *call = arg;
    const struct target_tap *tap = call->target->tap;
    if (tap)
        tap->data(bytes, len, t_ns, tap->arg);
    keep_start_of_body(call, bytes, len);
    if (call->mode == BODY_EVENTS)
        take_events(call, bytes, len, t_ns);
    else if (call->mode == BODY_WHOLE && buf_append(&call->body, bytes, len) != STATUS_OK)
        give_up_as_too_large(call);
}

/* ---- the end of an attempt ---- */

static void fail_by_status(struct target_call *call, enum exchange_error error)
{
    struct exchange *x = call->x;
    struct json_object *root = NULL;
    char message[512];
    if (json_parse(buf_text(&x->body), x->body.len, &root, NULL) != STATUS_OK)
        root = NULL;
    answer_error_message(root, buf_text(&x->body), x->body.len, message, sizeof message);
    json_object_put(root);
    exchange_fail(x, error, "HTTP %d%s%s", x->http_status, *message ? ": " : "", message);
}

static void read_to_end(struct target_call *call, bool clean)
{
    if (!call->reader)
        return;
    if (call->mode == BODY_EVENTS && clean && sse_finish(&call->sse) != STATUS_OK)
        exchange_fail(call->x, EXCHANGE_TOO_LARGE, "the answer is larger than the client is willing to keep");
    if (call->mode == BODY_WHOLE && clean)
        call->reader->whole(call->state, buf_text(&call->body), call->body.len);
    if (call->mode == BODY_EVENTS || call->mode == BODY_WHOLE)
        call->reader->end(call->state, clean);
}

/* From the most telling to the least: what the reader found, the status, what happened to the connection. */
void call_judge(struct target_call *call, const struct http_result *r)
{
    struct exchange *x = call->x;
    enum exchange_error by_status =
        r->status ? class_of_status(r->status, r->retry_after_s >= 0) : EXCHANGE_OK;
    bool complete = call->mode == BODY_EVENTS && call->reader->is_complete(call->state);
    if (r->error == HTTP_CANCELLED && !call->gave_up)
        exchange_fail(x, EXCHANGE_CANCELLED, "cancelled");
    else if (by_status != EXCHANGE_OK)
        fail_by_status(call, by_status);
    else if (r->error != HTTP_OK && !complete)
        exchange_fail(x, class_of_http[r->error], "%s", r->text);
    read_to_end(call, x->error == EXCHANGE_OK); /* what came before a break is data too */
    if (x->error == EXCHANGE_OK && call->whole_body &&
        buf_append(call->whole_body, buf_text(&call->body), call->body.len) != STATUS_OK)
        exchange_fail(x, EXCHANGE_TOO_LARGE, "the answer is larger than the client is willing to keep");
    x->t_done_ns = x->error == EXCHANGE_OK ? r->t_last_byte_ns : r->t_end_ns;
}
