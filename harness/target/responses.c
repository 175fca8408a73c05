/* OpenAI's responses: the newer way to ask for text, below /v1 as the rest of its API. */
#include "call_task.h"
#include "json.h"
#include "openai.h"
#include "openai_request.h"
#include "responses_events.h"
#include "target_private.h"

#include <string.h>

/* ---- messages ---- */

static bool add_text(struct json_object *parts, const char *type, const char *text)
{
    struct json_object *part = json_object_new_object();
    bool ok = json_set_text(part, "type", type) && json_set_text(part, "text", text);
    return json_add(parts, part) && ok;
}

static bool add_picture(struct json_object *parts, const struct media_part *media)
{
    struct json_object *part = json_object_new_object();
    bool ok = json_set_text(part, "type", "input_image") && json_set_text(part, "detail", "auto") &&
              openai_set_data_url(part, "image_url", media);
    return json_add(parts, part) && ok;
}

/* A sound has no place in what is asked: media that are no picture are refused before (can_say). */
static bool add_message(struct json_object *input, const struct chat_message *m)
{
    struct json_object *item = json_object_new_object(), *parts = json_object_new_array();
    bool ok = json_set_text(item, "role", m->role), spoken = strcmp(m->role, "assistant") == 0;
    for (size_t i = 0; ok && i < m->media_count; i++)
        ok = add_picture(parts, &m->media[i]);
    ok = ok && add_text(parts, spoken ? "output_text" : "input_text", m->content ? m->content : "");
    ok = json_set(item, "content", parts) && ok;
    return json_add(input, item) && ok;
}

static bool add_output(struct json_object *input, const struct chat_message *m)
{
    struct json_object *item = json_object_new_object();
    bool ok = json_set_text(item, "type", "function_call_output") &&
              json_set_text(item, "call_id", m->tool_call_id) &&
              json_set_text(item, "output", m->content ? m->content : "");
    return json_add(input, item) && ok;
}

/* [{"id", "function": {"name", "arguments"}}] as items of their own. */
static bool add_calls(struct json_object *input, const char *tool_calls_json)
{
    struct json_object *calls = NULL;
    bool ok = json_parse(tool_calls_json, strlen(tool_calls_json), &calls, NULL) == STATUS_OK &&
              json_object_is_type(calls, json_type_array);
    for (size_t i = 0; ok && i < json_object_array_length(calls); i++) {
        const struct json_object *call = json_object_array_get_idx(calls, i);
        const char *id = json_get_text(call, "/id"), *name = json_get_text(call, "/function/name");
        const char *arguments = json_get_text(call, "/function/arguments");
        struct json_object *item = json_object_new_object();
        ok = json_set_text(item, "type", "function_call") && json_set_text(item, "call_id", id ? id : "") &&
             json_set_text(item, "name", name ? name : "") &&
             json_set_text(item, "arguments", arguments ? arguments : "{}");
        ok = json_add(input, item) && ok;
    }
    json_object_put(calls);
    return ok;
}

static bool set_input(struct json_object *body, const struct chat_request *r)
{
    struct json_object *input = json_object_new_array();
    bool ok = json_set(body, "input", input);
    for (size_t i = 0; ok && i < r->message_count; i++) {
        const struct chat_message *m = &r->messages[i];
        if (m->tool_call_id)
            ok = add_output(input, m);
        else if (!m->tool_calls_json || (m->content && *m->content))
            ok = add_message(input, m);
        if (ok && m->tool_calls_json)
            ok = add_calls(input, m->tool_calls_json);
    }
    return ok;
}

/* ---- functions and schemas: the same as in a chat, one level higher ---- */

static bool add_function(struct json_object *tools, struct json_object *tool)
{
    struct json_object *function = json_get_object(tool, "/function");
    struct json_object *flat = json_object_new_object();
    bool ok = function && json_set_text(flat, "type", "function");
    if (function) {
        json_object_object_foreach(function, key, value)
        {
            ok = ok && json_set(flat, key, json_object_get(value));
        }
    }
    return json_add(tools, flat) && ok;
}

