#include "target_call.h"

#include "call_private.h"
#include "clock.h"
#include "exchange_write.h"
#include "openai_adapt.h"
#include "target_tap.h"
#include "redirect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_BODY_MAX = 64 << 20 };
#define STREAM_BYTES_MAX (INT64_C(4) << 30)
#define RETRY_FIRST_NS (250 * NS_PER_MS)
#define RETRY_LONGEST_NS (8 * NS_PER_S)
#define RETRY_AFTER_LONGEST_NS (30 * NS_PER_S)

/* ---- the end of an attempt ---- */

static bool may_retry(enum exchange_error error)
{
    return error == EXCHANGE_RATE_LIMITED || error == EXCHANGE_CONNECT || error == EXCHANGE_HTTP_5XX;
}

static void take_result(struct target_call *call, const struct http_result *r)
{
    struct exchange *x = call->x;
    x->t_sent_ns = r->t_sent_ns;
    x->t_headers_ns = r->t_headers_ns;
    x->http = r->http;
    x->connection_reused = r->reused;
    x->resolve_ns = r->resolve_ns;
    x->connect_ns = r->connect_ns;
    x->tls_ns = r->tls_ns;
    x->bytes_received = r->body_bytes;
    x->retry_after_ns =
        r->retry_after_s >= 0 && r->retry_after_s < INT64_MAX / NS_PER_S ? r->retry_after_s * NS_PER_S : -1;
    x->start_unix_ns = call->start_unix_ns + (x->t_sent_ns ? x->t_sent_ns - call->t_start_ns : 0);
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
    target_redact_answer(call->target, &call->x->answer);
    target_redact_answer(call->target, &call->x->reasoning);
    target_redact_answer(call->target, &call->x->tool_calls);
}

