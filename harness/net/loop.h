/*
 * loop.h - one thread's event loop: timers on the monotonic clock and watched descriptors (libevent core).
 *
 * Timers are precise to microseconds (timerfd, kqueue), not to the millisecond of poll(). A loop, its timers
 * and its watches belong to one thread; nothing here is called from another. Callbacks may free their own
 * timer or watch.
 *
 *     struct loop *loop;
 *     if (loop_new(&loop, &why) != STATUS_OK) ...
 *     struct loop_timer *timer = loop_timer_new(loop, on_time, arg);
 *     loop_timer_set(timer, loop_now_ns() + 5 * NS_PER_MS);
 *     loop_run(loop);                  // until loop_stop(), or until nothing is left to wait for
 *     loop_timer_free(timer);
 *     loop_free(loop);
 */
#ifndef ASSAY_LOOP_H
#define ASSAY_LOOP_H

#include "status.h"

#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_watch;

/* LOOP_ASIDE, beside the others: loop_run() does not go on for this one alone. */
enum loop_interest { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_ASIDE = 4 };

enum status loop_new(struct loop **loop, struct error *e) ASSAY_MUST_CHECK;
void loop_free(struct loop *loop); /* after all its timers and watches */

/* CLOCK_MONOTONIC, the clock of every time in this room. */
int64_t loop_now_ns(void);

/* Runs callbacks until loop_stop() or until no timer is set and nothing is watched but aside. Not from inside a
 * callback. */
enum status loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Waits for at most wait_ns (0: not at all, negative: without end) and runs what is due. */
enum status loop_run_once(struct loop *loop, int64_t wait_ns);

/* A timer fires once per setting, never early. NULL: no memory. */
struct loop_timer *loop_timer_new(struct loop *loop, void (*fire)(void *arg), void *arg);
enum status loop_timer_set(
    struct loop_timer *timer, int64_t at_ns); /* absolute; replaces an earlier setting */
void loop_timer_cancel(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/* Calls ready(what, arg) whenever fd is ready for one of what is asked for; what is what it is ready for. */
struct loop_watch *loop_watch_new(
    struct loop *loop, int fd, void (*ready)(unsigned what, void *arg), void *arg);
enum status loop_watch_set(struct loop_watch *watch, unsigned interest); /* of enum loop_interest; 0: none */
void loop_watch_free(struct loop_watch *watch);                          /* does not close fd */

#endif
