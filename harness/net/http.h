/*
 * http.h - HTTP requests on a loop, any number of them at once on one thread: 1.1, or 2 where the transport says so.
 *
 * Plain http to a numeric address, to localhost or to a Unix socket goes over sockets of our own, which cost
 * less CPU and memory (docs/client.md); TLS, proxies, names, unusual addresses and HTTP/2 go through libcurl's
 * multi_socket_action. Both give the same answers and classes; ASSAY_HTTP_ENGINE=curl in the environment has libcurl
 * do all of it.
 *
 * The wire is left as it is: no redirects, no compression, no `Expect: 100-continue`, TCP_NODELAY, no
 * signals; TLS is verified unless the transport says otherwise. Servers that speak HTTP/1.0 and end the body
 * by closing are understood. Proxies: one that the transport names is used for whatever host. Else, to the
 * loopback hosts (localhost, 127.0.0.0/8, ::1) a request never goes through one; to any other host libcurl's
 * environment variables (http_proxy, HTTPS_PROXY, ALL_PROXY, NO_PROXY) hold, since some hosts are reached in
 * no other way.
 *
 * http_start() copies what it is given. Callbacks come from the loop, never from inside http_start() or
 * http_cancel(); on_done comes exactly once, last; it alone may start the next request. The request's handle
 * dies when on_done returns.
 *
 *     struct http_request request = {.method = "GET", .url = url, .total_timeout_ns = 5 * NS_PER_S,
 *         .on_data = keep, .on_done = finish, .arg = &mine};
 *     struct http_exchange *x = http_start(client, &request, &why);
 *     loop_run(loop);                       // finish() calls loop_stop()
 */
#ifndef ASSAY_HTTP_H
#define ASSAY_HTTP_H

#include "loop.h"
#include "transport.h"

#include <stddef.h>

struct http_client; /* a pool of connections on one loop */
struct http_exchange;

enum http_error {
    HTTP_OK = 0,
    HTTP_RESOLVE,
    HTTP_CONNECT,
    HTTP_TLS,
    HTTP_SEND,            /* lost while the request was written */
    HTTP_TIMEOUT_CONNECT, /* before the connection was ready: resolve, connect, TLS */
    HTTP_TIMEOUT_FIRST,   /* sent, but what was waited for did not begin */
    HTTP_TIMEOUT_IDLE,
    HTTP_TIMEOUT_TOTAL,
    HTTP_PROTOCOL,  /* not HTTP, or bad framing */
    HTTP_TRUNCATED, /* closed or reset before the end */
    HTTP_TOO_LARGE,
    HTTP_CANCELLED,
    HTTP_INTERNAL,
};

struct http_request {
    const char *method, *url;               /* http or https, without user and password */
    const char *const *headers;             /* "Name: value", NULL-terminated, or NULL */
    const char *user, *password;            /* HTTP basic authentication where user is not NULL */
    const struct http_transport *transport; /* NULL: the usual way */
    const void *body;                       /* NULL: none (POST: empty) */
    size_t body_len;

    /* 0: none. first: from t_sent until http_first_seen(), or until the headers where first_is_headers. */
    int64_t connect_timeout_ns, first_timeout_ns, idle_timeout_ns, total_timeout_ns;
    bool first_is_headers;
    int64_t max_body_bytes; /* 0: no bound */
    bool fresh_connection;  /* a new one, which is closed afterwards (the request says so) */

    void (*on_headers)(struct http_exchange *x, void *arg); /* each may be NULL but on_done */
    void (*on_data)(
        const void *bytes, size_t len, int64_t t_ns, void *arg); /* t_ns: taken before anything else */
    void (*on_done)(struct http_exchange *x, void *arg);
    void *arg;
};

/* What is known so far; complete in on_done. Times are loop_now_ns(), 0 where the moment did not come. */
struct http_result {
    enum http_error error;
    int status;        /* 0 without an answer */
    int http;          /* 10, 11 or 20: the version of that answer */
    int64_t t_sent_ns; /* connection ready, nothing of this request written */
    int64_t t_headers_ns;
    int64_t t_last_byte_ns; /* last byte of the body (the headers where it is empty) */
    int64_t t_end_ns;       /* when the outcome was known */
    bool reused;            /* no new connection was made; then the next three are 0 */
    int64_t resolve_ns, connect_ns, tls_ns;
    int64_t body_bytes;    /* received */
    int64_t retry_after_s; /* of Retry-After, seconds or date; -1 without */
    char text[512];        /* why; "" without error; last, apart from what each read touches */
};

enum status http_client_new(struct loop *loop, struct http_client **client, struct error *e) ASSAY_MUST_CHECK;
/* Ends what is still in flight with HTTP_CANCELLED (on_done is called). */
void http_client_free(struct http_client *client);

/* NULL: nothing was started and on_done will not be called; e says why. */
struct http_exchange *http_start(
    struct http_client *client, const struct http_request *request, struct error *e);

/* At any moment, also from inside callbacks: no more data; on_done follows from the loop with HTTP_CANCELLED.
 */
void http_cancel(struct http_exchange *x);

/* What first_timeout_ns waits for has come; from here on the idle timeout counts from one read to the next.
 */
void http_first_seen(struct http_exchange *x);
void http_set_idle_timeout(struct http_exchange *x, int64_t idle_timeout_ns);

const struct http_result *http_result(const struct http_exchange *x);
/* Value of a response header, case-insensitive, borrowed until on_done returns; NULL without. */
const char *http_header(const struct http_exchange *x, const char *name);
/* Every header of the answer in the order of their coming. */
void http_each_header(
    const struct http_exchange *x, void (*each)(const char *name, const char *value, void *arg), void *arg);

#endif
