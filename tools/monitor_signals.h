/*
 * monitor_signals.h - the signals that a monitor gets, read from a pipe between two samples.
 *
 * No signal is blocked, so that a write that hangs (a pipe nobody reads) can still be ended: where a signal has been
 * waiting for a second, the next of its kind does what it would do to any program. What was ignored before stays
 * ignored.
 *
 *     struct monitor_signals signals;
 *     if (monitor_signals_open(&signals, true, &why) != STATUS_OK) ...
 *     monitor_signals_wait(&signals, due_ns);
 *     for (struct monitor_signal s; monitor_signals_next(&signals, &s);) ...
 *     monitor_signals_close(&signals);
 */
#ifndef ASSAY_MONITOR_SIGNALS_H
#define ASSAY_MONITOR_SIGNALS_H

#include "status.h"

#include <stdint.h>
#include <sys/types.h>

struct monitor_signal {
    int number;
    bool typed; /* at the terminal: everybody in the foreground got it */
    pid_t from; /* who sent it, where somebody did */
};

struct monitor_signals {
    int read_fd;
};

/* for_command: also those that end nothing of ours but may mean something to the command. One at a time. */
enum status monitor_signals_open(
    struct monitor_signals *signals, bool for_command, struct error *e) ASSAY_MUST_CHECK;
void monitor_signals_close(struct monitor_signals *signals);

/* In a child that was forked in between: handlers as they were, the pipe is its parent's. */
void monitor_signals_forget(void);

/* Until a signal comes or that moment of the monotonic clock. */
void monitor_signals_wait(const struct monitor_signals *signals, int64_t until_ns);

bool monitor_signals_next(const struct monitor_signals *signals, struct monitor_signal *signal);

#endif
