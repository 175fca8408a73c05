#include "loop.h"

#include "clock.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

struct loop {
    struct event_base *base;
    struct event *wake; /* ends the wait of loop_run_once */
    size_t waits;       /* timers that are set and watches that are not aside */
    bool stopped;
};

struct loop_timer {
    struct loop *loop;
    struct event *event;
    int64_t at_ns;
    bool set;
    void (*fire)(void *arg);
    void *arg;
};

struct loop_watch {
    struct loop *loop;
    struct event *event; /* NULL without interest */
    int fd;
    unsigned interest;
    void (*ready)(unsigned what, void *arg);
    void *arg;
};

int64_t loop_now_ns(void)
{
    return clock_mono_ns(clock_system());
}

static void loop_on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

/* Without NO_CACHE_TIME a timer set at the end of a long callback would count from the start of that
 * callback. */
enum status loop_new(struct loop **loop, struct error *e)
{
    struct loop *l = calloc(1, sizeof *l);
    struct event_config *config = event_config_new();
    *loop = NULL;
    if (l && config &&
        event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME) == 0)
        l->base = event_base_new_with_config(config);
    if (l && l->base)
        l->wake = event_new(l->base, -1, 0, loop_on_wake, NULL);
    if (config)
        event_config_free(config);
    if (!l || !l->base || !l->wake) {
        loop_free(l);
        return error_set(e, STATUS_IO, "cannot create an event loop: out of memory or of file descriptors");
    }
    *loop = l;
    return STATUS_OK;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    if (loop->wake)
        event_free(loop->wake);
    if (loop->base)
        event_base_free(loop->base);
    free(loop);
}

enum status loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped && loop->waits > 0)
        if (event_base_loop(loop->base, EVLOOP_ONCE) < 0)
            return STATUS_IO;
    return STATUS_OK;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
    event_base_loopbreak(loop->base);
}

static struct timeval duration_to_timeval(int64_t ns)
{
    int64_t us = ns <= 0 ? 0 : (ns + 999) / 1000; /* rounded up: a timer must not fire early */
    return (struct timeval){.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)};
}

enum status loop_run_once(struct loop *loop, int64_t wait_ns)
{
    int flags = wait_ns == 0 ? EVLOOP_NONBLOCK : EVLOOP_ONCE;
    if (wait_ns > 0) {
        struct timeval wait = duration_to_timeval(wait_ns);
        event_add(loop->wake, &wait);
    }
    int rc = event_base_loop(loop->base, flags);
    event_del(loop->wake);
    return rc < 0 ? STATUS_IO : STATUS_OK;
}

static void timer_mark(struct loop_timer *timer, bool set)
{
    if (timer->set != set)
        timer->loop->waits += set ? 1 : (size_t)-1;
    timer->set = set;
}

static void timer_on_timeout(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *timer = arg;
    (void)fd;
    (void)what;
    timer_mark(timer, false);
    if (loop_now_ns() < timer->at_ns)
        loop_timer_set(timer, timer->at_ns);
    else
        timer->fire(timer->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*fire)(void *arg), void *arg)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    if (!timer)
        return NULL;
    timer->loop = loop;
    timer->fire = fire;
    timer->arg = arg;
    timer->event = event_new(loop->base, -1, 0, timer_on_timeout, timer);
    if (!timer->event) {
        free(timer);
        return NULL;
    }
    return timer;
}

enum status loop_timer_set(struct loop_timer *timer, int64_t at_ns)
{
    struct timeval wait = duration_to_timeval(at_ns - loop_now_ns());
    timer->at_ns = at_ns;
    if (event_add(timer->event, &wait) != 0)
        return STATUS_NO_MEMORY;
    timer_mark(timer, true);
    return STATUS_OK;
}

void loop_timer_cancel(struct loop_timer *timer)
{
    event_del(timer->event);
    timer_mark(timer, false);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (!timer)
        return;
    timer_mark(timer, false);
    event_free(timer->event);
    free(timer);
}

static void watch_on_event(evutil_socket_t fd, short what, void *arg)
{
    struct loop_watch *watch = arg;
    unsigned ready = (what & EV_READ ? LOOP_READ : 0u) | (what & EV_WRITE ? LOOP_WRITE : 0u);
    (void)fd;
    watch->ready(ready, watch->arg);
}

struct loop_watch *loop_watch_new(
    struct loop *loop, int fd, void (*ready)(unsigned what, void *arg), void *arg)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);
    if (watch)
        *watch = (struct loop_watch){.loop = loop, .fd = fd, .ready = ready, .arg = arg};
    return watch;
}

static bool watch_counts(const struct loop_watch *watch)
{
    return watch->event && !(watch->interest & LOOP_ASIDE);
}

/* libevent knows nothing of LOOP_ASIDE: changing that alone costs nothing. */
static enum status watch_register(struct loop_watch *watch, unsigned interest)
{
    if (watch->event)
        event_free(watch->event);
    watch->event = NULL;
    if (!interest)
        return STATUS_OK;
    short what =
        (short)(EV_PERSIST | (interest & LOOP_READ ? EV_READ : 0) | (interest & LOOP_WRITE ? EV_WRITE : 0));
    watch->event = event_new(watch->loop->base, watch->fd, what, watch_on_event, watch);
    if (watch->event && event_add(watch->event, NULL) == 0)
        return STATUS_OK;
    if (watch->event)
        event_free(watch->event);
    watch->event = NULL;
    return STATUS_NO_MEMORY;
}

enum status loop_watch_set(struct loop_watch *watch, unsigned interest)
{
    unsigned of_event = interest & (LOOP_READ | LOOP_WRITE);
    enum status status = STATUS_OK;
    if (interest == watch->interest)
        return STATUS_OK;
    watch->loop->waits -= watch_counts(watch);
    if (of_event != (watch->interest & (LOOP_READ | LOOP_WRITE)))
        status = watch_register(watch, of_event);
    watch->interest = status == STATUS_OK ? interest : 0;
    watch->loop->waits += watch_counts(watch);
    return status;
}

void loop_watch_free(struct loop_watch *watch)
{
    if (!watch)
        return;
    loop_watch_set(watch, 0);
    free(watch);
}
