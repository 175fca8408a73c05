/*
 * http_multi.h - libcurl's multi handle on a loop: its sockets become watches, its one timer a timer.
 *
 * Private to this room. completed() is called from the loop, outside curl, whenever transfers may have ended; fd is
 * the socket that was read from just before, or CURL_SOCKET_BAD.
 *
 *     if (http_multi_init(&m, loop, collect, client) != STATUS_OK) ...
 *     curl_multi_add_handle(m.curl, easy);
 */
#ifndef ASSAY_HTTP_MULTI_H
#define ASSAY_HTTP_MULTI_H

#include "loop.h"

#include <curl/curl.h>

struct http_multi {
    struct loop *loop;
    CURLM *curl;
    struct loop_timer *timer;
    unsigned long calls; /* of curl, the one that is running included */
    void (*completed)(curl_socket_t fd, void *arg);
    void *arg;
};

/* STATUS_NO_MEMORY; http_multi_fini is allowed after that too. m must not move afterwards. */
enum status http_multi_init(struct http_multi *m, struct loop *loop,
    void (*completed)(curl_socket_t fd, void *arg), void *arg) ASSAY_MUST_CHECK;
/* Lets curl do what is due now, instead of from the loop; not from inside curl. */
void http_multi_run_due(struct http_multi *m);
void http_multi_fini(struct http_multi *m);

#endif
