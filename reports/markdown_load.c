/* Load tests side by side: what was asked of the server, what it gave, and whether the client may be believed. */
#include "load_row.h"
#include "markdown_sections.h"

#include "markdown_text.h"
#include "metric_floor.h"
#include "quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_OF_ASKED 0.95 /* of the streams or the rate: below it is said */

/* ---- cells ---- */

static void quantity_cell(struct markdown_table *table, const char *unit_name, double value)
{
    char text[QUANTITY_SIZE] = "";
    struct quantity_unit unit = quantity_unit_for(unit_name, value);
    if (value >= 0)
        quantity_format(text, sizeof text, &unit, value);
    markdown_cell(table, text);
}

static void number(char *text, double value)
{
    quantity_format_number(text, QUANTITY_SIZE, value);
}

/* "4 streams", "0.98 requests/s, poisson"; how much of it was kept, where it was not. */
static void load_cell(struct markdown_table *table, const struct load_row *row)
{
    char asked[QUANTITY_SIZE] = "?", achieved[QUANTITY_SIZE];
    struct buf text = BUF_INIT(4096);
    if (row->asked >= 0)
        number(asked, row->asked);
    buf_printf(&text, "%s %s", asked, row->open ? "requests/s, " : row->asked == 1 ? "stream" : "streams");
    buf_append_text(&text, row->open ? row->arrivals : "");
    if (row->asked > 0 && row->achieved >= 0 && row->achieved < SHORT_OF_ASKED * row->asked) {
        number(achieved, row->achieved);
        buf_printf(&text, "; %s achieved", achieved);
    }
    markdown_cell(table, buf_text(&text));
    buf_fini(&text);
}

/* A percentile that needs more requests than there were says how many. */
static void latency_cells(struct markdown_table *table, const struct load_latency *l, const char *behind)
{
    char text[QUANTITY_SIZE];
    struct quantity_unit unit = quantity_unit_for("s", l->p50);
    int64_t needed = metric_floors[METRIC_P99].n;
    if (!l->there) {
        markdown_cell(table, NULL);
        markdown_cell(table, NULL);
        return;
    }
    quantity_format(text, sizeof text, &unit, l->p50);
    markdown_cell_format(table, "%s%s", text, behind);
    if (l->has_p99)
        quantity_cell(table, "s", l->p99);
    else if (l->n < needed)
        markdown_cell_format(table, "n %" PRId64 " of %" PRId64, l->n, needed);
    else
        markdown_cell(table, NULL);
}

static void rate_cell(struct markdown_table *table, double value)
{
    char text[QUANTITY_SIZE] = "";
    if (value >= 0)
        number(text, value);
    markdown_cell(table, text);
}

static void goodput_cell(struct markdown_table *table, const struct load_row *row)
{
    char rate[QUANTITY_SIZE], percent[QUANTITY_SIZE];
    if (row->goodput_per_s < 0 || row->goodput_fraction < 0) {
        markdown_cell(table, NULL);
        return;
    }
    number(rate, row->goodput_per_s);
    number(percent, row->goodput_fraction * 100);
    markdown_cell_format(table, "%s (%s %%)", rate, percent);
}

static void failed_cell(struct markdown_table *table, const struct load_row *row)
{
    markdown_cell_format(table, "%" PRId64 " of %" PRId64, row->failed, row->ok + row->failed);
}

static void row_cells(struct markdown_table *table, const struct load_row *row)
{
    load_cell(table, row);
    markdown_cell(table, row->target);
    markdown_cell(table, row->model);
    latency_cells(table, &row->ttft, "");
    latency_cells(table, &row->gap, row->gap.there && !row->gaps_are_tokens ? " (chunks)" : "");
    rate_cell(table, row->tokens_per_s);
    rate_cell(table, row->requests_per_s);
    goodput_cell(table, row);
    failed_cell(table, row);
    markdown_cell(table, row->verdict && strcmp(row->verdict, "invalid") == 0 ? "INVALID" : row->verdict);
}

/* ---- sentences ---- */

static void say(struct buf *out, const struct load_row *row, const char *what, const char *text)
{
    buf_append_text(out, "- ");
    markdown_code(out, row->name);
    buf_printf(out, ": %s", what);
    markdown_inline(out, text);
    buf_append_char(out, '\n');
}

static void say_remarks(struct buf *out, const struct load_row *row)
{
    bool fit = !row->verdict || strcmp(row->verdict, "valid") == 0;
    if (!fit)
        say(out, row,
            strcmp(row->verdict, "invalid") == 0 ? "**the client could not measure this load**: "
                                                 : "the client's verdict is degraded: ",
            row->reason ? row->reason : "no reason is recorded");
    if (row->unsteady) {
        char text[128];
        snprintf(text, sizeof text, "%" PRId64 " of %" PRId64, row->unsteady, row->repeats);
        say(out, row, "repeats that were not steady, whose figures depend on how long they were: ", text);
    }
    if (row->cut_off) {
        char text[128];
        snprintf(text, sizeof text, "%" PRId64, row->cut_off);
        say(out, row, "requests cut off when the test was over, neither good nor bad: ", text);
    }
}

static void say_objectives(struct buf *out, const struct load_row *rows, size_t count)
{
    const char *before = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].objectives || (before && strcmp(before, rows[i].objectives) == 0))
            continue;
        buf_append_text(out, before ? ", " : "Goodput: requests that kept to ");
        markdown_code(out, rows[i].objectives);
        before = rows[i].objectives;
    }
    buf_append_text(out, before ? ", a second and of all, failures included.\n\n" : "");
}

void load_rows_write(const struct load_row *rows, size_t count, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Load"}, {.title = "Target"},
        {.title = "Model"}, {.title = "TTFT p50", .right = true}, {.title = "TTFT p99", .right = true},
        {.title = "ITL p50", .right = true}, {.title = "ITL p99", .right = true},
        {.title = "Tokens/s", .right = true}, {.title = "Requests/s", .right = true},
        {.title = "Goodput/s", .right = true}, {.title = "Failed", .right = true}, {.title = "Client"}};
    struct markdown_table table;
    if (count == 0)
        return;
    markdown_table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count; i++)
        row_cells(&table, &rows[i]);
    (void)markdown_table_end(&table, out);
    say_objectives(out, rows, count);
    size_t len = out->len;
    for (size_t i = 0; i < count; i++)
        say_remarks(out, &rows[i]);
    buf_append_text(out, out->len > len ? "\n" : "");
}

/* ---- the section of a run ---- */

void markdown_load(const struct run_data *data, struct buf *out)
{
    struct load_row *rows = calloc(data->test_count + 1, sizeof *rows);
    size_t count = 0;
    if (!rows) {
        out->failed = STATUS_NO_MEMORY; /* callers look at the page once, at its end */
        return;
    }
    for (size_t i = 0; i < data->test_count; i++)
        count += load_row_of_record(&data->tests[i], &rows[count]);
    qsort(rows, count, sizeof *rows, load_row_compare);
    if (count)
        buf_printf(out,
            "## Load\n\nTTFT and ITL are over the requests and tokens of all repeats; a p99 is there from "
            "%" PRId64 " on, else how many there were. Rates are the median of the repeats, of the steady "
            "part only.\n\n",
            metric_floors[METRIC_P99].n);
    load_rows_write(rows, count, out);
    free(rows);
}
