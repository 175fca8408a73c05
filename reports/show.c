#include "show.h"

#include "show_data.h"
#include "show_exchange.h"
#include "show_load.h"
#include "show_migrated.h"
#include "show_text.h"

#include "json.h"
#include "quantity.h"

#include <inttypes.h>
#include <string.h>

#define LOG_LINES 20

struct view {
    const struct show_options *options;
    const struct attempt *attempt;
    struct show_data shown;
    struct buf *out;
};

static void show_head(const struct view *v, const struct run_test *test)
{
    struct json_object *record = v->attempt->record;
    struct buf place = BUF_INIT(1 << 12), attempts = BUF_INIT(256);
    int64_t line;
    show_safe(v->out, test->name, strlen(test->name), SHOW_TEXT_SHOWN);
    buf_printf(v->out, ": %s\n", v->attempt->outcome->name);
    buf_printf(v->out, "  %sthe test %s\n",
        json_get(record, "/metadata/migrated") ? "as the program says that measured it, " : "",
        v->attempt->outcome->meaning);
    buf_printf(&attempts, "%" PRId64 " of %zu", v->attempt->number, test->attempt_count);
    show_row(v->out, "attempt", buf_text(&attempts));
    show_row(v->out, "ended", json_get_text(record, "/timestamp"));
    show_row_seconds(v->out, "duration", record, "/duration");
    show_row(v->out, "target", json_get_text(record, "/target/name"));
    show_row(v->out, "server", json_get_text(record, "/target/server"));
    show_row(v->out, "version", json_get_text(record, "/target/server_version"));
    show_row(v->out, "endpoint", json_get_text(record, "/target/endpoint"));
    show_row(v->out, "model", json_get_text(record, "/model/id"));
    show_row(v->out, "phase reached", json_get_text(record, "/process/phase_reached"));
    show_row(v->out, "signal", json_get_text(record, "/process/signal"));
    show_row_count(v->out, "exit code", record, "/process/exit_code");
    show_row_count(v->out, "strays killed", record, "/process/strays_killed");
    if (json_get_text(record, "/location/file") && json_get_int(record, "/location/line", &line)) {
        buf_printf(&place, "%s:%" PRId64, json_get_text(record, "/location/file"), line);
        show_row(v->out, "place", buf_text(&place));
    }
    show_row(v->out, "skipped", json_get_text(record, "/skip_reason"));
    const char *message = json_get_text(record, "/message");
    if (message && *message)
        show_block(v->out, "message", message, strlen(message), SHOW_TEXT_SHOWN);
    buf_fini(&place);
    buf_fini(&attempts);
}

static bool is_ok(struct json_object *x)
{
    const char *error = json_get_text(x, "/error");
    return error && strcmp(error, "ok") == 0;
}

static bool is_measured(struct json_object *x)
{
    const char *role = json_get_text(x, "/role");
    return role && strcmp(role, "measured") == 0;
}

/* The exchange that is most worth a look: its place in the list, or count. */
static size_t choose_exchange(const struct view *v)
{
    const struct show_lines *lines = &v->shown.exchanges;
    for (size_t i = 0; v->options->exchange >= 0 && i < lines->count; i++) {
        int64_t index = -1;
        if (json_get_int(lines->items[i], "/index", &index) && index == v->options->exchange)
            return i;
    }
    if (v->options->exchange >= 0)
        return lines->count;
    for (size_t i = 0; i < lines->count; i++)
        if (!is_ok(lines->items[i]))
            return i;
    for (size_t i = 0; i < lines->count; i++)
        if (is_measured(lines->items[i]))
            return i;
    return 0;
}

static void show_whole(const struct view *v, struct json_object *x)
{
    int64_t index = 0;
    (void)json_get_int(x, "/index", &index);
    show_exchange(v->out, x, show_data_answer(&v->shown, index), v->options->all);
}

