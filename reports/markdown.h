/*
 * markdown.h - the report of one run for people: Markdown that can be read aloud, rendered or not.
 *
 * A pure function of the run's files and the gate's judgement: the same input gives the same bytes. Figures
 * stand with their spread and count; whatever came from a model or a server is escaped and cannot break the
 * page.
 *
 *     struct buf page = BUF_INIT(MARKDOWN_PAGE_MAX);
 *     if (markdown_write(&data, &gate, &page, &why) == STATUS_OK) ...
 */
#ifndef ASSAY_MARKDOWN_H
#define ASSAY_MARKDOWN_H

#include "gate_judge.h"

#include "buf.h"

#define MARKDOWN_PAGE_MAX ((size_t)256 << 20)

enum status markdown_write(
    const struct run_data *data, const struct gate *gate, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

#endif
