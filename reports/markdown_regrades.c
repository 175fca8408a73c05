/* Answers that were graded anew after the run: grades.jsonl, the last of each test. */
#include "markdown_sections.h"

#include "line_check.h"
#include "markdown_text.h"
#include "quantity.h"

#include "fs.h"
#include "jsonl.h"

#include <stdlib.h>

/* One a test of the run, in its order; NULL where it was not graded anew. */
static void read_lines(const struct run_data *data, struct json_object **last)
{
    struct buf path = BUF_INIT(1 << 16);
    struct jsonl *lines = NULL;
    if (fs_join(&path, data->folder, "grades.jsonl") == STATUS_OK &&
        jsonl_open(buf_text(&path), &lines, NULL) == STATUS_OK) {
        for (struct jsonl_line line; jsonl_next(lines, &line);) {
            const char *name = line.status == STATUS_OK ? json_get_text(line.tree, "/test") : NULL;
            const struct run_test *test = name ? run_data_find(data, name) : NULL;
            if (!test || line_check("regrade", line.tree, NULL) != STATUS_OK)
                continue;
            json_object_put(last[test - data->tests]);
            last[test - data->tests] = json_object_get(line.tree);
        }
        (void)jsonl_close(lines, NULL); /* what could be read is told */
    }
    buf_fini(&path);
}

static void score_cell(struct markdown_table *table, const struct json_object *line, const char *pointer)
{
    char text[QUANTITY_SIZE] = "";
    double value;
    if (json_get_real(line, pointer, &value))
        quantity_format_number(text, sizeof text, value);
    markdown_cell(table, text);
}

void markdown_regrades(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "By"}, {.title = "When"},
        {.title = "Score before", .right = true}, {.title = "Score now", .right = true},
        {.title = "Graded", .right = true}, {.title = "Changed", .right = true}};
    struct json_object **last = calloc(data->test_count ? data->test_count : 1, sizeof *last);
    struct markdown_table table;
    if (!last)
        return;
    read_lines(data, last);
    markdown_table_begin(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < data->test_count; i++) {
        if (!last[i])
            continue;
        markdown_cell(&table, data->tests[i].name);
        markdown_cell(&table, json_get_text(last[i], "/tasks/name"));
        markdown_cell(&table, json_get_text(last[i], "/timestamp"));
        score_cell(&table, last[i], "/before/score");
        score_cell(&table, last[i], "/utility/score");
        score_cell(&table, last[i], "/utility/graded");
        score_cell(&table, last[i], "/changed");
        json_object_put(last[i]);
    }
    if (markdown_table_rows(&table))
        buf_append_text(
            out, "## Graded anew\n\nThe records keep the grades of the run; these are later ones.\n\n");
    (void)markdown_table_end(&table, out);
    free(last);
}
