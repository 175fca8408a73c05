/*
 * show_text.h - rows and blocks of text for a terminal. Everything is sanitised. Inside reports/, for
 * show*.c.
 *
 *     show_row(out, "server", json_get_text(record, "/target/server"));       // "  server         llama.cpp"
 */
#ifndef ASSAY_SHOW_TEXT_H
#define ASSAY_SHOW_TEXT_H

#include "buf.h"

#define SHOW_TEXT_SHOWN ((size_t)16 << 10) /* bytes of one prompt or answer, unless all is asked for */
#define SHOW_TEXT_SHOWN_ALL ((size_t)4 << 20)

struct json_object;

/* text may be NULL: nothing. */
void show_safe(struct buf *out, const char *text, size_t len, size_t max);

/* A label and a value; nothing at all where there is no value. */
void show_row(struct buf *out, const char *label, const char *text);
void show_row_count(struct buf *out, const char *label, struct json_object *tree, const char *pointer);
void show_row_seconds(struct buf *out, const char *label, struct json_object *tree, const char *pointer);

/* A text of several lines, each behind a bar, so that nothing in it looks like ours. */
void show_block(struct buf *out, const char *label, const char *text, size_t len, size_t max);

#endif
