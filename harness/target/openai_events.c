#include "openai_events.h"

#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"
#include "answer_error.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define EVENT_UNDECIDED (UINT32_C(1) << 31) /* never leaves this file */

void openai_answer_init(struct openai_answer *a, struct exchange *x)
{
    *a = (struct openai_answer){.x = x};
}

/* ---- text ---- */

static void take_answer_text(struct openai_answer *a, struct openai_piece *p, const char *text, size_t len)
{
    if (!len)
        return;
    unsigned kinds = think_push(&a->think, text, len, &a->x->answer, &a->x->reasoning);
    if (!kinds && think_is_undecided(&a->think))
        kinds = EVENT_REASONING | EVENT_UNDECIDED; /* to be mended when it is known */
    p->kinds |= kinds;
    p->bytes += len;
}

static void take_reasoning_text(struct openai_answer *a, struct openai_piece *p, struct json_object *value)
{
    size_t len = (size_t)json_object_get_string_len(value);
    if (!len)
        return;
    buf_append(&a->x->reasoning, json_object_get_string(value), len);
    p->kinds |= EVENT_REASONING;
    p->bytes += len;
}

/* Content is text, or a list of parts: {"type": "text", "text": ...}, {"type": "thinking", "thinking":
 * [...]}. */
static void take_content(struct openai_answer *a, struct openai_piece *p, struct json_object *content)
{
    if (json_object_is_type(content, json_type_string)) {
        take_answer_text(a, p, json_object_get_string(content), (size_t)json_object_get_string_len(content));
        return;
    }
    size_t parts = json_object_is_type(content, json_type_array) ? json_object_array_length(content) : 0;
    for (size_t i = 0; i < parts; i++) {
        struct json_object *part = json_object_array_get_idx(content, i), *text = openai_member(part, "text");
        struct json_object *thinking = openai_member(part, "thinking");
        if (json_object_is_type(text, json_type_string))
            take_answer_text(a, p, json_object_get_string(text), (size_t)json_object_get_string_len(text));
        size_t thoughts =
            json_object_is_type(thinking, json_type_array) ? json_object_array_length(thinking) : 0;
        for (size_t k = 0; k < thoughts; k++) {
            struct json_object *thought = openai_member(json_object_array_get_idx(thinking, k), "text");
            if (json_object_is_type(thought, json_type_string))
                take_reasoning_text(a, p, thought);
        }
    }
}

/* A name begins a new call on a line of its own; arguments come in pieces behind it, some servers send them
 * as the object itself. */
static void take_function(struct openai_answer *a, struct openai_piece *p, struct json_object *function)
{
    struct json_object *name = openai_member(function, "name"),
                       *arguments = openai_member(function, "arguments");
    struct buf *out = &a->x->tool_calls;
    if (json_object_is_type(name, json_type_string) && json_object_get_string_len(name) > 0) {
        if (out->len)
            buf_append_char(out, '\n');
        buf_append(out, json_object_get_string(name), (size_t)json_object_get_string_len(name));
        buf_append_char(out, ' ');
        p->bytes += (size_t)json_object_get_string_len(name);
        p->kinds |= EVENT_TOOL_CALL;
    }
    if (arguments) {
        const char *text = json_object_is_type(arguments, json_type_string)
                               ? json_object_get_string(arguments)
                               : json_object_to_json_string_ext(arguments, JSON_C_TO_STRING_PLAIN);
        buf_append_text(out, text);
        p->bytes += strlen(text);
        p->kinds |= *text ? EVENT_TOOL_CALL : 0u;
    }
}

static void take_tool_calls(struct openai_answer *a, struct openai_piece *p, struct json_object *message)
{
    struct json_object *calls = openai_member(message, "tool_calls");
    size_t count = json_object_is_type(calls, json_type_array) ? json_object_array_length(calls) : 0;
    for (size_t i = 0; i < count; i++)
        take_function(a, p, openai_member(json_object_array_get_idx(calls, i), "function"));
    take_function(a, p, openai_member(message, "function_call"));
}

