#include "responses_events.h"

#include "answer_error.h"
#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"
#include "openai_results.h"
#include "typed_events.h"

#include <stdio.h>
#include <string.h>

/* ---- the response as a whole ---- */

static void take_usage(struct exchange *x, struct json_object *usage)
{
    struct exchange_tokens *t = &x->tokens;
    int64_t prompt = openai_count(usage, "input_tokens"), completion = openai_count(usage, "output_tokens");
    if (prompt <= 0 && completion <= 0)
        return;
    t->source = TOKENS_SERVER_USAGE;
    t->prompt = prompt;
    t->completion = completion;
    t->reasoning = openai_count(openai_member(usage, "output_tokens_details"), "reasoning_tokens");
    t->cached = openai_count(openai_member(usage, "input_tokens_details"), "cached_tokens");
}

/* Its words for why it ended, in those that all protocols share. */
static void take_reason(struct exchange *x, struct json_object *response)
{
    const char *status = json_get_text(response, "/status");
    const char *why = json_get_text(response, "/incomplete_details/reason");
    if (status && strcmp(status, "completed") == 0)
        why = x->tool_calls.len > 0 ? "tool_calls" : "stop";
    else if (why && strcmp(why, "max_output_tokens") == 0)
        why = "length";
    if (why)
        exchange_copy_text(x->finish_reason, sizeof x->finish_reason, why, strlen(why));
}

/* Text in parts: output_text and refusal of a message, reasoning_text or summary_text of a reasoning. */
static void take_parts(struct openai_answer *a, struct json_object *parts, bool reasoning)
{
    size_t count = json_object_is_type(parts, json_type_array) ? json_object_array_length(parts) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *part = json_object_array_get_idx(parts, i), *text = openai_member(part, "text");
        text = text ? text : openai_member(part, "refusal");
        if (reasoning)
            (void)openai_answer_think(a, text);
        else if (json_object_is_type(text, json_type_string))
            (void)openai_answer_take(a, text);
    }
}

static void take_item(struct openai_answer *a, struct json_object *item)
{
    const char *type = json_get_text(item, "/type");
    if (!type)
        return;
    if (strcmp(type, "message") == 0)
        take_parts(a, openai_member(item, "content"), false);
    if (strcmp(type, "reasoning") == 0)
        take_parts(a, openai_member(item, openai_member(item, "content") ? "content" : "summary"), true);
    if (strcmp(type, "function_call") == 0)
        (void)openai_answer_call(a, item);
}

static bool has_text(const struct exchange *x)
{
    return x->answer.len > 0 || x->reasoning.len > 0 || x->tool_calls.len > 0;
}

static bool fail(struct openai_answer *a, struct json_object *response)
{
    char message[512];
    const char *text = json_object_to_json_string(response);
    answer_error_message(response, text, strlen(text), message, sizeof message);
    exchange_fail(a->x, EXCHANGE_STREAM_ERROR, "the server says that the response failed: %s", message);
    return false;
}

static bool take_response(struct openai_answer *a, struct json_object *response)
{
    const char *status = json_get_text(response, "/status"), *model = json_get_text(response, "/model");
    struct json_object *output = json_get_array(response, "/output");
    bool first = !has_text(a->x);
    for (size_t i = 0; first && output && i < json_object_array_length(output); i++)
        take_item(a, json_object_array_get_idx(output, i));
    take_usage(a->x, openai_member(response, "usage"));
    take_reason(a->x, response);
    if (model)
        exchange_copy_text(a->x->model, sizeof a->x->model, model, strlen(model));
    if (status && strcmp(status, "failed") == 0)
        return fail(a, response);
    a->done = true;
    return true;
}

/* ---- events ---- */

static bool take_text(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    return openai_answer_record(a, t_ns, openai_answer_take(a, openai_member(event, "delta")), 0, -1);
}

static bool take_thought(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    return openai_answer_record(a, t_ns, openai_answer_think(a, openai_member(event, "delta")), 0, -1);
}

/* The name of a function comes when its item begins, the arguments in deltas behind it. */
static bool take_begun(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    struct json_object *item = openai_member(event, "item");
    const char *type = json_get_text(item, "/type");
    struct openai_piece p = {0};
    if (type && strcmp(type, "function_call") == 0)
        p = openai_answer_call(a, item);
    return openai_answer_record(a, t_ns, p, p.kinds ? 0u : EVENT_ROLE, -1);
}

static bool take_arguments(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    struct json_object *function = json_object_new_object(), *delta = openai_member(event, "delta");
    struct openai_piece p = {0};
    if (delta && json_set(function, "arguments", json_object_get(delta)))
        p = openai_answer_call(a, function);
    json_object_put(function);
    return openai_answer_record(a, t_ns, p, 0, -1);
}

static bool take_end(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    bool ok = take_response(a, openai_member(event, "response"));
    unsigned usage = a->x->tokens.source != TOKENS_NONE ? EVENT_USAGE : 0u;
    return openai_answer_record(a, t_ns, (struct openai_piece){0}, EVENT_FINISH | EVENT_DONE | usage, -1) &&
           ok;
}

static const struct typed_event kinds[] = {
    {"response.output_text.delta", take_text},
    {"response.refusal.delta", take_text},
    {"response.reasoning_text.delta", take_thought},
    {"response.reasoning_summary_text.delta", take_thought},
    {"response.reasoning.delta", take_thought},
    {"response.output_item.added", take_begun},
    {"response.function_call_arguments.delta", take_arguments},
    {"response.completed", take_end},
    {"response.incomplete", take_end},
    {"response.failed", take_end},
    {NULL, NULL},
};

static bool event(void *state, const struct sse_event *e)
{
    return typed_event_take(state, kinds, e);
}

static void whole(void *state, const char *body, size_t len)
{
    struct openai_answer *a = state;
    struct json_object *root = openai_result_parse(a->x, body, len);
    if (root && !json_get_array(root, "/output"))
        exchange_fail(a->x, EXCHANGE_PROTOCOL, "the answer has no list of what it says (output)");
    if (root)
        (void)take_response(a, root);
    json_object_put(root);
}

const struct answer_reader responses_reader = {.state_size = sizeof(struct openai_answer),
    .begin = openai_reader_begin,
    .event = event,
    .whole = whole,
    .is_complete = openai_reader_is_complete,
    .end = openai_reader_end};
