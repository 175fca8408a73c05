/*
 * regrade.h - the kept answers of a run graded anew, without asking any server: after a grader or a reference
 * answer has changed.
 *
 *     struct regrade_options o = {.tasks = "mine.jsonl", .moment_ns = clock_wall_ns(clock_system())};
 *     struct regraded done;
 *     if (regrade_run(&data, &o, &done, &why) != STATUS_OK) ...       // nothing was kept, no such tasks, ...
 *     for (size_t i = 0; i < done.count; i++) print(done.lines[i]);   // schemas/regrade.schema.json
 *     if (regrade_append(&data, &done, &why) != STATUS_OK) ...        // grades.jsonl of the run
 *     regraded_fini(&done);
 *
 * The tasks are those of the file that is named, else the copy that the run keeps (utility.own), else the program's.
 */
#ifndef ASSAY_REGRADE_H
#define ASSAY_REGRADE_H

#include "run_data.h"

struct regrade_options {
    const char *tasks; /* path, or NULL */
    int64_t moment_ns; /* wall clock */
};

/* A graded test that could not be graded anew. */
struct regrade_left_out {
    const char *test; /* borrowed from the run_data */
    char reason[256];
};

struct regraded {
    struct json_object **lines; /* one a test, in the order of the run */
    size_t count;
    struct regrade_left_out *left_out;
    size_t left_out_count;
};

/* STATUS_UNAVAILABLE: nothing of the run is graded; STATUS_INVALID: the tasks are none. What fails for one test only is
 * in left_out. */
enum status regrade_run(const struct run_data *data, const struct regrade_options *o, struct regraded *done,
    struct error *e) ASSAY_MUST_CHECK;
void regraded_fini(struct regraded *done);

/* Appends the lines to grades.jsonl beside benchmark.jsonl, behind what stands there, and syncs it. */
enum status regrade_append(
    const struct run_data *data, const struct regraded *done, struct error *e) ASSAY_MUST_CHECK;

#endif
