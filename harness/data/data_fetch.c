#include "data_fetch.h"

#include "http.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { REDIRECTS_MAX = 5, ATTEMPTS_MAX = 4, URL_MAX = 4096, TOKEN_MAX = 512, ERROR_BODY_MAX = 1 << 16 };
#define RETRY_FIRST_NS (500 * NS_PER_MS)
#define RETRY_LONGEST_NS (60 * NS_PER_S)

struct data_fetch {
    struct data_fetch_options options;
    struct loop *loop;
    struct http_client *client;
};

/* One request on its way. */
struct getting {
    struct loop *loop;
    struct http_exchange *http;
    struct buf *body;
    struct buf refused; /* the body of an answer that is none of 200 */
    struct http_result result;
    char location[URL_MAX], revision[80];
    bool too_large;
};

enum status data_fetch_new(
    const struct data_fetch_options *options, struct data_fetch **fetch, struct error *e)
{
    struct data_fetch *f = calloc(1, sizeof *f);
    *fetch = NULL;
    if (!f)
        return error_set(e, STATUS_NO_MEMORY, "no memory for a client");
    f->options = *options;
    enum status s = loop_new(&f->loop, e);
    if (s == STATUS_OK)
        s = http_client_new(f->loop, &f->client, e);
    if (s == STATUS_OK)
        *fetch = f;
    else
        data_fetch_free(f);
    return s;
}

void data_fetch_free(struct data_fetch *fetch)
{
    if (!fetch)
        return;
    if (fetch->client)
        http_client_free(fetch->client);
    if (fetch->loop)
        loop_free(fetch->loop);
    free(fetch);
}

/* ---- one request ---- */

static void keep_header(char *out, size_t size, const struct http_exchange *x, const char *name)
{
    const char *value = http_header(x, name);
    if (value && strlen(value) < size)
        snprintf(out, size, "%s", value);
}

static void on_headers(struct http_exchange *x, void *arg)
{
    struct getting *g = arg;
    keep_header(g->location, sizeof g->location, x, "Location");
    keep_header(g->revision, sizeof g->revision, x, "X-Revision");
}

static void on_data(const void *bytes, size_t len, int64_t t_ns, void *arg)
{
    struct getting *g = arg;
    bool wanted = http_result(g->http)->status == 200;
    (void)t_ns;
    if (!wanted)
        (void)buf_append(&g->refused, bytes, len);
    else if (buf_append(g->body, bytes, len) != STATUS_OK)
        g->too_large = true, http_cancel(g->http);
}

static void on_done(struct http_exchange *x, void *arg)
{
    struct getting *g = arg;
    g->result = *http_result(x);
    g->http = NULL;
    loop_stop(g->loop);
}

static bool token_is_for(const struct data_fetch *f, const char *url)
{
    for (size_t i = 0; f->options.token && i < 2; i++)
        if (f->options.token_for[i] && data_same_origin(url, f->options.token_for[i]))
            return true;
    return false;
}

static enum status get_once(
    struct data_fetch *f, const char *url, size_t max_bytes, struct getting *g, struct error *e)
{
    char authorization[TOKEN_MAX + 32];
    const char *headers[] = {"Accept: application/json, */*", NULL, NULL};
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s",
        f->options.token ? f->options.token : "");
    if (token_is_for(f, url))
        headers[1] = authorization;
    struct http_request request = {.method = "GET",
        .url = url,
        .headers = headers,
        .connect_timeout_ns = 15 * NS_PER_S,
        .first_timeout_ns = 60 * NS_PER_S,
        .first_is_headers = true,
        .idle_timeout_ns = 60 * NS_PER_S,
        .total_timeout_ns = 3600 * NS_PER_S,
        .max_body_bytes = (int64_t)max_bytes,
        .on_headers = on_headers,
        .on_data = on_data,
        .on_done = on_done,
        .arg = g};
    g->http = http_start(f->client, &request, e);
    if (!g->http)
        return e ? e->status : STATUS_INTERNAL;
    while (g->http)
        if (loop_run(f->loop) != STATUS_OK)
            return error_set(e, STATUS_INTERNAL, "the event loop has failed");
    return STATUS_OK;
}

/* ---- where to go on ---- */

bool data_same_origin(const char *url, const char *other)
{
    const char *host = strstr(url, "://"), *other_host = strstr(other, "://");
    if (!host || !other_host)
        return false;
    size_t len = (size_t)(host - url) + 3 + strcspn(host + 3, "/?#");
    size_t other_len = (size_t)(other_host - other) + 3 + strcspn(other_host + 3, "/?#");
    return len == other_len && strncasecmp(url, other, len) == 0;
}

