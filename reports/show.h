/*
 * show.h - all that is known of one test, for a terminal: record, exchanges, answers, events, log, health.
 *
 * Model output is hostile: everything is sanitised before it reaches the terminal.
 *
 *     struct show_options options = {.exchange = -1};
 *     struct buf text = BUF_INIT(SHOW_TEXT_MAX);
 *     if (show_write(&data, test, &options, &text, &why) == STATUS_OK) fputs(buf_text(&text), stdout);
 */
#ifndef ASSAY_SHOW_H
#define ASSAY_SHOW_H

#include "run_data.h"

#include "buf.h"

#define SHOW_TEXT_MAX ((size_t)256 << 20)

struct show_options {
    int64_t attempt;  /* 0: the last one */
    int64_t exchange; /* index of the one to show whole; negative: the first that failed, else the first
                         measured */
    bool all;         /* every exchange whole, every event, the whole log */
};

/* STATUS_NOT_FOUND: no such attempt or exchange. */
enum status show_write(const struct run_data *data, const struct run_test *test,
    const struct show_options *options, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* {"record", "exchanges", "answers"} of the attempt; lines as they stand in the files. */
enum status show_write_json(const struct run_data *data, const struct run_test *test,
    const struct show_options *options, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

#endif
