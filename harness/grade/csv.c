#include "csv.h"

#include <string.h>

void csv_row_init(struct csv_row *row)
{
    row->count = 0;
    for (size_t i = 0; i < CSV_COLUMNS_MAX; i++)
        buf_init(&row->cells[i], CSV_CELL_MAX);
}

void csv_row_fini(struct csv_row *row)
{
    for (size_t i = 0; i < CSV_COLUMNS_MAX; i++)
        buf_fini(&row->cells[i]);
}

bool csv_at_end(const struct csv *table)
{
    return table->at >= table->end;
}

bool csv_row_is_blank(const struct csv_row *row)
{
    return row->count == 1 && row->cells[0].len == 0;
}

const char *csv_cell(const struct csv_row *header, const struct csv_row *row, const char *column)
{
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(buf_text(&header->cells[i]), column) == 0)
            return i < row->count ? buf_text(&row->cells[i]) : "";
    return NULL;
}

/* One cell up to its comma or line end; quoted ones may hold both, and "" is a quote. */
static enum status read_cell(struct csv *t, struct buf *cell, struct error *e)
{
    bool quoted = t->at < t->end && *t->at == '"';
    t->at += quoted;
    while (t->at < t->end) {
        char c = *t->at;
        if (quoted && c == '"') {
            if (t->at + 1 < t->end && t->at[1] == '"') {
                buf_append_char(cell, '"');
                t->at += 2;
                continue;
            }
            t->at++;
            quoted = false;
            continue;
        }
        if (!quoted && (c == ',' || c == '\n'))
            break;
        t->line += c == '\n';
        if (quoted || c != '\r')
            buf_append_char(cell, c);
        t->at++;
    }
    if (quoted)
        return error_set(e, STATUS_INVALID, "a quoted cell does not end");
    return buf_status(cell) == STATUS_OK
               ? STATUS_OK
               : error_set(e, STATUS_LIMIT, "a cell of more than %d bytes", CSV_CELL_MAX);
}

enum status csv_read_row(struct csv *t, struct csv_row *row, struct error *e)
{
    for (size_t i = 0; i < CSV_COLUMNS_MAX; i++)
        buf_clear(&row->cells[i]);
    row->count = 0;
    for (;;) {
        if (row->count == CSV_COLUMNS_MAX)
            return error_set(e, STATUS_LIMIT, "more than %d columns", CSV_COLUMNS_MAX);
        enum status s = read_cell(t, &row->cells[row->count++], e);
        if (s != STATUS_OK)
            return s;
        bool more = t->at < t->end && *t->at == ',';
        t->at += t->at < t->end;
        if (!more)
            break;
    }
    t->line++;
    return STATUS_OK;
}
