/*
 * completion.h - what shells offer behind `assay`, made of the tables that --help shows.
 *
 *     struct buf script = BUF_INIT(COMPLETION_BYTES_MAX);
 *     completion_write("bash", "assay", verbs_all, &script);       // false: no such shell
 *
 * The scripts hold verbs, options and words of options (struct opt's values); what changes - runs, tests of a run,
 * cases - they ask the program for: `assay completion --words runs` (completion_words.h). Failures stay in the buf.
 */
#ifndef ASSAY_COMPLETION_H
#define ASSAY_COMPLETION_H

#include "buf.h"
#include "verb.h"

#define COMPLETION_BYTES_MAX ((size_t)1 << 20)
#define COMPLETION_SHELLS "bash|zsh|fish"

/* program: the command that is completed; its functions in the script have names of its own. */
bool completion_write(
    const char *shell, const char *program, const struct verb *const *verbs, struct buf *script);

#endif
