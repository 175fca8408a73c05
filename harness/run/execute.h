/*
 * execute.h - runs the tests of a plan one after another, a supervisor process for each.
 *
 *     struct execute_options o = {.folder = &folder, .suite = &suite, .ended = show, .arg = ui};
 *     struct executed done;
 *     if (execute_plan(&o, &done, &why) != STATUS_OK) return 4;
 *     finalise_run(folder.path, &summary, &why);            // what did not run becomes not_run
 *
 * The caller sees to it that nobody else measures meanwhile. Supervisors are forked, not executed: a fork costs a
 * fraction of a millisecond, starting the program anew ten. A supervisor that dies costs one test, never
 * the run. SIGINT, SIGTERM and SIGHUP are passed on to the supervisor, whose test becomes `interrupted`,
 * and no further test starts.
 */
#ifndef ASSAY_EXECUTE_H
#define ASSAY_EXECUTE_H

#include "journal.h"
#include "planned.h"
#include "supervisor.h"

struct execute_options {
    const struct run_folder *folder; /* with run.json; its plan is run in order */
    const struct assay_suite *suite;
    /* The way to a target by its name; NULL, or returning NULL: the endpoint in run.json. */
    const struct target_access *(*access)(void *arg, const char *target);
    /* Once before the first test, when a signal that asks us to stop is only noted (stop.h). NULL: nothing. */
    enum status (*begin)(void *arg, struct error *e);
    /* Before a test, and once more when it has been waited for: false leaves it out (not_run). NULL: every test of
     * the plan. */
    bool (*wanted)(void *arg, size_t index, const char *test);
    /* Then, before the test's own time begins: its model into memory (lifecycle.h). NULL: left as it is. */
    void (*prepare)(void *arg, const struct planned *test, struct model_loading *loading);
    void (*started)(void *arg, size_t index, const char *test);
    /* About five times a second while a test runs; state is what its journal says. */
    void (*tick)(void *arg, size_t index, const char *test, const struct journal_state *state);
    /* record is NULL where the supervisor died (outcome lost); borrowed. */
    void (*ended)(
        void *arg, size_t index, const char *test, enum outcome outcome, const struct json_object *record);
    /*
     * In the place of `ended`, for a test that passed on a machine that was not fit and is measured again; NULL:
     * nobody is told. Its attempt stands in the spool like any other.
     */
    void (*repeats)(void *arg, size_t index, const char *test, const struct json_object *record);
    /* About five times a second before a test that has to wait for the machine. */
    void (*waits)(void *arg, const char *what);
    /* Then, where it did not become quiet in time: what disturbs it. The test begins all the same. */
    void (*restless)(void *arg, const char *test, const char *reason);
    void *arg;
    int64_t cooldown_ns;    /* rest before each test that measures, but the first; 0: none */
    int64_t quiet_limit_ns; /* and then wait so long for a quiet machine; 0: do not */
    int dirty_repeats;      /* how often a test that passed on a machine that was not fit is measured again */
    double timeout_s;       /* as in supervise_options */
    int64_t grace_ns;       /* likewise */
    bool fork_test;         /* likewise */
    const char *machine_root; /* likewise */
};

struct executed {
    size_t run, left_out, repeated;
    size_t counts[OUTCOME_COUNT]; /* of the tests that were run: of their last attempts */
    int stop_signal;              /* that ended the run early, or 0 */
};

/*
 * STATUS_OK even if every test failed. STATUS_IO where the folder cannot be written: found before the
 * first test, and after any supervisor that could not write. done is filled in every case.
 */
enum status execute_plan(
    const struct execute_options *options, struct executed *done, struct error *e) ASSAY_MUST_CHECK;

#endif
