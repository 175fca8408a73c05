/*
 * http_private.h - an exchange, shared between http.c, which keeps its deadlines and its result, and the two
 * engines that put it on the wire: http_direct.c (our own HTTP/1.1 to numeric addresses) and http_curl.c
 * (libcurl: TLS, proxies, names).
 *
 * An engine calls http_ready(), http_take_headers(), http_take_body() and at last http_finish() from the
 * loop; what it learns inside http_start() it tells with http_fail(). Whenever x->verdict is set the exchange
 * is over but for http_finish(), which http.c calls itself then: engines leave it alone.
 */
#ifndef ASSAY_HTTP_PRIVATE_H
#define ASSAY_HTTP_PRIVATE_H

#include "clock.h"
#include "http.h"

/* A connection that the server closed while it was idle shows that at once; one that dies later died with the
 * request, which is not sent again. */
#define HTTP_STALE_WITHIN_NS NS_PER_S

struct http_direct;
struct http_curl;

struct http_engine {
    /* False: not started; e says why, release() follows. Copies of request what it needs. */
    bool (*start)(struct http_exchange *x, const struct http_request *request, struct error *e);
    /* It is over: leaves the connection, fills what the result says of it. Not from inside libcurl. */
    void (*stop)(struct http_exchange *x);
    const char *(*header)(const struct http_exchange *x, const char *name);
    void (*each_header)(const struct http_exchange *x,
        void (*each)(const char *name, const char *value, void *arg), void *arg);
    void (*release)(struct http_exchange *x); /* frees x->work */
};
extern const struct http_engine http_engine_direct, http_engine_curl;

struct http_client {
    struct loop *loop;
    struct loop_timer *reaper; /* ends cancelled and timed-out exchanges outside of the engines' callbacks */
    struct http_exchange *first, *decided;
    struct http_direct *direct; /* NULL: everything goes through libcurl */
    struct http_curl *curl;     /* made when it is first needed */
};

/* What each read touches stands together: with thousands of streams it is not in the cache. */
struct http_exchange {
    enum http_error verdict; /* ours; HTTP_OK while the engine decides */
    bool first_is_headers, first_seen, headers_done;
    int64_t t_last_read_ns, max_body_bytes;
    void (*on_data)(const void *bytes, size_t len, int64_t t_ns, void *arg);
    void *arg;
    void *work; /* the engine's own */
    struct http_client *client;
    struct http_result result;

    const struct http_engine *engine;
    struct http_exchange *next, **link; /* in client->first or client->decided */
    struct loop_timer *deadline;
    int64_t armed_ns; /* when that fires, 0: never */
    int64_t connect_timeout_ns, first_timeout_ns, idle_timeout_ns, total_timeout_ns;
    int64_t t_start_ns, t_connect_ns;
    void (*on_headers)(struct http_exchange *x, void *arg);
    void (*on_done)(struct http_exchange *x, void *arg);
};

/* The connection is ready and nothing of the request is written: stamps t_sent. */
void http_ready(struct http_exchange *x);
/* The connection turned out to be dead, and another is being made. */
void http_unready(struct http_exchange *x);
/* False: cancelled meanwhile, or too large. */
bool http_take_headers(struct http_exchange *x, int status, int http, int64_t t_ns);
bool http_take_body(struct http_exchange *x, const char *bytes, size_t len, int64_t t_ns);
/* Ends it later, from the loop; text NULL: the usual one of that error. The first word holds. */
void http_fail(struct http_exchange *x, enum http_error error, const char *text);
/* Ends it now, unless it is over already: x is gone then. */
void http_finish(struct http_exchange *x, enum http_error error, const char *text);

#endif
