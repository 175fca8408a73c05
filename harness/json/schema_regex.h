/*
 * schema_regex.h - ECMA 262 patterns on PCRE2, bounded. A compiled pattern never changes. Inside harness/json.
 *
 * A short text is matched by machine code with a small allowance of backtracking. What needs more, and every
 * long text, is matched once more by a program that counts the characters it passes, forwards and backwards:
 * the sum over a validation is bounded, so that no pattern takes longer than a second or two on any text.
 */
#ifndef ASSAY_SCHEMA_REGEX_H
#define ASSAY_SCHEMA_REGEX_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

#define REGEX_PATTERN_MAX ((size_t)64 << 10)  /* bytes */
#define REGEX_PROGRAMS_MAX ((size_t)64 << 20) /* bytes of all compiled patterns of a schema */
#define REGEX_WORK_MAX 10000000               /* characters passed in one validation, */
#define REGEX_WORK_PER_BYTE 8                 /* and for each byte of a text that is counted */

struct regex;

/* What matching needs of its own: one per validation. Zeroed at first. */
struct regex_run {
    void *match_data, *limits;
    uint64_t work;    /* characters passed so far */
    uint64_t allowed; /* for the texts that were counted, above REGEX_WORK_MAX */
    size_t at;
};

/*
 * *bytes: what the patterns of the schema take together, to which this one is added. STATUS_INVALID with a sentence
 * and the column, STATUS_LIMIT where it is too large or they are too many, STATUS_NO_MEMORY.
 */
enum status regex_compile(
    const char *pattern, size_t len, size_t *bytes, struct regex **regex, struct error *e) ASSAY_MUST_CHECK;
/* Puts it before the others of a list, and frees the first of one; both return the first of what is left. */
struct regex *regex_link(struct regex *regex, struct regex *others);
struct regex *regex_free(struct regex *regex); /* NULL allowed */
const char *regex_pattern(const struct regex *regex);

/* Is there a match anywhere in text? Text that is not UTF-8 never matches. STATUS_LIMIT: too much
 * backtracking, STATUS_NO_MEMORY. */
enum status regex_match(
    const struct regex *regex, struct regex_run *run, const char *text, size_t len, bool *matches);
void regex_run_fini(struct regex_run *run);

#endif
