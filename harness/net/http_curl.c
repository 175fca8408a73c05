#include "http_curl.h"

#include "clock.h"
#include "http_error.h"
#include "http_host.h"
#include "http_multi.h"
#include "http_turns.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER_BYTES_MAX = 256 * 1024 };

struct http_curl {
    struct http_multi multi;
    struct http_turns turns;  /* of those that may share connections */
    struct loop_timer *begin; /* starts those whose turn it is, outside of http_start() and http_cancel() */
    bool serial;              /* the server does not share connections, so that nobody has to wait */
    bool spoke_2;             /* an answer came in HTTP/2 */
};

struct easy_work {
    struct http_turn turn; /* first: a turn is its work */
    struct http_exchange *x;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    int64_t body_len;
    size_t header_bytes;
    enum http_wish http;
    bool takes_turns, tls;
    bool looks_first; /* for a connection that is there; no_room: there was none */
    bool no_room;
    curl_socket_t fd;       /* the last one made for it */
    unsigned long ready_in; /* the call of curl in which it was connected */
    char text[CURL_ERROR_SIZE];
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

/* It is connected. Where that took a new connection it has the turn until the server has spoken. */
static void easy_settle_turn(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    struct http_curl *curl = x->client->curl;
    long made = 0;
    if (!w->takes_turns)
        return;
    w->ready_in = curl->multi.calls;
    curl_easy_getinfo(w->easy, CURLINFO_NUM_CONNECTS, &made);
    if (made && !curl->serial)
        http_turns_hold(&curl->turns, &w->turn); /* it need not be the holder: libcurl may have tried again */
    else
        easy_pass(x);
}

/*
 * What a server of HTTP/2 sends first is what it takes, so over http:// a connection is known when it was read
 * from. With TLS it may have been a session ticket: there the answer has to begin.
 */
static void easy_after_read(struct http_curl *curl, curl_socket_t fd)
{
    struct easy_work *w = (struct easy_work *)curl->turns.holder;
    if (w && !w->tls && fd != CURL_SOCKET_BAD && fd == w->fd && w->ready_in &&
        w->ready_in < curl->multi.calls)
        easy_pass(w->x);
}

/* Starts those that wait, up to one that opens a connection. */
static void easy_begin_waiting(void *arg)
{
    struct http_curl *curl = arg;
    for (struct http_turn *turn; (turn = http_turns_next(&curl->turns)) != NULL;) {
        struct easy_work *w = (struct easy_work *)turn;
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
    w->fd = fd;
    w->no_room = w->looks_first;
    return w->looks_first ? CURL_SOCKOPT_ERROR : CURL_SOCKOPT_OK;
}

static bool easy_open_connection(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    CURLM *multi = x->client->curl->multi.curl;
    w->looks_first = false;
    *w->text = '\0';
    curl_multi_remove_handle(multi, w->easy);
    curl_easy_setopt(w->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    curl_easy_setopt(w->easy, CURLOPT_FRESH_CONNECT, 1L);
    return curl_multi_add_handle(multi, w->easy) == CURLM_OK;
}

/* ---- curl's callbacks of one exchange ---- */

static int easy_on_ready_to_send(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct http_exchange *x = arg;
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    http_ready(x);
    easy_settle_turn(x);
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
    struct easy_work *w = x->work;
    if (!w)
        return;
    curl_easy_cleanup(w->easy);
    curl_slist_free_all(w->headers);
    free(w->body);
    free(w);
}

/* libcurl calls an answer in another language an empty one, or a connection that was lost. */
static bool easy_met_no_2(const struct http_exchange *x)
{
    const struct easy_work *w = x->work;
    return w->http == HTTP_WISH_2 && x->result.t_sent_ns && !w->header_bytes && !x->client->curl->spoke_2;
}

static void easy_end(struct http_exchange *x, CURLcode code)
{
    struct easy_work *w = x->work;
    curl_off_t uploaded = 0;
    if (w->looks_first && w->no_room && x->verdict == HTTP_OK && easy_open_connection(x))
        return;
    curl_easy_getinfo(w->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    struct http_moment moment = {.sent = x->result.t_sent_ns != 0,
        .uploading = uploaded<w->body_len, .answered = w->header_bytes> 0,
        .text = w->text};
    enum http_error error = http_error_of_curl(code, &moment);
    if (error == HTTP_OK && !x->headers_done)
        error = HTTP_TRUNCATED; /* libcurl is content with a head that was cut short */
    if (error != HTTP_OK && easy_met_no_2(x)) {
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
    if (http_multi_init(&curl->multi, loop, easy_on_completed, curl) == STATUS_OK && curl->begin)
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
    free(curl);
}

/* ---- the start of an exchange ---- */

static bool easy_add_header(struct easy_work *w, const char *line)
{
    struct curl_slist *longer = curl_slist_append(w->headers, line);
    if (longer)
        w->headers = longer;
    return longer != NULL;
}

static bool easy_set_body(struct easy_work *w, const struct http_request *r)
{
    bool post = strcmp(r->method, "POST") == 0;
    if (strcmp(r->method, "HEAD") == 0)
        return curl_easy_setopt(w->easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    if (r->body || post) {
        w->body = malloc(r->body_len + 1);
        if (!w->body)
            return false;
        if (r->body_len)
            memcpy(w->body, r->body, r->body_len);
        w->body_len = (int64_t)r->body_len;
        curl_easy_setopt(w->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
        if (curl_easy_setopt(w->easy, CURLOPT_POSTFIELDS, w->body) != CURLE_OK)
            return false;
    }
    return curl_easy_setopt(w->easy, CURLOPT_CUSTOMREQUEST, r->method) == CURLE_OK;
}

static bool easy_set_address(struct easy_work *w, const struct http_request *r)
{
    bool ok = curl_easy_setopt(w->easy, CURLOPT_URL, r->url) == CURLE_OK;
    const struct http_transport *t = r->transport;
    if (t && t->proxy)
        ok = ok && curl_easy_setopt(w->easy, CURLOPT_PROXY, t->proxy) == CURLE_OK &&
             curl_easy_setopt(w->easy, CURLOPT_NOPROXY, "") == CURLE_OK;
    else if ((t && t->unix_socket) || http_url_is_loopback(r->url))
        ok = ok && curl_easy_setopt(w->easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
    if (t && t->unix_socket)
        ok = ok && curl_easy_setopt(w->easy, CURLOPT_UNIX_SOCKET_PATH, t->unix_socket) == CURLE_OK;
    if (r->user) {
        curl_easy_setopt(w->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        ok = ok && curl_easy_setopt(w->easy, CURLOPT_USERNAME, r->user) == CURLE_OK;
        ok = ok && curl_easy_setopt(w->easy, CURLOPT_PASSWORD, r->password ? r->password : "") == CURLE_OK;
    }
    return ok;
}

static bool easy_set_headers(struct easy_work *w, const struct http_request *r)
{
    bool ok = easy_add_header(
        w, "Expect:"); /* curl would ask for 100-continue above 1 MiB and wait a second for it */
    for (const char *const *h = r->headers; h && *h; h++)
        ok = ok && easy_add_header(w, *h);
    for (size_t i = 0; r->transport && i < r->transport->header_count; i++)
        ok = ok && easy_add_header(w, r->transport->headers[i]);
    if (r->fresh_connection) {
        ok = ok &&
             (w->http == HTTP_WISH_2 || easy_add_header(w, "Connection: close")); /* 2 has no such header */
        curl_easy_setopt(w->easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(w->easy, CURLOPT_FORBID_REUSE, 1L);
    }
    return ok && curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, w->headers) == CURLE_OK;
}

/* Authorities of one's own are trusted instead of the machine's, not beside them. A key with a passphrase is
 * an error: OpenSSL would ask the terminal for it. */
static bool easy_set_tls(struct easy_work *w, const struct http_transport *t)
{
    const char *machine = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs have it */
    const char *authorities = t && t->ca_file ? t->ca_file : machine && *machine ? machine : NULL;
    bool ok = curl_easy_setopt(w->easy, CURLOPT_KEYPASSWD, "") == CURLE_OK;
    if (authorities)
        ok = ok && curl_easy_setopt(w->easy, CURLOPT_CAINFO, authorities) == CURLE_OK;
    if (t && t->ca_file)
        curl_easy_setopt(w->easy, CURLOPT_CAPATH, NULL);
    if (t && t->cert_file)
        ok = ok && curl_easy_setopt(w->easy, CURLOPT_SSLCERT, t->cert_file) == CURLE_OK &&
             curl_easy_setopt(w->easy, CURLOPT_SSLKEY, t->key_file ? t->key_file : t->cert_file) == CURLE_OK;
    if (t && t->insecure) {
        curl_easy_setopt(w->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(w->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    return ok;
}

/*
 * libcurl 7.88 speaks HTTP/2 within HTTP/2 where a connection that it began with prior knowledge is used again
 * (curl/curl#10634), but not where the request that uses it wants 2 over TLS only, which http:// is indifferent to.
 */
static bool easy_may_not_know(void)
{
    unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
    return version >= 0x075800 && version < 0x080000;
}

/* Over https:// it is ALPN that decides; what was spoken is looked at when the answer begins. */
static void easy_set_version(struct easy_work *w, const struct http_request *r)
{
    long version = CURL_HTTP_VERSION_1_1;
    w->http = r->transport ? r->transport->http : HTTP_WISH_1_1;
    w->tls = strncasecmp(r->url, "https://", 8) == 0;
    if (w->tls && w->http != HTTP_WISH_1_1)
        version = CURL_HTTP_VERSION_2TLS;
    else if (w->http == HTTP_WISH_2)
        version = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    w->takes_turns = version != CURL_HTTP_VERSION_1_1 && !r->fresh_connection;
    w->looks_first = w->takes_turns && version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE && easy_may_not_know();
    curl_easy_setopt(w->easy, CURLOPT_HTTP_VERSION, w->looks_first ? (long)CURL_HTTP_VERSION_2TLS : version);
    curl_easy_setopt(w->easy, CURLOPT_SOCKOPTFUNCTION, easy_on_socket);
    curl_easy_setopt(w->easy, CURLOPT_SOCKOPTDATA, w);
}

/* All deadlines are ours, so curl's own (300 s to connect) are moved out of the way. */
static void easy_set_manners(struct easy_work *w, struct http_exchange *x)
{
    CURL *easy = w->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, w->text);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)INT_MAX);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "assay");
    curl_easy_setopt(
        easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* what a proxy answers is not the server's */
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE); /* and ours are not for it */
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a resolver thread when cancelled */
#endif
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, easy_on_ready_to_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, easy_on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, easy_on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
}

/* Who may share a connection waits for its turn; nobody else does. */
static bool easy_begin(struct http_exchange *x)
{
    struct easy_work *w = x->work;
    struct http_curl *curl = x->client->curl;
    if (!w->takes_turns || curl->serial)
        return curl_multi_add_handle(curl->multi.curl, w->easy) == CURLM_OK;
    http_turns_enter(&curl->turns, &w->turn);
    bool ok = curl->turns.holder || loop_timer_set(curl->begin, 0) == STATUS_OK;
    if (!ok)
        http_turns_pass(&curl->turns, &w->turn);
    return ok;
}

static bool easy_start(struct http_exchange *x, const struct http_request *r, struct error *e)
{
    struct easy_work *w = x->work = calloc(1, sizeof *w);
    if (!w || !(w->easy = curl_easy_init()))
        goto no_memory;
    w->x = x;
    w->fd = CURL_SOCKET_BAD;
    easy_set_manners(w, x);
    easy_set_version(w, r);
    if (w->http == HTTP_WISH_2 && !(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2)) {
        error_set(e, STATUS_UNAVAILABLE, "this libcurl (%s) does not speak HTTP/2", curl_version());
        return false;
    }
    if (easy_set_tls(w, r->transport) && easy_set_address(w, r) && easy_set_headers(w, r) &&
        easy_set_body(w, r) && easy_begin(x))
        return true;
no_memory:
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