static void call_free(struct target_call *call)
{
    if (!call)
        return;
    loop_timer_free(call->timer);
    free(call->method);
    free(call->url);
    free(call->content_line);
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

static void call_on_timer(void *arg);

/* Few calls need the timer. */
static bool begin_later(struct target_call *call, int64_t at_ns)
{
    if (!call->timer)
        call->timer = loop_timer_new(call->target->loop, call_on_timer, call);
    return call->timer && loop_timer_set(call->timer, at_ns) == STATUS_OK;
}

static bool plan_retry(struct target_call *call)
{
    const struct exchange *x = call->x;
    if (!may_retry(x->error) || x->attempts > call->max_retries || call->cancelled ||
        x->retry_after_ns > RETRY_AFTER_LONGEST_NS)
        return false;
    return begin_later(call, loop_now_ns() + retry_pause_ns(x));
}

static bool begin_attempt(struct target_call *call);

/* A refusal that names what it does not take is an answer: the same is asked once more in the other way, and no
 * retry is counted for it. What has helped is remembered for the target. */
static bool plan_adapted(struct target_call *call)
{
    struct exchange *x = call->x;
    unsigned what = call->adapts && !call->cancelled && x->attempts < EXCHANGE_ATTEMPTS_MAX
                        ? openai_adapt_refused(x, &call->request_body, call->adapted)
                        : 0;
    if (x->error == EXCHANGE_OK)
        call->target->adapted |= call->adapted;
    if (!what || openai_adapt_body(&call->request_body, what) != STATUS_OK)
        return false;
    call->adapted |= what;
    call->max_retries++;
    return begin_later(call, loop_now_ns());
}

/* A step on the same server belongs to the attempt: its time shows between t_intended and t_sent. */
static bool follow_redirect(struct target_call *call, struct http_exchange *http)
{
    const struct http_result *r = http_result(http);
    const char *location = r->status > 300 && r->status < 400 ? http_header(http, "Location") : NULL;
    struct error why = {0};
    char *next = NULL;
    if (!location || r->error != HTTP_OK || call->cancelled)
        return false;
    if (call->redirects == REDIRECTS_MAX)
        error_set(&why, STATUS_LIMIT, "the server sends us on and on, %d times", REDIRECTS_MAX);
    else if (redirect_resolve(call->url, call->method, r->status, location, &next, &why) == STATUS_OK) {
        free(call->url);
        call->url = next;
        call->redirects++;
        return true;
    }
    exchange_fail(call->x, EXCHANGE_HTTP_OTHER, "HTTP %d: %s", r->status, error_text(&why));
    return false;
}

static void call_on_done(struct http_exchange *http, void *arg)
{
    struct target_call *call = arg;
    bool again = follow_redirect(call, http);
    take_result(call, http_result(http));
    if (!again)
        call_judge(call, http_result(http));
    if (call->target->tap)
        call->target->tap->end(call->x, call->target->tap->arg);
    end_attempt(call);
    if (again) {
        call->x->attempts--;
        again = begin_attempt(call);
    }
    if (!again && !plan_adapted(call) && !plan_retry(call))
        call_finish(call);
}

/* ---- the start ---- */

/* The attempt is over, and its error is no longer that of the exchange. */
static void keep_error(struct exchange *x)
{
    if (x->attempts > 0 && x->error != EXCHANGE_OK && x->earlier_count < EXCHANGE_ATTEMPTS_MAX)
        x->earlier[x->earlier_count++] = x->error;
}

/* A new attempt starts from nothing, except for what is known of the attempts before it. */
static void forget_attempt(struct exchange *x)
{
    keep_error(x);
    struct exchange before = *x;
    exchange_reset(x);
    x->t_intended_ns = before.t_intended_ns;
    x->t_dequeued_ns = before.t_dequeued_ns;
    x->attempts = before.attempts;
    x->earlier_count = before.earlier_count;
    memcpy(x->earlier, before.earlier, sizeof x->earlier);
}

/* The first one finds the exchange as target_call_start() has reset it. */
static void reset_for_attempt(struct target_call *call)
{
    struct exchange *x = call->x;
    if (x->attempts > 0 || call->redirects > 0)
        forget_attempt(x);
    x->streamed = call->streamed;
    x->start_unix_ns = call->start_unix_ns;
}

static int64_t total_timeout_ns(const struct target *t)
{
    int64_t left_ns = t->deadline_ns ? t->deadline_ns - loop_now_ns() : t->total_timeout_ns;
    return left_ns < 1 ? 1 : left_ns < t->total_timeout_ns ? left_ns : t->total_timeout_ns;
}

static struct http_request http_request_of(struct target_call *call, const char *const *headers)
{
    const struct target *t = call->target;
    return (struct http_request){.method = call->method,
        .url = call->url,
        .headers = headers,
        .user = t->authorization ? NULL : t->url.user,
        .password = t->url.password,
        .transport = &t->transport,
        .body = call->request_body.len ? call->request_body.data : NULL,
        .body_len = call->request_body.len,
        .connect_timeout_ns = t->connect_timeout_ns,
        .first_timeout_ns = t->first_token_timeout_ns,
        .idle_timeout_ns = t->idle_timeout_ns,
        .total_timeout_ns = total_timeout_ns(t),
        .max_body_bytes = STREAM_BYTES_MAX,
        .fresh_connection = t->fresh_connections,
        .on_headers = call_on_headers,
        .on_data = call_on_data,
        .on_done = call_on_done,
        .arg = call};
}

static struct http_exchange *send_request(struct target_call *call, struct error *e)
{
    const char *headers[] = {call->content_line, call->target->authorization, NULL};
    struct http_request request = http_request_of(call, headers);
    return http_start(call->target->client, &request, e);
}

/* False: not started; x says why. */
static bool begin_attempt(struct target_call *call)
{
    struct error why;
    error_clear(&why);
    reset_for_attempt(call);
    if (call->reader)
        call->state = calloc(1, call->reader->state_size);
    if (!call->target->client)
        error_set(&why, STATUS_INTERNAL, "the event loop has failed");
    else if (call->reader && !call->state)
        error_set(&why, STATUS_NO_MEMORY, "out of memory");
    else {
        if (call->reader)
            call->reader->begin(call->state, call->x, call->reader_arg);
        call->http = send_request(call, &why);
    }
    const struct target_tap *tap = call->target->tap;
    if (call->http)
        call->x->attempts++;
    else
        exchange_fail(call->x, EXCHANGE_INTERNAL, "%s", error_text(&why));
    if (call->http && tap)
        tap->request(call->method, call->url, call->content_type, buf_text(&call->request_body),
            call->request_body.len, tap->arg);
    return call->http != NULL;
}

static void call_on_timer(void *arg)
{
    struct target_call *call = arg;
    if (!call->cancelled && begin_attempt(call))
        return;
    if (call->cancelled) {
        keep_error(call->x);
        call->x->error = EXCHANGE_CANCELLED;
        snprintf(
            call->x->error_text, sizeof call->x->error_text, "cancelled while waiting for the next attempt");
    }
    call_finish(call);
}

#define CONTENT_TYPE "Content-Type: "

/* A content type without a value makes libcurl leave its own default out. */
static char *content_line_of(const char *type)
{
    size_t len = type ? strlen(type) : 0;
    char *line = malloc(sizeof CONTENT_TYPE + len);
    if (line) {
        memcpy(line, CONTENT_TYPE, sizeof CONTENT_TYPE);
        memcpy(line + sizeof CONTENT_TYPE - (type ? 1 : 2), type ? type : "", len + 1);
    }
    return line;
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
        .content_line = content_line_of(r->content_type),
        .request_body = BUF_INIT(SIZE_MAX / 4),
        .reader = r->reader,
        .reader_arg = r->reader_arg,
        .streamed = r->streamed,
        .adapts = r->adapts,
        .hang_up_after_events = r->hang_up_after_events,
        .max_retries = r->max_retries < EXCHANGE_ATTEMPTS_MAX ? r->max_retries : EXCHANGE_ATTEMPTS_MAX - 1,
        .whole_body = r->whole_body,
        .t_start_ns = loop_now_ns(),
        .start_unix_ns = clock_wall_ns(clock_system()),
        .body = BUF_INIT(ANSWER_BODY_MAX)};
    if (r->body_taken) {
        call->request_body = *r->body_taken;
        *r->body_taken = (struct buf){.limit = r->body_taken->limit};
    }
    enum status copied = r->body ? buf_append(&call->request_body, r->body, r->body_len) : STATUS_OK;
    if (call->content_line && r->content_type)
        call->content_type = call->content_line + sizeof CONTENT_TYPE - 1;
    if (call->method && call->url && call->content_line && copied == STATUS_OK)
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

void target_wait(struct target *target)
{
    while (target->calls)
        if (loop_run_once(target->loop, -1) != STATUS_OK)
            target_call_end_all(target);
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
