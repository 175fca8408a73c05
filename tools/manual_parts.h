/*
 * manual_parts.h - what the pages of the verbs (manual.c) and of the program (manual_program.c) have in common.
 */
#ifndef ASSAY_MANUAL_PARTS_H
#define ASSAY_MANUAL_PARTS_H

#include "buf.h"
#include "manual_facts.h"

/* .TH and NAME. */
void manual_write_head(struct buf *page, const char *name, const char *date, const char *summary);

/* A bold name, and behind or below it what it means. */
void manual_write_item(struct buf *page, const char *name, size_t name_len, const char *text, size_t len);

/*
 * A section of the facts of this verb; NULL: of all. Without any there is no section. open: the heading stands there
 * already. True: the section is there.
 */
bool manual_write_facts(
    struct buf *page, const char *heading, const struct manual_fact *facts, const char *verb, bool open);

#endif
