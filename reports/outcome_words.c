#include "outcome_words.h"

#include <string.h>

const struct outcome_words outcome_words_all[] = {
    {"passed", "passed", ENDED_FINE, NULL, "did what it should"},
    {"failed", "failed", ENDED_FAILED, "assertion", "ran, and an assertion did not hold"},
    {"error", "error", ENDED_BROKEN, "error", "ended without a result of its own"},
    {"crashed", "crashed", ENDED_BROKEN, "crashed", "died of a signal of its own making"},
    {"timeout", "timeout", ENDED_BROKEN, "timeout", "was stopped at its deadline"},
    {"killed", "killed", ENDED_BROKEN, "killed", "was killed from outside"},
    {"oom", "oom", ENDED_BROKEN, "oom", "was killed because memory ran out"},
    {"interrupted", "interrupted", ENDED_BROKEN, "interrupted",
        "was stopped because the run was told to stop"},
    {"lost", "lost", ENDED_BROKEN, "lost", "started, and its supervisor died before it could write a result"},
    {"harness_error", "harness error", ENDED_BROKEN, "harness_error",
        "could not be run or judged: the fault is in assay or this machine"},
    {"skipped", "skipped", ENDED_ABSENT, NULL, "does not apply here, for the reason given"},
    {"not_run", "not run", ENDED_ABSENT, NULL, "was planned and never started"},
    {0},
};

const struct outcome_words *outcome_words_find(const char *name)
{
    for (const struct outcome_words *words = outcome_words_all; name && words->name; words++)
        if (strcmp(words->name, name) == 0)
            return words;
    return NULL;
}
