#include "http.h"

#include "clock.h"
#include "http_error.h"
#include "http_host.h"
#include "http_multi.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER_BYTES_MAX = 256 * 1024 };

struct http_client {
    struct loop *loop;
    struct http_multi multi;
    struct loop_timer *reaper; /* ends cancelled and timed-out exchanges outside curl's own callbacks */
    struct http_exchange *first;
};

struct http_exchange {
    struct http_client *client;
    struct http_exchange *next, *previous;
    CURL *easy;
    struct curl_slist *headers;
    struct loop_timer *deadline;
    char *body;
    int64_t body_len;
    char curl_text[CURL_ERROR_SIZE];

    int64_t connect_timeout_ns, first_timeout_ns, idle_timeout_ns, total_timeout_ns, max_body_bytes;
    int64_t t_start_ns, t_last_read_ns;
    size_t header_bytes;
    bool first_is_headers, first_seen, headers_done;
    enum http_error verdict; /* ours; HTTP_OK while curl decides */

    void (*on_headers)(struct http_exchange *x, void *arg);
    void (*on_data)(const void *bytes, size_t len, int64_t t_ns, void *arg);
    void (*on_done)(struct http_exchange *x, void *arg);
    void *arg;
    struct http_result result;
};

/* ---- deadlines: one timer per exchange, set to the earliest; reads only note the time ---- */

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
        deadline_consider(&d, x->t_start_ns, x->connect_timeout_ns, HTTP_TIMEOUT_CONNECT);
    else if (!x->first_seen)
        deadline_consider(&d, x->result.t_sent_ns, x->first_timeout_ns, HTTP_TIMEOUT_FIRST);
    else
        deadline_consider(&d, x->t_last_read_ns, x->idle_timeout_ns, HTTP_TIMEOUT_IDLE);
    deadline_consider(&d, x->t_start_ns, x->total_timeout_ns, HTTP_TIMEOUT_TOTAL);
    return d;
}

static void http_arm(struct http_exchange *x)
{
    struct deadline d = http_next_deadline(x);
    if (d.at_ns)
        loop_timer_set(x->deadline, d.at_ns);
    else
        loop_timer_cancel(x->deadline);
}

/* Takes effect outside curl: a handle must not be removed from inside its own callbacks. */
static void http_decide(struct http_exchange *x, enum http_error verdict)
{
    if (x->verdict != HTTP_OK)
        return;
    x->verdict = verdict;
    loop_timer_set(x->client->reaper, 0);
}

static void http_on_deadline(void *arg)
{
    struct http_exchange *x = arg;
    struct deadline d = http_next_deadline(x);
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
    x->t_last_read_ns = loop_now_ns();
    http_arm(x);
}

void http_set_idle_timeout(struct http_exchange *x, int64_t idle_timeout_ns)
{
    x->idle_timeout_ns = idle_timeout_ns;
    http_arm(x);
}

/* ---- curl's callbacks of one exchange ---- */

static int http_on_ready_to_send(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct http_exchange *x = arg;
    x->result.t_sent_ns = loop_now_ns();
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    http_arm(x);
    return x->verdict == HTTP_OK ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static void http_end_of_headers(struct http_exchange *x, int64_t t_ns)
{
    long status = 0;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 100 && status < 200 && status != 101)
        return; /* an interim answer; the real one follows */
    x->headers_done = true;
    x->result.status = (int)status;
    x->result.t_headers_ns = x->result.t_last_byte_ns = t_ns;
    if (x->first_is_headers)
        http_first_seen(x);
    if (x->on_headers && x->verdict == HTTP_OK)
        x->on_headers(x, x->arg);
}

static size_t http_on_header(char *bytes, size_t size, size_t count, void *arg)
{
    int64_t t_ns = loop_now_ns();
    struct http_exchange *x = arg;
    size_t len = size * count;
    x->t_last_read_ns = t_ns;
    x->header_bytes += len;
    if (x->header_bytes > HEADER_BYTES_MAX)
        http_decide(x, HTTP_TOO_LARGE);
    if (!x->headers_done && len <= 2 && (*bytes == '\r' || *bytes == '\n'))
        http_end_of_headers(x, t_ns);
    return x->verdict == HTTP_OK ? len : 0;
}

static size_t http_on_body(char *bytes, size_t size, size_t count, void *arg)
{
    int64_t t_ns = loop_now_ns();
    struct http_exchange *x = arg;
    size_t len = size * count;
    x->t_last_read_ns = x->result.t_last_byte_ns = t_ns;
    x->result.body_bytes += (int64_t)len;
    if (x->max_body_bytes > 0 && x->result.body_bytes > x->max_body_bytes)
        http_decide(x, HTTP_TOO_LARGE);
    if (x->on_data && x->verdict == HTTP_OK)
        x->on_data(bytes, len, t_ns, x->arg);
    return x->verdict == HTTP_OK ? len : 0;
}

/* ---- the end of an exchange ---- */

