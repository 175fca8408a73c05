#include "markdown_sections.h"

#include "flag_words.h"
#include "health.h"
#include "line_check.h"
#include "markdown_text.h"
#include "quantity.h"

#include "json.h"
#include "text.h"

#include <string.h>

static struct json_object *sensors_of(const struct run_test *test)
{
    return test->last ? json_get_object(test->last->record, "/system_health/sensors") : NULL;
}

static void quantity_of(
    struct json_object *sensor, const char *pointer, const char *before, const char *after, struct buf *out)
{
    char text[QUANTITY_SIZE];
    const char *unit_name = json_get_text(sensor, "/unit");
    double value;
    if (!json_get_real(sensor, pointer, &value))
        return;
    struct quantity_unit unit =
        quantity_unit_for(unit_name && strcmp(unit_name, "count") != 0 ? unit_name : "", value);
    if (unit.name[0])
        quantity_format(text, sizeof text, &unit, value);
    else
        quantity_format_number(text, sizeof text, value);
    buf_append_text(out, before);
    markdown_inline(out, text);
    buf_append_text(out, after);
}

/* "`swap_out` (host) changed by 12.0 MiB in the measured window, last reading 40.0 MiB, threshold 0 B." */
static void describe_raised(const char *name, struct json_object *sensor, struct buf *out)
{
    const char *scope = json_get_text(sensor, "/scope"), *reason = json_get_text(sensor, "/reason"),
               *source = json_get_text(sensor, "/source");
    char threshold[QUANTITY_SIZE];
    double limit;
    markdown_code(out, name);
    buf_printf(out, " of the %s", scope ? scope : "host");
    quantity_of(sensor, "/delta", " changed by ", " within the measured window", out);
    quantity_of(sensor, "/value", ", last reading ", "", out);
    if (json_get_real(sensor, "/threshold", &limit)) {
        quantity_format_number(threshold, sizeof threshold, limit);
        buf_printf(out, ", threshold %s", threshold);
    }
    if (source) {
        buf_append_text(out, ", read from ");
        markdown_code(out, source);
    }
    if (reason && *reason) {
        buf_append_text(out, " (");
        markdown_inline(out, reason);
        buf_append_char(out, ')');
    }
}

/* One line per sensor that raised the flag in this test; a line of its own where no sensor says so. */
static void explain_flag(const struct run_test *test, const char *flag, struct buf *out)
{
    struct json_object *sensors = sensors_of(test);
    bool any = false;
    if (sensors) {
        json_object_object_foreach(sensors, name, sensor)
        {
            const char *raised = json_get_text(sensor, "/flag");
            if (!raised || strcmp(raised, flag) != 0)
                continue;
            buf_append_text(out, any ? "; " : ": ");
            describe_raised(name, sensor, out);
            any = true;
        }
    }
    buf_append_text(out, any ? "" : ": the record names no sensor");
}

static bool has_flag(const struct run_test *test, const char *flag)
{
    struct json_object *flags =
        test->last ? json_get_array(test->last->record, "/system_health/quality_flags") : NULL;
    size_t count = flags ? json_object_array_length(flags) : 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(line_item_text(flags, i), flag) == 0)
            return true;
    return false;
}

static void flag_section(const struct run_data *data, const char *flag, struct buf *out)
{
    buf_append_text(out, "### ");
    markdown_inline(out, flag);
    buf_append_text(out, "\n\nWhat it means: ");
    markdown_inline(out, flag_words_effect(flag));
    buf_append_text(out, ".\n\n");
    for (size_t i = 0; i < data->test_count; i++) {
        if (!has_flag(&data->tests[i], flag))
            continue;
        buf_append_text(out, "- ");
        markdown_code(out, data->tests[i].name);
        explain_flag(&data->tests[i], flag, out);
        buf_append_text(out, ".\n");
    }
    buf_append_char(out, '\n');
}

static bool flag_was_earlier(const struct run_data *data, size_t test_index, const char *flag)
{
    for (size_t i = 0; i < test_index; i++)
        if (has_flag(&data->tests[i], flag))
            return true;
    return false;
}

