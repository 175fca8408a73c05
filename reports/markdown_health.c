#include "markdown_sections.h"

#include "flag_words.h"
#include "health.h"
#include "line_check.h"
#include "markdown_text.h"
#include "migrated.h"
#include "quantity.h"

#include "json.h"

#include <ctype.h>
#include <string.h>

static struct json_object *sensors_of(const struct run_test *test)
{
    return test->last ? json_get_object(test->last->record, "/system_health/sensors") : NULL;
}

/* How much the sensor changed, where that says more than the reason: seconds and bytes. */
static void change_cell(struct markdown_table *table, struct json_object *sensor)
{
    char text[QUANTITY_SIZE] = "";
    double value;
    if (json_get_real(sensor, "/delta", &value))
        quantity_format_alone(text, sizeof text, json_get_text(sensor, "/unit"), value);
    markdown_cell(table, text);
}

static void flag_row(const struct run_test *test, const char *name, struct json_object *sensor,
    bool on_server, struct markdown_table *table)
{
    const char *reason = json_get_text(sensor, "/reason");
    double threshold;
    const char *host = health_server_host(test);
    markdown_cell_code(table, test->name);
    if (on_server)
        markdown_cell_format(table, "%s (%s)", health_server_verdict(test), host);
    else
        markdown_cell(table, health_client_verdict(test));
    markdown_cell(table, name);
    change_cell(table, sensor);
    if (reason || !json_get_real(sensor, "/threshold", &threshold)) {
        markdown_cell(table, sensor ? reason : "the record names no sensor");
        return;
    }
    char text[QUANTITY_SIZE];
    quantity_format_number(text, sizeof text, threshold);
    markdown_cell_format(table, "above the threshold of %s", text);
}

static bool flag_rows_of(const struct run_test *test, const char *flag, struct json_object *sensors,
    bool on_server, struct markdown_table *table)
{
    bool any = false;
    if (!sensors)
        return false;
    json_object_object_foreach(sensors, name, sensor)
    {
        const char *raised = json_get_text(sensor, "/flag");
        if (!raised || strcmp(raised, flag) != 0)
            continue;
        flag_row(test, name, sensor, on_server, table);
        any = true;
    }
    return any;
}

/* One row per sensor that raised the flag in this test, on either machine; a row of its own where no sensor says so. */
static void flag_rows(const struct run_test *test, const char *flag, struct markdown_table *table)
{
    struct json_object *theirs =
        test->last ? json_get_object(test->last->record, "/system_health/server/sensors") : NULL;
    bool here = flag_rows_of(test, flag, sensors_of(test), false, table);
    bool there = flag_rows_of(test, flag, theirs, true, table);
    if (!here && !there)
        flag_row(test, "", NULL, false, table);
}

static void flag_section(const struct run_data *data, const char *flag, struct buf *out)
{
    static const struct markdown_column columns[] = {{.title = "Test"}, {.title = "Machine"},
        {.title = "Sensor"}, {.title = "Change", .right = true}, {.title = "Reason"}};
    struct markdown_table table;
    const char *happened = flag_words_happened(flag);
    buf_printf(out, "### %c%s (", toupper((unsigned char)happened[0]), happened + 1);
    markdown_inline(out, flag);
    buf_printf(out, ")\n\nSo %s.\n\n", flag_words_effect(flag));
    markdown_table_begin(&table, columns, 5);
    for (size_t i = 0; i < data->test_count; i++)
        if (health_has_flag(&data->tests[i], flag))
            flag_rows(&data->tests[i], flag, &table);
    (void)markdown_table_end(&table, out);
}

