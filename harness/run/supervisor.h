/*
 * supervisor.h - runs one test of a run from its intent to its result, whatever becomes of it.
 *
 *     struct supervise_options o = {.folder = &folder, .suite = &suite, .test = "chat.short[sim/tiny]",
 *         .access = &access};
 *     struct supervised done;
 *     if (supervise(&o, &done, &why) != STATUS_OK) return 4;        // nothing could be written
 *     return supervise_exit_code(done.outcome);                     // 0, 1 or 77
 *
 * The process that calls it becomes the supervisor: it takes SIGINT, SIGTERM and SIGHUP as the wish to
 * stop, adopts whatever the test leaves behind, and has one thread. It dies of nothing but SIGKILL before
 * the result is written.
 */
#ifndef ASSAY_SUPERVISOR_H
#define ASSAY_SUPERVISOR_H

#include "assay.h"
#include "lifecycle.h"
#include "outcome.h"
#include "run_folder.h"
#include "target.h"

struct journal;
struct ready;

#define SUPERVISE_TIMEOUT_S 300.0                    /* of a case that does not say */
#define SUPERVISE_GRACE_NS (5 * INT64_C(1000000000)) /* between TERM and KILL */

struct supervise_options {
    const struct run_folder *folder; /* with run.json */
    const struct assay_suite *suite;
    const char *test;                    /* a test of the plan */
    const struct target_access *access;  /* the way to its target; NULL: the endpoint in run.json */
    const struct model_loading *loading; /* what was done for it before; NULL: nothing */
    const struct ready *ready;           /* what was waited for before it; NULL: nothing */
    struct journal *journal;             /* NULL: one of its own; otherwise the caller may read along */
    double timeout_s;                    /* 0: the case's own, else SUPERVISE_TIMEOUT_S */
    int64_t grace_ns;                    /* 0: SUPERVISE_GRACE_NS */
    bool fork_test;                      /* Check's CK_FORK instead of CK_NOFORK */
    const char *machine_root; /* NULL: this machine; else a captured tree whose sensors are read instead */
};

struct supervised {
    enum outcome outcome;
    int attempt;
    int stop_signal; /* that told us to stop, or 0 */
};

/*
 * STATUS_OK: a valid record is in the spool. STATUS_NOT_FOUND: the plan has no such test. Otherwise
 * nothing could be written (STATUS_IO, ...); where the intent was, finalising will call the test lost.
 */
enum status supervise(
    const struct supervise_options *options, struct supervised *done, struct error *e) ASSAY_MUST_CHECK;

int supervise_exit_code(enum outcome outcome); /* 0 passed, 77 skipped, 1 anything else */

#endif
