/*
 * markdown_text.h - hostile text and tables in Markdown (CommonMark with GitHub's tables).
 *
 * Text from outside has three ways in: markdown_inline() for running text and table cells (everything that
 * could mean something is escaped, line breaks become spaces), markdown_code() for a code span,
 * markdown_block() for a fenced block whose fence is longer than any run of back-ticks inside. All are
 * sanitised first.
 *
 *     struct markdown_table t;
 *     markdown_table_begin(&t, (const struct markdown_column[]){{"Model"}, {"Median", .right = true}}, 2);
 *     markdown_cell(&t, model_name);
 *     markdown_cell(&t, "12.3 ms");
 *     markdown_table_end(&t, out);                // writes the table with padded columns and frees it
 */
#ifndef ASSAY_MARKDOWN_TEXT_H
#define ASSAY_MARKDOWN_TEXT_H

#include "buf.h"

#define MARKDOWN_INLINE_MAX 600 /* bytes of one text from outside in a line or cell */
#define MARKDOWN_BLOCK_MAX 8192 /* in a fenced block */
#define MARKDOWN_COLUMNS_MAX 12

enum status markdown_inline(struct buf *out, const char *text);
enum status markdown_code(struct buf *out, const char *text);
enum status markdown_block(struct buf *out, const char *text);

struct markdown_column {
    const char *title; /* ours: not escaped */
    bool right;        /* figures */
};

struct markdown_table {
    const struct markdown_column *columns;
    size_t column_count;
    char **cells; /* escaped, row by row */
    size_t cell_count, cell_cap;
    enum status failed;
};

/* columns must outlive the table. */
void markdown_table_begin(
    struct markdown_table *table, const struct markdown_column *columns, size_t column_count);
void markdown_cell(struct markdown_table *table, const char *text); /* escaped; NULL and "" show a dash */
void markdown_cell_code(
    struct markdown_table *table, const char *text); /* a code span where the text allows it */
void markdown_cell_format(struct markdown_table *table, const char *format, ...)
    ASSAY_PRINTF(2, 3); /* escaped */
size_t markdown_table_rows(const struct markdown_table *table);
/* Appends the table and a blank line (nothing at all without rows) and frees it. */
enum status markdown_table_end(struct markdown_table *table, struct buf *out);

#endif
