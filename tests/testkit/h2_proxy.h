/*
 * h2_proxy.h - nghttpx in front of a server that speaks HTTP/1.1: HTTP/2 by prior knowledge, or by ALPN with TLS.
 *
 *     if (!h2_proxy_installed()) TESTKIT_SKIP("there is no nghttpx");
 *     struct h2_proxy *proxy = h2_proxy_start(&(struct h2_proxy_options){.backend = sim.url, .max_streams = 10});
 *     ... h2_proxy_url(proxy) ...                              // "http://127.0.0.1:PORT"
 *     h2_proxy_stop(proxy);
 */
#ifndef ASSAY_H2_PROXY_H
#define ASSAY_H2_PROXY_H

#include <stdbool.h>

struct h2_proxy_options {
    const char *backend; /* URL of a server on the loopback; borrowed */
    int max_streams;     /* at once on a connection; 0: 100 */
    bool tls;            /* with a certificate of its own, h2_proxy_ca() */
    bool leaves;         /* h2_proxy_take_leave() is of use: takes two processes */
};

struct h2_proxy;

bool h2_proxy_installed(void); /* and openssl, which makes certificates */

/* Fails the running Check test where it cannot start. */
struct h2_proxy *h2_proxy_start(const struct h2_proxy_options *options);
const char *h2_proxy_url(const struct h2_proxy *proxy);
const char *h2_proxy_ca(const struct h2_proxy *proxy);
void h2_proxy_take_leave(struct h2_proxy *proxy); /* GOAWAY; it ends when its streams have */
void h2_proxy_kill(struct h2_proxy *proxy);       /* it is gone when this returns */
/* Another one takes its place, at the same port and before the same backend; the old one is gone. */
void h2_proxy_replace(struct h2_proxy *proxy);
void h2_proxy_stop(struct h2_proxy *proxy);

#endif
