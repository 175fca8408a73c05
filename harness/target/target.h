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

#include "buf.h"
#include "exchange.h"
#include "model_server.h"
#include "request_kind.h"

struct loop;
struct http_transport;
struct target_tap;

struct target_options {
    const char *url; /* base URL, with or without /v1: "[protocol+]http://[user:password@]host:port[/path]" or
                      * "[protocol+]http+unix://%2Fpath%2Fof%2Fsocket[/path]" */
    const char
        *name; /* short name for records; NULL: derived from what the server says of itself, else host_port */
    const char *protocol; /* "openai"; NULL: probe */
    const char *api_key;  /* NULL: ASSAY_API_KEY, else (unless found) OPENAI_API_KEY, else none */
    const struct http_transport *transport; /* copied; NULL: the usual way */
    bool found; /* nobody named this server: it was found where such servers usually listen */
    int64_t connect_timeout_ns, first_token_timeout_ns, idle_timeout_ns, total_timeout_ns; /* 0: defaults */
    int64_t deadline_ns;    /* 0: none; else when (loop_now_ns) every request of this target has to be over */
    bool keep_body;         /* keep the start of each raw body in exchange.body */
    bool managed;           /* started and stopped by us; for records */
    bool fresh_connections; /* each request on a connection of its own, which is closed behind it */
    const struct target_tap *tap; /* who looks on (target_tap.h); outlives the target; NULL: nobody */
    struct loop *loop; /* NULL: one of its own; else it outlives the target, and one thread runs both */
};

/* Where a server is and what opens it: requests need it, records must never show it. Borrowed texts. */
struct target_access {
    const char *url;     /* may hold credentials */
    const char *name;    /* for records; NULL: target_options.name */
    const char *api_key; /* NULL: as in target_options */
    const struct http_transport *transport;
    bool found; /* as in target_options */
};

struct model_list {
    struct model_info *items;
    size_t count;
    /* Entries that are not among the items: without an id, or with one longer than a model_info holds; listed
     * before. */
    size_t unusable, repeated;
    size_t undescribed; /* items of which the server was to say more, and did not in time */
    size_t filtered;    /* taken out by whoever has the list */
};
void model_list_fini(struct model_list *list);

enum status target_open(
    const struct target_options *options, struct target **target, struct error *e) ASSAY_MUST_CHECK;
void target_close(struct target *target);

/* Asks the server who it is; fills info and chooses the protocol. STATUS_NOT_FOUND: nothing answers there;
 * _TIMEOUT: not in time; _UNAVAILABLE, _INVALID: something does that is no model server, or does not let us
 * in. */
enum status target_probe(struct target *target, struct error *e) ASSAY_MUST_CHECK;

enum status target_list_models(
    struct target *target, struct model_list *models, struct error *e) ASSAY_MUST_CHECK;

/*
 * Runs one exchange to its end. Never fails by itself: x->error says what became of it. x is reset first. Not
 * from inside a callback of the loop: use target_ask_start there. What the protocol does not offer ends as
 * EXCHANGE_INTERNAL before anything is sent: see target_offers().
 */
void target_ask(struct target *target, const struct target_request *request, struct exchange *x);
void target_chat(struct target *target, const struct chat_request *request, struct exchange *x);

/*
 * The same without waiting, for many at once on target_loop(). The request is copied; x is the target's until
 * done is called, from the loop, exactly once (target_close calls it with EXCHANGE_CANCELLED for what is in
 * flight). NULL: it could not be started, x->error says why, and done is not called.
 */
typedef void (*target_done_fn)(struct exchange *x, void *arg);
struct target_call;
struct target_call *target_ask_start(struct target *target, const struct target_request *request,
    struct exchange *x, target_done_fn done, void *arg);
struct target_call *target_chat_start(struct target *target, const struct chat_request *request,
    struct exchange *x, target_done_fn done, void *arg);
void target_call_cancel(struct target_call *call); /* at any moment before done; done follows from the loop */
struct loop *target_loop(struct target *target);
void target_wait(struct target *target); /* until nothing of this target is in flight; runs its loop */

