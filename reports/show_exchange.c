#include "show_exchange.h"

#include "show_text.h"

#include "json.h"
#include "quantity.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EVENTS_HEAD 20 /* shown unless all are asked for */
#define EVENTS_TAIL 5

/* "chat, repeat 0, measured: ok, HTTP 200, stop, 12 + 4 tokens, 25.0 ms" */
void show_exchange_line(struct buf *out, struct json_object *x)
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
        show_safe(out, finish, strlen(finish), 100);
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

static void show_events(struct buf *out, struct json_object *x, bool all)
{
    struct json_object *events = json_get_object(x, "/events"), *times = json_get_array(events, "/t_ns");
    size_t count = times ? json_object_array_length(times) : 0;
    int64_t sent_ns = 0, at_ns = 0;
    if (!count)
        return;
    (void)json_get_int(x, "/t/sent_ns", &sent_ns);
    buf_append_text(
        out, "  events, ms after sending\n  event           at          gap   bytes  tokens  kind\n");
    for (size_t i = 0; i < count; i++) {
        bool shown = all || i < EVENTS_HEAD || i + EVENTS_TAIL >= count;
        at_ns += int_at(times, i);
        if (shown)
            event_row(out, events, i, at_ns - sent_ns);
        else if (i == EVENTS_HEAD)
            buf_printf(out, "        ... %zu events left out (--all shows them)\n",
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
        show_row(out, moments[i][1], line);
    }
}

static void text_of(
    struct buf *out, struct json_object *tree, const char *pointer, const char *label, bool all)
{
    struct json_object *text = json_get(tree, pointer);
    size_t max = all ? SHOW_TEXT_SHOWN_ALL : SHOW_TEXT_SHOWN;
    if (json_object_is_type(text, json_type_string) && json_object_get_string_len(text) > 0)
        show_block(out, label, json_object_get_string(text), (size_t)json_object_get_string_len(text), max);
}

static void show_answer(struct buf *out, struct json_object *answer, bool all)
{
    struct json_object *prompt = json_get_array(answer, "/prompt");
    size_t count = prompt ? json_object_array_length(prompt) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *message = json_object_array_get_idx(prompt, i);
        const char *role = json_get_text(message, "/role");
        struct buf label = BUF_INIT(8192);
        buf_append_text(&label, "prompt, ");
        show_safe(&label, role ? role : "?", strlen(role ? role : "?"), 100);
        text_of(out, message, "/content", buf_text(&label), all);
        buf_fini(&label);
    }
    text_of(out, answer, "/reasoning", "reasoning", all);
    text_of(out, answer, "/answer", "answer", all);
    text_of(out, answer, "/tool_calls", "tool calls", all);
}

void show_exchange(struct buf *out, struct json_object *x, struct json_object *answer, bool all)
{
    show_row(out, "path", json_get_text(x, "/path"));
    show_row(out, "error", json_get_text(x, "/error_text"));
    show_row_count(out, "requests made", x, "/attempts");
    show_row(out, "server says", json_get_text(x, "/server_header"));
    show_moments(out, x);
    if (answer)
        show_answer(out, answer, all);
    else
        show_row(out, "answer", "the texts of this exchange were not kept");
    show_events(out, x, all);
}