/* A delta of a stream or the message of a whole answer. */
static struct openai_piece take_message(struct openai_answer *a, struct json_object *message)
{
    struct openai_piece p = {0};
    struct json_object *reasoning = openai_member(message, "reasoning_content");
    if (!json_object_is_type(reasoning, json_type_string))
        reasoning = openai_member(message, "reasoning");
    if (!json_object_is_type(reasoning, json_type_string))
        reasoning = openai_member(message, "thinking"); /* servers that send both send the same text twice */
    if (json_object_is_type(reasoning, json_type_string))
        take_reasoning_text(a, &p, reasoning);
    take_content(a, &p, openai_member(message, "content"));
    take_content(a, &p, openai_member(message, "refusal"));
    take_tool_calls(a, &p, message);
    if (!p.kinds && openai_member(message, "role"))
        p.kinds = EVENT_ROLE;
    return p;
}

/* The same, or the bare text of a completion. */
static struct openai_piece take_choice(
    struct openai_answer *a, struct json_object *choice, struct json_object *message)
{
    struct openai_piece p = take_message(a, message);
    struct json_object *text = openai_member(choice, "text");
    if (json_object_is_type(text, json_type_string))
        take_answer_text(a, &p, json_object_get_string(text), (size_t)json_object_get_string_len(text));
    return p;
}

static unsigned take_finish_reason(struct exchange *x, struct json_object *choice)
{
    struct json_object *reason = openai_member(choice, "finish_reason");
    if (!json_object_is_type(reason, json_type_string) || json_object_get_string_len(reason) == 0)
        return 0;
    exchange_copy_text(x->finish_reason, sizeof x->finish_reason, json_object_get_string(reason),
        (size_t)json_object_get_string_len(reason));
    return EVENT_FINISH;
}

/* ---- events ---- */

/* The text held back has become answer (or, with answer false, stays reasoning): mend the events that brought
 * it. */
static void decide_held_events(struct openai_answer *a, bool answer)
{
    struct exchange *x = a->x;
    for (size_t i = 0; i < x->event_count && a->undecided; i++) {
        struct exchange_event *event = &x->events[i];
        if (!(event->kinds & EVENT_UNDECIDED))
            continue;
        event->kinds &= ~EVENT_UNDECIDED;
        if (!answer)
            continue;
        event->kinds = (event->kinds & ~(uint32_t)EVENT_REASONING) | EVENT_ANSWER;
        if (!x->t_first_answer_ns || event->t_ns < x->t_first_answer_ns)
            x->t_first_answer_ns = event->t_ns;
    }
    a->undecided = false;
}

/* Difference to the event before, where every token event so far came with a cumulative count. */
static int32_t tokens_of_event(
    struct openai_answer *a, struct json_object *root, int64_t said_by_choice, bool token)
{
    int64_t total = openai_cumulative_tokens(root), difference = -1;
    if (total >= 0 && a->counted >= 0 && total >= a->counted)
        difference = total - a->counted;
    if (token)
        a->counted = total;
    if (!token)
        return -1;
    int64_t tokens = said_by_choice > 0 ? said_by_choice : difference;
    return tokens > INT32_MAX ? -1 : (int32_t)tokens;
}

static struct openai_piece take_choices(struct openai_answer *a, struct json_object *choices, int64_t *tokens)
{
    struct openai_piece sum = {0};
    for (size_t i = 0; i < json_object_array_length(choices); i++) {
        struct json_object *choice = json_object_array_get_idx(choices, i);
        struct json_object *delta = openai_member(choice, "delta");
        if (!delta && a->x->event_count == 0)
            delta = openai_member(choice, "message"); /* a server that streams one whole answer */
        struct openai_piece p;
        if (openai_count(choice, "index") > 0) {
            struct exchange aside; /* only the first choice's text is kept; the others' tokens count */
            exchange_init(&aside);
            struct openai_answer other = {.x = &aside, .think = {.state = THINK_AFTER}};
            p = take_choice(&other, choice, delta);
            exchange_fini(&aside);
        } else {
            p = take_choice(a, choice, delta);
            p.kinds |= take_finish_reason(a->x, choice);
        }
        sum.kinds |= p.kinds;
        sum.bytes += p.bytes;
        int64_t said = openai_choice_tokens(choice);
        if (said > 0)
            *tokens = (*tokens > 0 ? *tokens : 0) + said;
    }
    return sum;
}

/* Every event says it; the first is taken. */
static void take_model(struct exchange *x, struct json_object *root)
{
    struct json_object *model = openai_member(root, "model");
    if (x->model[0] || !json_object_is_type(model, json_type_string))
        return;
    exchange_copy_text(
        x->model, sizeof x->model, json_object_get_string(model), (size_t)json_object_get_string_len(model));
}

