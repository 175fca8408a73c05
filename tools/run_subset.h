/*
 * run_subset.h - which tests of a plan are still to be run, or to be run again, seen from the records of a
 * run.
 *
 *     struct run_subset again;
 *     if (run_subset_load("runs/latest", SUBSET_FAILED, &again, &why) == STATUS_OK)
 *         run_subset_keep(run_json, &again, &why);                 // only those stay in the plan
 *     run_subset_fini(&again);
 */
#ifndef ASSAY_RUN_SUBSET_H
#define ASSAY_RUN_SUBSET_H

#include "status.h"

#include <stddef.h>

struct json_object;

enum subset {
    SUBSET_FAILED,    /* did not pass and were not skipped */
    SUBSET_UNFINISHED /* lost, interrupted or not run */
};

struct run_subset {
    char **tests; /* names, owned */
    size_t count;
};

/* RUN as on the command line; finalised first. */
enum status run_subset_load(
    const char *run, enum subset which, struct run_subset *subset, struct error *e) ASSAY_MUST_CHECK;
void run_subset_fini(struct run_subset *subset);
bool run_subset_has(const struct run_subset *subset, const char *test);

/* Takes all other tests out of the plan. STATUS_NOT_FOUND where a test of the subset is not in it. */
enum status run_subset_keep(
    struct json_object *run, const struct run_subset *subset, struct error *e) ASSAY_MUST_CHECK;

#endif
