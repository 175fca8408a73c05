/*
 * run_tasks.h - what --tasks names, a file or a public set, read and checked before anything is asked: a slip in
 * line 300 is told now and not in an hour.
 *
 *     struct run_tasks_request request = {.name = "mine.csv"};
 *     struct run_tasks tasks = RUN_TASKS_INIT;
 *     if (run_tasks_read(&request, &settings, &tasks, &why) != STATUS_OK) ...
 *     // settings names the file of the run folder that is to hold tasks.text, and its digest as the set of
 *     // prompts
 *     run_tasks_fini(&tasks);
 */
#ifndef ASSAY_RUN_TASKS_H
#define ASSAY_RUN_TASKS_H

#include "buf.h"
#include "settings.h"

struct run_tasks_request {
    const char *name;
    int64_t count; /* of the first tasks; 0: all, or as many rows of a set as are usual */
    bool offline;
};

struct run_tasks {
    struct buf text;
    struct buf about; /* of a set, for set.json of the run folder (schemas/set.schema.json); else empty */
};

#define RUN_TASKS_INIT                                                                                       \
    {                                                                                                        \
        .text = BUF_INIT((size_t)256 << 20), .about = BUF_INIT(1 << 20)                                      \
    }

/* A set is told of in notes (log.h), and while it is fetched in a line that is drawn again on a terminal. */
enum status run_tasks_read(const struct run_tasks_request *request, struct run_settings *settings,
    struct run_tasks *tasks, struct error *e) ASSAY_MUST_CHECK;
void run_tasks_fini(struct run_tasks *tasks);

#endif