static enum status show_exchanges(const struct view *v, struct error *e)
{
    const struct show_lines *lines = &v->shown.exchanges;
    size_t chosen = choose_exchange(v);
    if (v->options->exchange >= 0 && chosen == lines->count)
        return error_set(e, STATUS_NOT_FOUND, "the attempt has no exchange %" PRId64, v->options->exchange);
    if (show_load(v->out, v->attempt->record) && lines->count == 0)
        return STATUS_OK;
    buf_append_char(v->out, '\n');
    if (lines->absent)
        buf_append_text(v->out, "No exchanges.jsonl was kept.\n");
    else if (!lines->count)
        buf_append_text(v->out, "No exchange of this attempt was recorded.\n");
    if (lines->unreadable)
        buf_printf(v->out, "%zu lines of exchanges.jsonl are not valid and left out.\n", lines->unreadable);
    for (size_t i = 0; i < lines->count; i++) {
        show_exchange_line(v->out, lines->items[i]);
        if (v->options->all || i == chosen)
            show_whole(v, lines->items[i]);
    }
    return STATUS_OK;
}

static void show_log(const struct view *v)
{
    const char *text = buf_text(&v->shown.log);
    size_t len = v->shown.log.len, start = len, lines = 0;
    buf_append_char(v->out, '\n');
    if (!len) {
        buf_append_text(v->out, "Log: empty or not kept.\n");
        return;
    }
    while (start > 0 && (v->options->all || lines <= LOG_LINES))
        if (text[--start] == '\n' && start + 1 < len)
            lines++;
    bool cut = start > 0;
    show_block(v->out, cut ? "log, its last lines (--all shows it whole)" : "log", text + start + cut,
        len - start - cut, SHOW_TEXT_SHOWN_ALL);
}

/* "5685 s", "+4.3 MiB" */
static void sensor_figure(struct json_object *sensor, const char *pointer, bool signed_, struct buf *out)
{
    char text[QUANTITY_SIZE];
    double figure;
    if (!json_get_real(sensor, pointer, &figure))
        return;
    if (signed_ && figure == 0)
        return;
    quantity_format_alone(text, sizeof text, json_get_text(sensor, "/unit"), figure);
    if (signed_)
        buf_printf(out, ", changed by %s%s", figure > 0 ? "+" : "", text);
    else
        buf_append_text(out, text);
}

static void sensor_row(struct buf *out, const char *name, struct json_object *sensor)
{
    const char *status = json_get_text(sensor, "/status"), *reason = json_get_text(sensor, "/reason"),
               *flag = json_get_text(sensor, "/flag"), *scope = json_get_text(sensor, "/scope");
    bool ok = status && strcmp(status, "ok") == 0;
    struct buf shown = BUF_INIT(1 << 12);
    show_safe(&shown, name, strlen(name), 60);
    buf_printf(out, "  %-26s %-6s ", buf_text(&shown), scope ? scope : "?");
    if (ok) {
        sensor_figure(sensor, "/value", false, out);
        sensor_figure(sensor, "/delta", true, out);
    } else {
        buf_append_text(out, status ? status : "?");
    }
    if (flag) {
        buf_append_text(out, "; raised ");
        show_safe(out, flag, strlen(flag), 60);
    }
    if (reason && *reason) {
        buf_append_text(out, ": ");
        show_safe(out, reason, strlen(reason), 400);
    }
    buf_append_char(out, '\n');
    buf_fini(&shown);
}

static void show_health(const struct view *v)
{
    struct json_object *sensors = json_get_object(v->attempt->record, "/system_health/sensors");
    const char *verdict = json_get_text(v->attempt->record, "/system_health/verdict");
    buf_printf(v->out, "\nMachine: %s\n", verdict ? verdict : "not watched");
    if (!sensors)
        return;
    json_object_object_foreach(sensors, name, sensor) sensor_row(v->out, name, sensor);
}

/* Of the server's machine only what raised something; server_samples.jsonl has the rest. */
static void show_server_health(const struct view *v)
{
    const struct json_object *server = json_get_object(v->attempt->record, "/system_health/server");
    const char *host = json_get_text(server, "/host"), *verdict = json_get_text(server, "/verdict"),
               *reason = json_get_text(server, "/reason");
    struct json_object *sensors = json_get_object(server, "/sensors");
    if (!host || !verdict || !sensors)
        return;
    buf_append_text(v->out, "\nThe server's machine (");
    show_safe(v->out, host, strlen(host), 100);
    buf_printf(v->out, "): %s", verdict);
    if (reason) {
        buf_append_text(v->out, ": ");
        show_safe(v->out, reason, strlen(reason), 400);
    }
    buf_append_char(v->out, '\n');
    json_object_object_foreach(sensors, name, sensor) sensor_row(v->out, name, sensor);
}

