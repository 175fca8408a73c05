#include "markdown_sections.h"

#include "health.h"
#include "markdown_text.h"
#include "metric_floor.h"
#include "quantity.h"

#include "json.h"
#include "metric.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FLOOR_COUNT 4

/* The tests of one case, and which optional columns their metrics fill. */
struct case_view {
    const struct run_data *data;
    const char *case_name;
    bool floors[FLOOR_COUNT];
    bool remarks;
};

static struct json_object *performance_of(const struct run_test *test)
{
    return test->last ? json_get_object(test->last->record, "/performance") : NULL;
}

static struct json_object *metric_of(const struct run_test *test, const char *name)
{
    struct json_object *metric = NULL;
    struct json_object *performance = performance_of(test);
    if (performance)
        json_object_object_get_ex(performance, name, &metric);
    return metric;
}

/* What a reader must know before trusting the row. */
static void remark_on(const struct run_test *test, struct json_object *metric, struct buf *out)
{
    const char *health = health_verdict(test), *k1 = json_get_text(metric, "/k1"), *separator = "";
    const char *reason;
    double low, high, median;
    if (test->last->outcome->kind != ENDED_FINE) {
        buf_printf(out, "test %s", test->last->outcome->name);
        separator = "; ";
    }
    if (strcmp(health, "clean") != 0 && strcmp(health, "none") != 0) {
        buf_printf(out, "%smachine %s", separator, health);
        separator = "; ";
    }
    if (health_client_is_invalid(test, &reason)) {
        buf_printf(out, "%sclient could not keep up", separator);
        separator = "; ";
    }
    if (!k1 || strcmp(k1, "assumed") != 0)
        return;
    buf_printf(out, "%sfirst event assumed to be one token", separator);
    if (json_get_real(metric, "/bounds/0", &low) && json_get_real(metric, "/bounds/1", &high) &&
        json_get_real(metric, "/median", &median)) {
        char range[2 * QUANTITY_SIZE];
        const char *unit_name = json_get_text(metric, "/unit");
        struct quantity_unit unit = quantity_unit_for_row(unit_name ? unit_name : "", median, 0);
        quantity_format_range(range, sizeof range, &unit, low, high);
        buf_printf(out, ", %s otherwise", range);
    }
}

static void quantity_cell(struct markdown_table *table, struct json_object *metric, const char *pointer,
    const struct quantity_unit *unit)
{
    char text[QUANTITY_SIZE] = "";
    double value;
    if (json_get_real(metric, pointer, &value))
        quantity_format(text, sizeof text, unit, value);
    markdown_cell(table, text);
}

static void interval_cell(
    struct markdown_table *table, struct json_object *metric, const struct quantity_unit *unit)
{
    double low, high;
    char range[2 * QUANTITY_SIZE] = "";
    if (json_get_real(metric, "/ci95/0", &low) && json_get_real(metric, "/ci95/1", &high))
        quantity_format_range(range, sizeof range, unit, low, high);
    markdown_cell(table, range);
}

static void floor_cells(const struct case_view *view, struct markdown_table *table,
    struct json_object *metric, const struct quantity_unit *unit)
{
    for (size_t f = 0; f < FLOOR_COUNT; f++) {
        double value;
        if (!view->floors[f])
            continue;
        if (metric_floor_met(metric, &metric_floors[f], &value))
            quantity_cell(table, metric, metric_floors[f].pointer, unit);
        else
            markdown_cell(table, NULL);
    }
}

static void result_row(
    const struct case_view *view, struct markdown_table *table, const struct run_test *test, const char *name)
{
    struct json_object *metric = metric_of(test, name);
    const char *unit_name = json_get_text(metric, "/unit");
    struct buf remark = BUF_INIT(1 << 12);
    char spread[QUANTITY_SIZE] = "";
    double reference = 0, mad = 0;
    int64_t n = 0;
    bool has_mad = metric_spread(metric, &mad);
    if (!json_get_real(metric, "/median", &reference))
        (void)json_get_real(metric, "/values/0", &reference);
    (void)json_get_int(metric, "/n", &n);
    struct quantity_unit unit = quantity_unit_for_row(unit_name ? unit_name : "", reference, mad);
    if (has_mad)
        quantity_format_spread(spread, sizeof spread, &unit, mad);
    markdown_cell(table, name);
    markdown_cell(table, test->target);
    markdown_cell(table, test->model);
    quantity_cell(table, metric, "/median", &unit);
    markdown_cell(table, spread);
    interval_cell(table, metric, &unit);
    markdown_cell_format(table, "%" PRId64, n);
    floor_cells(view, table, metric, &unit);
    if (view->remarks) {
        remark_on(test, metric, &remark);
        markdown_cell(table, buf_text(&remark));
    }
    buf_fini(&remark);
}

static bool belongs(const struct case_view *view, const struct run_test *test)
{
    return test->last && strcmp(test->case_name, view->case_name) == 0;
}

static void rows_of_metric(const struct case_view *view, struct markdown_table *table, const char *name)
{
    for (size_t i = 0; i < view->data->test_count; i++)
        if (belongs(view, &view->data->tests[i]) && metric_of(&view->data->tests[i], name))
            result_row(view, table, &view->data->tests[i], name);
}

