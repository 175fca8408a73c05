/*
 * fault_run.h - a run of fault cases in a folder of its own, and its records.
 *
 *     struct fault_run run;
 *     fault_run_open(&run, testkit_tmp(), (const char *const[]){"fault.segfaults", NULL});
 *     fault_run_execute(&run);
 *     struct json_object *record = fault_run_record(&run, "fault.segfaults", 1);      // finalises first
 *     fault_run_close(&run);
 */
#ifndef ASSAY_FAULT_RUN_H
#define ASSAY_FAULT_RUN_H

#include "execute.h"
#include "finalise.h"
#include "json.h"

struct fault_run {
    struct run_folder folder;
    struct execute_options options; /* may be changed before fault_run_execute */
    struct executed done;
    struct finalised sum;
    struct json_object *records; /* array, read from benchmark.jsonl once finalised */
};

/* Makes the folder below `runs`; test names are the cases'. Fails the test where it cannot. */
void fault_run_open(struct fault_run *run, const char *runs, const char *const *cases);
enum status fault_run_execute(struct fault_run *run);
void fault_run_finalise(struct fault_run *run);
/* Borrowed. Fails the test if there is no such record, or one that does not fit its schema. */
struct json_object *fault_run_record(struct fault_run *run, const char *test, int attempt);
const char *fault_run_outcome(struct fault_run *run, const char *test);
size_t fault_run_record_count(struct fault_run *run);
void fault_run_close(struct fault_run *run);

/* The children of a process, by asking /proc; at most max. */
size_t fault_children(pid_t parent, pid_t *children, size_t max);

/* The runner among the children of a supervisor, who has others; 0 where there is none yet. */
pid_t fault_runner(pid_t supervisor);

#endif