static bool text_is_kept(struct exchange *x)
{
    if (buf_status(&x->answer) == STATUS_OK && buf_status(&x->reasoning) == STATUS_OK &&
        buf_status(&x->tool_calls) == STATUS_OK)
        return true;
    exchange_fail(
        x, EXCHANGE_TOO_LARGE, "the text of the answer is larger than the client is willing to keep");
    return false;
}

struct openai_piece openai_answer_take(struct openai_answer *a, struct json_object *message_or_text)
{
    struct openai_piece p = {0};
    if (json_object_is_type(message_or_text, json_type_object))
        return take_message(a, message_or_text);
    take_content(a, &p, message_or_text);
    return p;
}

struct openai_piece openai_answer_think(struct openai_answer *a, struct json_object *text)
{
    struct openai_piece p = {0};
    if (json_object_is_type(text, json_type_string))
        take_reasoning_text(a, &p, text);
    return p;
}

struct openai_piece openai_answer_call(struct openai_answer *a, struct json_object *function)
{
    struct openai_piece p = {0};
    take_function(a, &p, function);
    return p;
}

bool openai_answer_record(
    struct openai_answer *a, int64_t t_ns, struct openai_piece p, unsigned kinds, int32_t tokens)
{
    if (a->undecided && !think_is_undecided(&a->think))
        decide_held_events(a, a->think.state == THINK_AFTER);
    a->undecided |= (p.kinds & EVENT_UNDECIDED) != 0;
    struct exchange_event entry = {.t_ns = t_ns,
        .kinds = p.kinds | kinds,
        .text_bytes = p.bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)p.bytes,
        .tokens = tokens};
    if (!entry.kinds)
        entry.kinds = EVENT_OTHER;
    return exchange_add_event(a->x, entry) && text_is_kept(a->x);
}

/* A piece of text of one kind and nothing else: events that look the same need no parsing. The first may be the only
 * one. */
static void learn_shape(struct openai_answer *a, const struct sse_event *event, struct json_object *choices,
    const struct openai_piece *p)
{
    bool alone = choices && json_object_array_length(choices) == 1 && !*a->x->finish_reason &&
                 !*event->name && a->counted < 0 && !a->undecided;
    bool one = p->kinds == EVENT_REASONING || (p->kinds == EVENT_ANSWER && a->think.state == THINK_AFTER);
    if (alone && one && openai_count(json_object_array_get_idx(choices, 0), "index") <= 0 && a->texts++ > 0)
        event_shape_learn(&a->shape, event->data, event->len, p->kinds);
}

static bool take_known_shape(struct openai_answer *a, const struct sse_event *event, bool *wanted)
{
    const char *text;
    size_t len;
    if (*event->name || !event_shape_match(&a->shape, event->data, event->len, &text, &len))
        return false;
    a->counted = -1; /* it says no number */
    buf_append(a->shape.kind == EVENT_ANSWER ? &a->x->answer : &a->x->reasoning, text, len);
    *wanted = openai_answer_record(
        a, event->t_ns, (struct openai_piece){.kinds = a->shape.kind, .bytes = len}, 0, -1);
    return true;
}

static bool take_object(struct openai_answer *a, struct json_object *root, const struct sse_event *event)
{
    struct exchange *x = a->x;
    struct json_object *choices = openai_member(root, "choices");
    int64_t said = -1;
    if (choices && !json_object_is_type(choices, json_type_array)) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "event %zu: choices is not an array", x->event_count);
        return false;
    }
    struct openai_piece p = choices ? take_choices(a, choices, &said) : (struct openai_piece){0};
    take_model(x, root);
    unsigned usage = openai_take_counts(x, root) ? EVENT_USAGE : 0u;
    int32_t tokens = tokens_of_event(a, root, said, (p.kinds & EVENT_TOKEN_KINDS) != 0);
    if (!openai_answer_record(a, event->t_ns, p, usage, tokens))
        return false;
    if (!usage && tokens < 0)
        learn_shape(a, event, choices, &p);
    if (strcmp(x->finish_reason, "error") != 0)
        return true;
    exchange_fail(x, EXCHANGE_STREAM_ERROR, "the stream ended with the finish_reason \"error\"");
    return false;
}

static bool is_done_mark(const struct sse_event *event)
{
    static const char mark[] = "[DONE]";
    const char *s = event->data;
    size_t len = event->len;
    while (len && (*s == ' ' || *s == '\t'))
        s++, len--;
    while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
        len--;
    return len == sizeof mark - 1 && memcmp(s, mark, len) == 0;
}

