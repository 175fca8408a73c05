/*
 * regrade_tasks.h - the tasks that a test's answers are held against. Private to regrade.c.
 *
 *     struct regrade_tasks tasks;
 *     if (regrade_tasks_load(&data, test, "mine.jsonl", &tasks, &why) == STATUS_OK) ...
 *     regrade_tasks_fini(&tasks);
 */
#ifndef ASSAY_REGRADE_TASKS_H
#define ASSAY_REGRADE_TASKS_H

#include "run_data.h"
#include "task_index.h"

struct regrade_tasks {
    const char *source; /* "run", "program", "file" */
    char name[256];
    char sha256[65];
    const char *category; /* of tasks that name none */
    struct task_list list;
    struct task_index *index;
};

/* path: a file named by the user, or NULL. STATUS_UNAVAILABLE: this test's grader is no list of tasks. */
enum status regrade_tasks_load(const struct run_data *data, const struct run_test *test, const char *path,
    struct regrade_tasks *tasks, struct error *e) ASSAY_MUST_CHECK;
void regrade_tasks_fini(struct regrade_tasks *tasks); /* also of a zeroed one */

#endif
