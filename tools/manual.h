/*
 * manual.h - manual pages, made of the tables that --help shows.
 *
 *     struct buf page = BUF_INIT(MANUAL_BYTES_MAX);
 *     manual_write_verb(verbs_all, verb, "2026-11-01", &page);     // assay-run(1), as roff
 *     manual_write_program(verbs_all, "2026-11-01", &page);  // assay(1)
 *
 * A page has sections in the usual order. DESCRIPTION, OPTIONS, EXIT STATUS and EXAMPLES come from the verb's option
 * table and its details: a paragraph that begins with "Exit code: " is the list of exit codes, lines that begin with
 * "  assay " are examples. ENVIRONMENT and FILES come from manual_facts.h. date: as the page shows it, "" for none.
 * Failures stay in the buf.
 */
#ifndef ASSAY_MANUAL_H
#define ASSAY_MANUAL_H

#include "buf.h"
#include "verb.h"

#define MANUAL_BYTES_MAX ((size_t)1 << 20)

void manual_write_verb(
    const struct verb *const *verbs, const struct verb *verb, const char *date, struct buf *page);
void manual_write_program(const struct verb *const *verbs, const char *date, struct buf *page);

#endif