/* Any request below the base URL ("/chat/completions"), for cases that send what is not proper. body may be
 * NULL. */
void target_raw(struct target *target, const char *method, const char *path, const char *content_type,
    const void *body, size_t len, struct exchange *x);

/* How requests had to be said otherwise than usual, because the server refused them: a sentence, "" if not. */
void target_adapted(const struct target *target, char *text, size_t size);
const char *offer_name(unsigned offer); /* of one bit: "embeddings", "loading a model", ... */

/*
 * Below: STATUS_UNAVAILABLE where the protocol or the server does not offer it; other codes are failures, with the
 * reason.
 */

/* Token numbers of a text as the model's own tokenizer counts them; special tokens of a chat not included. */
struct token_list {
    int32_t *items; /* owned; NULL where the server says only how many */
    size_t count;
};
void token_list_fini(struct token_list *tokens);
enum status target_tokenize(struct target *target, const char *model, const char *text, size_t len,
    struct token_list *tokens, struct error *e) ASSAY_MUST_CHECK;

/* One model into memory, or out of it; returns when it is done. */
enum status target_load(struct target *target, const char *model, const struct engine_options *options,
    struct load_report *report, struct error *e) ASSAY_MUST_CHECK;
enum status target_unload(
    struct target *target, const char *model, struct load_report *report, struct error *e) ASSAY_MUST_CHECK;

/* The models in memory now. */
enum status target_loaded(struct target *target, struct model_list *models, struct error *e) ASSAY_MUST_CHECK;

/* How many requests the server works on at the same time, and how many wait; -1 where it does not say. */
struct server_slots {
    int64_t total, busy, waiting;
    int64_t context; /* tokens of one slot */
};
enum status target_slots(
    struct target *target, const char *model, struct server_slots *slots, struct error *e) ASSAY_MUST_CHECK;

/* Has the server fetch a model. progress may be NULL; total_bytes -1 where unknown; false stops it. */
typedef bool (*pull_progress_fn)(const char *what, int64_t done_bytes, int64_t total_bytes, void *arg);
enum status target_pull(struct target *target, const char *model, pull_progress_fn progress, void *arg,
    struct error *e) ASSAY_MUST_CHECK;

/*
 * Has the server make a variant of a model: the same weights with parameters of its own, as a JSON object or NULL; and
 * delete a model. STATUS_NOT_FOUND: it says no.
 */
enum status target_create(struct target *target, const char *name, const char *from,
    const char *parameters_json, struct error *e) ASSAY_MUST_CHECK;
enum status target_delete(struct target *target, const char *model, struct error *e) ASSAY_MUST_CHECK;

/* The table behind it: harness/target/openai.c is one. A new protocol is one file with one such table; what
 * it does not offer stays NULL. */
struct target_ops {
    const char *protocol;
    const char *summary; /* one line for help */
    unsigned offers;     /* of enum offer */
    /* Is this protocol spoken there? Fills server, server_version, simulated. */
    enum status (*probe)(struct target *, struct error *);
    enum status (*list_models)(struct target *, struct model_list *, struct error *);
    /* Called for the tasks among the offers only. */
    struct target_call *(*start)(
        struct target *, const struct target_request *, struct exchange *, target_done_fn, void *);
    enum status (*tokenize)(struct target *, const char *model, const char *text, size_t len,
        struct token_list *, struct error *);
    enum status (*load)(struct target *, const char *model, const struct engine_options *,
        struct load_report *, struct error *);
    enum status (*unload)(struct target *, const char *model, struct load_report *, struct error *);
    enum status (*loaded)(struct target *, struct model_list *, struct error *);
    enum status (*slots)(struct target *, const char *model, struct server_slots *, struct error *);
    enum status (*pull)(struct target *, const char *model, pull_progress_fn, void *arg, struct error *);
    enum status (*create)(
        struct target *, const char *name, const char *from, const char *parameters_json, struct error *);
    enum status (*remove)(struct target *, const char *model, struct error *);
};
extern const struct target_ops *const target_protocols[]; /* NULL-terminated, in the order of probing */

#endif
