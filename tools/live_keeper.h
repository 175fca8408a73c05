/*
 * live_keeper.h - the process that stands behind the live tests of one ctest: it holds the measurement lock
 * and runs the simulators, from the first fixture to the last, and ends by itself when that ctest is gone.
 *
 *     struct live_keeper_options o = {.pid_file = "live_e2e/keeper", .lock_file = lock, .watch = ctest_pid,
 *         .scenarios = scenarios, .scenario_count = n};
 *     struct live_keeper keeper;
 *     if (live_keeper_start(&o, &keeper, &why) != STATUS_OK) ...     // keeper.urls[i] plays scenarios[i]
 *     live_keeper_stop("live_e2e/keeper");                           // from another process
 */
#ifndef ASSAY_LIVE_KEEPER_H
#define ASSAY_LIVE_KEEPER_H

#include "sim.h"

enum { KEEPER_SIMS_MAX = 8 };

struct live_keeper_options {
    const char *pid_file;
    const char *lock_file; /* NULL: no lock */
    int64_t lock_wait_ns;
    const char *test_lock;        /* held by each test; when watch ends, one at work may still end in peace */
    pid_t watch;                  /* ends when this process does; 0: only when stopped */
    void (*abandoned)(void *arg); /* called by the keeper then, before its simulators end; may be NULL */
    void *arg;
    const char *const *scenarios;
    size_t scenario_count;
};

struct live_keeper {
    pid_t pid;
    char urls[KEEPER_SIMS_MAX][SIM_URL_SIZE];
};

/* STATUS_BUSY: somebody else measures on this machine. */
enum status live_keeper_start(
    const struct live_keeper_options *options, struct live_keeper *keeper, struct error *e) ASSAY_MUST_CHECK;

/* Ends the keeper named in the file, if that very process still runs, and waits until it is gone. */
void live_keeper_stop(const char *pid_file);

#endif
