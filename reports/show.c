#include "show.h"

#include "show_data.h"

#include "json.h"
#include "quantity.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SHOWN ((size_t)16 << 10) /* bytes of one prompt or answer, unless all is asked for */
#define TEXT_SHOWN_ALL ((size_t)4 << 20)
#define EVENTS_HEAD 20
#define EVENTS_TAIL 5
#define LOG_LINES 20

struct view {
    const struct show_options *options;
    const struct attempt *attempt;
    struct show_data shown;
    struct buf *out;
};

static void safe(struct buf *out, const char *text, size_t len, size_t max)
{
    if (text)
        (void)text_sanitise(out, text, len, max);
}

/* "label   text", nothing where there is no text. */
static void row(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_printf(out, "  %-14s ", label);
    safe(out, text, strlen(text), TEXT_SHOWN);
    buf_append_char(out, '\n');
}

static void row_count(struct buf *out, const char *label, struct json_object *tree, const char *pointer)
{
    int64_t count;
    if (json_get_int(tree, pointer, &count))
        buf_printf(out, "  %-14s %" PRId64 "\n", label, count);
}

static void row_seconds(struct buf *out, const char *label, struct json_object *tree, const char *pointer)
{
    char text[QUANTITY_SIZE];
    double seconds;
    if (!json_get_real(tree, pointer, &seconds))
        return;
    text_format_duration(text, sizeof text, seconds);
    row(out, label, text);
}

/* A text of several lines, each behind a bar, so that nothing in it looks like ours. */
static void block(struct buf *out, const char *label, const char *text, size_t len, size_t max)
{
    struct buf clean = BUF_INIT(16 * max + 256);
    safe(&clean, text, len, max);
    buf_printf(out, "  %s\n", label);
    for (const char *p = buf_text(&clean); *p;) {
        size_t line = strcspn(p, "\n");
        buf_append_text(out, "  | ");
        buf_append(out, p, line);
        buf_append_char(out, '\n');
        p += line + (p[line] == '\n');
    }
    buf_fini(&clean);
}

static void show_head(const struct view *v, const struct run_test *test)
{
    struct json_object *record = v->attempt->record;
    struct buf place = BUF_INIT(1 << 12), attempts = BUF_INIT(256);
    int64_t line;
    safe(v->out, test->name, strlen(test->name), TEXT_SHOWN);
    buf_printf(v->out, ": %s\n", v->attempt->outcome->name);
    buf_printf(v->out, "  the test %s\n", v->attempt->outcome->meaning);
    buf_printf(&attempts, "%" PRId64 " of %zu", v->attempt->number, test->attempt_count);
    row(v->out, "attempt", buf_text(&attempts));
    row(v->out, "ended", json_get_text(record, "/timestamp"));
    row_seconds(v->out, "duration", record, "/duration");
    row(v->out, "target", json_get_text(record, "/target/name"));
    row(v->out, "server", json_get_text(record, "/target/server"));
    row(v->out, "version", json_get_text(record, "/target/server_version"));
    row(v->out, "endpoint", json_get_text(record, "/target/endpoint"));
    row(v->out, "model", json_get_text(record, "/model/id"));
    row(v->out, "phase reached", json_get_text(record, "/process/phase_reached"));
    row(v->out, "signal", json_get_text(record, "/process/signal"));
    row_count(v->out, "exit code", record, "/process/exit_code");
    row_count(v->out, "strays killed", record, "/process/strays_killed");
    if (json_get_text(record, "/location/file") && json_get_int(record, "/location/line", &line)) {
        buf_printf(&place, "%s:%" PRId64, json_get_text(record, "/location/file"), line);
        row(v->out, "place", buf_text(&place));
    }
    row(v->out, "skipped", json_get_text(record, "/skip_reason"));
    const char *message = json_get_text(record, "/message");
    if (message && *message)
        block(v->out, "message", message, strlen(message), TEXT_SHOWN);
    buf_fini(&place);
    buf_fini(&attempts);
}

