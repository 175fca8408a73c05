/*
 * h2_bench.h - a client of HTTP/2 in front of nghttpx, in front of a simulator or of a server of canned replies.
 *
 *     NEEDS_PROXY();
 *     struct h2_bench *b = h2_bench_begin(tls, 10);             // at most ten streams on a connection
 *     struct h2_asked a[2] = {{0}};
 *     for (int i = 0; i < 2; i++)
 *         h2_bench_start(b, &a[i], "sim-fast", 4, false);
 *     h2_bench_wait(b);
 *     h2_bench_check_whole(&a[0]);
 *     h2_bench_forget(a, 2);
 *     h2_bench_end(b);
 */
#ifndef ASSAY_H2_BENCH_H
#define ASSAY_H2_BENCH_H

#include "h2_proxy.h"
#include "http.h"
#include "sim.h"

struct h2_bench {
    struct sim_process sim;
    struct h2_proxy *proxy;
    struct http_transport way;
    struct loop *loop;
    struct http_client *client;
    const char *url;
    int open; /* requests */
};

struct h2_asked {
    struct h2_bench *bench;
    struct http_exchange *x;
    struct http_result result;
    int reads, cancel_after; /* so many reads; 0: never */
    int64_t t_first_ns;
    void (*on_read)(struct h2_asked *a);
    struct buf body;
};

#define NEEDS_PROXY()                                                                                        \
    if (!h2_proxy_installed())                                                                               \
    TESTKIT_SKIP("there is no nghttpx (or no openssl)")

struct h2_bench *h2_bench_begin(bool tls, int max_streams);
/* Without a backend it is a simulator of its own. */
struct h2_bench *h2_bench_begin_with(struct h2_proxy_options options);
void h2_bench_end(struct h2_bench *b);

/* A streamed chat; fresh: on a connection of its own. */
void h2_bench_start(struct h2_bench *b, struct h2_asked *a, const char *model, int tokens, bool fresh);
void h2_bench_wait(struct h2_bench *b); /* until none is open */
void h2_bench_forget(struct h2_asked *a, size_t count);

int h2_bench_made(const struct h2_asked *a, int count); /* connections */
void h2_bench_check_whole(const struct h2_asked *a);    /* it was, and in HTTP/2 */

#endif
