/*
 * openai_request.h - the members that the bodies of OpenAI's protocol have in common.
 *
 *     struct json_object *body = json_object_new_object();
 *     bool ok = json_set_text(body, "input", text) && openai_set_sampling(body, &sampling);
 *     return openai_body_finish(body, ok, extra_json, out, e);      // frees the tree
 */
#ifndef ASSAY_OPENAI_REQUEST_H
#define ASSAY_OPENAI_REQUEST_H

#include "server_kind.h"
#include "target.h"

struct json_object;

/* What is sent, whatever the task. */
struct openai_body {
    struct buf bytes;
    char content_type[96];
    bool streamed; /* the answer will be a stream of events */
};

/* What a generating request says beside its prompt. */
struct openai_sampling {
    const struct server_kind *kind; /* NULL: not known */
    int64_t max_tokens, seed;
    double temperature, top_p;
    const char *const *stop;
    bool stream, want_usage;
    const struct engine_options *engine;
};
bool openai_set_sampling(struct json_object *body, const struct openai_sampling *s);

/* Of a chat or a completion, whose structures have these members alike. */
#define OPENAI_SAMPLING_OF(server, request)                                                                  \
    {                                                                                                        \
        .kind = (server), .max_tokens = (request).max_tokens, .seed = (request).seed,                        \
        .temperature = (request).temperature, .top_p = (request).top_p, .stop = (request).stop,              \
        .stream = (request).stream, .want_usage = (request).want_usage, .engine = &(request).engine          \
    }

/* "prompt": a text, or the numbers of its tokens. */
bool openai_set_prompt(struct json_object *body, const struct completion_request *r);

/* A picture as "data:image/png;base64,..." */
bool openai_set_data_url(struct json_object *part, const char *key, const struct media_part *media);

/* json: an object, or NULL for nothing to add. STATUS_INVALID for anything else. */
enum status openai_add_members(struct json_object *body, const char *json, struct error *e) ASSAY_MUST_CHECK;

/* Adds the members of extra_json (may be NULL), writes the body and frees it. ok: all members found memory. */
enum status openai_body_finish(struct json_object *body, bool ok, const char *extra_json, struct buf *out,
    struct error *e) ASSAY_MUST_CHECK;

/* A JSON text as a member. False also where it is no JSON. */
bool openai_set_json(struct json_object *body, const char *key, const char *json);

#endif