/* "chat, repeat 0, measured: ok, HTTP 200, stop, 12 + 4 tokens, 25.0 ms" */
static void exchange_line(struct buf *out, struct json_object *x)
{
    const char *role = json_get_text(x, "/role"), *kind = json_get_text(x, "/kind"),
               *error = json_get_text(x, "/error"), *finish = json_get_text(x, "/finish_reason");
    int64_t index = 0, repeat = 0, status, prompt, completion, done_ns, sent_ns;
    (void)json_get_int(x, "/index", &index);
    (void)json_get_int(x, "/repeat", &repeat);
    buf_printf(out, "Exchange %" PRId64 ": %s, %s, repeat %" PRId64 ": %s", index, kind ? kind : "?",
        role ? role : "?", repeat, error ? error : "?");
    if (json_get_int(x, "/http_status", &status))
        buf_printf(out, ", HTTP %" PRId64, status);
    if (finish && *finish) {
        buf_append_text(out, ", ended by ");
        safe(out, finish, strlen(finish), 100);
    }
    if (json_get_int(x, "/tokens/prompt", &prompt) && json_get_int(x, "/tokens/completion", &completion))
        buf_printf(out, ", %" PRId64 " + %" PRId64 " tokens", prompt, completion);
    if (json_get_int(x, "/t/done_ns", &done_ns) && json_get_int(x, "/t/sent_ns", &sent_ns)) {
        char text[QUANTITY_SIZE];
        text_format_duration(text, sizeof text, (double)(done_ns - sent_ns) / 1e9);
        buf_printf(out, ", %s", text);
    }
    buf_append_char(out, '\n');
}

static void show_kinds(struct buf *out, int64_t kinds)
{
    static const struct {
        int64_t bit;
        const char *name;
    } names[] = {{1, "role"}, {2, "reasoning"}, {4, "answer"}, {8, "tool call"}, {16, "finish"},
        {32, "usage"}, {64, "error"}, {128, "done"}, {256, "other"}};
    const char *separator = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(kinds & names[i].bit))
            continue;
        buf_printf(out, "%s%s", separator, names[i].name);
        separator = " + ";
    }
}

static int64_t int_at(struct json_object *array, size_t i)
{
    return array && i < json_object_array_length(array)
               ? json_object_get_int64(json_object_array_get_idx(array, i))
               : 0;
}

static void event_row(struct buf *out, struct json_object *events, size_t i, int64_t since_sent_ns)
{
    struct json_object *times = json_get_array(events, "/t_ns"), *tokens = json_get_array(events, "/tokens");
    char at[QUANTITY_SIZE], gap[QUANTITY_SIZE];
    text_format_decimal(at, sizeof at, (double)since_sent_ns / 1e6, 3);
    text_format_decimal(gap, sizeof gap, (double)int_at(times, i) / 1e6, 3);
    buf_printf(out, "  %5zu %12s %12s %7" PRId64 " ", i, at, i ? gap : "-",
        int_at(json_get_array(events, "/bytes"), i));
    if (tokens && int_at(tokens, i) >= 0)
        buf_printf(out, "%7" PRId64 "  ", int_at(tokens, i));
    else
        buf_append_text(out, "      -  ");
    show_kinds(out, int_at(json_get_array(events, "/kinds"), i));
    buf_append_char(out, '\n');
}

static void show_events(const struct view *v, struct json_object *x)
{
    struct json_object *events = json_get_object(x, "/events"), *times = json_get_array(events, "/t_ns");
    size_t count = times ? json_object_array_length(times) : 0;
    int64_t sent_ns = 0, at_ns = 0;
    if (!count)
        return;
    (void)json_get_int(x, "/t/sent_ns", &sent_ns);
    buf_append_text(
        v->out, "  events, ms after sending\n  event           at          gap   bytes  tokens  kind\n");
    for (size_t i = 0; i < count; i++) {
        bool shown = v->options->all || i < EVENTS_HEAD || i + EVENTS_TAIL >= count;
        at_ns += int_at(times, i);
        if (shown)
            event_row(v->out, events, i, at_ns - sent_ns);
        else if (i == EVENTS_HEAD)
            buf_printf(v->out, "        ... %zu events left out (--all shows them)\n",
                count - EVENTS_HEAD - EVENTS_TAIL);
    }
}

static void show_moments(struct buf *out, struct json_object *x)
{
    static const char *const moments[][2] = {{"/t/headers_ns", "headers"}, {"/t/event1_ns", "first event"},
        {"/t/first_token_ns", "first token"}, {"/t/first_answer_ns", "first answer"},
        {"/t/last_token_ns", "last token"}, {"/t/done_ns", "done"}};
    int64_t sent_ns, at_ns;
    if (!json_get_int(x, "/t/sent_ns", &sent_ns))
        return;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        char text[QUANTITY_SIZE], line[QUANTITY_SIZE + 32];
        if (!json_get_int(x, moments[i][0], &at_ns))
            continue;
        text_format_decimal(text, sizeof text, (double)(at_ns - sent_ns) / 1e6, 3);
        snprintf(line, sizeof line, "%s ms after sending", text);
        row(out, moments[i][1], line);
    }
}

