#include "target_call.h"

#include "clock.h"
#include "exchange_fail.h"
#include "json.h"
#include "answer_error.h"
#include "target_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { EVENT_BYTES_MAX = 64 << 20, ANSWER_BODY_MAX = 64 << 20, ERROR_BODY_KEPT = 16 << 10 };
#define STREAM_BYTES_MAX (INT64_C(4) << 30)
#define GRACE_AFTER_END_NS NS_PER_S /* for the last bytes behind the protocol's own end mark */
#define RETRY_FIRST_NS (250 * NS_PER_MS)
#define RETRY_LONGEST_NS (8 * NS_PER_S)
#define RETRY_AFTER_LONGEST_NS (30 * NS_PER_S)

enum body_mode { BODY_IGNORED, BODY_EVENTS, BODY_WHOLE, BODY_ERROR };

struct target_call {
    struct target *target;
    struct target_call *next, *previous;
    struct exchange *x;
    target_done_fn done;
    void *arg;

    char *method, *url, *content_type;
    struct buf request_body;
    const struct answer_reader *reader;
    bool streamed, cancelled;
    int max_retries;
    struct buf *whole_body;
    int64_t t_start_ns, start_unix_ns;

    /* of the attempt */
    struct http_exchange *http;
    struct loop_timer *timer; /* starts the next attempt */
    enum body_mode mode;
    struct sse sse;
    struct buf body; /* of BODY_WHOLE */
    void *state;     /* of the reader */
    bool gave_up;    /* reading on was of no use; x->error says why */
};

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

static bool may_retry(enum exchange_error error)
{
    return error == EXCHANGE_RATE_LIMITED || error == EXCHANGE_CONNECT || error == EXCHANGE_HTTP_5XX;
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
    if (starts_with(type, "text/event-stream"))
        return BODY_EVENTS;
    return starts_with(type, "application/json") || !call->streamed ? BODY_WHOLE : BODY_EVENTS;
}

static void call_on_event(const struct sse_event *event, void *arg)
{
    struct target_call *call = arg;
    if (call->gave_up)
        return;
    if (!call->reader->event(call->state, event)) {
        call->gave_up = true;
        http_cancel(call->http);
    }
}

static void call_on_headers(struct http_exchange *http, void *arg)
{
    struct target_call *call = arg;
    struct exchange *x = call->x;
    const char *server = http_header(http, "Server"), *simulated = http_header(http, "X-Assay-Simulated");
    x->http_status = http_result(http)->status;
    if (server)
        exchange_copy_text(x->server_header, sizeof x->server_header, server, strlen(server));
    x->simulated = simulated && strcmp(simulated, "1") == 0;
    call->mode = mode_of_answer(call, http, x->http_status);
    x->streamed = call->mode == BODY_EVENTS;
    if (call->mode == BODY_EVENTS)
        sse_init(&call->sse, EVENT_BYTES_MAX, call_on_event, call);
    else
        http_first_seen(http);
}

static void keep_start_of_body(struct target_call *call, const void *bytes, size_t len)
{
    struct buf *body = &call->x->body;
    bool all = call->target->keep_body || !call->reader;
    size_t most = all ? body->limit : call->mode == BODY_ERROR ? ERROR_BODY_KEPT : 0;
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

static void call_on_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct target_call *call = arg;
    keep_start_of_body(call, bytes, len);
    if (call->mode == BODY_EVENTS)
        take_events(call, bytes, len, t_ns);
    else if (call->mode == BODY_WHOLE && buf_append(&call->body, bytes, len) != STATUS_OK)
        give_up_as_too_large(call);
}

/* ---- the end of an attempt ---- */

static void take_result(struct target_call *call, const struct http_result *r)
{
    struct exchange *x = call->x;
    x->t_sent_ns = r->t_sent_ns;
    x->t_headers_ns = r->t_headers_ns;
    x->connection_reused = r->reused;
    x->resolve_ns = r->resolve_ns;
    x->connect_ns = r->connect_ns;
    x->tls_ns = r->tls_ns;
    x->bytes_received = r->body_bytes;
    x->retry_after_ns =
        r->retry_after_s >= 0 && r->retry_after_s < INT64_MAX / NS_PER_S ? r->retry_after_s * NS_PER_S : -1;
    x->start_unix_ns = call->start_unix_ns + (x->t_sent_ns ? x->t_sent_ns - call->t_start_ns : 0);
}

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
static void judge_attempt(struct target_call *call, const struct http_result *r)
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

