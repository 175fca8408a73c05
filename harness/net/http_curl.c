#include "http_curl.h"

#include "clock.h"
#include "http_error.h"
#include "http_host.h"
#include "http_multi.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES_MAX = 256 * 1024 };

struct http_curl {
    struct http_multi multi;
};

struct easy_work {
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    int64_t body_len;
    size_t header_bytes;
    char text[CURL_ERROR_SIZE];
};

/* ---- curl's callbacks of one exchange ---- */

static int easy_on_ready_to_send(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct http_exchange *x = arg;
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    http_ready(x);
    return x->verdict == HTTP_OK ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static bool easy_end_of_headers(struct http_exchange *x, int64_t t_ns)
{
    struct easy_work *w = x->work;
    long status = 0;
    curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 100 && status < 200 && status != 101)
        return true; /* an interim answer; the real one follows */
    return http_take_headers(x, (int)status, t_ns);
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

static void easy_end(struct http_exchange *x, CURLcode code)
{
    struct easy_work *w = x->work;
    curl_off_t uploaded = 0;
    curl_easy_getinfo(w->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    struct http_moment moment = {.sent = x->result.t_sent_ns != 0,
        .uploading = uploaded<w->body_len, .answered = w->header_bytes> 0,
        .text = w->text};
    enum http_error error = http_error_of_curl(code, &moment);
    if (error == HTTP_OK && !x->headers_done)
        error = HTTP_TRUNCATED; /* libcurl is content with a head that was cut short */
    http_finish(x, error, http_error_text(error, code, &moment));
}

static void easy_end_completed(void *arg)
{
    struct http_curl *curl = arg;
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(curl->multi.curl, &left));) {
        struct http_exchange *x = NULL;
        CURLcode code = m->data.result;
        if (m->msg == CURLMSG_DONE && curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &x) == CURLE_OK &&
            x)
            easy_end(x, code);
    }
}

struct http_curl *http_curl_new(struct loop *loop)
{
    struct http_curl *curl = calloc(1, sizeof *curl);
    if (curl && http_multi_init(&curl->multi, loop, easy_end_completed, curl) == STATUS_OK)
        return curl;
    http_curl_free(curl);
    return NULL;
}

void http_curl_free(struct http_curl *curl)
{
    if (!curl)
        return;
    http_multi_fini(&curl->multi);
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
        ok = ok && easy_add_header(w, "Connection: close");
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

/* All deadlines are ours, so curl's own (300 s to connect) are moved out of the way. */
static void easy_set_manners(struct easy_work *w, struct http_exchange *x)
{
    CURL *easy = w->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, w->text);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
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

static bool easy_start(struct http_exchange *x, const struct http_request *r, struct error *e)
{
    struct easy_work *w = x->work = calloc(1, sizeof *w);
    if (!w || !(w->easy = curl_easy_init()))
        goto no_memory;
    easy_set_manners(w, x);
    if (!easy_set_tls(w, r->transport) || !easy_set_address(w, r) || !easy_set_headers(w, r) ||
        !easy_set_body(w, r))
        goto no_memory;
    if (curl_multi_add_handle(x->client->curl->multi.curl, w->easy) == CURLM_OK)
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
