#include "http_multi.h"

#include "clock.h"

#include <limits.h>
#include <stdlib.h>

struct socket_watch {
    struct http_multi *multi;
    struct loop_watch *watch;
    curl_socket_t fd;
};

static void multi_on_socket_ready(unsigned what, void *arg)
{
    struct socket_watch *s = arg;
    struct http_multi *m = s->multi; /* s may be gone after the call */
    curl_socket_t fd = s->fd;
    int running = 0;
    int mask = (what & LOOP_READ ? CURL_CSELECT_IN : 0) | (what & LOOP_WRITE ? CURL_CSELECT_OUT : 0);
    m->calls++;
    curl_multi_socket_action(m->curl, fd, mask, &running);
    m->completed(what & LOOP_READ ? fd : CURL_SOCKET_BAD, m->arg);
}

static void multi_forget_socket(struct http_multi *m, struct socket_watch *s)
{
    if (!s)
        return;
    curl_multi_assign(m->curl, s->fd, NULL);
    loop_watch_free(s->watch);
    free(s);
}

static struct socket_watch *multi_remember_socket(struct http_multi *m, curl_socket_t fd)
{
    struct socket_watch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    *s = (struct socket_watch){.multi = m, .fd = fd};
    s->watch = loop_watch_new(m->loop, fd, multi_on_socket_ready, s);
    if (!s->watch || curl_multi_assign(m->curl, fd, s) != CURLM_OK) {
        loop_watch_free(s->watch);
        free(s);
        return NULL;
    }
    return s;
}

static int multi_on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct http_multi *m = arg;
    struct socket_watch *s = socket_arg;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        multi_forget_socket(m, s);
        return 0;
    }
    if (!s && !(s = multi_remember_socket(m, fd)))
        return -1;
    unsigned interest = (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u);
    return loop_watch_set(s->watch, interest) == STATUS_OK ? 0 : -1;
}

static int multi_on_timer_wish(CURLM *curl, long timeout_ms, void *arg)
{
    struct http_multi *m = arg;
    (void)curl;
    if (timeout_ms < 0)
        loop_timer_cancel(m->timer);
    else
        loop_timer_set(m->timer, loop_now_ns() + timeout_ms * NS_PER_MS);
    return 0;
}

void http_multi_run_due(struct http_multi *m)
{
    int running = 0;
    m->calls++;
    curl_multi_socket_action(m->curl, CURL_SOCKET_TIMEOUT, 0, &running);
}

static void multi_on_timer(void *arg)
{
    struct http_multi *m = arg;
    http_multi_run_due(m);
    m->completed(CURL_SOCKET_BAD, m->arg);
}

enum status http_multi_init(
    struct http_multi *m, struct loop *loop, void (*completed)(curl_socket_t fd, void *arg), void *arg)
{
    *m = (struct http_multi){.loop = loop, .completed = completed, .arg = arg};
    m->timer = loop_timer_new(loop, multi_on_timer, m);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) ==
        CURLE_OK) /* counted by curl; never undone: others may use it */
        m->curl = curl_multi_init();
    if (!m->timer || !m->curl)
        return STATUS_NO_MEMORY;
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, multi_on_socket_wish);
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, multi_on_timer_wish);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(
        m->curl, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)INT_MAX); /* the server's own limit holds */
    return STATUS_OK;
}

void http_multi_fini(struct http_multi *m)
{
    curl_multi_cleanup(m->curl);
    loop_timer_free(m->timer);
}
