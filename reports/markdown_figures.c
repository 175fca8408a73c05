/* Figures by the definitions of the program that a migrated run comes from. */
#include "markdown_sections.h"

#include "markdown_text.h"
#include "migrated.h"

#include "json.h"

#include <string.h>

enum { FIGURES_BESIDE = 4 }; /* in one table */

static const char *name_of(struct json_object *figures, size_t index)
{
    const char *name = json_get_text(json_object_array_get_idx(figures, index), "/name");
    return name ? name : "";
}

static bool is_same(struct json_object *a, struct json_object *b, const char *pointer)
{
    const char *x = json_get_text(a, pointer), *y = json_get_text(b, pointer);
    return strcmp(x ? x : "", y ? y : "") == 0;
}

/* The same figures by the same definitions? Then they stand in one table. */
static bool is_alike(const struct run_test *a, const struct run_test *b)
{
    struct json_object *x = migrated_figures(a), *y = migrated_figures(b);
    if (!x || !y || json_object_array_length(x) != json_object_array_length(y))
        return false;
    for (size_t i = 0; i < json_object_array_length(x); i++) {
        struct json_object *f = json_object_array_get_idx(x, i), *g = json_object_array_get_idx(y, i);
        if (!is_same(f, g, "/name") || !is_same(f, g, "/definition") || !is_same(f, g, "/unit"))
            return false;
    }
    return true;
}

static void figure_row(const struct run_test *test, size_t first, size_t count, struct markdown_table *table)
{
    struct json_object *figures = migrated_figures(test);
    markdown_cell(table, test->case_name);
    markdown_cell(table, test->target);
    markdown_cell(table, test->model);
    for (size_t i = first; i < first + count; i++) {
        struct buf text = BUF_INIT(4096);
        migrated_append_figure(json_object_array_get_idx(figures, i), &text);
        markdown_cell(table, buf_text(&text));
        buf_fini(&text);
    }
}

/* Some of the figures of all tests that are like this one. */
static void figure_table(
    const struct run_data *data, size_t index, size_t first, size_t count, struct buf *out)
{
    struct markdown_column columns[3 + FIGURES_BESIDE] = {
        {.title = "Case"}, {.title = "Target"}, {.title = "Model"}};
    struct buf titles[FIGURES_BESIDE];
    struct markdown_table table;
    for (size_t i = 0; i < count; i++) {
        buf_init(&titles[i], 1 << 14);
        (void)!markdown_inline(&titles[i], name_of(migrated_figures(&data->tests[index]), first + i));
        columns[3 + i] = (struct markdown_column){buf_text(&titles[i]), true};
    }
    markdown_table_begin(&table, columns, 3 + count);
    for (size_t i = index; i < data->test_count; i++)
        if (is_alike(&data->tests[index], &data->tests[i]))
            figure_row(&data->tests[i], first, count, &table);
    (void)markdown_table_end(&table, out);
    for (size_t i = 0; i < count; i++)
        buf_fini(&titles[i]);
}

static void definitions(struct json_object *figures, struct buf *out)
{
    for (size_t i = 0; i < json_object_array_length(figures); i++) {
        struct json_object *figure = json_object_array_get_idx(figures, i);
        buf_append_text(out, "- ");
        markdown_code(out, name_of(figures, i));
        buf_append_text(out, " (");
        markdown_inline(out, json_get_text(figure, "/unit"));
        buf_append_text(out, "): ");
        markdown_inline(out, json_get_text(figure, "/definition"));
        buf_append_text(out, ".\n");
    }
    buf_append_char(out, '\n');
}

static bool was_shown(const struct run_data *data, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_alike(&data->tests[i], &data->tests[index]))
            return true;
    return false;
}

void markdown_figures(const struct run_data *data, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < data->test_count; i++) {
        struct json_object *figures = migrated_figures(&data->tests[i]);
        if (!figures || was_shown(data, i))
            continue;
        if (!any)
            buf_append_text(out,
                "## Figures of the original\n\nBy the original's definitions, which are not those of "
                "assay: the median of its values, and the least and the most where there are "
                "several.\n\n");
        any = true;
        size_t count = json_object_array_length(figures);
        for (size_t first = 0; first < count; first += FIGURES_BESIDE)
            figure_table(
                data, i, first, count - first < FIGURES_BESIDE ? count - first : FIGURES_BESIDE, out);
        definitions(figures, out);
    }
}
