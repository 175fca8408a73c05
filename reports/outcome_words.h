/*
 * outcome_words.h - the twelve outcomes of a record as the reports speak of them; one table for all of them.
 *
 *     const struct outcome_words *words = outcome_words_find("crashed");
 *     words->kind == ENDED_BROKEN; words->meaning: "died of a signal of its own making"
 */
#ifndef ASSAY_OUTCOME_WORDS_H
#define ASSAY_OUTCOME_WORDS_H

#include <stddef.h>

enum outcome_kind {
    ENDED_FINE,   /* passed */
    ENDED_FAILED, /* an assertion did not hold */
    ENDED_BROKEN, /* no answer to the test's question: crash, time-out, loss, ... */
    ENDED_ABSENT, /* skipped or never started, with a reason */
};

struct outcome_words {
    const char *name;  /* as in the record */
    const char *words; /* to people: "not run" */
    enum outcome_kind kind;
    const char *junit_type; /* type attribute of <failure> or <error>; NULL where there is none */
    const char *meaning;    /* completes "the test ..." */
};

extern const struct outcome_words outcome_words_all[]; /* in the order of reports; ends with name NULL */
const struct outcome_words *outcome_words_find(const char *name); /* NULL if unknown */

#endif