static bool take_plain_event(struct openai_answer *a, const struct sse_event *event, uint32_t kinds)
{
    struct exchange_event entry = {.t_ns = event->t_ns, .kinds = kinds, .tokens = -1};
    return exchange_add_event(a->x, entry);
}

static void fail_with_stream_error(
    struct openai_answer *a, struct json_object *root, const struct sse_event *event)
{
    char message[512];
    take_plain_event(a, event, EVENT_ERROR);
    answer_error_message(root, event->data, event->len, message, sizeof message);
    exchange_fail(a->x, EXCHANGE_STREAM_ERROR, "the server reported an error in its stream: %s", message);
}

static bool parse_event(struct openai_answer *a, const struct sse_event *event)
{
    struct error why;
    struct json_object *root = NULL;
    error_clear(&why);
    bool named_error = strcmp(event->name, "error") == 0, wanted = false;
    enum status parsed = json_again_parse(a->again, event->data, event->len, &root, &why);
    if (named_error || answer_is_error(root)) {
        fail_with_stream_error(a, root, event);
    } else if (parsed != STATUS_OK || !json_object_is_type(root, json_type_object)) {
        take_plain_event(a, event, EVENT_OTHER);
        exchange_fail(a->x, EXCHANGE_PROTOCOL, "event %zu is not a JSON object: %s", a->x->event_count,
            parsed != STATUS_OK ? error_text(&why) : "another type");
    } else {
        wanted = take_object(a, root, event);
    }
    json_object_put(root);
    return wanted;
}

bool openai_answer_event(struct openai_answer *a, const struct sse_event *event)
{
    bool wanted = false;
    if (a->done)
        return true; /* nothing behind the end mark matters */
    if (take_known_shape(a, event, &wanted))
        return wanted;
    if (!is_done_mark(event))
        return parse_event(a, event);
    a->done = true;
    return take_plain_event(a, event, EVENT_DONE);
}

void openai_answer_whole(struct openai_answer *a, const char *body, size_t len)
{
    struct exchange *x = a->x;
    struct error why;
    struct json_object *root = NULL;
    char message[512];
    error_clear(&why);
    enum status parsed = json_again_parse(a->again, body, len, &root, &why);
    struct json_object *choices = openai_member(root, "choices");
    if (answer_is_error(root)) {
        answer_error_message(root, body, len, message, sizeof message);
        exchange_fail(x, EXCHANGE_STREAM_ERROR, "the server reported an error in its answer: %s", message);
    } else if (parsed != STATUS_OK) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "the answer is not JSON: %s", error_text(&why));
    } else if (!json_object_is_type(choices, json_type_array) || json_object_array_length(choices) == 0) {
        exchange_fail(x, EXCHANGE_PROTOCOL, "the answer has no choices");
    } else {
        struct json_object *choice = json_object_array_get_idx(choices, 0);
        take_choice(a, choice, openai_member(choice, "message"));
        take_finish_reason(x, choice);
        openai_take_counts(x, root);
        take_model(x, root);
        if (text_is_kept(x))
            a->done = true;
    }
    json_object_put(root);
}

static bool has_token(const struct exchange *x)
{
    return x->t_first_token_ns != 0 || x->answer.len || x->reasoning.len || x->tool_calls.len;
}

void openai_answer_end(struct openai_answer *a, bool closed_cleanly)
{
    struct exchange *x = a->x;
    think_finish(&a->think, &x->answer, &x->reasoning);
    decide_held_events(a, true);
    openai_settle_counts(x);
    if (x->error != EXCHANGE_OK)
        return;
    bool finished = a->done || (closed_cleanly && x->finish_reason[0]);
    if (!finished)
        exchange_fail(
            x, EXCHANGE_TRUNCATED, "the stream ended without a word of why: no finish_reason, no end mark");
    else if (!has_token(x))
        exchange_fail(x, EXCHANGE_EMPTY, "the answer is complete but has no token");
}

void openai_reader_begin(void *state, struct exchange *x, void *again)
{
    struct openai_answer *a = state;
    openai_answer_init(a, x);
    a->again = again;
}

bool openai_reader_is_complete(const void *state)
{
    return ((const struct openai_answer *)state)->done;
}

void openai_reader_end(void *state, bool closed_cleanly)
{
    openai_answer_end(state, closed_cleanly);
}
