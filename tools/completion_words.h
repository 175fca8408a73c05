/*
 * completion_words.h - words that a shell asks the program for, one a line.
 *
 *     struct buf words = BUF_INIT(COMPLETION_WORDS_BYTES_MAX);
 *     if (completion_words("tests", "latest", &words, &why) != STATUS_OK) ...
 *
 * verbs, cases, suites, scenarios, schemas, runs (those below runs/), tests (of a run). Nothing is measured, changed
 * or finalised for it, and no server is asked.
 */
#ifndef ASSAY_COMPLETION_WORDS_H
#define ASSAY_COMPLETION_WORDS_H

#include "buf.h"
#include "verb.h"

#define COMPLETION_WORDS_BYTES_MAX ((size_t)16 << 20)

/* of: the run whose tests are asked for; NULL for all else. STATUS_USAGE: there is no such list. */
enum status completion_words(const char *what, const char *of, const struct verb *const *verbs,
    struct buf *words, struct error *e) ASSAY_MUST_CHECK;

#endif
