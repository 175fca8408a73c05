#include "ollama_request.h"

#include "clock.h"
#include "json.h"
#include "openai_request.h"

#include <stdio.h>
#include <string.h>

/* ---- options: how to compute, for how long ---- */

struct sampling {
    int64_t max_tokens, seed;
    double temperature, top_p;
    const char *const *stop;
};

static bool set_stop(struct json_object *options, const char *const *stop)
{
    if (!stop || !*stop)
        return true;
    struct json_object *list = json_object_new_array();
    bool ok = true;
    for (; ok && *stop; stop++)
        ok = json_add_text(list, *stop);
    return json_set(options, "stop", list) && ok;
}

static bool set_count(struct json_object *options, const char *key, int64_t value)
{
    return value <= 0 || json_set_int(options, key, value);
}

static bool set_engine_options(struct json_object *options, const struct engine_options *engine)
{
    return set_count(options, "num_ctx", engine->num_ctx) &&
           set_count(options, "num_batch", engine->num_batch) &&
           set_count(options, "num_thread", engine->num_thread) &&
           (engine->num_gpu == 0 ||
               json_set_int(options, "num_gpu", engine->num_gpu < 0 ? 0 : engine->num_gpu)) &&
           openai_add_members(options, engine->more_json, NULL) == STATUS_OK;
}

static bool set_options(
    struct json_object *body, const struct sampling *s, const struct engine_options *engine)
{
    struct json_object *options = json_object_new_object();
    bool ok = set_count(options, "num_predict", s->max_tokens) &&
              (s->seed < 0 || json_set_int(options, "seed", s->seed)) &&
              (s->temperature < 0 || json_set_real(options, "temperature", s->temperature)) &&
              (s->top_p <= 0 || json_set_real(options, "top_p", s->top_p)) && set_stop(options, s->stop) &&
              set_engine_options(options, engine);
    return json_set(body, "options", options) && ok;
}

/* -1 is for ever, 0 at once; durations as text with a unit. */
static bool set_keep_alive(struct json_object *body, int64_t keep_alive_ns)
{
    char text[40];
    if (keep_alive_ns == 0)
        return true;
    if (keep_alive_ns == KEEP_ALIVE_NOT)
        return json_set_int(body, "keep_alive", 0);
    if (keep_alive_ns == KEEP_ALIVE_FOREVER)
        return json_set_int(body, "keep_alive", -1);
    snprintf(text, sizeof text, "%lldms", (long long)(keep_alive_ns / NS_PER_MS));
    return json_set_text(body, "keep_alive", text);
}

/* ---- messages ---- */

static bool set_images(struct json_object *message, const struct chat_message *m)
{
    struct json_object *images = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < m->media_count; i++) {
        const struct media_part *media = &m->media[i];
        if (media->kind != MEDIA_IMAGE)
            continue;
        struct json_object *text = json_object_new_string_len(media->base64, (int)media->base64_len);
        ok = json_add(images, text);
    }
    if (json_object_array_length(images) > 0)
        return json_set(message, "images", images) && ok;
    json_object_put(images);
    return ok;
}

static bool set_messages(struct json_object *body, const struct chat_request *r)
{
    struct json_object *list = json_object_new_array();
    bool ok = json_set(body, "messages", list);
    for (size_t i = 0; ok && i < r->message_count; i++) {
        const struct chat_message *m = &r->messages[i];
        struct json_object *message = json_object_new_object();
        ok = json_set_text(message, "role", m->role) &&
             json_set_text(message, "content", m->content ? m->content : "") && set_images(message, m) &&
             (!m->tool_calls_json || openai_set_json(message, "tool_calls", m->tool_calls_json));
        ok = json_add(list, message) && ok;
    }
    return ok;
}

/* "{}" asks for JSON of any shape. */
static bool set_format(struct json_object *body, const char *schema_json)
{
    if (!schema_json)
        return true;
    return strcmp(schema_json, "{}") == 0 ? json_set_text(body, "format", "json")
                                          : openai_set_json(body, "format", schema_json);
}

static bool set_model(struct json_object *body, const char *model)
{
    return !model || json_set_text(body, "model", model);
}

static bool write_chat(struct json_object *body, const struct chat_request *r)
{
    struct sampling s = {r->max_tokens, r->seed, r->temperature, r->top_p, r->stop};
    return set_model(body, r->model) && set_messages(body, r) && json_set_bool(body, "stream", r->stream) &&
           (r->think == CHOICE_LEAVE || json_set_bool(body, "think", r->think == CHOICE_YES)) &&
           (!r->tools_json || openai_set_json(body, "tools", r->tools_json)) &&
           set_format(body, r->schema_json) && set_options(body, &s, &r->engine) &&
           set_keep_alive(body, r->engine.keep_alive_ns);
}

/* raw: without the model's template, as a completion is. */
static bool write_completion(struct json_object *body, const struct completion_request *r)
{
    struct sampling s = {r->max_tokens, r->seed, r->temperature, r->top_p, r->stop};
    return set_model(body, r->model) && json_set_text(body, "prompt", r->prompt ? r->prompt : "") &&
           json_set_bool(body, "raw", true) && json_set_bool(body, "stream", r->stream) &&
           set_options(body, &s, &r->engine) && set_keep_alive(body, r->engine.keep_alive_ns);
}

static bool write_embed(struct json_object *body, const struct embed_request *r)
{
    struct sampling s = {.seed = -1, .temperature = -1};
    struct json_object *inputs = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < r->input_count; i++)
        ok = json_add_text(inputs, r->inputs[i]);
    return json_set(body, "input", inputs) && ok && set_model(body, r->model) &&
           set_count(body, "dimensions", r->dimensions) &&
           (r->truncate == CHOICE_LEAVE || json_set_bool(body, "truncate", r->truncate == CHOICE_YES)) &&
           set_options(body, &s, &r->engine) && set_keep_alive(body, r->engine.keep_alive_ns);
}

enum status ollama_write(const struct target_request *request, struct buf *body, struct error *e)
{
    struct json_object *o = json_object_new_object();
    const char *extra = NULL;
    bool ok = false;
    if (request->task == TASK_CHAT) {
        ok = write_chat(o, &request->chat);
        extra = request->chat.extra_json;
    } else if (request->task == TASK_COMPLETION) {
        ok = write_completion(o, &request->completion);
        extra = request->completion.extra_json;
    } else if (request->task == TASK_EMBED) {
        ok = write_embed(o, &request->embed);
        extra = request->embed.extra_json;
    }
    return openai_body_finish(o, ok, extra, body, e);
}

enum status ollama_write_load(
    const char *model, const struct engine_options *options, struct buf *body, struct error *e)
{
    static const struct engine_options none = {0};
    const struct engine_options *engine = options ? options : &none;
    struct sampling s = {.seed = -1, .temperature = -1};
    struct json_object *o = json_object_new_object();
    bool ok = set_model(o, model) && json_set_bool(o, "stream", false) && set_options(o, &s, engine) &&
              set_keep_alive(o, engine->keep_alive_ns);
    return openai_body_finish(o, ok, NULL, body, e);
}
