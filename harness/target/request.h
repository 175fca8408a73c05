/*
 * request.h - what can be asked of a model server, whatever its protocol. Texts and arrays are borrowed.
 *
 *     struct embed_request e = {.model = "nomic-embed-text", .inputs = texts, .input_count = 2};
 *     struct target_request r = {.task = TASK_EMBED, .embed = e};
 *     const struct exchange *x = assay_ask(ctx, &r);
 *     if (x->error == EXCHANGE_OK) use(x->vectors.values, x->vectors.count, x->vectors.dimension);
 *
 * A member that is zero is left out of the request, unless its comment says otherwise: {0} asks for what the
 * server does by itself.
 */
#ifndef ASSAY_REQUEST_H
#define ASSAY_REQUEST_H

#include "assay_api.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

ASSAY_BEGIN

enum task {
    TASK_CHAT,
    TASK_COMPLETION, /* a raw prompt, text or tokens, continued */
    TASK_EMBED,
    TASK_RERANK,
    TASK_IMAGE,      /* a picture made from text */
    TASK_TRANSCRIBE, /* speech to text */
    TASK_SPEAK,      /* text to speech */
    TASK_COUNT
};

enum choice { CHOICE_LEAVE, CHOICE_NO, CHOICE_YES };

#define KEEP_ALIVE_FOREVER INT64_MAX
#define KEEP_ALIVE_NOT (-1) /* unload at once */

/* What engines let a request decide about themselves. A protocol writes what its server knows and leaves out
 * the rest. */
struct engine_options {
    int64_t num_ctx, num_batch, num_thread;
    int64_t num_gpu;          /* layers on the GPU; -1: none */
    enum choice cache_prompt; /* may the server use what it kept of earlier prompts? */
    enum choice ignore_eos;   /* go on to max_tokens behind the end-of-sequence token? */
    int64_t keep_alive_ns;    /* how long the model stays loaded; KEEP_ALIVE_FOREVER, KEEP_ALIVE_NOT */
    const char
        *more_json; /* an object of whatever else the server takes, sent to any server as it is; or NULL */
};

enum media_kind { MEDIA_IMAGE, MEDIA_AUDIO };

/* A picture or a sound within a message, encoded before any clock starts. */
struct media_part {
    enum media_kind kind;
    const char *type; /* "image/png", "audio/wav" */
    const char *base64;
    size_t base64_len;
};

struct chat_message {
    const char *role, *content;
    const struct media_part *media; /* before the content */
    size_t media_count;
    const char *tool_call_id;    /* of role "tool" */
    const char *tool_calls_json; /* of role "assistant": an array as OpenAI writes it */
};

struct chat_request {
    const char *model; /* NULL: leave the field out */
    const struct chat_message *messages;
    size_t message_count;
    int64_t max_tokens;      /* 0: leave out */
    double temperature;      /* negative: leave out */
    double top_p;            /* 0: leave out */
    int64_t seed;            /* negative: leave out */
    const char *const *stop; /* NULL-terminated, or NULL */
    bool stream;
    bool want_usage;         /* ask for usage in the stream where the server is known to accept it */
    enum choice think;       /* reason first? */
    const char *tools_json;  /* an array of functions as OpenAI writes it */
    const char *tool_choice; /* "auto", "none", "required", or the name of a function */
    const char *schema_json; /* the answer has to be an instance of this JSON Schema; "{}": of any */
    struct engine_options engine;
    const char *extra_json; /* an object whose members are added to the body, or NULL */
    int max_retries; /* at most 15; after rate_limited, connect and http_5xx; Retry-After honoured up to 30 s
                      */
    int64_t t_intended_ns; /* 0: now */
};

struct completion_request {
    const char *model;
    const char *prompt;    /* or NULL: */
    const int32_t *tokens; /* the prompt as the model's own token numbers */
    size_t token_count;
    int64_t max_tokens; /* 0: leave out */
    double temperature; /* negative: leave out */
    double top_p;
    int64_t seed; /* negative: leave out */
    const char *const *stop;
    bool stream, want_usage;
    struct engine_options engine;
    const char *extra_json;
};

struct embed_request {
    const char *model;
    const char *const *inputs;
    size_t input_count;
    int64_t dimensions;
    enum choice truncate; /* cut what is too long, or refuse it? */
    bool base64;          /* vectors as base64 rather than as numbers */
    struct engine_options engine;
    const char *extra_json;
};

struct rerank_request {
    const char *model, *query;
    const char *const *documents;
    size_t document_count;
    const char *extra_json;
};

struct image_request {
    const char *model, *prompt;
    int width, height;
    int steps;
    int64_t seed; /* negative: leave out */
    const char *extra_json;
};

struct transcribe_request {
    const char *model;
    const void *audio;
    size_t audio_len;
    const char *file_name, *type; /* "speech.wav", "audio/wav" */
    const char *language;         /* "en" */
};

struct speak_request {
    const char *model, *text, *voice;
    const char *format; /* "wav" */
};

struct target_request {
    enum task task;
    union {
        struct chat_request chat;
        struct completion_request completion;
        struct embed_request embed;
        struct rerank_request rerank;
        struct image_request image;
        struct transcribe_request transcribe;
        struct speak_request speak;
    };
    int max_retries;       /* as in chat_request, which has its own */
    int64_t t_intended_ns; /* likewise */
    /* We hang up behind this many token-carrying events (EXCHANGE_CANCELLED); 0: never. */
    int64_t hang_up_after_events;
};

ASSAY_END

#endif
