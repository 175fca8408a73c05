#include "load_report.h"

#include "load_row.h"
#include "markdown_text.h"
#include "metric_floor.h"
#include "quantity.h"

#include "json.h"
#include "schema_reading.h"

#include <inttypes.h>
#include <string.h>

enum status load_report_read(const char *path, struct json_object **tree, struct error *e)
{
    enum status s = json_read_file(path, tree, e);
    if (s == STATUS_OK)
        s = schema_check_for_reading("load", *tree, e);
    if (s == STATUS_OK)
        return s;
    error_locate(e, path, 0, 0, NULL);
    json_object_put(*tree);
    *tree = NULL;
    return s;
}

/* ---- what every page begins with ---- */

static void title(const struct json_object *tree, const char *what, struct buf *out)
{
    const char *ended = json_get_text(tree, "/ended");
    buf_printf(out, "# %s", what);
    if (ended && strlen(ended) >= 16)
        buf_printf(out, " of %.10s %.5s UTC", ended, ended + 11);
    buf_append_text(out, "\n\n");
}

static void name_targets(const struct json_object *tree, struct buf *out)
{
    struct json_object *targets = json_get_array(tree, "/targets");
    size_t count = targets ? json_object_array_length(targets) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json_object *t = json_object_array_get_idx(targets, i);
        const char *server = json_get_text(t, "/server"), *endpoint = json_get_text(t, "/endpoint");
        buf_append_text(out, "- ");
        markdown_code(out, json_get_text(t, "/name"));
        if (server) {
            buf_append_text(out, ": ");
            markdown_inline(out, server);
        }
        if (endpoint) {
            buf_append_text(out, " at ");
            markdown_code(out, endpoint);
        }
        buf_append_char(out, '\n');
    }
    buf_append_char(out, '\n');
}

static void say_simulated(const struct json_object *tree, struct buf *out)
{
    bool simulated = false;
    if (json_get_bool(tree, "/simulated", &simulated) && simulated)
        buf_append_text(out, "**Simulated**: no model. The figures say how well assay measures, and nothing "
                             "about any model.\n\n");
}

/* ---- a test ---- */

/* Each line of a text of ours as an item. */
static void lines(struct buf *out, const char *text)
{
    char line[1024];
    while (text && *text) {
        size_t len = strcspn(text, "\n"), kept = len < sizeof line ? len : sizeof line - 1;
        memcpy(line, text, kept);
        line[kept] = '\0';
        buf_append_text(out, "- ");
        markdown_inline(out, line);
        buf_append_char(out, '\n');
        text += len + (text[len] == '\n');
    }
}

static void objectives_table(const struct json_object *tree, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Objective"}, {.title = "Verdict"},
        {.title = "Measured", .right = true}, {.title = "n", .right = true}};
    struct json_object *list = json_get_array(tree, "/objectives");
    struct markdown_table table;
    markdown_table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const struct json_object *o = json_object_array_get_idx(list, i);
        char measured[QUANTITY_SIZE] = "";
        double value;
        int64_t n = 0;
        (void)json_get_int(o, "/n", &n);
        if (json_get_real(o, "/measured", &value))
            quantity_format_number(measured, sizeof measured, value);
        markdown_cell_code(&table, json_get_text(o, "/objective"));
        markdown_cell(&table, json_get_text(o, "/verdict"));
        markdown_cell(&table, measured);
        markdown_cell_format(&table, "%" PRId64, n);
    }
    (void)markdown_table_end(&table, out);
}

static void errors_list(const struct json_object *tree, struct buf *out)
{
    struct json_object *errors = json_get_object(tree, "/first_errors");
    if (!errors || json_object_object_length(errors) == 0)
        return;
    buf_append_text(out, "The first error of each class:\n\n");
    json_object_object_foreach(errors, name, text)
    {
        buf_append_text(out, "- ");
        markdown_code(out, name);
        buf_append_text(out, ": ");
        markdown_inline(out, json_object_get_string(text));
        buf_append_char(out, '\n');
    }
    buf_append_char(out, '\n');
}

/* What ended it early. */
static void say_ending(const struct json_object *tree, struct buf *out)
{
    bool is = false;
    if (json_get_bool(tree, "/aborted", &is) && is)
        buf_append_text(out, "**Given up**: too many requests failed.\n\n");
    if (json_get_bool(tree, "/stopped", &is) && is)
        buf_append_text(out, "**Stopped** by a signal before its end.\n\n");
}

static void reasons_list(const struct json_object *tree, struct buf *out)
{
    struct json_object *list = json_get_array(tree, "/client/reasons");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const struct json_object *reason = json_object_array_get_idx(list, i);
        buf_printf(out, "- %s: ", json_get_text(reason, "/fitness"));
        markdown_inline(out, json_get_text(reason, "/text"));
        buf_append_char(out, '\n');
    }
    buf_append_text(out, list && json_object_array_length(list) ? "\n" : "");
}

