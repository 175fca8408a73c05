/*
 * run_session.h - what one `assay run` has in its hands, and its two halves: what is to be measured is found out
 * before the run has a folder, and executed in it.
 *
 *     struct json_object *run;
 *     if (run_prepare(&s, &run, &why) == STATUS_OK) ...        // a folder is made of run: s.folder
 *     if (run_execute(&s, &why) == STATUS_OK) ...              // s.done
 */
#ifndef ASSAY_RUN_SESSION_H
#define ASSAY_RUN_SESSION_H

#include "config.h"
#include "execute.h"
#include "portfolio.h"
#include "progress.h"
#include "run_choose.h"
#include "run_json.h"
#include "run_options.h"
#include "run_subset.h"
#include "run_tasks.h"
#include "server_list.h"

/* All that one `assay run` has in its hands. */
struct run_session {
    struct run_options options;
    struct config config;
    struct config_origins origins;
    struct server_list servers;
    struct portfolio portfolio;
    struct run_request request;
    struct run_folder folder;
    struct buf prompt;        /* of --prompt, or empty */
    struct run_choice choice; /* of -i */
    struct run_tasks tasks;   /* of --tasks, or empty */
    struct run_subset subset; /* of --failed or --resume */
    struct progress progress;
    int64_t end_ns; /* of the budget, monotonic; 0: none */
    bool budget_spent;
    int lock_fd;
    struct executed done;
};

/* From the servers to run.json in memory. */
enum status run_prepare(struct run_session *s, struct json_object **run, struct error *e) ASSAY_MUST_CHECK;
/* What is left of a run that goes on, its folder and its servers. */
enum status run_prepare_rest(struct run_session *s, struct error *e) ASSAY_MUST_CHECK;

/* The tests of run.json in the folder, one after the other, shown as they go. */
enum status run_execute(struct run_session *s, struct error *e) ASSAY_MUST_CHECK;
/* How a target of this run is reached; arg: the session. NULL: it is none. */
const struct target_access *run_execute_access(void *arg, const char *target);

#endif