static void text_of(const struct view *v, struct json_object *tree, const char *pointer, const char *label)
{
    struct json_object *text = json_get(tree, pointer);
    size_t max = v->options->all ? TEXT_SHOWN_ALL : TEXT_SHOWN;
    if (json_object_is_type(text, json_type_string) && json_object_get_string_len(text) > 0)
        block(v->out, label, json_object_get_string(text), (size_t)json_object_get_string_len(text), max);
}

static void show_answer(const struct view *v, struct json_object *answer)
{
    struct json_object *prompt = json_get_array(answer, "/prompt");
    size_t count = prompt ? json_object_array_length(prompt) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *message = json_object_array_get_idx(prompt, i);
        const char *role = json_get_text(message, "/role");
        struct buf label = BUF_INIT(8192);
        buf_append_text(&label, "prompt, ");
        safe(&label, role ? role : "?", strlen(role ? role : "?"), 100);
        text_of(v, message, "/content", buf_text(&label));
        buf_fini(&label);
    }
    text_of(v, answer, "/reasoning", "reasoning");
    text_of(v, answer, "/answer", "answer");
    text_of(v, answer, "/tool_calls", "tool calls");
}

static void show_exchange(const struct view *v, struct json_object *x)
{
    int64_t index = 0;
    (void)json_get_int(x, "/index", &index);
    struct json_object *answer = show_data_answer(&v->shown, index);
    row(v->out, "path", json_get_text(x, "/path"));
    row(v->out, "error", json_get_text(x, "/error_text"));
    row_count(v->out, "requests made", x, "/attempts");
    row(v->out, "server says", json_get_text(x, "/server_header"));
    show_moments(v->out, x);
    if (answer)
        show_answer(v, answer);
    else
        row(v->out, "answer", "the texts of this exchange were not kept");
    show_events(v, x);
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

static enum status show_exchanges(const struct view *v, struct error *e)
{
    const struct show_lines *lines = &v->shown.exchanges;
    size_t chosen = choose_exchange(v);
    if (v->options->exchange >= 0 && chosen == lines->count)
        return error_set(e, STATUS_NOT_FOUND, "the attempt has no exchange %" PRId64, v->options->exchange);
    buf_append_char(v->out, '\n');
    if (lines->absent)
        buf_append_text(v->out, "No exchanges.jsonl was kept.\n");
    else if (!lines->count)
        buf_append_text(v->out, "No exchange of this attempt was recorded.\n");
    if (lines->unreadable)
        buf_printf(v->out, "%zu lines of exchanges.jsonl are not valid and left out.\n", lines->unreadable);
    for (size_t i = 0; i < lines->count; i++) {
        exchange_line(v->out, lines->items[i]);
        if (v->options->all || i == chosen)
            show_exchange(v, lines->items[i]);
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
    block(v->out, cut ? "log, its last lines (--all shows it whole)" : "log", text + start + cut,
        len - start - cut, TEXT_SHOWN_ALL);
}

static void sensor_row(struct buf *out, const char *name, struct json_object *sensor)
{
    const char *status = json_get_text(sensor, "/status"), *reason = json_get_text(sensor, "/reason"),
               *unit = json_get_text(sensor, "/unit"), *flag = json_get_text(sensor, "/flag"),
               *scope = json_get_text(sensor, "/scope");
    static const char *const figures[] = {"/value", "/delta", "/threshold"};
    buf_append_text(out, "  ");
    safe(out, name, strlen(name), 60);
    buf_printf(out, " (%s): %s", scope ? scope : "?", status ? status : "?");
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        char text[QUANTITY_SIZE];
        double figure;
        if (!json_get_real(sensor, figures[i], &figure))
            continue;
        quantity_format_number(text, sizeof text, figure);
        buf_printf(out, ", %s %s", figures[i] + 1, text);
    }
    if (unit && strcmp(status ? status : "", "ok") == 0) {
        buf_append_text(out, ", in ");
        safe(out, unit, strlen(unit), 30);
    }
    if (flag) {
        buf_append_text(out, ", raised ");
        safe(out, flag, strlen(flag), 60);
    }
    if (reason && *reason) {
        buf_append_text(out, ": ");
        safe(out, reason, strlen(reason), 400);
    }
    buf_append_char(out, '\n');
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
    s = show_exchanges(&v, e);
    show_log(&v);
    show_health(&v);
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
