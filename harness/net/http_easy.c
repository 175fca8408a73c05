#include "http_easy.h"

#include "http_host.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

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
}

/* All deadlines are ours, so curl's own (300 s to connect) are moved out of the way. */
static void easy_set_manners(struct easy_work *w)
{
    CURL *easy = w->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, w->x);
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
}

void easy_work_open_connection(struct easy_work *w)
{
    w->looks_first = false;
    *w->text = '\0';
    curl_easy_setopt(w->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    curl_easy_setopt(w->easy, CURLOPT_FRESH_CONNECT, 1L);
}

void easy_work_note_socket(struct easy_work *w, curl_socket_t fd)
{
    w->fd = fd;
    w->made[w->made_count++ % EASY_SOCKETS_MAX] = fd;
}

/* 0: none, as of a socket that was closed. */
static int port_of(curl_socket_t fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    return address.ss_family == AF_INET    ? ntohs(((struct sockaddr_in *)&address)->sin_port)
           : address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
                                           : 0;
}

void easy_work_settle_socket(struct easy_work *w, int local_port)
{
    unsigned count = w->made_count < EASY_SOCKETS_MAX ? w->made_count : EASY_SOCKETS_MAX;
    for (unsigned i = 0; count > 1 && i < count; i++)
        if (local_port > 0 && port_of(w->made[i]) == local_port)
            w->fd = w->made[i];
}

struct easy_work *easy_work_new(struct http_exchange *x, const struct http_request *request, struct error *e)
{
    struct easy_work *w = calloc(1, sizeof *w);
    if (!w || !(w->easy = curl_easy_init()))
        goto no_memory;
    w->x = x;
    w->fd = CURL_SOCKET_BAD;
    easy_set_manners(w);
    easy_set_version(w, request);
    if (w->http == HTTP_WISH_2 && !(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2)) {
        error_set(e, STATUS_UNAVAILABLE, "this libcurl (%s) does not speak HTTP/2", curl_version());
        goto out;
    }
    if (easy_set_tls(w, request->transport) && easy_set_address(w, request) && easy_set_headers(w, request) &&
        easy_set_body(w, request))
        return w;
no_memory:
    error_set(e, STATUS_NO_MEMORY, "cannot start a request: out of memory");
out:
    easy_work_free(w);
    return NULL;
}

void easy_work_free(struct easy_work *w)
{
    if (!w)
        return;
    curl_easy_cleanup(w->easy);
    curl_slist_free_all(w->headers);
    free(w->body);
    free(w);
}
