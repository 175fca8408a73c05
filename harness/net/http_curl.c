#include "http_curl.h"

#include "clock.h"
#include "http_easy.h"
#include "http_error.h"
#include "http_multi.h"

#include <curl/curl.h>
#include <stdlib.h>

enum { HEADER_BYTES_MAX = 256 * 1024 };
#define HELLO_NS (50 * NS_PER_MS)     /* at least, for a frame behind a ticket */
#define UNHEARD_NS (1000 * NS_PER_MS) /* at least, for whatever is first behind a handshake */

struct http_curl {
    struct http_multi multi;
    struct http_turns turns;  /* of those that may share connections */
    struct loop_timer *begin; /* starts those whose turn it is, outside of http_start() and http_cancel() */
    struct loop_timer *hello; /* the holder's connection has been there long enough */
    bool serial;              /* the server does not share connections, so that nobody has to wait */
    bool spoke_2;             /* an answer came in HTTP/2 */
};

/* ---- turns ---- */

static void easy_end_completed(struct http_curl *curl);

static void easy_pass(struct http_exchange *x)
{
    struct http_curl *curl = x->client->curl;
    http_turns_pass(&curl->turns, &((struct easy_work *)x->work)->turn);
    if (curl->turns.first)
        loop_timer_set(curl->begin, 0);
}

/*
 * What a server of HTTP/2 sends first is what it takes, so over http:// a connection is known when it was read
 * from. With TLS that may have been a session ticket, which a server sends as the end of its handshake, in one go with
 * the other. So there it is known a while after it was first read from: twice the time that it took to make. From the
 * handshake on a while would say nothing, because a busy server may be long in coming to its end of it. A server that
 * is not heard at all is waited for longer; its answer, if that is what comes first, ends the waiting as well.
 */
static int64_t easy_while_ns(const struct easy_work *w, int64_t least_ns)
{
    return 2 * w->making_ns > least_ns ? 2 * w->making_ns : least_ns;
}

static void easy_hold(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    struct http_curl *curl = x->client->curl;
    int64_t now_ns = loop_now_ns();
    http_turns_hold(&curl->turns, &w->turn); /* in libcurl's own second try it may be another's turn */
    w->making_ns = now_ns - w->t_begun_ns;
    w->heard = false;
    if (w->tls && curl->turns.holder == &w->turn)
        loop_timer_set(curl->hello, now_ns + easy_while_ns(w, UNHEARD_NS));
}

static void easy_hear(struct http_curl *curl, struct easy_work *w)
{
    if (!w->tls) {
        easy_pass(w->x);
    } else if (!w->heard) {
        w->heard = true;
        loop_timer_set(curl->hello, loop_now_ns() + easy_while_ns(w, HELLO_NS));
    }
}

static void easy_on_hello(void *arg)
{
    struct http_curl *curl = arg;
    struct easy_work *w = (struct easy_work *)curl->turns.holder;
    if (w && w->ready_in)
        easy_pass(w->x);
}

/* It is connected. Where that took a new connection it has the turn until the server has spoken. */
static void easy_settle_turn(struct http_exchange *x, int local_port)
{
    struct easy_work *w = x->work;
    struct http_curl *curl = x->client->curl;
    long made = 0;
    if (!w->takes_turns)
        return;
    w->ready_in = curl->multi.calls;
    curl_easy_getinfo(w->easy, CURLINFO_NUM_CONNECTS, &made);
    easy_work_settle_socket(w, local_port);
    if (made && !curl->serial)
        easy_hold(x);
    else
        easy_pass(x);
}

static void easy_after_read(struct http_curl *curl, curl_socket_t fd)
{
    struct easy_work *w = (struct easy_work *)curl->turns.holder;
    if (w && fd != CURL_SOCKET_BAD && fd == w->fd && w->ready_in && w->ready_in < curl->multi.calls)
        easy_hear(curl, w);
}

/* Starts those that wait, up to one that opens a connection. */
static void easy_begin_waiting(void *arg)
{
    struct http_curl *curl = arg;
    for (struct http_turn *turn; (turn = http_turns_next(&curl->turns)) != NULL;) {
        struct easy_work *w = (struct easy_work *)turn;
        w->t_begun_ns = loop_now_ns();
        if (curl_multi_add_handle(curl->multi.curl, w->easy) == CURLM_OK)
            http_multi_run_due(&curl->multi);
        else
            http_fail(w->x, HTTP_INTERNAL, "cannot start a request: out of memory");
        if (curl->serial)
            http_turns_pass(&curl->turns, turn);
    }
    easy_end_completed(curl);
}

