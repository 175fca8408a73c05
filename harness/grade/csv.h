/*
 * csv.h - tables of comma-separated values (RFC 4180), row by row.
 *
 *     struct csv table = CSV_INIT(text, len);
 *     struct csv_row row;
 *     csv_row_init(&row);
 *     while (!csv_at_end(&table) && csv_read_row(&table, &row, &why) == STATUS_OK)
 *         puts(buf_text(&row.cells[0]));
 *     csv_row_fini(&row);
 */
#ifndef ASSAY_CSV_H
#define ASSAY_CSV_H

#include "buf.h"

enum { CSV_COLUMNS_MAX = 32, CSV_CELL_MAX = 1 << 20 };

struct csv {
    const char *at, *end;
    long line; /* of the next row */
};

#define CSV_INIT(text, length)                                                                               \
    {                                                                                                        \
        .at = (text), .end = (text) + (length), .line = 1                                                    \
    }

struct csv_row {
    struct buf cells[CSV_COLUMNS_MAX];
    size_t count;
};

void csv_row_init(struct csv_row *row);
void csv_row_fini(struct csv_row *row);

bool csv_at_end(const struct csv *table);

/* STATUS_INVALID: a quoted cell does not end; STATUS_LIMIT: too many columns, or too much in one. */
enum status csv_read_row(struct csv *table, struct csv_row *row, struct error *e) ASSAY_MUST_CHECK;

/* A row without anything in it. */
bool csv_row_is_blank(const struct csv_row *row);

/* The cell below the column of that name; NULL where the header has none, "" where the row is shorter. */
const char *csv_cell(const struct csv_row *header, const struct csv_row *row, const char *column);

#endif