static void http_take_times(struct http_exchange *x)
{
    curl_off_t resolve_us = 0, connect_us = 0, tls_us = 0, retry_after_s = 0;
    long connections = 0;
    curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &connections);
    curl_easy_getinfo(x->easy, CURLINFO_NAMELOOKUP_TIME_T, &resolve_us);
    curl_easy_getinfo(x->easy, CURLINFO_CONNECT_TIME_T, &connect_us);
    curl_easy_getinfo(x->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
    curl_easy_getinfo(x->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    x->result.retry_after_s = http_header(x, "Retry-After") ? (int64_t)retry_after_s : -1;
    x->result.reused = connections == 0 && x->result.t_sent_ns != 0;
    if (x->result.reused)
        return;
    x->result.resolve_ns = resolve_us * NS_PER_US;
    x->result.connect_ns = connect_us > resolve_us ? (connect_us - resolve_us) * NS_PER_US : 0;
    x->result.tls_ns = tls_us > connect_us ? (tls_us - connect_us) * NS_PER_US : 0;
}

static void http_free(struct http_exchange *x)
{
    if (!x)
        return;
    loop_timer_free(x->deadline);
    curl_easy_cleanup(x->easy);
    curl_slist_free_all(x->headers);
    free(x->body);
    free(x);
}

static void http_unlink(struct http_exchange *x)
{
    if (x->previous)
        x->previous->next = x->next;
    else
        x->client->first = x->next;
    if (x->next)
        x->next->previous = x->previous;
}

static struct http_moment http_moment_of(const struct http_exchange *x)
{
    curl_off_t uploaded = 0;
    curl_easy_getinfo(x->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    return (struct http_moment){.sent = x->result.t_sent_ns != 0,
        .uploading = uploaded<x->body_len, .answered = x->header_bytes> 0,
        .text = x->curl_text};
}

/* Never from inside a callback of curl. */
static void http_finish(struct http_exchange *x, CURLcode code)
{
    struct http_result *r = &x->result;
    struct http_moment moment = http_moment_of(x);
    r->t_end_ns = loop_now_ns();
    r->error = x->verdict != HTTP_OK ? x->verdict : http_error_of_curl(code, &moment);
    if (r->error == HTTP_OK && !x->headers_done)
        r->error = HTTP_TRUNCATED; /* libcurl is content with a head that was cut short */
    if (r->error != HTTP_OK)
        snprintf(r->text, sizeof r->text, "%s", http_error_text(r->error, code, &moment));
    http_take_times(x);
    curl_multi_remove_handle(x->client->multi.curl, x->easy);
    http_unlink(x);
    x->on_done(x, x->arg);
    http_free(x);
}

static void http_reap(void *arg)
{
    struct http_client *client = arg;
    for (struct http_exchange *x = client->first; x;) {
        if (x->verdict == HTTP_OK) {
            x = x->next;
            continue;
        }
        http_finish(x, CURLE_OK);
        x = client->first; /* on_done may have changed the list */
    }
}

static void http_finish_completed(void *arg)
{
    struct http_client *client = arg;
    int left = 0;
    for (CURLMsg *m; (m = curl_multi_info_read(client->multi.curl, &left));) {
        struct http_exchange *x = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE || curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &x) != CURLE_OK ||
            !x)
            continue;
        http_finish(x, code);
    }
}

enum status http_client_new(struct loop *loop, struct http_client **client, struct error *e)
{
    struct http_client *c = calloc(1, sizeof *c);
    *client = NULL;
    if (!c)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    c->loop = loop;
    c->reaper = loop_timer_new(loop, http_reap, c);
    enum status status = http_multi_init(&c->multi, loop, http_finish_completed, c);
    if (!c->reaper || status != STATUS_OK) {
        http_client_free(c);
        return error_set(e, STATUS_NO_MEMORY, "cannot set up libcurl: out of memory");
    }
    *client = c;
    return STATUS_OK;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    while (client->first) {
        http_decide(client->first, HTTP_CANCELLED);
        http_finish(client->first, CURLE_OK);
    }
    http_multi_fini(&client->multi);
    loop_timer_free(client->reaper);
    free(client);
}

/* ---- the start of an exchange ---- */

static bool http_add_header(struct http_exchange *x, const char *line)
{
    struct curl_slist *longer = curl_slist_append(x->headers, line);
    if (longer)
        x->headers = longer;
    return longer != NULL;
}

static bool http_set_body(struct http_exchange *x, const struct http_request *r)
{
    bool post = strcmp(r->method, "POST") == 0;
    if (strcmp(r->method, "HEAD") == 0)
        return curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    if (r->body || post) {
        x->body = malloc(r->body_len + 1);
        if (!x->body)
            return false;
        if (r->body_len)
            memcpy(x->body, r->body, r->body_len);
        x->body_len = (int64_t)r->body_len;
        curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
        if (curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, x->body) != CURLE_OK)
            return false;
    }
    return curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, r->method) == CURLE_OK;
}

