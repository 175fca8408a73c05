/*
 * trace_parts.h - what the readers of traces (trace.h) share: names of fields, rows, prefixes. Private to them.
 */
#ifndef ASSAY_TRACE_PARTS_H
#define ASSAY_TRACE_PARTS_H

#include "trace.h"

enum trace_field_kind { TRACE_TIME, TRACE_PROMPT, TRACE_OUTPUT, TRACE_FIELDS };

enum trace_form { TRACE_JSON, TRACE_CSV, TRACE_LIST };

struct trace_field {
    const char *name; /* lower case, words with '_' */
    enum trace_field_kind kind;
    double json_unit_ns, csv_unit_ns; /* of a moment that is a number */
};

/* The field of that name, in any case and with blanks for '_'; NULL: none of ours. */
const struct trace_field *trace_field_find(const char *name, size_t len);

/* "2023-11-16 18:17:03.9799600", "2024-05-10T00:00:00.009930+00:00": nanoseconds since 1970, UTC where no
 * offset is given. */
bool trace_parse_date(const char *text, int64_t *ns);

/* A moment as text: a number of units, or a date. */
bool trace_parse_moment(const char *text, double unit_ns, int64_t *ns);
bool trace_scale_moment(double value, double unit_ns, int64_t *ns);

/* One line, as far as it is understood. */
struct trace_row {
    int64_t at_ns;
    int64_t values[TRACE_FIELDS]; /* tokens, by trace_field_kind */
    bool has[TRACE_FIELDS];
    const uint64_t *blocks; /* numbers of the prompt's blocks from its beginning; NULL: none */
    size_t block_count;
};

struct trace_reader {
    const char *path;
    long line;
    enum trace_form form;
    struct trace *trace;
    size_t room;
    int columns[TRACE_FIELDS]; /* CSV: where each field is, or -1 */
    double time_unit_ns;
    struct trace_blocks *blocks; /* NULL until the first request that has any */
};

/* Checks the row against those before it and keeps it. */
enum status trace_add_row(struct trace_reader *reader, const struct trace_row *row, struct error *e);

enum status trace_read_json_line(struct trace_reader *reader, const char *text, size_t len, struct error *e);
enum status trace_read_csv_head(struct trace_reader *reader, char *text, struct error *e);
enum status trace_read_csv_line(struct trace_reader *reader, char *text, struct error *e); /* cuts text up */

/* Shared beginnings of prompts, from the numbers of their blocks. */
struct trace_blocks *trace_blocks_new(void);
void trace_blocks_free(struct trace_blocks *blocks);
enum status trace_blocks_add(
    struct trace_blocks *blocks, size_t request, const struct trace_row *row, long line, struct error *e);
/* Gives requests their prefixes, and the trace what they are. */
enum status trace_blocks_finish(struct trace_blocks *blocks, struct trace *trace, struct error *e);

#endif
