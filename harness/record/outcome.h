/* outcome.h - the twelve ways in which a test can end, and what each means for an exit code. */
#ifndef ASSAY_OUTCOME_H
#define ASSAY_OUTCOME_H

#include <stdbool.h>

enum outcome {
    OUTCOME_PASSED,
    OUTCOME_FAILED,        /* an assertion did not hold */
    OUTCOME_ERROR,         /* the case ended without a result, or could not begin */
    OUTCOME_CRASHED,       /* ended by a signal of its own making */
    OUTCOME_TIMEOUT,       /* ended by us at its deadline */
    OUTCOME_KILLED,        /* ended by a signal from outside */
    OUTCOME_OOM,           /* ended by the out-of-memory killer */
    OUTCOME_INTERRUPTED,   /* we were told to stop */
    OUTCOME_SKIPPED,       /* by its own decision, with a reason */
    OUTCOME_NOT_RUN,       /* planned, never started */
    OUTCOME_LOST,          /* started, but its supervisor died or its result cannot be read */
    OUTCOME_HARNESS_ERROR, /* our own fault */
    OUTCOME_COUNT
};

const char *outcome_name(enum outcome outcome);              /* "passed", ... "harness_error" */
bool outcome_parse(const char *name, enum outcome *outcome); /* false: unknown, *outcome untouched */

#endif
