/*
 * watch.h - waits for a runner: samples the machine meanwhile, ends the test at its deadline or when told
 * to stop.
 *
 *     struct watch w = {.runner = pid, .deadline_ns = t, .grace_ns = 5 * NS_PER_S, .monitor = m};
 *     struct ending ending;
 *     watch_runner(&w, &ending);
 *
 * Ending a test: SIGTERM to its session and its descendants, SIGKILL after the grace. When the call
 * returns the runner is reaped and nothing of it lives.
 */
#ifndef ASSAY_WATCH_H
#define ASSAY_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct monitor;
struct journal;
struct spared;

struct watch {
    pid_t runner;                  /* leader of its session */
    int64_t deadline_ns;           /* monotonic */
    int64_t grace_ns;              /* between TERM and KILL */
    struct monitor *monitor;       /* NULL: nobody samples */
    const struct journal *journal; /* of the runner; NULL: its phases are not looked at */
    const struct spared *spared;   /* children of ours that are not the test's; NULL: none */
};

/* How a runner ended. */
struct ending {
    int wait_status;
    int64_t end_mono_ns, end_unix_ns; /* when it was reaped */
    struct rusage usage;
    bool deadline_passed; /* we ended it for that */
    int stop_signal;      /* we ended it because this signal told us to stop; 0 otherwise */
    size_t strays_killed; /* processes that it left behind */
    bool oom_counted; /* the machine's or the group's count of OOM kills rose meanwhile; set by the caller */
};

void watch_runner(const struct watch *w, struct ending *ending);

#endif
