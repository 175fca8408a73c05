#include "openai_bodies.h"

#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool set_model(struct json_object *body, const char *model)
{
    return !model || json_set_text(body, "model", model);
}

/* ---- chat ---- */

/* {"type": "image_url", "image_url": {"url": "data:image/png;base64,..."}} */
static struct json_object *image_part(const struct media_part *media)
{
    struct json_object *part = json_object_new_object(), *image = json_object_new_object();
    bool ok = openai_set_data_url(image, "url", media) && json_set_text(part, "type", "image_url");
    if (json_set(part, "image_url", image) && ok)
        return part;
    json_object_put(part);
    return NULL;
}

/* {"type": "input_audio", "input_audio": {"data": "...", "format": "wav"}} */
static struct json_object *audio_part(const struct media_part *media)
{
    const char *slash = strchr(media->type, '/');
    struct json_object *part = json_object_new_object(), *audio = json_object_new_object();
    bool ok = json_set_bytes(audio, "data", media->base64, media->base64_len) &&
              json_set_text(audio, "format", slash ? slash + 1 : media->type) &&
              json_set_text(part, "type", "input_audio");
    if (json_set(part, "input_audio", audio) && ok)
        return part;
    json_object_put(part);
    return NULL;
}

static struct json_object *text_part(const char *text)
{
    struct json_object *part = json_object_new_object();
    if (json_set_text(part, "type", "text") && json_set_text(part, "text", text))
        return part;
    json_object_put(part);
    return NULL;
}

static bool set_parts(struct json_object *message, const struct chat_message *m)
{
    struct json_object *parts = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < m->media_count; i++)
        ok = json_add(
            parts, m->media[i].kind == MEDIA_IMAGE ? image_part(&m->media[i]) : audio_part(&m->media[i]));
    ok = ok && json_add(parts, text_part(m->content ? m->content : ""));
    return json_set(message, "content", parts) && ok;
}

static bool set_content(struct json_object *message, const struct chat_message *m)
{
    if (m->media_count > 0)
        return set_parts(message, m);
    return m->content ? json_set_text(message, "content", m->content) : json_set_null(message, "content");
}

static bool add_message(struct json_object *list, const struct chat_message *m)
{
    struct json_object *message = json_object_new_object();
    bool ok = json_set_text(message, "role", m->role) && set_content(message, m) &&
              (!m->tool_call_id || json_set_text(message, "tool_call_id", m->tool_call_id)) &&
              (!m->tool_calls_json || openai_set_json(message, "tool_calls", m->tool_calls_json));
    return json_add(list, message) && ok;
}

static bool set_messages(struct json_object *body, const struct chat_request *r)
{
    struct json_object *messages = json_object_new_array();
    bool ok = json_set(body, "messages", messages);
    for (size_t i = 0; i < r->message_count && ok; i++)
        ok = add_message(messages, &r->messages[i]);
    return ok;
}

/* A word that the protocol knows, or the name of the one function to be called. */
static bool set_tool_choice(struct json_object *body, const char *choice)
{
    static const char *const words[] = {"auto", "none", "required"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(choice, words[i]) == 0)
            return json_set_text(body, "tool_choice", choice);
    struct json_object *o = json_object_new_object(), *function = json_object_new_object();
    bool ok = json_set_text(o, "type", "function") && json_set_text(function, "name", choice);
    ok = json_set(o, "function", function) && ok;
    return json_set(body, "tool_choice", o) && ok;
}

static bool set_tools(struct json_object *body, const struct chat_request *r)
{
    return (!r->tools_json || openai_set_json(body, "tools", r->tools_json)) &&
           (!r->tool_choice || set_tool_choice(body, r->tool_choice));
}

static bool set_schema(struct json_object *body, const char *schema_json)
{
    if (!schema_json)
        return true;
    struct json_object *format = json_object_new_object();
    bool any = strcmp(schema_json, "{}") == 0;
    bool ok = json_set_text(format, "type", any ? "json_object" : "json_schema");
    if (!any) {
        struct json_object *named = json_object_new_object();
        ok = ok && json_set_text(named, "name", "answer") && json_set_bool(named, "strict", true) &&
             openai_set_json(named, "schema", schema_json);
        ok = json_set(format, "json_schema", named) && ok;
    }
    return json_set(body, "response_format", format) && ok;
}

enum status openai_write_chat(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e)
{
    const struct chat_request *r = &request->chat;
    struct openai_sampling s = OPENAI_SAMPLING_OF(kind, *r);
    struct json_object *o = json_object_new_object();
    bool ok = set_model(o, r->model) && set_messages(o, r) && openai_set_sampling(o, &s) && set_tools(o, r) &&
              set_schema(o, r->schema_json);
    body->streamed = r->stream;
    return openai_body_finish(o, ok, r->extra_json, &body->bytes, e);
}

/* ---- completion ---- */

