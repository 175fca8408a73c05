/*
 * runner.h - the process in which a case runs: its own session, exactly one Check test, everything it has
 * to say in the journal.
 *
 *     struct runner_job job = {.spec = &spec, .journal = journal, .log_fd = log};
 *     pid_t pid;
 *     if (runner_start(&job, &pid, &why) != STATUS_OK) ...     // forked; the caller waits and reaps
 *
 * The child keeps no descriptor but its log, reads /dev/null, sees LC_ALL=C and no CK_* variable, and
 * dies with its parent. It exits with 0 (the test passed), 1 (it did not) or 77 (skipped); what counts is
 * the journal.
 */
#ifndef ASSAY_RUNNER_H
#define ASSAY_RUNNER_H

#include "context.h"

#include <sys/types.h>

enum { RUNNER_SKIPPED = 77 };

struct runner_job {
    const struct context_spec *spec;
    struct journal *journal;
    int log_fd;     /* gets stdout and stderr */
    bool fork_test; /* Check forks once more (CK_FORK): costs the duration of failures, isolates nothing more
                     */
};

enum status runner_start(const struct runner_job *job, pid_t *pid, struct error *e) ASSAY_MUST_CHECK;

/* Ends a forked process without the exit handlers of the program that it was forked from. */
void runner_exit(int code) __attribute__((noreturn));

#endif
