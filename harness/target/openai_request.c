#include "openai_request.h"

#include "clock.h"
#include "json.h"

#include <string.h>

static bool set_stop(struct json_object *body, const char *const *stop)
{
    if (!stop || !*stop)
        return true;
    struct json_object *list = json_object_new_array();
    bool ok = json_set(body, "stop", list);
    for (; *stop && ok; stop++)
        ok = json_add_text(list, *stop);
    return ok;
}

static bool set_stream(struct json_object *body, const struct openai_sampling *s)
{
    bool ok = json_set_bool(body, "stream", s->stream);
    if (!s->stream || !s->want_usage || (s->kind && s->kind->no_stream_usage))
        return ok;
    struct json_object *options = json_object_new_object();
    ok = ok && json_set_bool(options, "include_usage", true);
    return json_set(body, "stream_options", options) && ok;
}

static bool set_choice(struct json_object *body, const char *key, enum choice choice, bool known)
{
    return choice == CHOICE_LEAVE || !known || json_set_bool(body, key, choice == CHOICE_YES);
}

static bool set_ttl(struct json_object *body, int64_t keep_ns, bool known)
{
    return !known || keep_ns <= 0 || keep_ns == KEEP_ALIVE_FOREVER ||
           json_set_int(body, "ttl", 1 + (keep_ns - 1) / NS_PER_S);
}

/* Servers refuse what they do not know, so each gets only what its kind is known to take. */
static bool set_engine(
    struct json_object *body, const struct engine_options *engine, const struct server_kind *kind)
{
    bool ok = !engine || !kind ||
              (set_choice(body, "cache_prompt", engine->cache_prompt, kind->knows_cache_prompt) &&
                  set_choice(body, "ignore_eos", engine->ignore_eos, kind->knows_ignore_eos) &&
                  set_ttl(body, engine->keep_alive_ns, kind->knows_ttl));
    return ok && (!engine || openai_add_members(body, engine->more_json, NULL) == STATUS_OK);
}

bool openai_set_sampling(struct json_object *body, const struct openai_sampling *s)
{
    const char *cap = s->kind && s->kind->max_completion_tokens ? "max_completion_tokens" : "max_tokens";
    return (s->max_tokens <= 0 || json_set_int(body, cap, s->max_tokens)) &&
           (s->temperature < 0 || json_set_real(body, "temperature", s->temperature)) &&
           (s->top_p <= 0 || json_set_real(body, "top_p", s->top_p)) &&
           (s->seed < 0 || json_set_int(body, "seed", s->seed)) && set_stop(body, s->stop) &&
           set_stream(body, s) && set_engine(body, s->engine, s->kind);
}

bool openai_set_prompt(struct json_object *body, const struct completion_request *r)
{
    if (r->prompt)
        return json_set_text(body, "prompt", r->prompt);
    struct json_object *tokens = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < r->token_count; i++)
        ok = json_add_int(tokens, r->tokens[i]);
    return json_set(body, "prompt", tokens) && ok;
}

bool openai_set_data_url(struct json_object *part, const char *key, const struct media_part *media)
{
    struct buf url = BUF_INIT(SIZE_MAX / 4);
    buf_printf(&url, "data:%s;base64,", media->type);
    buf_append(&url, media->base64, media->base64_len);
    bool ok = buf_status(&url) == STATUS_OK && json_set_bytes(part, key, buf_text(&url), url.len);
    buf_fini(&url);
    return ok;
}

bool openai_set_json(struct json_object *body, const char *key, const char *json)
{
    struct json_object *tree = NULL;
    return json_parse(json, strlen(json), &tree, NULL) == STATUS_OK && json_set(body, key, tree);
}

enum status openai_add_members(struct json_object *body, const char *extra_json, struct error *e)
{
    struct json_object *extra = NULL;
    if (!extra_json)
        return STATUS_OK;
    enum status status = json_parse(extra_json, strlen(extra_json), &extra, e);
    if (status == STATUS_OK && !json_object_is_type(extra, json_type_object))
        status = error_set(e, STATUS_INVALID, "the extra members of the request are not a JSON object");
    if (status == STATUS_OK) {
        json_object_object_foreach(extra, key, value)
        {
            if (json_object_object_add(body, key, json_object_get(value)) != 0)
                status = error_set(e, STATUS_NO_MEMORY, "out of memory");
        }
    }
    json_object_put(extra);
    return status;
}

enum status openai_body_finish(
    struct json_object *body, bool ok, const char *extra_json, struct buf *out, struct error *e)
{
    enum status status = ok ? openai_add_members(body, extra_json, e)
                            : error_set(e, STATUS_INVALID, "the request cannot be written as JSON");
    if (status == STATUS_OK)
        status = json_write(body, out, e);
    json_object_put(body);
    return status;
}
