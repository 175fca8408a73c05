/*
 * ready.h - before a test: lets the machine rest, and waits until nothing disturbs it.
 *
 *     struct ready_options o = {.cooldown_ns = 10 * NS_PER_S, .quiet_limit_ns = 60 * NS_PER_S};
 *     struct ready ready;
 *     ready_wait(&o, is_first, url, &ready);      // between stop_begin and stop_end: a signal ends it
 *     ready_into_record(&ready, start_mono_ns, record);
 */
#ifndef ASSAY_READY_H
#define ASSAY_READY_H

#include "quiet.h"

struct json_object;

struct ready_options {
    int64_t cooldown_ns;      /* 0: none */
    int64_t quiet_limit_ns;   /* at most; 0: does not wait for quiet */
    const char *machine_root; /* as in struct monitor_options */
    /* About five times a second while it waits. */
    void (*tick)(void *arg, const char *what);
    void *arg;
};

/* What was waited for; monotonic moments, 0 where it did not. */
struct ready {
    int64_t cooldown_start_ns, quiet_start_ns, end_ns;
    struct quiet quiet; /* where quiet_start_ns is set */
};

/* first: nothing was measured yet, so there is nothing to rest from. url: of the server, or NULL. */
void ready_wait(const struct ready_options *options, bool first, const char *url, struct ready *ready);

/* The moments in a record's timeline, before the start of the test. False: no memory. */
bool ready_into_record(const struct ready *ready, int64_t start_mono_ns, struct json_object *record);

#endif