static void end_attempt(struct target_call *call)
{
    if (call->mode == BODY_EVENTS)
        sse_fini(&call->sse);
    free(call->state);
    call->state = NULL;
    call->http = NULL;
    call->mode = BODY_IGNORED;
    call->gave_up = false;
    buf_clear(&call->body);
    target_redact(call->target, call->x->error_text, strlen(call->x->error_text));
    target_redact(call->target, call->x->server_header, strlen(call->x->server_header));
    target_redact(call->target, call->x->body.data, call->x->body.len);
}

static void call_free(struct target_call *call)
{
    if (!call)
        return;
    loop_timer_free(call->timer);
    free(call->method);
    free(call->url);
    free(call->content_type);
    free(call->state);
    buf_fini(&call->request_body);
    buf_fini(&call->body);
    free(call);
}

static void call_finish(struct target_call *call)
{
    target_done_fn done = call->done;
    struct exchange *x = call->x;
    void *arg = call->arg;
    if (call->previous)
        call->previous->next = call->next;
    else
        call->target->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    call_free(call);
    done(x, arg);
}

static int64_t retry_pause_ns(const struct exchange *x)
{
    int64_t pause_ns = RETRY_FIRST_NS;
    for (int i = 1; i < x->attempts && pause_ns < RETRY_LONGEST_NS; i++)
        pause_ns *= 2;
    return x->retry_after_ns >= 0        ? x->retry_after_ns
           : pause_ns < RETRY_LONGEST_NS ? pause_ns
                                         : RETRY_LONGEST_NS;
}

static bool plan_retry(struct target_call *call)
{
    const struct exchange *x = call->x;
    if (!may_retry(x->error) || x->attempts > call->max_retries || call->cancelled ||
        x->retry_after_ns > RETRY_AFTER_LONGEST_NS)
        return false;
    return loop_timer_set(call->timer, loop_now_ns() + retry_pause_ns(x)) == STATUS_OK;
}

static void call_on_done(struct http_exchange *http, void *arg)
{
    struct target_call *call = arg;
    take_result(call, http_result(http));
    judge_attempt(call, http_result(http));
    end_attempt(call);
    if (!plan_retry(call))
        call_finish(call);
}

/* ---- the start ---- */

/* A new attempt starts from nothing, except for what is known of the attempts before it. */
static void reset_for_attempt(struct target_call *call)
{
    struct exchange *x = call->x, before = *x;
    exchange_reset(x);
    x->t_intended_ns = before.t_intended_ns;
    x->t_dequeued_ns = before.t_dequeued_ns;
    x->attempts = before.attempts;
    x->earlier_count = before.earlier_count;
    memcpy(x->earlier, before.earlier, sizeof x->earlier);
    if (x->attempts > 0 && x->earlier_count < EXCHANGE_ATTEMPTS_MAX)
        x->earlier[x->earlier_count++] = before.error;
    x->streamed = call->streamed;
    x->start_unix_ns = call->start_unix_ns;
}

/* False: not started; x says why. */
static bool begin_attempt(struct target_call *call)
{
    struct target *t = call->target;
    const char *headers[4] = {0};
    char content_type[160];
    size_t n = 0;
    struct error why = {0};
    snprintf(content_type, sizeof content_type, "Content-Type:%s%s", call->content_type ? " " : "",
        call->content_type ? call->content_type
                           : ""); /* without a value libcurl leaves its own default out */
    headers[n++] = content_type;
    if (t->authorization)
        headers[n++] = t->authorization;
    struct http_request request = {.method = call->method,
        .url = call->url,
        .headers = headers,
        .user = t->authorization ? NULL : t->url.user,
        .password = t->url.password,
        .body = call->request_body.len ? call->request_body.data : NULL,
        .body_len = call->request_body.len,
        .connect_timeout_ns = t->connect_timeout_ns,
        .first_timeout_ns = t->first_token_timeout_ns,
        .idle_timeout_ns = t->idle_timeout_ns,
        .total_timeout_ns = t->total_timeout_ns,
        .max_body_bytes = STREAM_BYTES_MAX,
        .on_headers = call_on_headers,
        .on_data = call_on_data,
        .on_done = call_on_done,
        .arg = call};
    reset_for_attempt(call);
    if (!t->client) {
        exchange_fail(call->x, EXCHANGE_INTERNAL, "the event loop has failed");
        return false;
    }
    call->state = call->reader ? calloc(1, call->reader->state_size) : NULL;
    if (call->reader && !call->state) {
        exchange_fail(call->x, EXCHANGE_INTERNAL, "out of memory");
        return false;
    }
    if (call->reader)
        call->reader->begin(call->state, call->x);
    call->http = http_start(t->client, &request, &why);
    if (!call->http)
        exchange_fail(call->x, EXCHANGE_INTERNAL, "%s", error_text(&why));
    else
        call->x->attempts++;
    return call->http != NULL;
}