/* True for the first test of the case that has this metric, so that each name is walked once. */
static bool is_first_with(const struct case_view *view, size_t test_index, const char *name)
{
    for (size_t i = 0; i < test_index; i++)
        if (belongs(view, &view->data->tests[i]) && metric_of(&view->data->tests[i], name))
            return false;
    return true;
}

/* Metrics that the table of metrics does not know: those of a newer version or of somebody's own suite. */
static void rows_of_other_metrics(const struct case_view *view, struct markdown_table *table)
{
    for (size_t i = 0; i < view->data->test_count; i++) {
        const struct run_test *test = &view->data->tests[i];
        struct json_object *performance = belongs(view, test) ? performance_of(test) : NULL;
        if (!performance)
            continue;
        json_object_object_foreach(performance, name, metric)
        {
            (void)metric;
            if (!metric_find(name) && is_first_with(view, i, name))
                rows_of_metric(view, table, name);
        }
    }
}

/* Finds out which optional columns are filled; false where no test of the case measured anything. */
static bool survey_case(struct case_view *view)
{
    bool any = false;
    for (size_t i = 0; i < view->data->test_count; i++) {
        const struct run_test *test = &view->data->tests[i];
        struct json_object *performance = belongs(view, test) ? performance_of(test) : NULL;
        if (!performance)
            continue;
        json_object_object_foreach(performance, name, metric)
        {
            struct buf remark = BUF_INIT(1 << 12);
            double value;
            (void)name;
            any = true;
            for (size_t f = 0; f < FLOOR_COUNT; f++)
                view->floors[f] |= metric_floor_met(metric, &metric_floors[f], &value);
            remark_on(test, metric, &remark);
            view->remarks |= remark.len > 0;
            buf_fini(&remark);
        }
    }
    return any;
}

static size_t choose_columns(const struct case_view *view, struct markdown_column *columns)
{
    static const struct markdown_column fixed[] = {{.title = "Metric"}, {.title = "Target"},
        {.title = "Model"}, {.title = "Median", .right = true}, {.title = "MAD", .right = true},
        {.title = "95 % interval", .right = true}, {.title = "n", .right = true}};
    size_t count = sizeof fixed / sizeof *fixed;
    memcpy(columns, fixed, sizeof fixed);
    for (size_t f = 0; f < FLOOR_COUNT; f++)
        if (view->floors[f])
            columns[count++] = (struct markdown_column){metric_floors[f].title, true};
    if (view->remarks)
        columns[count++] = (struct markdown_column){"Remark", false};
    return count;
}

static bool case_table(const struct run_data *data, const char *case_name, bool first, struct buf *out)
{
    struct case_view view = {.data = data, .case_name = case_name};
    struct markdown_column columns[MARKDOWN_COLUMNS_MAX];
    struct markdown_table table;
    if (!survey_case(&view))
        return false;
    if (first)
        buf_append_text(out,
            "## Results\n\nThe median of the measured repeats, its spread as median absolute deviation "
            "(MAD), the 95 % interval of the median where there are 6 repeats or more, and the number of "
            "samples n. "
            "A percentile appears only where n is large enough for it.\n\n");
    buf_append_text(out, "### ");
    markdown_inline(out, case_name);
    buf_append_text(out, "\n\n");
    markdown_table_begin(&table, columns, choose_columns(&view, columns));
    for (const struct metric *metric = metrics_all; metric->name; metric++)
        rows_of_metric(&view, &table, metric->name);
    rows_of_other_metrics(&view, &table);
    (void)markdown_table_end(&table, out);
    return true;
}

static bool is_first_of_case(const struct run_data *data, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(data->tests[i].case_name, data->tests[index].case_name) == 0)
            return false;
    return true;
}

void markdown_results(const struct run_data *data, struct buf *out)
{
    bool any = false, measured = false;
    for (size_t i = 0; i < data->test_count && !measured; i++)
        measured = performance_of(&data->tests[i]) != NULL;
    for (size_t i = 0; i < data->test_count && measured;
         i++) /* a migrated run may have thousands of cases and none */
        if (is_first_of_case(data, i))
            any |= case_table(data, data->tests[i].case_name, !any, out);
}

static bool is_used(const struct run_data *data, const char *metric)
{
    for (size_t i = 0; i < data->test_count; i++)
        if (metric_of(&data->tests[i], metric))
            return true;
    return false;
}

void markdown_metrics(const struct run_data *data, struct buf *out)
{
    static const char *const direction[] = {[BETTER_LOWER] = "lower is better",
        [BETTER_HIGHER] = "higher is better",
        [BETTER_EXACT] = "must not change"};
    bool any = false;
    for (const struct metric *metric = metrics_all; metric->name; metric++) {
        if (!is_used(data, metric->name))
            continue;
        buf_append_text(out, any ? "" : "## Metrics\n\n");
        buf_append_text(out, "- ");
        markdown_code(out, metric->name);
        buf_printf(out, " (%s, %s): ", metric->unit, direction[metric->better]);
        markdown_inline(out, metric->definition);
        buf_append_char(out, '\n');
        any = true;
    }
    buf_append_text(out, any ? "\n" : "");
}