/* One that only looks for a connection makes none. */
static int easy_on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    struct easy_work *w = arg;
    (void)purpose;
    easy_work_note_socket(w, fd);
    w->no_room = w->looks_first;
    return w->looks_first ? CURL_SOCKOPT_ERROR : CURL_SOCKOPT_OK;
}

static bool easy_open_connection(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    CURLM *multi = x->client->curl->multi.curl;
    curl_multi_remove_handle(multi, w->easy);
    easy_work_open_connection(w);
    w->t_begun_ns = loop_now_ns();
    return curl_multi_add_handle(multi, w->easy) == CURLM_OK;
}

/* ---- curl's callbacks of one exchange ---- */

/* libcurl sends again by itself what was lost on an old connection before anything was answered. */
static int easy_on_ready_to_send(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct http_exchange *x = arg;
    const struct easy_work *w = x->work;
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    if (x->result.t_sent_ns && w->header_bytes == 0 &&
        loop_now_ns() - x->result.t_sent_ns > HTTP_STALE_WITHIN_NS) {
        http_fail(x, HTTP_TRUNCATED, "the connection was lost before anything was answered");
        return CURL_PREREQFUNC_ABORT;
    }
    http_ready(x);
    easy_settle_turn(x, local_port);
    return x->verdict == HTTP_OK ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static bool easy_end_of_headers(struct http_exchange *x, int64_t t_ns)
{
    struct easy_work *w = x->work;
    long status = 0, version = 0;
    curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(w->easy, CURLINFO_HTTP_VERSION, &version);
    if (status >= 100 && status < 200 && status != 101)
        return true; /* an interim answer; the real one follows */
    if (w->http == HTTP_WISH_2 && version != CURL_HTTP_VERSION_2_0) {
        http_fail(x, HTTP_PROTOCOL, "HTTP/2 was asked for, but it is HTTP/1 that is spoken there");
        return false;
    }
    x->client->curl->spoke_2 |= version == CURL_HTTP_VERSION_2_0;
    if (w->takes_turns) {
        x->client->curl->serial = version != CURL_HTTP_VERSION_2_0;
        easy_pass(x);
    }
    return http_take_headers(x, (int)status,
        version == CURL_HTTP_VERSION_2_0   ? 20
        : version == CURL_HTTP_VERSION_1_0 ? 10
                                           : 11,
        t_ns);
}

static size_t easy_on_header(char *bytes, size_t size, size_t count, void *arg)
{
    int64_t t_ns = loop_now_ns();
    struct http_exchange *x = arg;
    struct easy_work *w = x->work;
    size_t len = size * count;
    x->t_last_read_ns = t_ns;
    w->header_bytes += len;
    if (w->header_bytes > HEADER_BYTES_MAX)
        http_fail(x, HTTP_TOO_LARGE, NULL);
    if (!x->headers_done && len <= 2 && (*bytes == '\r' || *bytes == '\n'))
        easy_end_of_headers(x, t_ns);
    return x->verdict == HTTP_OK ? len : 0;
}

static size_t easy_on_body(char *bytes, size_t size, size_t count, void *arg)
{
    int64_t t_ns = loop_now_ns();
    size_t len = size * count;
    return http_take_body(arg, bytes, len, t_ns) ? len : 0;
}

/* ---- the end of an exchange ---- */

static void easy_take_times(struct http_exchange *x)
{
    CURL *easy = ((struct easy_work *)x->work)->easy;
    curl_off_t resolve_us = 0, connect_us = 0, tls_us = 0;
    long connections = 0;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &resolve_us);
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect_us);
    curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
    x->result.reused = connections == 0 && x->result.t_sent_ns != 0;
    if (x->result.reused)
        return;
    if (connect_us > 0 &&
        resolve_us >= connect_us) /* sent again: libcurl adds up the lookups of both tries */
        resolve_us = 0;
    x->result.resolve_ns = resolve_us * NS_PER_US;
    x->result.connect_ns = connect_us > resolve_us ? (connect_us - resolve_us) * NS_PER_US : 0;
    x->result.tls_ns = tls_us > connect_us ? (tls_us - connect_us) * NS_PER_US : 0;
}

static void easy_stop(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    easy_take_times(x);
    curl_multi_remove_handle(x->client->curl->multi.curl, w->easy);
    if (w->takes_turns)
        easy_pass(x);
}

static void easy_release(struct http_exchange *x)
{
    easy_work_free(x->work);
}

/* libcurl calls an answer in another language an empty one, or a connection that was lost. Over TLS the version is
 * agreed on before. */
