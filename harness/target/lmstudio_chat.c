#include "lmstudio_chat.h"

#include "call_task.h"
#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"
#include "openai_request.h"
#include "openai_results.h"
#include "target_private.h"
#include "typed_events.h"

#include <string.h>

/* ---- what is asked ---- */

static bool is_role(const struct chat_message *m, const char *role)
{
    return strcmp(m->role, role) == 0;
}

static bool are_pictures(const struct chat_message *m)
{
    for (size_t i = 0; i < m->media_count; i++)
        if (m->media[i].kind != MEDIA_IMAGE)
            return false;
    return true;
}

static const struct chat_message *asked_of(const struct chat_request *r)
{
    return &r->messages[r->message_count - 1];
}

static bool are_plain(const struct chat_request *r)
{
    bool instructed = r->message_count == 2 && is_role(&r->messages[0], "system") && r->messages[0].content &&
                      r->messages[0].media_count == 0;
    return (r->message_count == 1 || instructed) && is_role(asked_of(r), "user") && asked_of(r)->content &&
           are_pictures(asked_of(r));
}

/* A greedy answer is the same for every seed. What is added by hand is meant for OpenAI's words. */
bool lmstudio_chat_can(const struct chat_request *r)
{
    bool seedless = r->seed < 0 || r->temperature == 0;
    bool simple = !r->tools_json && !r->tool_choice && !r->schema_json && !(r->stop && *r->stop);
    return r->model && are_plain(r) && seedless && simple && r->temperature <= 1 && !r->extra_json &&
           !r->engine.more_json && r->engine.keep_alive_ns == 0;
}

static struct json_object *text_item(const char *text)
{
    struct json_object *item = json_object_new_object();
    if (json_set_text(item, "type", "text") && json_set_text(item, "content", text))
        return item;
    json_object_put(item);
    return NULL;
}

static struct json_object *picture_item(const struct media_part *media)
{
    struct json_object *item = json_object_new_object();
    if (json_set_text(item, "type", "image") && openai_set_data_url(item, "data_url", media))
        return item;
    json_object_put(item);
    return NULL;
}

static bool set_input(struct json_object *body, const struct chat_message *m)
{
    if (m->media_count == 0)
        return json_set_text(body, "input", m->content);
    struct json_object *list = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < m->media_count; i++)
        ok = json_add(list, picture_item(&m->media[i]));
    ok = ok && json_add(list, text_item(m->content));
    return json_set(body, "input", list) && ok;
}

static bool set_reasoning(struct json_object *body, enum choice think)
{
    return think == CHOICE_LEAVE || json_set_text(body, "reasoning", think == CHOICE_YES ? "on" : "off");
}

static enum status write_chat(
    const struct target *t, const struct target_request *request, struct buf *out, struct error *e)
{
    const struct chat_request *r = &request->chat;
    (void)t;
    struct json_object *body = json_object_new_object();
    bool ok = json_set_text(body, "model", r->model) &&
              (r->message_count == 1 || json_set_text(body, "system_prompt", r->messages[0].content)) &&
              set_input(body, asked_of(r)) && json_set_bool(body, "stream", r->stream) &&
              json_set_bool(body, "store", false) &&
              (r->max_tokens <= 0 || json_set_int(body, "max_output_tokens", r->max_tokens)) &&
              (r->temperature < 0 || json_set_real(body, "temperature", r->temperature)) &&
              (r->top_p <= 0 || json_set_real(body, "top_p", r->top_p)) &&
              (r->engine.num_ctx <= 0 || json_set_int(body, "context_length", r->engine.num_ctx)) &&
              set_reasoning(body, r->think);
    return openai_body_finish(body, ok, NULL, out, e);
}

/* ---- what is answered ---- */

static double real_at(struct json_object *root, const char *pointer)
{
    double value = -1;
    return json_get_real(root, pointer, &value) && value >= 0 && value < 1e12 ? value : -1;
}

/* The rate is that of all tokens over the time behind the first of them: which gives that time. */
static void take_stats(struct exchange *x, struct json_object *stats)
{
    struct exchange_native *n = &x->native;
    double ttft_s = real_at(stats, "/time_to_first_token_seconds"),
           per_s = real_at(stats, "/tokens_per_second");
    int64_t tokens = openai_count(stats, "total_output_tokens");
    if (ttft_s < 0 && per_s < 0 && tokens < 0)
        return;
    n->source = "lmstudio_stats";
    n->ttft_s = ttft_s;
    n->load_s = real_at(stats, "/model_load_time_seconds");
    n->decode_per_s = per_s;
    n->decode_s = tokens > 0 && per_s > 0 ? (double)tokens / per_s : -1;
    n->decode_n = tokens;
    n->prompt_n = openai_count(stats, "input_tokens");
    x->tokens.reasoning = openai_count(stats, "reasoning_output_tokens");
}

static void take_model(struct exchange *x, struct json_object *root)
{
    const char *model = json_get_text(root, "/model_instance_id");
    if (model)
        exchange_copy_text(x->model, sizeof x->model, model, strlen(model));
}

static void take_result(struct openai_answer *a, struct json_object *result)
{
    take_model(a->x, result);
    take_stats(a->x, openai_member(result, "stats"));
    a->done = true;
}

static bool take_reasoning(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    return openai_answer_record(a, t_ns, openai_answer_think(a, openai_member(event, "content")), 0, -1);
}

static bool take_message(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    return openai_answer_record(a, t_ns, openai_answer_take(a, openai_member(event, "content")), 0, -1);
}

static bool take_end(struct openai_answer *a, struct json_object *event, int64_t t_ns)
{
    take_result(a, openai_member(event, "result"));
    return openai_answer_record(
        a, t_ns, (struct openai_piece){0}, EVENT_DONE | (a->x->native.source ? EVENT_USAGE : 0u), -1);
}

static const struct typed_event kinds[] = {{"reasoning.delta", take_reasoning},
    {"message.delta", take_message}, {"chat.end", take_end}, {NULL, NULL}};

static bool event(void *state, const struct sse_event *e)
{
    return typed_event_take(state, kinds, e);
}

/* {"output": [{"type": "reasoning" | "message", "content"}], "stats"} */
static void whole(void *state, const char *body, size_t len)
{
    struct openai_answer *a = state;
    struct json_object *root = openai_result_parse(a->x, body, len),
                       *output = json_get_array(root, "/output");
    for (size_t i = 0; output && i < json_object_array_length(output); i++) {
        struct json_object *item = json_object_array_get_idx(output, i);
        const char *type = json_get_text(item, "/type");
        struct json_object *content = openai_member(item, "content");
        if (type && strcmp(type, "reasoning") == 0)
            (void)openai_answer_think(a, content);
        else if (type && strcmp(type, "message") == 0)
            (void)openai_answer_take(a, content);
    }
    if (root && !output)
        exchange_fail(a->x, EXCHANGE_PROTOCOL, "the answer has no list of what it says (output)");
    if (root)
        take_result(a, root);
    json_object_put(root);
}

const struct answer_reader lmstudio_chat_reader = {.state_size = sizeof(struct openai_answer),
    .begin = openai_reader_begin,
    .event = event,
    .whole = whole,
    .is_complete = openai_reader_is_complete,
    .end = openai_reader_end};

struct target_call *lmstudio_chat_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg)
{
    static const struct call_task chat = {"/api/v1/chat", write_chat, &lmstudio_chat_reader};
    return call_task_start(t, t->url.root, &chat, r, x, done, arg);
}
