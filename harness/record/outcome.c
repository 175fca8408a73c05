#include "outcome.h"

#include <stddef.h>
#include <string.h>

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_PASSED] = "passed",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_ERROR] = "error",
    [OUTCOME_CRASHED] = "crashed",
    [OUTCOME_TIMEOUT] = "timeout",
    [OUTCOME_KILLED] = "killed",
    [OUTCOME_OOM] = "oom",
    [OUTCOME_INTERRUPTED] = "interrupted",
    [OUTCOME_SKIPPED] = "skipped",
    [OUTCOME_NOT_RUN] = "not_run",
    [OUTCOME_LOST] = "lost",
    [OUTCOME_HARNESS_ERROR] = "harness_error",
};

const char *outcome_name(enum outcome outcome)
{
    return (unsigned)outcome < OUTCOME_COUNT ? outcome_names[outcome] : "harness_error";
}

bool outcome_parse(const char *name, enum outcome *outcome)
{
    for (int i = 0; name != NULL && i < OUTCOME_COUNT; i++) {
        if (strcmp(name, outcome_names[i]) == 0) {
            *outcome = (enum outcome)i;
            return true;
        }
    }
    return false;
}
