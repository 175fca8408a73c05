/* schema_regex.h - ECMA 262 patterns on PCRE2. A compiled pattern never changes. Inside harness/json. */
#ifndef ASSAY_SCHEMA_REGEX_H
#define ASSAY_SCHEMA_REGEX_H

#include "status.h"

#include <stddef.h>

struct regex;

/* What matching needs of its own: one per validation. Zeroed at first. */
struct regex_run {
    void *match_data;
};

/* STATUS_INVALID with a sentence and the column, STATUS_NO_MEMORY. next is kept for the caller's list. */
enum status regex_compile(const char *pattern, size_t len, struct regex *next, struct regex **regex,
    struct error *e) ASSAY_MUST_CHECK;
struct regex *regex_free(struct regex *regex); /* returns next; NULL allowed */
struct regex *regex_next(const struct regex *regex);
const char *regex_pattern(const struct regex *regex);

/* Is there a match anywhere in text? Text that is not UTF-8 never matches. STATUS_LIMIT: too much
 * backtracking. */
enum status regex_match(
    const struct regex *regex, struct regex_run *run, const char *text, size_t len, bool *matches);
void regex_run_fini(struct regex_run *run);

#endif
