/*
 * timeline_table.h - readings over time in bounded memory: rows of one moment, a column per series.
 *
 * A table has at most `limit` rows. Where more readings come, pairs of rows are merged and from then on each row
 * stands for twice as many readings; a merged row keeps the lowest and the highest of them, so no peak is lost.
 * NAN is "not read".
 *
 *     struct timeline_table table;
 *     timeline_table_init(&table, TIMELINE_ROWS_MAX);
 *     size_t column;
 *     if (timeline_table_add_column(&table, &column) != STATUS_OK) ...
 *     if (timeline_table_add_row(&table, t_ns) != STATUS_OK) ...
 *     timeline_table_put(&table, column, 21.5);
 *     timeline_table_range(&table, column, 0, table.count, &low, &high);
 *     timeline_table_fini(&table);
 */
#ifndef ASSAY_TIMELINE_TABLE_H
#define ASSAY_TIMELINE_TABLE_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

/* Some 110 lines of a server with eight GPUs. */
#define TIMELINE_COLUMNS_MAX 256
/* More than a day at five readings a second. */
#define TIMELINE_ROWS_MAX ((size_t)1 << 19)

struct timeline_column {
    float *low;
    float *high; /* NULL while each row is one reading */
};

struct timeline_table {
    int64_t *t_ns; /* of the first reading of each row; never falls */
    struct timeline_column columns[TIMELINE_COLUMNS_MAX];
    size_t column_count;
    size_t count, capacity, limit; /* rows */
    size_t per_row;                /* readings that a row stands for: 1, 2, 4, ... */
    size_t in_last;                /* of them in the last row so far */
    size_t readings;               /* all that were added */
    int64_t last_ns;               /* of the last reading */
};

void timeline_table_init(struct timeline_table *table, size_t limit);
void timeline_table_fini(struct timeline_table *table); /* also of a zeroed one */

/* STATUS_LIMIT: there are TIMELINE_COLUMNS_MAX; STATUS_NO_MEMORY. The rows so far were not read. */
enum status timeline_table_add_column(struct timeline_table *table, size_t *column) ASSAY_MUST_CHECK;

/* A reading behind the last; a moment before it becomes the same moment. STATUS_NO_MEMORY. */
enum status timeline_table_add_row(struct timeline_table *table, int64_t t_ns) ASSAY_MUST_CHECK;

/* The value of the last reading; NAN changes nothing. */
void timeline_table_put(struct timeline_table *table, size_t column, double value);

/* The same for all readings from that number (counted from 0) to the last. */
void timeline_table_fill(struct timeline_table *table, size_t column, size_t from_reading, double value);

/* Lowest and highest of rows [from, to); NAN both where none was read. */
void timeline_table_range(
    const struct timeline_table *table, size_t column, size_t from, size_t to, double *low, double *high);

/* The first row at or behind a moment; count where there is none. */
size_t timeline_table_row_at(const struct timeline_table *table, int64_t t_ns);

#endif
