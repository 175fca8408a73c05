#include "markdown_text.h"

#include <stdlib.h>
#include <string.h>

#define PADDED_WIDTH_MAX 48 /* wider cells are not worth the spaces of all others */

static void append_repeated(struct buf *out, char c, size_t count)
{
    while (count--)
        buf_append_char(out, c);
}

void markdown_table_begin(
    struct markdown_table *table, const struct markdown_column *columns, size_t column_count)
{
    *table = (struct markdown_table){.columns = columns, .column_count = column_count};
    if (column_count == 0 || column_count > MARKDOWN_COLUMNS_MAX)
        table->failed = STATUS_INTERNAL;
}

static void add_cell(struct markdown_table *table, char *cell)
{
    if (table->cell_count == table->cell_cap) {
        size_t cap = table->cell_cap ? table->cell_cap * 2 : 64;
        char **grown = reallocarray(table->cells, cap, sizeof *grown);
        if (!grown) {
            table->failed = STATUS_NO_MEMORY;
            free(cell);
            return;
        }
        table->cells = grown;
        table->cell_cap = cap;
    }
    table->cells[table->cell_count++] = cell;
}

/* What has been written with that status; the buf is empty then. */
static void take_cell(struct markdown_table *table, struct buf *cell, enum status s)
{
    char *taken = s == STATUS_OK ? buf_take(cell) : NULL;
    buf_fini(cell);
    if (taken)
        add_cell(table, taken);
    else
        table->failed = s == STATUS_OK ? STATUS_NO_MEMORY : s;
}

void markdown_cell(struct markdown_table *table, const char *text)
{
    struct buf cell = BUF_INIT(64 * MARKDOWN_INLINE_MAX);
    enum status s = markdown_inline(&cell, text ? text : "");
    if (s == STATUS_OK && cell.len == 0)
        s = buf_append_text(&cell, "–");
    take_cell(table, &cell, s);
}

void markdown_cell_code(struct markdown_table *table, const char *text)
{
    struct buf cell = BUF_INIT(64 * MARKDOWN_INLINE_MAX);
    if (!text || !*text || strpbrk(text, "|`\\")) {
        markdown_cell(table, text);
        return;
    }
    enum status s = markdown_code(&cell, text);
    take_cell(table, &cell, s);
}

void markdown_cell_format(struct markdown_table *table, const char *format, ...)
{
    struct buf text = BUF_INIT(1 << 16);
    va_list args;
    va_start(args, format);
    enum status s = buf_vprintf(&text, format, args);
    va_end(args);
    if (s == STATUS_OK)
        markdown_cell(table, buf_text(&text));
    else
        table->failed = s;
    buf_fini(&text);
}

size_t markdown_table_rows(const struct markdown_table *table)
{
    return table->cell_count / table->column_count;
}

/* Characters, as a person counts them well enough for columns. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void measure_columns(const struct markdown_table *table, size_t *widths)
{
    for (size_t c = 0; c < table->column_count; c++)
        widths[c] = width_of(table->columns[c].title);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = width_of(table->cells[i]), *widest = &widths[i % table->column_count];
        if (width > *widest && width <= PADDED_WIDTH_MAX)
            *widest = width;
    }
    for (size_t c = 0; c < table->column_count; c++)
        widths[c] = widths[c] < 3 ? 3 : widths[c];
}

static void write_cell(struct buf *out, const char *text, size_t width, bool right)
{
    size_t own = width_of(text), pad = own < width ? width - own : 0;
    buf_append_text(out, "| ");
    append_repeated(out, ' ', right ? pad : 0);
    buf_append_text(out, text);
    append_repeated(out, ' ', right ? 1 : pad + 1);
}

static void write_rule(const struct markdown_table *table, const size_t *widths, struct buf *out)
{
    for (size_t c = 0; c < table->column_count; c++) {
        buf_append_text(out, "| ");
        append_repeated(out, '-', widths[c] - (table->columns[c].right ? 1 : 0));
        buf_append_text(out, table->columns[c].right ? ": " : " ");
    }
    buf_append_text(out, "|\n");
}

static void write_table(const struct markdown_table *table, struct buf *out)
{
    size_t widths[MARKDOWN_COLUMNS_MAX];
    measure_columns(table, widths);
    for (size_t c = 0; c < table->column_count; c++)
        write_cell(out, table->columns[c].title, widths[c], table->columns[c].right);
    buf_append_text(out, "|\n");
    write_rule(table, widths, out);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t c = i % table->column_count;
        write_cell(out, table->cells[i], widths[c], table->columns[c].right);
        if (c + 1 == table->column_count)
            buf_append_text(out, "|\n");
    }
    buf_append_text(out, "\n");
}

enum status markdown_table_end(struct markdown_table *table, struct buf *out)
{
    enum status s = table->failed;
    if (s == STATUS_OK && table->cell_count % table->column_count)
        s = STATUS_INTERNAL;
    if (s == STATUS_OK && table->cell_count) {
        write_table(table, out);
        s = buf_status(out);
    }
    if (s != STATUS_OK && out->failed == STATUS_OK)
        out->failed = s; /* callers look at the page once, at its end */
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct markdown_table){0};
    return s;
}