enum status openai_write_completion(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e)
{
    const struct completion_request *r = &request->completion;
    struct openai_sampling s = OPENAI_SAMPLING_OF(kind, *r);
    struct json_object *o = json_object_new_object();
    bool ok = set_model(o, r->model) && openai_set_prompt(o, r) && openai_set_sampling(o, &s);
    body->streamed = r->stream;
    return openai_body_finish(o, ok, r->extra_json, &body->bytes, e);
}

/* ---- what has no stream ---- */

static bool set_texts(struct json_object *body, const char *key, const char *const *texts, size_t count)
{
    struct json_object *list = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = json_add_text(list, texts[i]);
    return json_set(body, key, list) && ok;
}

enum status openai_write_embed(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e)
{
    const struct embed_request *r = &request->embed;
    struct json_object *o = json_object_new_object();
    (void)kind;
    bool ok = set_model(o, r->model) && set_texts(o, "input", r->inputs, r->input_count) &&
              json_set_text(o, "encoding_format", r->base64 ? "base64" : "float") &&
              (r->dimensions <= 0 || json_set_int(o, "dimensions", r->dimensions));
    return openai_body_finish(o, ok, r->extra_json, &body->bytes, e);
}

enum status openai_write_rerank(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e)
{
    const struct rerank_request *r = &request->rerank;
    struct json_object *o = json_object_new_object();
    (void)kind;
    bool ok = set_model(o, r->model) && json_set_text(o, "query", r->query) &&
              set_texts(o, "documents", r->documents, r->document_count);
    return openai_body_finish(o, ok, r->extra_json, &body->bytes, e);
}

enum status openai_write_image(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e)
{
    const struct image_request *r = &request->image;
    struct json_object *o = json_object_new_object();
    char size[48];
    (void)kind;
    snprintf(size, sizeof size, "%dx%d", r->width, r->height);
    bool ok = set_model(o, r->model) && json_set_text(o, "prompt", r->prompt) && json_set_int(o, "n", 1) &&
              json_set_text(o, "response_format", "b64_json") &&
              (r->width <= 0 || json_set_text(o, "size", size)) &&
              (r->steps <= 0 || json_set_int(o, "steps", r->steps)) &&
              (r->seed < 0 || json_set_int(o, "seed", r->seed));
    return openai_body_finish(o, ok, r->extra_json, &body->bytes, e);
}

enum status openai_write_speak(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e)
{
    const struct speak_request *r = &request->speak;
    struct json_object *o = json_object_new_object();
    (void)kind;
    bool ok = set_model(o, r->model) && json_set_text(o, "input", r->text) &&
              (!r->voice || json_set_text(o, "voice", r->voice)) &&
              (!r->format || json_set_text(o, "response_format", r->format));
    return openai_body_finish(o, ok, NULL, &body->bytes, e);
}

/* ---- a form with a file ---- */

/* A boundary that does not occur in what it bounds; the file decides, so the same file has the same one. */
static void choose_boundary(char *boundary, size_t size, const void *bytes, size_t len)
{
    uint64_t salt = UINT64_C(0x9e3779b97f4a7c15);
    int written;
    do {
        salt = salt * UINT64_C(6364136223846793005) + 1442695040888963407U;
        written = snprintf(boundary, size, "----assay-%016" PRIx64, salt);
    } while (written > 0 && len > 0 && memmem(bytes, len, boundary, (size_t)written));
}

static void form_field(struct buf *out, const char *boundary, const char *name, const char *value)
{
    if (value)
        buf_printf(
            out, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", boundary, name, value);
}

/* Quotes and line ends would end the header. */
static bool is_plain_name(const char *name)
{
    return name[strcspn(name, "\"\\\r\n")] == '\0';
}

enum status openai_write_transcribe(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e)
{
    const struct transcribe_request *r = &request->transcribe;
    const char *file = r->file_name ? r->file_name : "audio", *type = r->type ? r->type : "audio/wav";
    char boundary[48];
    (void)kind;
    if (!is_plain_name(file) || !is_plain_name(type))
        return error_set(e, STATUS_INVALID, "the name or type of the sound has a quote or a line end in it");
    choose_boundary(boundary, sizeof boundary, r->audio, r->audio_len);
    snprintf(body->content_type, sizeof body->content_type, "multipart/form-data; boundary=%s", boundary);
    form_field(&body->bytes, boundary, "model", r->model);
    form_field(&body->bytes, boundary, "language", r->language);
    form_field(&body->bytes, boundary, "response_format", "json");
    buf_printf(&body->bytes,
        "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n",
        boundary, file, type);
    buf_append(&body->bytes, r->audio, r->audio_len);
    buf_printf(&body->bytes, "\r\n--%s--\r\n", boundary);
    return buf_status(&body->bytes) == STATUS_OK
               ? STATUS_OK
               : error_set(e, buf_status(&body->bytes), "no memory for a sound of %zu bytes", r->audio_len);
}