static bool set_tools(struct json_object *body, const char *tools_json)
{
    struct json_object *given = NULL, *tools = json_object_new_array();
    bool ok = json_parse(tools_json, strlen(tools_json), &given, NULL) == STATUS_OK &&
              json_object_is_type(given, json_type_array);
    for (size_t i = 0; ok && i < json_object_array_length(given); i++)
        ok = add_function(tools, json_object_array_get_idx(given, i));
    json_object_put(given);
    return json_set(body, "tools", tools) && ok;
}

static bool set_tool_choice(struct json_object *body, const char *choice)
{
    static const char *const words[] = {"auto", "none", "required"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(choice, words[i]) == 0)
            return json_set_text(body, "tool_choice", choice);
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "type", "function") && json_set_text(o, "name", choice);
    return json_set(body, "tool_choice", o) && ok;
}

static bool set_schema(struct json_object *body, const char *schema_json)
{
    struct json_object *text = json_object_new_object(), *format = json_object_new_object();
    bool any = strcmp(schema_json, "{}") == 0;
    bool ok = json_set_text(format, "type", any ? "json_object" : "json_schema");
    if (!any)
        ok = ok && json_set_text(format, "name", "answer") && json_set_bool(format, "strict", true) &&
             openai_set_json(format, "schema", schema_json);
    ok = json_set(text, "format", format) && ok;
    return json_set(body, "text", text) && ok;
}

static bool set_effort(struct json_object *body, enum choice think)
{
    if (think == CHOICE_LEAVE)
        return true;
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "effort", think == CHOICE_YES ? "medium" : "none");
    return json_set(body, "reasoning", o) && ok;
}

/* ---- the request ---- */

static enum status can_say(const struct chat_request *r, struct error *e)
{
    if (r->stop && *r->stop)
        return error_set(e, STATUS_UNAVAILABLE, "the responses API has no stop sequences");
    for (size_t i = 0; i < r->message_count; i++)
        for (size_t k = 0; k < r->messages[i].media_count; k++)
            if (r->messages[i].media[k].kind != MEDIA_IMAGE)
                return error_set(e, STATUS_UNAVAILABLE, "the responses API takes no sound");
    return STATUS_OK;
}

static enum status write_response(
    const struct target *t, const struct target_request *request, struct buf *out, struct error *e)
{
    const struct chat_request *r = &request->chat;
    (void)t;
    enum status s = can_say(r, e);
    if (s != STATUS_OK)
        return s;
    struct json_object *body = json_object_new_object();
    bool ok = (!r->model || json_set_text(body, "model", r->model)) && set_input(body, r) &&
              json_set_bool(body, "stream", r->stream) && json_set_bool(body, "store", false) &&
              (r->max_tokens <= 0 || json_set_int(body, "max_output_tokens", r->max_tokens)) &&
              (r->temperature < 0 || json_set_real(body, "temperature", r->temperature)) &&
              (r->top_p <= 0 || json_set_real(body, "top_p", r->top_p)) &&
              (!r->tools_json || set_tools(body, r->tools_json)) &&
              (!r->tool_choice || set_tool_choice(body, r->tool_choice)) &&
              (!r->schema_json || set_schema(body, r->schema_json)) && set_effort(body, r->think) &&
              (!r->engine.more_json || openai_add_members(body, r->engine.more_json, NULL) == STATUS_OK);
    return openai_body_finish(body, ok, r->extra_json, out, e);
}

/* Only where it is asked for by name: nothing tells from outside that a server has it. */
static enum status responses_probe(struct target *t, struct error *e)
{
    return t->protocol_given
               ? openai_probe(t, e)
               : error_set(e, STATUS_UNAVAILABLE, "the responses API is spoken where it is named");
}

static struct target_call *responses_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg)
{
    static const struct call_task chat = {"/responses", write_response, &responses_reader};
    return r->task == TASK_CHAT ? call_task_start(t, t->base, &chat, r, x, done, arg)
                                : openai_start(t, r, x, done, arg);
}

const struct target_ops responses_ops = {
    .protocol = "responses",
    .summary = "OpenAI's responses in place of chat, below /v1",
    .offers = OFFER_CHAT | OFFER_COMPLETION | OFFER_EMBED | OFFER_RERANK | OFFER_IMAGE | OFFER_TRANSCRIBE |
              OFFER_SPEAK | OFFER_TOOL_CHOICE | OFFER_FINISH_REASON,
    .probe = responses_probe,
    .list_models = openai_list_models,
    .start = responses_start,
};
