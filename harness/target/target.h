/*
 * target.h - a model server: a base URL and a protocol, behind one const table of functions per protocol.
 *
 * A target owns its connections and its event loop; one target belongs to one thread. Keys come from the
 * environment or a file, are kept in memory only, and are sent only to the target's own host. A key that was
 * meant for somebody else (OPENAI_API_KEY) never goes to a server that was merely found.
 *
 *     struct target *t;
 *     struct target_options o = {.url = "http://127.0.0.1:8080", .name = "llamacpp"};
 *     if (target_open(&o, &t, &why) != STATUS_OK) ...
 *     struct model_list models = {0};
 *     target_list_models(t, &models, &why);
 *     struct chat_message m = {"user", "Count to five."};
 *     struct chat_request r = {.model = models.items[0].id, .messages = &m, .message_count = 1,
 *         .max_tokens = 64, .temperature = 0, .stream = true};
 *     target_chat(t, &r, &x);
 *     target_close(t);
 */
#ifndef ASSAY_TARGET_H
#define ASSAY_TARGET_H

#include "exchange.h"

struct loop;
struct target; /* opaque */

struct target_options {
    const char *url; /* base URL, with or without /v1; "http://[user:password@]host:port[/path]" */
    const char
        *name; /* short name for records; NULL: derived from what the server says of itself, else host_port */
    const char *protocol; /* "openai"; NULL: probe */
    const char *api_key;  /* NULL: ASSAY_API_KEY, else (unless found) OPENAI_API_KEY, else none */
    bool found;           /* nobody named this server: it was found where such servers usually listen */
    int64_t connect_timeout_ns, first_token_timeout_ns, idle_timeout_ns, total_timeout_ns; /* 0: defaults */
    int64_t deadline_ns; /* 0: none; else when (loop_now_ns) every request of this target has to be over */
    bool keep_body;      /* keep the start of each raw body in exchange.body */
    bool managed;        /* started and stopped by us; for records */
    struct loop *loop;   /* NULL: one of its own; else it outlives the target, and one thread runs both */
};

/* Where a server is and what opens it: requests need it, records must never show it. Borrowed texts. */
struct target_access {
    const char *url;     /* may hold credentials */
    const char *name;    /* for records; NULL: target_options.name */
    const char *api_key; /* NULL: as in target_options */
    bool found;          /* as in target_options */
};

/* What a target is, for records: strings owned by the target, without credentials. */
struct target_info {
    char name[64];
    char protocol[16];
    char server[64];         /* "llama.cpp", "ollama", ...; "" if unknown */
    char server_version[64]; /* "" if unknown */
    char endpoint[512];      /* base URL without credentials, query and fragment */
    bool managed, simulated;
};

enum modality { MODALITY_TEXT = 1, MODALITY_VISION = 2, MODALITY_AUDIO = 4, MODALITY_EMBEDDING = 8 };

/* A model as the server describes it; empty or 0 where it does not say. */
struct model_info {
    char id[256];
    char digest[80], family[64], variant[64], framework[32], format[32], quantization[32];
    int64_t parameters, size_bytes, context_length;
    unsigned modalities; /* of enum modality; 0: unknown */
};

struct model_list {
    struct model_info *items;
    size_t count;
    /* Entries that are not among the items: without an id, or with one longer than a model_info holds; listed
     * before. */
    size_t unusable, repeated;
};
void model_list_fini(struct model_list *list);

struct chat_message {
    const char *role, *content;
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
    bool want_usage;        /* ask for usage in the stream where the server is known to accept it */
    const char *extra_json; /* an object whose members are added to the body, or NULL */
    int max_retries; /* at most 15; after rate_limited, connect and http_5xx; Retry-After honoured up to 30 s
                      */
    int64_t t_intended_ns; /* 0: now */
};

enum status target_open(
    const struct target_options *options, struct target **target, struct error *e) ASSAY_MUST_CHECK;
void target_close(struct target *target);

/* Asks the server who it is; fills info and chooses the protocol. STATUS_NOT_FOUND: nothing answers there;
 * _TIMEOUT: not in time; _UNAVAILABLE, _INVALID: something does that is no model server, or does not let us
 * in. */
enum status target_probe(struct target *target, struct error *e) ASSAY_MUST_CHECK;
const struct target_info *target_info(const struct target *target);

enum status target_list_models(
    struct target *target, struct model_list *models, struct error *e) ASSAY_MUST_CHECK;

/*
 * Runs one exchange to its end. Never fails by itself: x->error says what became of it. x is reset first. Not
 * from inside a callback of the loop: use target_chat_start there.
 */
void target_chat(struct target *target, const struct chat_request *request, struct exchange *x);

/*
 * The same without waiting, for many at once on target_loop(). The request is copied; x is the target's until
 * done is called, from the loop, exactly once (target_close calls it with EXCHANGE_CANCELLED for what is in
 * flight). NULL: it could not be started, x->error says why, and done is not called.
 */
typedef void (*target_done_fn)(struct exchange *x, void *arg);
struct target_call;
struct target_call *target_chat_start(struct target *target, const struct chat_request *request,
    struct exchange *x, target_done_fn done, void *arg);
void target_call_cancel(struct target_call *call); /* at any moment before done; done follows from the loop */
struct loop *target_loop(struct target *target);

/* Any request below the base URL ("/chat/completions"), for cases that send what is not proper. body may be
 * NULL. */
void target_raw(struct target *target, const char *method, const char *path, const char *content_type,
    const void *body, size_t len, struct exchange *x);

/* The table behind it: harness/target/openai.c is one. A new protocol is one file with one such table. */
struct target_ops {
    const char *protocol;
    /* Is this protocol spoken there? Fills server, server_version, simulated. */
    enum status (*probe)(struct target *, struct error *);
    enum status (*list_models)(struct target *, struct model_list *, struct error *);
    struct target_call *(*chat_start)(
        struct target *, const struct chat_request *, struct exchange *, target_done_fn, void *arg);
};
extern const struct target_ops *const target_protocols[]; /* NULL-terminated, in the order of probing */

#endif