/* Whether the client could measure it, and all that it says against it. */
static void say_client(const struct json_object *tree, struct buf *out)
{
    const char *verdict = json_get_text(tree, "/client/verdict");
    if (!verdict)
        return;
    buf_printf(out, "The client: **%s**.\n\n", verdict);
    reasons_list(tree, out);
}

static void say_simulator(const struct json_object *tree, struct buf *out)
{
    const char *unknown = json_get_text(tree, "/simulator/unknown");
    char late[QUANTITY_SIZE];
    double late_s;
    if (unknown) {
        buf_append_text(out, "How late the simulator was itself is not known: ");
        markdown_inline(out, unknown);
        buf_append_text(out, "\n\n");
    }
    if (json_get_real(tree, "/simulator/p99_s", &late_s)) {
        struct quantity_unit unit = quantity_unit_for("s", late_s);
        quantity_format(late, sizeof late, &unit, late_s);
        buf_printf(out, "The simulator was late itself by %s (p99).\n\n", late);
    }
}

static void test_page(const struct json_object *tree, struct buf *out)
{
    const char *none = json_get_text(tree, "/no_figures");
    struct load_row row;
    title(tree, "Load test", out);
    say_simulated(tree, out);
    name_targets(tree, out);
    say_ending(tree, out);
    if (none) {
        buf_append_text(out, "**No figures**: ");
        markdown_inline(out, none);
        buf_append_text(out, "\n\n");
        say_client(tree, out);
        say_simulator(tree, out);
        errors_list(tree, out);
        return;
    }
    load_row_of_result(tree, &row);
    load_rows_write(&row, 1, out);
    buf_printf(out, "A p99 is there from %" PRId64 " on, else how many there were.\n\n",
        metric_floors[METRIC_P99].n);
    say_client(tree, out);
    say_simulator(tree, out);
    objectives_table(tree, out);
    errors_list(tree, out);
    lines(out, json_get_text(tree, "/steady/words"));
    lines(out, json_get_text(tree, "/client/calibration"));
}

/* ---- a search ---- */

static void points_table(const struct json_object *tree, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Load", .right = true},
        {.title = "Held", .right = true}, {.title = "Broke", .right = true},
        {.title = "Unclear", .right = true}, {.title = "Invalid", .right = true},
        {.title = "Requests/s", .right = true}, {.title = "Latency, mean", .right = true}};
    static const char *const counts[] = {"/held", "/broke", "/cannot_say", "/invalid"};
    struct json_object *list = json_get_array(tree, "/points");
    struct markdown_table table;
    markdown_table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const struct json_object *p = json_object_array_get_idx(list, i);
        char text[QUANTITY_SIZE];
        double load = 0, rate = 0, latency = 0;
        (void)json_get_real(p, "/load", &load);
        (void)json_get_real(p, "/throughput", &rate);
        (void)json_get_real(p, "/latency_s", &latency);
        quantity_format_number(text, sizeof text, load);
        markdown_cell(&table, text);
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            int64_t n = 0;
            (void)json_get_int(p, counts[k], &n);
            markdown_cell_format(&table, "%" PRId64, n);
        }
        quantity_format_number(text, sizeof text, rate);
        markdown_cell(&table, text);
        struct quantity_unit unit = quantity_unit_for("s", latency);
        quantity_format(text, sizeof text, &unit, latency);
        markdown_cell(&table, latency > 0 ? text : NULL);
    }
    (void)markdown_table_end(&table, out);
}

static void figure_line(
    const struct json_object *tree, const char *pointer, const char *words, struct buf *out)
{
    char text[QUANTITY_SIZE];
    double value;
    if (!json_get_real(tree, pointer, &value))
        return;
    quantity_format_number(text, sizeof text, value);
    buf_printf(out, "- %s: %s %s\n", words, text, json_get_text(tree, "/unit"));
}

static void search_page(const struct json_object *tree, struct buf *out)
{
    title(tree, "Load search", out);
    say_simulated(tree, out);
    name_targets(tree, out);
    buf_append_text(out, "Looked for: ");
    markdown_inline(out, json_get_text(tree, "/find"));
    buf_append_text(out, "; ended: ");
    markdown_inline(out, json_get_text(tree, "/end"));
    buf_append_text(out, "\n\n");
    figure_line(tree, "/low", "the highest load that held", out);
    figure_line(tree, "/high", "the lowest that broke", out);
    figure_line(
        tree, "/not_judged", "whether it holds is not known, because the client could not make it", out);
    figure_line(tree, "/estimate", "estimate between them", out);
    figure_line(tree, "/knee_by_share/load", "knee, where more load brings too little", out);
    figure_line(tree, "/knee_by_power/load", "knee, where throughput / latency is highest", out);
    buf_append_char(out, '\n');
    points_table(tree, out);
}

enum status load_report_write(const struct json_object *tree, struct buf *out, struct error *e)
{
    const char *kind = json_get_text(tree, "/kind");
    if (kind && strcmp(kind, "load_search") == 0)
        search_page(tree, out);
    else
        test_page(tree, out);
    enum status s = buf_status(out);
    return s == STATUS_OK ? s : error_set(e, s, "the report could not be composed: %s", status_name(s));
}
