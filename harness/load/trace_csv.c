#include "trace_parts.h"

#include "text.h"

#include <string.h>

enum { COLUMNS_MAX = 256, SHOWN = 80 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The cell at *at without blanks and quotes around it, ended by a NUL; *at: the next one, or NULL. A quote
 * within quotes stays doubled: no cell that matters has one. */
static char *take_cell(char **at)
{
    char *cell = *at, *end;
    while (is_blank(*cell))
        cell++;
    bool quoted = *cell == '"';
    if (quoted)
        cell++;
    for (end = cell; *end && (quoted ? *end != '"' || end[1] == '"' : *end != ','); end++)
        if (quoted && *end == '"')
            end++;
    char *comma = strchr(end, ',');
    *at = comma ? comma + 1 : NULL;
    while (!quoted && end > cell && is_blank(end[-1]))
        end--;
    *end = 0;
    return cell;
}

enum status trace_read_csv_head(struct trace_reader *r, char *text, struct error *e)
{
    for (int i = 0; i < TRACE_FIELDS; i++)
        r->columns[i] = -1;
    for (int column = 0; text && column < COLUMNS_MAX; column++) {
        const char *name = take_cell(&text);
        const struct trace_field *field = trace_field_find(name, strlen(name));
        if (!field)
            continue;
        if (r->columns[field->kind] >= 0)
            return error_set(e, STATUS_INVALID,
                "the column '%.*s' says again what another one says; leave one of them out", SHOWN, name);
        r->columns[field->kind] = column;
        if (field->kind == TRACE_TIME)
            r->time_unit_ns = field->csv_unit_ns;
    }
    if (r->columns[TRACE_TIME] < 0)
        return error_set(e, STATUS_INVALID,
            "no column says when: the first line must name one timestamp (seconds or dates), timestamp_s or "
            "timestamp_ms");
    return STATUS_OK;
}

static enum status refuse_cell(const char *cell, enum trace_field_kind kind, struct error *e)
{
    if (kind == TRACE_TIME)
        return error_set(e, STATUS_INVALID,
            "'%.*s' is no moment; write a number, or a date as 2024-05-10 00:00:00.5", SHOWN, cell);
    return error_set(e, STATUS_INVALID, "'%.*s' is no number of %s tokens", SHOWN, cell,
        kind == TRACE_PROMPT ? "prompt" : "output");
}

static bool read_cell(
    const struct trace_reader *r, const char *cell, enum trace_field_kind kind, struct trace_row *row)
{
    row->has[kind] = true;
    if (kind == TRACE_TIME)
        return trace_parse_moment(cell, r->time_unit_ns, &row->at_ns);
    return text_parse_i64(cell, &row->values[kind]);
}

enum status trace_read_csv_line(struct trace_reader *r, char *text, struct error *e)
{
    struct trace_row row = {0};
    for (int column = 0; text && column < COLUMNS_MAX; column++) {
        const char *cell = take_cell(&text);
        for (enum trace_field_kind kind = TRACE_TIME; kind < TRACE_FIELDS; kind++)
            if (r->columns[kind] == column && !read_cell(r, cell, kind, &row))
                return refuse_cell(cell, kind, e);
    }
    return trace_add_row(r, &row, e);
}