static void all_flags(const struct run_data *data, struct buf *out)
{
    const char *flag;
    size_t count = 0;
    while ((flag = health_flag_of_run(data, count))) {
        flag_section(data, flag, out);
        count++;
    }
    if (count == 0 && migrated_count(data) < data->test_count)
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

static bool is_unread(struct json_object *sensor)
{
    const char *status = json_get_text(sensor, "/status");
    return status && strcmp(status, "ok") != 0;
}

/* All sensors of the test that have this trouble in as many tests; false where an earlier one spoke for them. */
static bool join_names(const struct run_data *data, size_t test_index, struct json_object *sensors,
    struct json_object *sensor, size_t count, struct buf *names)
{
    json_object_object_foreach(sensors, name, other)
    {
        if (!is_unread(other) || !same_trouble(sensor, other) ||
            count_trouble(data, test_index, name, other) != count)
            continue;
        if (names->len == 0 && other != sensor)
            return false;
        buf_printf(names, "%s%s", names->len ? ", " : "", name);
    }
    return true;
}

/* What is missing for the same reason is one row: a virtual machine lacks a dozen sensors at once. */
static void trouble_rows(const struct run_data *data, size_t test_index, struct markdown_table *table)
{
    struct json_object *sensors = sensors_of(&data->tests[test_index]);
    if (!sensors)
        return;
    json_object_object_foreach(sensors, name, sensor)
    {
        struct buf names = BUF_INIT(4096);
        size_t count = is_unread(sensor) ? count_trouble(data, test_index, name, sensor) : 0;
        if (count && join_names(data, test_index, sensors, sensor, count, &names)) {
            markdown_cell(table, buf_text(&names));
            markdown_cell(table, json_get_text(sensor, "/scope"));
            markdown_cell(table, json_get_text(sensor, "/status"));
            markdown_cell_format(table, "%zu", count);
            markdown_cell(table, json_get_text(sensor, "/reason"));
        }
        buf_fini(&names);
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

/* Whoever reads "clean" of a server elsewhere has to know whose machine was. */
static void servers_elsewhere(const struct run_data *data, struct buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        struct json_object *place = sensor_of(&data->tests[i], "server_is_local");
        double local = 1;
        count += place && json_get_real(place, "/value", &local) && local == 0 &&
                 !health_server_host(&data->tests[i]);
    }
    if (count > 0)
        buf_printf(out,
            "In %zu test%s the server ran on another machine, which was not watched: what is said here is of "
            "the client's.\n\n",
            count, count == 1 ? "" : "s");
}

static size_t count_server(const struct run_data *data, const char *verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < data->test_count; i++) {
        const char *theirs = health_server_verdict(&data->tests[i]);
        count += theirs && (!verdict || strcmp(theirs, verdict) == 0);
    }
    return count;
}

static const struct run_test *first_watched(const struct run_data *data)
{
    for (size_t i = 0; i < data->test_count; i++)
        if (health_server_host(&data->tests[i]))
            return &data->tests[i];
    return NULL;
}

static void say_clock(const struct run_test *test, struct buf *out)
{
    const struct json_object *clock = json_get_object(test->last->record, "/system_health/server/clock");
    double ahead_s = 0, error_s = 0;
    char ahead[QUANTITY_SIZE], error[QUANTITY_SIZE];
    if (!json_get_real(clock, "/ahead_s", &ahead_s) || !json_get_real(clock, "/error_s", &error_s))
        return;
    quantity_format_number(ahead, sizeof ahead, ahead_s);
    quantity_format_number(error, sizeof error, error_s);
    buf_printf(
        out, "Its clock was %s s ahead of the client's, known within %s s, and is moved.\n\n", ahead, error);
}

static void server_reasons(const struct run_data *data, struct buf *out)
{
    for (size_t i = 0; i < data->test_count; i++) {
        const struct run_test *test = &data->tests[i];
        const char *reason =
            test->last ? json_get_text(test->last->record, "/system_health/server/reason") : NULL;
        if (!reason)
            continue;
        buf_append_text(out, "Unknown of it in ");
        markdown_code(out, test->name);
        buf_append_text(out, ": ");
        (void)!markdown_inline(out, reason);
        buf_append_text(out, ".\n\n");
    }
}

/* Which of the two machines a verdict is of. */
static void servers_watched(const struct run_data *data, struct buf *out)
{
    static const char *const verdicts[] = {"clean", "degraded", "invalid", "unknown"};
    const struct run_test *first = first_watched(data);
    const char *separator = ": ";
    if (!first)
        return;
    size_t count = count_server(data, NULL);
    buf_append_text(out, "The server's machine ");
    markdown_code(out, health_server_host(first));
    buf_printf(out, " was watched too, in %zu test%s", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        size_t n = count_server(data, verdicts[i]);
        if (n > 0) {
            buf_printf(out, "%s%s in %zu", separator, verdicts[i], n);
            separator = ", ";
        }
    }
    buf_append_text(out, "; a test's verdict is the worse of both machines.\n\n");
    say_clock(first, out);
    server_reasons(data, out);
}

static void unknown_tests(const struct run_data *data, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < data->test_count; i++) {
        if (strcmp(health_client_verdict(&data->tests[i]), "unknown") != 0 || migrated_of(&data->tests[i]))
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
    markdown_migrated_health(data, out);
    all_flags(data, out);
    invalid_clients(data, out);
    servers_elsewhere(data, out);
    servers_watched(data, out);
    unknown_tests(data, out);
    unread_sensors(data, out);
}
