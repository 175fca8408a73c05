#include "http.h"

#include "clock.h"
#include "http_curl.h"
#include "http_direct.h"
#include "http_error.h"
#include "http_private.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- deadlines: one timer per exchange; reads only note the time, and the timer looks again ---- */

struct deadline {
    int64_t at_ns;
    enum http_error error;
};

static void deadline_consider(struct deadline *d, int64_t from_ns, int64_t timeout_ns, enum http_error error)
{
    if (timeout_ns > 0 && (d->at_ns == 0 || from_ns + timeout_ns < d->at_ns))
        *d = (struct deadline){from_ns + timeout_ns, error};
}

static struct deadline http_next_deadline(const struct http_exchange *x)
{
    struct deadline d = {0};
    if (x->result.t_sent_ns == 0)
        deadline_consider(&d, x->t_connect_ns, x->connect_timeout_ns, HTTP_TIMEOUT_CONNECT);
    else if (!x->first_seen)
        deadline_consider(&d, x->result.t_sent_ns, x->first_timeout_ns, HTTP_TIMEOUT_FIRST);
    else
        deadline_consider(&d, x->t_last_read_ns, x->idle_timeout_ns, HTTP_TIMEOUT_IDLE);
    deadline_consider(&d, x->t_start_ns, x->total_timeout_ns, HTTP_TIMEOUT_TOTAL);
    return d;
}

/* A timer that fires too early is set again then, which costs less than setting it at each step. */
static void http_arm(struct http_exchange *x)
{
    struct deadline d = http_next_deadline(x);
    if (d.at_ns == 0 || (x->armed_ns && x->armed_ns <= d.at_ns))
        return;
    if (loop_timer_set(x->deadline, d.at_ns) == STATUS_OK)
        x->armed_ns = d.at_ns;
}

static void http_unlink(struct http_exchange *x)
{
    if (!x->link)
        return;
    *x->link = x->next;
    if (x->next)
        x->next->link = x->link;
    x->link = NULL;
}

static void http_link(struct http_exchange *x, struct http_exchange **list)
{
    x->next = *list;
    if (x->next)
        x->next->link = &x->next;
    x->link = list;
    *list = x;
}

/* Takes effect outside of the engines: libcurl's handles must not be removed from inside its own callbacks. */
static void http_decide(struct http_exchange *x, enum http_error verdict)
{
    if (x->verdict != HTTP_OK)
        return;
    x->verdict = verdict;
    http_unlink(x);
    http_link(x, &x->client->decided);
    loop_timer_set(x->client->reaper, 0);
}

static void http_on_deadline(void *arg)
{
    struct http_exchange *x = arg;
    struct deadline d = http_next_deadline(x);
    x->armed_ns = 0;
    if (d.at_ns && d.at_ns <= loop_now_ns())
        http_decide(x, d.error);
    else
        http_arm(x);
}

void http_cancel(struct http_exchange *x)
{
    http_decide(x, HTTP_CANCELLED);
}

void http_first_seen(struct http_exchange *x)
{
    if (x->first_seen)
        return;
    x->first_seen = true;
    if (!x->t_last_read_ns) /* else it is that of the bytes that were seen */
        x->t_last_read_ns = loop_now_ns();
    http_arm(x);
}

void http_set_idle_timeout(struct http_exchange *x, int64_t idle_timeout_ns)
{
    x->idle_timeout_ns = idle_timeout_ns;
    http_arm(x);
}

/* ---- what the engines tell ---- */

void http_ready(struct http_exchange *x)
{
    x->result.t_sent_ns = loop_now_ns();
    http_arm(x);
}

void http_unready(struct http_exchange *x)
{
    x->result.t_sent_ns = 0;
    x->t_connect_ns = loop_now_ns();
    http_arm(x);
}

bool http_take_headers(struct http_exchange *x, int status, int http, int64_t t_ns)
{
    x->headers_done = true;
    x->result.status = status;
    x->result.http = http;
    x->result.t_headers_ns = x->result.t_last_byte_ns = t_ns;
    if (x->first_is_headers)
        http_first_seen(x);
    if (x->on_headers && x->verdict == HTTP_OK)
        x->on_headers(x, x->arg);
    return x->verdict == HTTP_OK;
}

bool http_take_body(struct http_exchange *x, const char *bytes, size_t len, int64_t t_ns)
{
    x->t_last_read_ns = x->result.t_last_byte_ns = t_ns;
    x->result.body_bytes += (int64_t)len;
    if (x->max_body_bytes > 0 && x->result.body_bytes > x->max_body_bytes)
        http_decide(x, HTTP_TOO_LARGE);
    if (x->on_data && x->verdict == HTTP_OK)
        x->on_data(bytes, len, t_ns, x->arg);
    return x->verdict == HTTP_OK;
}

void http_fail(struct http_exchange *x, enum http_error error, const char *text)
{
    if (x->verdict == HTTP_OK && text)
        snprintf(x->result.text, sizeof x->result.text, "%s", text);
    http_decide(x, error);
}

/* ---- the end of an exchange ---- */

static void http_free(struct http_exchange *x)
{
    if (!x)
        return;
    loop_timer_free(x->deadline);
    if (x->engine)
        x->engine->release(x);
    free(x);
}