static void call_on_timer(void *arg)
{
    struct target_call *call = arg;
    if (!call->cancelled && begin_attempt(call))
        return;
    if (call->cancelled) {
        call->x->error = EXCHANGE_CANCELLED;
        snprintf(
            call->x->error_text, sizeof call->x->error_text, "cancelled while waiting for the next attempt");
    }
    call_finish(call);
}

static struct target_call *call_new(struct target *target, const struct call_request *r, struct exchange *x)
{
    struct target_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    *call = (struct target_call){.target = target,
        .x = x,
        .method = strdup(r->method),
        .url = strdup(r->url),
        .content_type = r->content_type ? strdup(r->content_type) : NULL,
        .request_body = BUF_INIT(SIZE_MAX / 4),
        .reader = r->reader,
        .streamed = r->streamed,
        .max_retries = r->max_retries < EXCHANGE_ATTEMPTS_MAX ? r->max_retries : EXCHANGE_ATTEMPTS_MAX - 1,
        .whole_body = r->whole_body,
        .t_start_ns = loop_now_ns(),
        .start_unix_ns = clock_wall_ns(clock_system()),
        .body = BUF_INIT(ANSWER_BODY_MAX)};
    call->timer = loop_timer_new(target->loop, call_on_timer, call);
    enum status copied = r->body ? buf_append(&call->request_body, r->body, r->body_len) : STATUS_OK;
    if (call->method && call->url && call->timer && (call->content_type || !r->content_type) &&
        copied == STATUS_OK)
        return call;
    call_free(call);
    return NULL;
}

struct target_call *target_call_start(struct target *target, const struct call_request *request,
    struct exchange *x, target_done_fn done, void *arg)
{
    exchange_reset(x);
    x->t_dequeued_ns = loop_now_ns();
    x->t_intended_ns = request->t_intended_ns ? request->t_intended_ns : x->t_dequeued_ns;
    struct target_call *call = call_new(target, request, x);
    if (!call) {
        exchange_fail(x, EXCHANGE_INTERNAL, "out of memory");
        return NULL;
    }
    call->done = done;
    call->arg = arg;
    if (!begin_attempt(call)) {
        call_free(call);
        return NULL;
    }
    call->next = target->calls;
    if (call->next)
        call->next->previous = call;
    target->calls = call;
    return call;
}

void target_call_refuse(struct exchange *x, int64_t t_intended_ns, struct error *why)
{
    exchange_reset(x);
    x->t_dequeued_ns = loop_now_ns();
    x->t_intended_ns = t_intended_ns ? t_intended_ns : x->t_dequeued_ns;
    x->start_unix_ns = clock_wall_ns(clock_system());
    exchange_fail(x, EXCHANGE_INTERNAL, "%s", error_text(why));
}

void target_call_cancel(struct target_call *call)
{
    call->cancelled = true;
    if (call->http)
        http_cancel(call->http);
    else
        loop_timer_set(call->timer, 0);
}

void target_call_end_all(struct target *target)
{
    struct target_call *next;
    for (struct target_call *call = target->calls; call; call = next) {
        next = call->next;
        if (!call->http)
            call->cancelled = true, call_on_timer(call);
    }
    http_client_free(target->client); /* ends the others */
    target->client = NULL;
}

void target_call_wait(struct target_wait *w)
{
    while (!w->over)
        if (loop_run(w->target->loop) != STATUS_OK)
            target_call_end_all(w->target); /* calls every done function, ours too */
}

void target_call_stop_waiting(struct exchange *x, void *arg)
{
    struct target_wait *w = arg;
    (void)x;
    w->over = true;
    loop_stop(w->target->loop);
}

void target_call_run(struct target *target, const struct call_request *request, struct exchange *x)
{
    struct target_wait w = {.target = target};
    if (target_call_start(target, request, x, target_call_stop_waiting, &w))
        target_call_wait(&w);
}