static bool http_set_address(struct http_exchange *x, const struct http_request *r)
{
    bool ok = curl_easy_setopt(x->easy, CURLOPT_URL, r->url) == CURLE_OK;
    const struct http_transport *t = r->transport;
    if (t && t->proxy)
        ok = ok && curl_easy_setopt(x->easy, CURLOPT_PROXY, t->proxy) == CURLE_OK &&
             curl_easy_setopt(x->easy, CURLOPT_NOPROXY, "") == CURLE_OK;
    else if ((t && t->unix_socket) || http_url_is_loopback(r->url))
        ok = ok && curl_easy_setopt(x->easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
    if (t && t->unix_socket)
        ok = ok && curl_easy_setopt(x->easy, CURLOPT_UNIX_SOCKET_PATH, t->unix_socket) == CURLE_OK;
    if (r->user) {
        curl_easy_setopt(x->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        ok = ok && curl_easy_setopt(x->easy, CURLOPT_USERNAME, r->user) == CURLE_OK;
        ok = ok && curl_easy_setopt(x->easy, CURLOPT_PASSWORD, r->password ? r->password : "") == CURLE_OK;
    }
    return ok;
}

static bool http_set_headers(struct http_exchange *x, const struct http_request *r)
{
    bool ok = http_add_header(
        x, "Expect:"); /* curl would ask for 100-continue above 1 MiB and wait a second for it */
    for (const char *const *h = r->headers; h && *h; h++)
        ok = ok && http_add_header(x, *h);
    for (size_t i = 0; r->transport && i < r->transport->header_count; i++)
        ok = ok && http_add_header(x, r->transport->headers[i]);
    return ok && curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers) == CURLE_OK;
}

/* Authorities of one's own are trusted instead of the machine's, not beside them. A key with a passphrase is
 * an error: OpenSSL would ask the terminal for it. */
static bool http_set_tls(struct http_exchange *x, const struct http_transport *t)
{
    const char *machine = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs have it */
    const char *authorities = t && t->ca_file ? t->ca_file : machine && *machine ? machine : NULL;
    bool ok = curl_easy_setopt(x->easy, CURLOPT_KEYPASSWD, "") == CURLE_OK;
    if (authorities)
        ok = ok && curl_easy_setopt(x->easy, CURLOPT_CAINFO, authorities) == CURLE_OK;
    if (t && t->ca_file)
        curl_easy_setopt(x->easy, CURLOPT_CAPATH, NULL);
    if (t && t->cert_file)
        ok = ok && curl_easy_setopt(x->easy, CURLOPT_SSLCERT, t->cert_file) == CURLE_OK &&
             curl_easy_setopt(x->easy, CURLOPT_SSLKEY, t->key_file ? t->key_file : t->cert_file) == CURLE_OK;
    if (t && t->insecure) {
        curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    return ok;
}

/* All deadlines are ours, so curl's own (300 s to connect) are moved out of the way. */
static void http_set_manners(struct http_exchange *x)
{
    CURL *easy = x->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->curl_text);
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
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, http_on_ready_to_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
}

static struct http_exchange *http_exchange_new(struct http_client *client, const struct http_request *r)
{
    struct http_exchange *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
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
        .t_start_ns = loop_now_ns(),
        .result = {.retry_after_s = -1}};
    x->deadline = loop_timer_new(client->loop, http_on_deadline, x);
    x->easy = curl_easy_init();
    return x;
}

struct http_exchange *http_start(
    struct http_client *client, const struct http_request *request, struct error *e)
{
    if (strncasecmp(request->url, "http://", 7) != 0 && strncasecmp(request->url, "https://", 8) != 0) {
        error_set(e, STATUS_INVALID, "not an http or https URL");
        return NULL;
    }
    struct http_exchange *x = http_exchange_new(client, request);
    if (!x || !x->deadline || !x->easy)
        goto no_memory;
    http_set_manners(x);
    if (!http_set_tls(x, request->transport) || !http_set_address(x, request) ||
        !http_set_headers(x, request) || !http_set_body(x, request))
        goto no_memory;
    if (curl_multi_add_handle(client->multi.curl, x->easy) != CURLM_OK)
        goto no_memory;
    x->next = client->first;
    if (x->next)
        x->next->previous = x;
    client->first = x;
    http_arm(x);
    return x;

no_memory:
    error_set(e, STATUS_NO_MEMORY, "cannot start a request: out of memory");
    http_free(x);
    return NULL;
}

const struct http_result *http_result(const struct http_exchange *x)
{
    return &x->result;
}

const char *http_header(const struct http_exchange *x, const char *name)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(x->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

void http_each_header(
    const struct http_exchange *x, void (*each)(const char *name, const char *value, void *arg), void *arg)
{
    struct curl_header *header = NULL;
    while ((header = curl_easy_nextheader(x->easy, CURLH_HEADER, -1, header)) != NULL)
        each(header->name, header->value, arg);
}