/* The next address into url; false: it is none that is followed. */
static bool follow(char url[URL_MAX], const char *location)
{
    char next[URL_MAX];
    const char *host = strstr(url, "://");
    bool https = strncasecmp(url, "https://", 8) == 0;
    int n = -1;
    if (strncasecmp(location, "https://", 8) == 0 || (!https && strncasecmp(location, "http://", 7) == 0))
        n = snprintf(next, sizeof next, "%s", location);
    else if (location[0] == '/' && location[1] != '/' && host)
        n = snprintf(next, sizeof next, "%.*s%s", (int)(host + 3 - url + (long)strcspn(host + 3, "/?#")), url,
            location);
    if (n < 0 || n >= URL_MAX || strchr(next, '@'))
        return false;
    memcpy(url, next, (size_t)n + 1);
    return true;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* ---- what went wrong ---- */

static bool may_retry(const struct http_result *r)
{
    return r->error == HTTP_OK ? r->status == 429 || r->status >= 500
                               : r->error == HTTP_CONNECT || r->error == HTTP_TRUNCATED;
}

/* The service's own words of a refusal, {"error": "..."}, on one line. */
static void append_refusal(struct buf *out, const struct buf *body)
{
    struct json_object *tree = NULL;
    if (json_parse(buf_text(body), body->len, &tree, NULL) == STATUS_OK && json_get_text(tree, "/error")) {
        const char *said = json_get_text(tree, "/error");
        buf_append_text(out, ": ");
        (void)text_sanitise_line(out, said, strlen(said), 300);
    }
    json_object_put(tree);
}

static enum status refuse(const struct getting *g, const char *url, size_t max_bytes, struct error *e)
{
    const struct http_result *r = &g->result;
    struct buf said = BUF_INIT(4096);
    char most[32];
    size_t shown = strcspn(url, "?"); /* what stands behind may be signed */
    enum status s;
    append_refusal(&said, &g->refused);
    text_format_bytes(most, sizeof most, (double)max_bytes);
    if (g->too_large || r->error == HTTP_TOO_LARGE)
        s = error_set(e, STATUS_LIMIT, "%.*s is larger than %s", (int)shown, url, most);
    else if (r->error != HTTP_OK)
        s = error_set(e, STATUS_UNAVAILABLE, "%.*s: %s", (int)shown, url, r->text);
    else
        s = error_set(e, STATUS_UNAVAILABLE, "%.*s answers with HTTP %d%s%s", (int)shown, url, r->status,
            buf_text(&said), r->status == 401 || r->status == 403 ? " (HF_TOKEN may let you in)" : "");
    buf_fini(&said);
    return s;
}

static void wait_for_retry(const struct data_fetch *f, const struct http_result *r, int attempt)
{
    const struct clock *clock = f->options.clock ? f->options.clock : clock_system();
    int64_t wait_ns = r->retry_after_s >= 0 ? r->retry_after_s * NS_PER_S : RETRY_FIRST_NS << attempt;
    clock_sleep_until(clock, clock_mono_ns(clock) + wait_ns);
}

static bool is_too_long_a_wait(const struct http_result *r)
{
    return r->retry_after_s > RETRY_LONGEST_NS / NS_PER_S;
}

/* One address until it answers, or is given up. */
static enum status get_patiently(
    struct data_fetch *f, const char *url, size_t max_bytes, struct getting *g, struct error *e)
{
    for (int attempt = 0;; attempt++) {
        buf_clear(&g->refused);
        buf_clear(g->body);
        g->location[0] = g->revision[0] = '\0';
        g->too_large = false;
        enum status s = get_once(f, url, max_bytes, g, e);
        if (s != STATUS_OK || !may_retry(&g->result) || attempt + 1 == ATTEMPTS_MAX ||
            is_too_long_a_wait(&g->result))
            return s;
        wait_for_retry(f, &g->result, attempt);
    }
}

enum status data_fetch_get(struct data_fetch *fetch, const char *url, size_t max_bytes, struct buf *body,
    struct data_answer *answer, struct error *e)
{
    char at[URL_MAX];
    struct buf whole = BUF_INIT(max_bytes);
    struct getting *g = calloc(1, sizeof *g);
    int n = snprintf(at, sizeof at, "%s", url);
    *answer = (struct data_answer){0};
    enum status s = g && n < URL_MAX ? STATUS_OK : error_set(e, STATUS_LIMIT, "an address too long to ask");
    if (s == STATUS_OK) {
        *g = (struct getting){.loop = fetch->loop, .body = &whole, .refused = BUF_INIT(ERROR_BODY_MAX)};
        s = get_patiently(fetch, at, max_bytes, g, e);
    }
    for (int i = 0; s == STATUS_OK && g->result.error == HTTP_OK && is_redirect(g->result.status) &&
                    i < REDIRECTS_MAX && follow(at, g->location);
         i++)
        s = get_patiently(fetch, at, max_bytes, g, e);
    if (s == STATUS_OK) {
        answer->status = g->result.status;
        snprintf(answer->revision, sizeof answer->revision, "%s", g->revision);
        if (g->result.error != HTTP_OK || g->result.status != 200 || g->too_large)
            s = refuse(g, at, max_bytes, e);
        else if (buf_append(body, buf_text(&whole), whole.len) != STATUS_OK)
            s = error_set(e, STATUS_LIMIT, "the set is too large");
    }
    buf_fini(&whole);
    if (g)
        buf_fini(&g->refused);
    free(g);
    return s;
}
