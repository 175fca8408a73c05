#include "openai_request.h"

#include "json.h"

#include <string.h>

static bool set_messages(struct json_object *body, const struct chat_request *r)
{
    struct json_object *messages = json_object_new_array();
    bool ok = json_set(body, "messages", messages);
    for (size_t i = 0; i < r->message_count && ok; i++) {
        struct json_object *message = json_object_new_object();
        ok = json_set_text(message, "role", r->messages[i].role) &&
             json_set_text(message, "content", r->messages[i].content);
        ok = json_add(messages, message) && ok;
    }
    return ok;
}

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

static bool set_stream(struct json_object *body, const struct chat_request *r, bool knows_stream_options)
{
    bool ok = json_set_bool(body, "stream", r->stream);
    if (!r->stream || !r->want_usage || !knows_stream_options)
        return ok;
    struct json_object *options = json_object_new_object();
    ok = ok && json_set_bool(options, "include_usage", true);
    return json_set(body, "stream_options", options) && ok;
}

static enum status add_extra(struct json_object *body, const char *extra_json, struct error *e)
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

enum status openai_request_write(
    const struct chat_request *r, bool knows_stream_options, struct buf *out, struct error *e)
{
    struct json_object *body = json_object_new_object();
    bool ok = (!r->model || json_set_text(body, "model", r->model)) && set_messages(body, r) &&
              (r->max_tokens <= 0 || json_set_int(body, "max_tokens", r->max_tokens)) &&
              (r->temperature < 0 || json_set_real(body, "temperature", r->temperature)) &&
              (r->top_p <= 0 || json_set_real(body, "top_p", r->top_p)) &&
              (r->seed < 0 || json_set_int(body, "seed", r->seed)) && set_stop(body, r->stop) &&
              set_stream(body, r, knows_stream_options);
    enum status status = ok ? add_extra(body, r->extra_json, e)
                            : error_set(e, STATUS_INVALID, "the request cannot be written as JSON");
    if (status == STATUS_OK)
        status = json_write(body, out, e);
    json_object_put(body);
    return status;
}