static void append_figure(const struct view *v, const struct json_object *energy, const char *pointer,
    const char *before, const char *unit)
{
    char text[QUANTITY_SIZE];
    double value;
    if (!json_get_real(energy, pointer, &value))
        return;
    quantity_format_number(text, sizeof text, value);
    buf_printf(v->out, "%s%s %s", before, text, unit);
}

static void show_energy(const struct view *v)
{
    const struct json_object *energy = json_get_object(v->attempt->record, "/energy");
    const char *reason = json_get_text(energy, "/reason"), *source = json_get_text(energy, "/source");
    if (!energy)
        return;
    buf_append_text(v->out, "\nEnergy: ");
    append_figure(v, energy, "/joules", "", "J");
    append_figure(v, energy, "/idle_joules", ", of that idle ", "J");
    append_figure(v, energy, "/joules_per_token", ", ", "J/token");
    append_figure(v, energy, "/joules_per_request", ", ", "J/request");
    buf_append_text(v->out, reason ? "not measured: " : " by ");
    const char *words = reason ? reason : source ? source : "";
    const char *host = json_get_text(energy, "/host");
    show_safe(v->out, words, strlen(words), 500);
    if (host) {
        buf_append_text(v->out, " of ");
        show_safe(v->out, host, strlen(host), 100);
    }
    buf_append_char(v->out, '\n');
}

static enum status find_attempt(
    const struct run_test *test, int64_t number, const struct attempt **attempt, struct error *e)
{
    *attempt = number ? NULL : test->last;
    for (size_t i = 0; i < test->attempt_count && number; i++)
        if (test->attempts[i].number == number)
            *attempt = &test->attempts[i];
    if (*attempt)
        return STATUS_OK;
    if (number)
        return error_set(e, STATUS_NOT_FOUND, "%s has no attempt %" PRId64, test->name, number);
    return error_set(e, STATUS_NOT_FOUND, "%s was planned, and there is no valid record of it", test->name);
}

static enum status view_open(const struct run_data *data, const struct run_test *test,
    const struct show_options *options, struct view *v, struct error *e)
{
    *v = (struct view){.options = options};
    enum status s = find_attempt(test, options->attempt, &v->attempt, e);
    return s == STATUS_OK ? show_data_load(data, test->name, v->attempt->number, &v->shown, e) : s;
}

enum status show_write(const struct run_data *data, const struct run_test *test,
    const struct show_options *options, struct buf *out, struct error *e)
{
    struct view v;
    enum status s = view_open(data, test, options, &v, e);
    if (s != STATUS_OK)
        return s;
    v.out = out;
    show_head(&v, test);
    if (!show_migrated(out, v.attempt->record, options->all)) {
        s = show_exchanges(&v, e);
        show_log(&v);
    }
    show_health(&v);
    show_server_health(&v);
    show_energy(&v);
    show_data_fini(&v.shown);
    if (s == STATUS_OK && buf_status(out) != STATUS_OK)
        s = error_set(e, out->failed, "the test is too large to be shown: %s", status_name(out->failed));
    return s;
}

static bool set_lines(struct json_object *tree, const char *name, const struct show_lines *lines)
{
    struct json_object *array = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; i < lines->count && ok; i++)
        ok = json_add(array, json_object_get(lines->items[i]));
    return json_set(tree, name, array) && ok;
}

enum status show_write_json(const struct run_data *data, const struct run_test *test,
    const struct show_options *options, struct buf *out, struct error *e)
{
    struct view v;
    enum status s = view_open(data, test, options, &v, e);
    if (s != STATUS_OK)
        return s;
    struct json_object *tree = json_object_new_object();
    bool ok = json_set(tree, "record", json_object_get(v.attempt->record));
    ok = ok && set_lines(tree, "exchanges", &v.shown.exchanges) &&
         set_lines(tree, "answers", &v.shown.answers);
    s = ok ? json_write_pretty(tree, out, e) : error_set(e, STATUS_NO_MEMORY, "no memory for the test");
    json_object_put(tree);
    show_data_fini(&v.shown);
    return s;
}
