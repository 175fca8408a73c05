/*
 * quiet.h - waits until the machine is fit to measure, by the very rules that will judge the measurement.
 *
 *     struct quiet_options o = {.target_url = url, .limit_ns = 60 * NS_PER_S, .pause = pause, .arg = ui};
 *     struct quiet q;
 *     if (quiet_wait(&o, &q, &why) == STATUS_OK && !q.quiet) say("still %s after a minute", q.reason);
 *
 * The machine is watched in windows of two seconds until one of them raises no flag. What no waiting ends - running
 * on battery - is not waited for, and what cannot be read is no reason to wait. Nothing but the measured server's
 * own work and that of this process and its children is allowed meanwhile, so it is to be called between tests.
 */
#ifndef ASSAY_QUIET_H
#define ASSAY_QUIET_H

#include "monitor.h"

#define QUIET_WINDOW_NS (2 * NS_PER_S)

struct quiet_options {
    const char *root;          /* as in struct monitor_options */
    const struct clock *clock; /* likewise */
    pid_t own_pid;             /* likewise */
    const char *target_url;    /* likewise */
    int64_t limit_ns;          /* gives up after this */
    /* Sleeps until then, or shorter; false gives up. NULL: sleeps by the clock. */
    bool (*pause)(void *arg, int64_t until_mono_ns);
    void *arg;
};

struct quiet {
    bool quiet;
    int64_t waited_ns;
    char reason[512]; /* what disturbed the last window, "" where nothing did */
};

/* STATUS_OK whether it became quiet or not; else the machine cannot be watched. */
enum status quiet_wait(
    const struct quiet_options *options, struct quiet *quiet, struct error *e) ASSAY_MUST_CHECK;

#endif