static bool easy_met_no_2(const struct http_exchange *x)
{
    const struct easy_work *w = x->work;
    return w->http == HTTP_WISH_2 && !w->tls && x->result.t_sent_ns && !w->header_bytes &&
           !x->client->curl->spoke_2;
}

static void easy_end(struct http_exchange *x, CURLcode code)
{
    struct easy_work *w = x->work;
    curl_off_t uploaded = 0;
    if (w->looks_first && w->no_room && x->verdict == HTTP_OK && easy_open_connection(x))
        return;
    curl_easy_getinfo(w->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    struct http_moment moment = {.sent = x->result.t_sent_ns != 0,
        .uploading = (uploaded < w->body_len),
        .answered = (w->header_bytes > 0),
        .text = w->text};
    curl_easy_getinfo(w->easy, CURLINFO_OS_ERRNO, &moment.connect_errno);
    enum http_error error = http_error_of_curl(code, &moment);
    if (error == HTTP_OK && !x->headers_done)
        error = HTTP_TRUNCATED; /* libcurl is content with a head that was cut short */
    bool lost = error == HTTP_SEND || error == HTTP_TRUNCATED || error == HTTP_PROTOCOL;
    if (lost && easy_met_no_2(x)) {
        http_finish(x, HTTP_PROTOCOL,
            "HTTP/2 was asked for, and what came back was not HTTP/2: the server may speak HTTP/1.1 only");
        return;
    }
    http_finish(x, error, http_error_text(error, code, &moment));
}

static void easy_end_completed(struct http_curl *curl)
{
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(curl->multi.curl, &left));) {
        struct http_exchange *x = NULL;
        CURLcode code = m->data.result;
        if (m->msg == CURLMSG_DONE && curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &x) == CURLE_OK &&
            x)
            easy_end(x, code);
    }
}

static void easy_on_completed(curl_socket_t fd, void *arg)
{
    struct http_curl *curl = arg;
    easy_after_read(curl, fd);
    easy_end_completed(curl);
}

struct http_curl *http_curl_new(struct loop *loop)
{
    struct http_curl *curl = calloc(1, sizeof *curl);
    if (!curl)
        return NULL;
    curl->begin = loop_timer_new(loop, easy_begin_waiting, curl);
    curl->hello = loop_timer_new(loop, easy_on_hello, curl);
    if (http_multi_init(&curl->multi, loop, easy_on_completed, curl) == STATUS_OK && curl->begin &&
        curl->hello)
        return curl;
    http_curl_free(curl);
    return NULL;
}

void http_curl_free(struct http_curl *curl)
{
    if (!curl)
        return;
    http_multi_fini(&curl->multi);
    loop_timer_free(curl->begin);
    loop_timer_free(curl->hello);
    free(curl);
}

/* ---- the start of an exchange ---- */

/* Who may share a connection waits for its turn; nobody else does. */
static bool easy_begin(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    struct http_curl *curl = x->client->curl;
    w->t_begun_ns = loop_now_ns();
    if (!w->takes_turns || curl->serial)
        return curl_multi_add_handle(curl->multi.curl, w->easy) == CURLM_OK;
    http_turns_enter(&curl->turns, &w->turn);
    bool ok = curl->turns.holder || loop_timer_set(curl->begin, 0) == STATUS_OK;
    if (!ok)
        http_turns_pass(&curl->turns, &w->turn);
    return ok;
}

static void easy_set_callbacks(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    CURL *easy = w->easy;
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, easy_on_socket);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, w);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, easy_on_ready_to_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, easy_on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, easy_on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
}

static bool easy_start(struct http_exchange *x, const struct http_request *r, struct error *e)
{
    x->work = easy_work_new(x, r, e);
    if (!x->work)
        return false;
    easy_set_callbacks(x);
    if (easy_begin(x))
        return true;
    error_set(e, STATUS_NO_MEMORY, "cannot start a request: out of memory");
    return false;
}

static const char *easy_header(const struct http_exchange *x, const char *name)
{
    struct easy_work *w = x->work;
    struct curl_header *header = NULL;
    return curl_easy_header(w->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

static void easy_each_header(
    const struct http_exchange *x, void (*each)(const char *name, const char *value, void *arg), void *arg)
{
    struct easy_work *w = x->work;
    struct curl_header *header = NULL;
    while ((header = curl_easy_nextheader(w->easy, CURLH_HEADER, -1, header)) != NULL)
        each(header->name, header->value, arg);
}

const struct http_engine http_engine_curl = {
    .start = easy_start,
    .stop = easy_stop,
    .header = easy_header,
    .each_header = easy_each_header,
    .release = easy_release,
};