static void all_flags(const struct run_data *data, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < data->test_count; i++) {
        const struct attempt *last = data->tests[i].last;
        struct json_object *flags =
            last ? json_get_array(last->record, "/system_health/quality_flags") : NULL;
        size_t count = flags ? json_object_array_length(flags) : 0;
        for (size_t f = 0; f < count; f++) {
            const char *flag = line_item_text(flags, f);
            if (strcmp(flag, "clean") == 0 || flag_was_earlier(data, i, flag))
                continue;
            flag_section(data, flag, out);
            any = true;
        }
    }
    if (!any)
        buf_append_text(out, "No flag was raised.\n\n");
}

static bool same_trouble(struct json_object *a, struct json_object *b)
{
    static const char *const pointers[] = {"/status", "/scope", "/reason"};
    for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
        const char *x = json_get_text(a, pointers[i]), *y = json_get_text(b, pointers[i]);
        if (strcmp(x ? x : "", y ? y : "") != 0)
            return false;
    }
    return true;
}

static struct json_object *sensor_of(const struct run_test *test, const char *name)
{
    struct json_object *sensor = NULL, *sensors = sensors_of(test);
    if (sensors)
        json_object_object_get_ex(sensors, name, &sensor);
    return sensor;
}

/* In how many tests from this one on the same sensor has the same trouble; 0 if an earlier test has it. */
static size_t count_trouble(
    const struct run_data *data, size_t test_index, const char *name, struct json_object *sensor)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        struct json_object *other = sensor_of(&data->tests[i], name);
        if (!other || !same_trouble(sensor, other))
            continue;
        if (i < test_index)
            return 0;
        count++;
    }
    return count;
}

static void trouble_rows(const struct run_data *data, size_t test_index, struct markdown_table *table)
{
    struct json_object *sensors = sensors_of(&data->tests[test_index]);
    if (!sensors)
        return;
    json_object_object_foreach(sensors, name, sensor)
    {
        const char *status = json_get_text(sensor, "/status");
        size_t count =
            status && strcmp(status, "ok") != 0 ? count_trouble(data, test_index, name, sensor) : 0;
        if (!count)
            continue;
        markdown_cell(table, name);
        markdown_cell(table, json_get_text(sensor, "/scope"));
        markdown_cell(table, status);
        markdown_cell_format(table, "%zu", count);
        markdown_cell(table, json_get_text(sensor, "/reason"));
    }
}

static void unread_sensors(const struct run_data *data, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Sensor"}, {.title = "Scope"},
        {.title = "Status"}, {.title = "Tests", .right = true}, {.title = "Reason"}};
    struct markdown_table table;
    markdown_table_begin(&table, columns, 5);
    for (size_t i = 0; i < data->test_count; i++)
        trouble_rows(data, i, &table);
    if (markdown_table_rows(&table))
        buf_append_text(out, "### Sensors that could not be read\n\n"
                             "What cannot be read is not zero. A required kind of sensor that fails makes "
                             "the verdict unknown: swap, "
                             "memory, out-of-memory kills, zombies, processor steal, clock.\n\n");
    (void)markdown_table_end(&table, out);
}

static void unknown_tests(const struct run_data *data, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < data->test_count; i++) {
        if (strcmp(health_verdict(&data->tests[i]), "unknown") != 0)
            continue;
        buf_append_text(out, any ? ", " : "Unknown, because a required sensor could not be read: ");
        markdown_code(out, data->tests[i].name);
        any = true;
    }
    buf_append_text(out, any ? ".\n\n" : "");
}

static void invalid_clients(const struct run_data *data, struct buf *out)
{
    for (size_t i = 0; i < data->test_count; i++) {
        const char *reason;
        if (!health_client_is_invalid(&data->tests[i], &reason))
            continue;
        buf_append_text(out, "The client could not keep up in ");
        markdown_code(out, data->tests[i].name);
        buf_append_text(out, ", so its figures are not valid: ");
        markdown_inline(out, reason);
        buf_append_text(out, ".\n\n");
    }
}

void markdown_health(const struct run_data *data, struct buf *out)
{
    buf_append_text(out, "## Machine health\n\n");
    all_flags(data, out);
    invalid_clients(data, out);
    unknown_tests(data, out);
    unread_sensors(data, out);
}