static int64_t http_retry_after_s(const struct http_exchange *x)
{
    const char *value = http_header(x, "Retry-After");
    int64_t seconds = 0;
    if (!value)
        return -1;
    if (*value < '0' || *value > '9' || strchr(value, ' ')) {
        time_t at = curl_getdate(value, NULL);
        int64_t wait_s = (int64_t)at - clock_wall_ns(clock_system()) / NS_PER_S;
        return at == (time_t)-1 || wait_s < 0 ? 0 : wait_s;
    }
    for (; *value >= '0' && *value <= '9' && seconds < INT64_MAX / 100; value++)
        seconds = seconds * 10 + (*value - '0');
    return seconds;
}

static void http_set_error(struct http_exchange *x, enum http_error error, const char *text)
{
    struct http_result *r = &x->result;
    r->error = x->verdict != HTTP_OK ? x->verdict : error;
    const char *own = http_error_own_text(r->error);
    if (r->error != HTTP_OK && !*r->text)
        snprintf(r->text, sizeof r->text, "%s", own ? own : text ? text : "");
}

void http_finish(struct http_exchange *x, enum http_error error, const char *text)
{
    x->result.t_end_ns = loop_now_ns();
    http_set_error(x, error, text);
    if (x->headers_done)
        x->result.retry_after_s = http_retry_after_s(x);
    x->engine->stop(x);
    http_unlink(x);
    x->on_done(x, x->arg);
    http_free(x);
}

/* on_done may decide about others. */
static void http_reap(void *arg)
{
    struct http_client *client = arg;
    while (client->decided)
        http_finish(client->decided, HTTP_CANCELLED, NULL);
}

enum status http_client_new(struct loop *loop, struct http_client **client, struct error *e)
{
    struct http_client *c = calloc(1, sizeof *c);
    const char *engine = getenv("ASSAY_HTTP_ENGINE");
    *client = NULL;
    if (!c)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    c->loop = loop;
    c->reaper = loop_timer_new(loop, http_reap, c);
    bool ours = !engine || strcmp(engine, "curl") != 0;
    if (ours)
        c->direct = http_direct_new(loop);
    if (!c->reaper || (ours && !c->direct)) {
        http_client_free(c);
        return error_set(e, STATUS_NO_MEMORY, "cannot set up the HTTP client: out of memory");
    }
    *client = c;
    return STATUS_OK;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    while (client->first)
        http_decide(client->first, HTTP_CANCELLED);
    http_reap(client);
    http_curl_free(client->curl);
    http_direct_free(client->direct);
    loop_timer_free(client->reaper);
    free(client);
}

/* ---- the start of an exchange ---- */

static struct http_exchange *http_exchange_new(struct http_client *client, const struct http_request *r)
{
    struct http_exchange *x = malloc(sizeof *x);
    if (!x)
        return NULL;
    int64_t now_ns = loop_now_ns();
    *x = (struct http_exchange){.client = client,
        .connect_timeout_ns = r->connect_timeout_ns,
        .first_timeout_ns = r->first_timeout_ns,
        .idle_timeout_ns = r->idle_timeout_ns,
        .total_timeout_ns = r->total_timeout_ns,
        .max_body_bytes = r->max_body_bytes,
        .first_is_headers = r->first_is_headers,
        .on_headers = r->on_headers,
        .on_data = r->on_data,
        .on_done = r->on_done,
        .arg = r->arg,
        .t_start_ns = now_ns,
        .t_connect_ns = now_ns,
        .deadline = loop_timer_new(client->loop, http_on_deadline, x),
        .result = {.retry_after_s = -1}};
    if (x->deadline)
        return x;
    free(x);
    return NULL;
}

/* Made when it is first needed: most runs never are. */
static bool http_choose_engine(struct http_exchange *x, const struct http_request *r)
{
    struct http_client *client = x->client;
    if (client->direct && http_direct_takes(client->direct, r)) {
        x->engine = &http_engine_direct;
        return true;
    }
    if (!client->curl)
        client->curl = http_curl_new(client->loop);
    x->engine = client->curl ? &http_engine_curl : NULL;
    return x->engine != NULL;
}

static bool http_line_is_whole(const char *line)
{
    return !line || strpbrk(line, "\r\n") == NULL;
}

static bool http_lines_are_whole(const struct http_request *r)
{
    bool whole = http_line_is_whole(r->url) && http_line_is_whole(r->method);
    for (const char *const *h = r->headers; h && *h; h++)
        whole = whole && http_line_is_whole(*h);
    return whole;
}

struct http_exchange *http_start(
    struct http_client *client, const struct http_request *request, struct error *e)
{
    if (strncasecmp(request->url, "http://", 7) != 0 && strncasecmp(request->url, "https://", 8) != 0) {
        error_set(e, STATUS_INVALID, "not an http or https URL");
        return NULL;
    }
    if (!http_lines_are_whole(request)) {
        error_set(e, STATUS_INVALID, "a header of the request, or its address, contains a line break");
        return NULL;
    }
    struct http_exchange *x = http_exchange_new(client, request);
    if (!x || !http_choose_engine(x, request)) {
        error_set(e, STATUS_NO_MEMORY, "cannot start a request: out of memory");
        http_free(x);
        return NULL;
    }
    http_link(x, &client->first);
    http_arm(x);
    if (x->engine->start(x, request, e))
        return x;
    http_unlink(x);
    http_free(x);
    return NULL;
}

const struct http_result *http_result(const struct http_exchange *x)
{
    return &x->result;
}

const char *http_header(const struct http_exchange *x, const char *name)
{
    return x->engine->header(x, name);
}

void http_each_header(
    const struct http_exchange *x, void (*each)(const char *name, const char *value, void *arg), void *arg)
{
    x->engine->each_header(x, each, arg);
}
