/*
 * markdown_kit.h - the Markdown page of a made run (made_run.h).
 *
 *     struct buf page = markdown_kit_page_with("passed", NULL);
 *     markdown_kit_expect_not(&page, "## Load");
 *     buf_fini(&page);
 */
#ifndef ASSAY_MARKDOWN_KIT_H
#define ASSAY_MARKDOWN_KIT_H

#include "made_run.h"

#define MARKDOWN_KIT_TEST "chat.short[sim/tiny]"

struct buf markdown_kit_page(struct made_run *made);
struct buf markdown_kit_page_with(const char *outcome, const char *members);
void markdown_kit_expect(const struct buf *page, const char *text);
void markdown_kit_expect_not(const struct buf *page, const char *text);

#endif
