#include "target.h"

#include "clock.h"
#include "openai_adapt.h"
#include "target_call.h"
#include "target_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_TIMEOUT_NS (10 * NS_PER_S)
#define FIRST_TOKEN_TIMEOUT_NS (180 * NS_PER_S) /* a model may have to be loaded first */
#define IDLE_TIMEOUT_NS (60 * NS_PER_S)
#define TOTAL_TIMEOUT_NS (600 * NS_PER_S)

extern const struct target_ops openai_ops, ollama_ops, llamacpp_ops, lmstudio_ops, responses_ops;

const struct target_ops *const target_protocols[] = {
    &openai_ops,
    &ollama_ops,
    &llamacpp_ops,
    &lmstudio_ops,
    &responses_ops,
    NULL,
};

static const struct target_ops *find_protocol(const char *name)
{
    for (size_t i = 0; target_protocols[i]; i++)
        if (strcmp(target_protocols[i]->protocol, name) == 0)
            return target_protocols[i];
    return NULL;
}

/* ---- secrets ---- */

/* OPENAI_API_KEY is set for other programs as well: only who names a server says that it may have it. */
static const char *key_from_environment(bool found)
{
    const char *own = getenv("ASSAY_API_KEY");
    return own && *own ? own : found ? NULL : getenv("OPENAI_API_KEY");
}

/* A user in the URL is more specific than a key in the environment. */
static enum status take_key(struct target *t, const struct target_options *o, struct error *e)
{
    static const char scheme[] = "Authorization: Bearer ";
    const char *key = o->api_key ? o->api_key : t->url.user ? NULL : key_from_environment(o->found);
    if (!key || !*key || http_transport_has_header(&t->transport, "Authorization"))
        return STATUS_OK;
    for (const char *c = key; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return error_set(e, STATUS_INVALID, "the API key contains a control character");
    size_t size = sizeof scheme + strlen(key);
    t->key = strdup(key);
    t->authorization = malloc(size);
    if (!t->key || !t->authorization)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    snprintf(t->authorization, size, "%s%s", scheme, key);
    return STATUS_OK;
}

/* Shorter secrets would blot out innocent text, and are none. */
enum { SECRET_BYTES_MIN = 4, HEADER_BYTES_MIN = 8, SECRET_BYTES_MIN_IN_ANSWER = 16 };

/* All of it, and at the end of the text what a cut has left of it. */
static void redact_secret(const char *secret, size_t least, char *text, size_t len)
{
    size_t secret_len = secret ? strlen(secret) : 0;
    if (secret_len < least || !text)
        return;
    for (char *at = text; (at = memmem(at, len - (size_t)(at - text), secret, secret_len)); at += secret_len)
        memset(at, '*', secret_len);
    for (size_t part = len < secret_len ? len : secret_len - 1; part >= SECRET_BYTES_MIN; part--)
        if (memcmp(text + len - part, secret, part) == 0)
            memset(text + len - part, '*', part);
}

struct redaction {
    size_t least;
    char *text;
    size_t len;
};

static void redact_one(const char *secret, void *arg)
{
    const struct redaction *r = arg;
    redact_secret(secret, r->least, r->text, r->len);
}

/* Values of headers are often words ("true", "bench"): only longer ones are blotted out. */
static void redact(const struct target *target, size_t least, char *text, size_t len)
{
    struct redaction r = {least > HEADER_BYTES_MIN ? least : HEADER_BYTES_MIN, text, len};
    redact_secret(target->key, least, text, len);
    redact_secret(target->url.password, least, text, len);
    http_transport_each_secret(&target->transport, redact_one, &r);
}

void target_redact(const struct target *target, char *text, size_t len)
{
    redact(target, SECRET_BYTES_MIN, text, len);
}

void target_redact_answer(const struct target *target, struct buf *answer)
{
    redact(target, SECRET_BYTES_MIN_IN_ANSWER, answer->data, answer->len);
}

/* ---- life ---- */

static int64_t or_default(int64_t timeout_ns, int64_t usual_ns)
{
    return timeout_ns > 0 ? timeout_ns : usual_ns;
}

void target_show_endpoint(struct target *t, const char *base)
{
    snprintf(t->info.endpoint, sizeof t->info.endpoint, "%s%s", t->url.shown[0] ? t->url.shown : t->url.root,
        base + strlen(t->url.root));
}

static void describe(struct target *t, const struct target_options *o)
{
    struct target_info *info = &t->info;
    t->named = o->name && *o->name;
    snprintf(info->name, sizeof info->name, "%s", t->named ? o->name : t->url.host_port);
    snprintf(info->protocol, sizeof info->protocol, "%s", t->ops->protocol);
    snprintf(t->base, sizeof t->base, "%s/v1", t->url.root);
    target_show_endpoint(t, t->url.has_version ? t->base : t->url.root);
    info->managed = o->managed;
    struct buf via = BUF_INIT(sizeof info->via - 1);
    http_transport_describe(&t->transport, &via);
    snprintf(info->via, sizeof info->via, "%s", buf_text(&via));
    buf_fini(&via);
}

/* A socket in the URL is more specific than one beside it. */
static enum status take_transport(struct target *t, const struct target_options *o, struct error *e)
{
    enum status s = STATUS_OK;
    if (o->transport)
        s = http_transport_copy(o->transport, &t->transport, e);
    if (s == STATUS_OK && t->url.unix_socket)
        s = http_transport_set(&t->transport.unix_socket, t->url.unix_socket, e);
    return s == STATUS_OK ? http_transport_check(&t->transport, e) : s;
}

static enum status open_loop(struct target *t, struct loop *shared, struct error *e)
{
    enum status status = STATUS_OK;
    t->own_loop = !shared;
    t->loop = shared;
    if (!shared)
        status = loop_new(&t->loop, e);
    return status != STATUS_OK ? status : http_client_new(t->loop, &t->client, e);
}

/* "ollama+http://host": the protocol before the plus, and the URL behind it. NULL: none is named, as in
 * "http+unix://...". */
static const char *split_protocol(const char *url, char *protocol, size_t size)
{
    const char *plus = strchr(url, '+'), *colon = strstr(url, "://");
    if (!plus || !colon || plus > colon || strncasecmp(url, "http+", 5) == 0 || (size_t)(plus - url) >= size)
        return NULL;
    memcpy(protocol, url, (size_t)(plus - url));
    protocol[plus - url] = '\0';
    return plus + 1;
}

enum status target_open(const struct target_options *o, struct target **target, struct error *e)
{
    *target = NULL;
    struct target *t = calloc(1, sizeof *t);
    if (!t)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    char named[32];
    const char *behind = split_protocol(o->url, named, sizeof named), *url = behind ? behind : o->url;
    const char *protocol = o->protocol ? o->protocol : behind ? named : NULL;
    t->ops = protocol ? find_protocol(protocol) : target_protocols[0];
    t->protocol_given = protocol != NULL;
    t->keep_body = o->keep_body;
    t->fresh_connections = o->fresh_connections;
    t->tap = o->tap;
    t->connect_timeout_ns = or_default(o->connect_timeout_ns, CONNECT_TIMEOUT_NS);
    t->first_token_timeout_ns = or_default(o->first_token_timeout_ns, FIRST_TOKEN_TIMEOUT_NS);
    t->idle_timeout_ns = or_default(o->idle_timeout_ns, IDLE_TIMEOUT_NS);
    t->total_timeout_ns = or_default(o->total_timeout_ns, TOTAL_TIMEOUT_NS);
    t->deadline_ns = o->deadline_ns;
    enum status status = t->ops ? target_url_parse(url, &t->url, e)
                                : error_set(e, STATUS_USAGE, "unknown protocol \"%s\"", protocol);
    if (status == STATUS_OK)
        status = take_transport(t, o, e);
    if (status == STATUS_OK)
        status = take_key(t, o, e);
    if (status == STATUS_OK)
        status = open_loop(t, o->loop, e);
    if (status != STATUS_OK) {
        target_close(t);
        return status;
    }
    describe(t, o);
    *target = t;
    return STATUS_OK;
}

void target_close(struct target *target)
{
    if (!target)
        return;
    target_call_end_all(target);
    if (target->own_loop)
        loop_free(target->loop);
    target_forget_secret(target->key);
    target_forget_secret(target->authorization);
    target_url_fini(&target->url);
    free(target->listed);
    body_template_fini(&target->template);
    json_again_fini(&target->again);
    http_transport_fini(&target->transport);
    free(target);
}

struct loop *target_loop(struct target *target)
{
    return target->loop;
}

const struct target_info *target_info(const struct target *target)
{
    return &target->info;
}

void model_list_fini(struct model_list *list)
{
    free(list->items);
    *list = (struct model_list){0};
}

/* ---- what a protocol does ---- */

static void speak(struct target *target, const struct target_ops *ops)
{
    target->ops = ops;
    snprintf(target->info.protocol, sizeof target->info.protocol, "%s", ops->protocol);
}

/* A server that we know is spoken to in its own protocol, which says more, unless another was asked for. */
static void prefer_native(struct target *target)
{
    const struct target_ops *native =
        target->kind && target->kind->native ? find_protocol(target->kind->native) : NULL;
    struct error ignored = {0};
    if (native && native != target->ops && native->probe(target, &ignored) == STATUS_OK)
        speak(target, native);
}

enum status target_probe(struct target *target, struct error *e)
{
    if (target->protocol_given)
        return target->ops->probe(target, e);
    struct error first = {0};
    for (size_t i = 0; target_protocols[i]; i++) {
        enum status status = target_protocols[i]->probe(target, i == 0 ? &first : e);
        if (status == STATUS_OK) {
            speak(target, target_protocols[i]);
            prefer_native(target);
            return status;
        }
        bool silent = first.status == STATUS_NOT_FOUND || first.status == STATUS_TIMEOUT;
        if (i == 0 && silent)
            break;
    }
    if (e)
        *e = first; /* what the usual protocol says tells most */
    return first.status;
}

enum status target_list_models(struct target *target, struct model_list *models, struct error *e)
{
    return target->ops->list_models(target, models, e);
}

const char *offer_name(unsigned offer)
{
    static const struct {
        enum offer offer;
        const char *name;
    } names[] = {{OFFER_CHAT, "chat"}, {OFFER_COMPLETION, "completion of a raw prompt"},
        {OFFER_EMBED, "embeddings"}, {OFFER_RERANK, "reranking"}, {OFFER_IMAGE, "image generation"},
        {OFFER_TRANSCRIBE, "transcription"}, {OFFER_SPEAK, "speech output"},
        {OFFER_TOKENIZE, "counting the tokens of a text"}, {OFFER_LOAD, "loading a model"},
        {OFFER_LOADED, "saying which models are loaded"}, {OFFER_SLOTS, "saying how busy it is"},
        {OFFER_PULL, "fetching a model"}, {OFFER_CREATE, "making a variant of a model"},
        {OFFER_IGNORE_EOS, "going on behind the end of the answer"},
        {OFFER_CACHE_PROMPT, "switching the prompt cache off"},
        {OFFER_TOKEN_PROMPTS, "prompts given as tokens"},
        {OFFER_TOOL_CHOICE, "demanding the call of a function"}, {OFFER_SOUND, "sound in a message"},
        {OFFER_STOP, "stop sequences"}, {OFFER_FINISH_REASON, "saying why an answer ended"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (offer == names[i].offer)
            return names[i].name;
    return "what is asked";
}

void target_adapted(const struct target *target, char *text, size_t size)
{
    openai_adapt_describe(target->adapted, text, size);
}

unsigned target_offers(const struct target *target)
{
    return target->ops->offers;
}

static bool has_sound(const struct target_request *request)
{
    const struct chat_request *r = &request->chat;
    for (size_t i = 0; request->task == TASK_CHAT && i < r->message_count; i++)
        for (size_t k = 0; k < r->messages[i].media_count; k++)
            if (r->messages[i].media[k].kind == MEDIA_AUDIO)
                return true;
    return false;
}

/* A sound that a protocol cannot carry is not left out in silence: the answer would be about something else. */
struct target_call *target_ask_start(struct target *target, const struct target_request *request,
    struct exchange *x, target_done_fn done, void *arg)
{
    struct error why;
    bool offered = (target->ops->offers & (1U << request->task)) != 0;
    bool unheard = !(target->ops->offers & OFFER_SOUND) && has_sound(request);
    if (offered && !unheard)
        return target->ops->start(target, request, x, done, arg);
    error_set(&why, STATUS_UNAVAILABLE, "the protocol %s has no %s", target->ops->protocol,
        offered ? "sound in a message" : task_name(request->task));
    target_call_refuse(x, request->t_intended_ns, &why);
    return NULL;
}

void target_ask(struct target *target, const struct target_request *request, struct exchange *x)
{
    struct target_wait w = {.target = target};
    if (target_ask_start(target, request, x, target_call_stop_waiting, &w))
        target_call_wait(&w);
}

static struct target_request chat_of(const struct chat_request *chat)
{
    return (struct target_request){.task = TASK_CHAT,
        .chat = *chat,
        .max_retries = chat->max_retries,
        .t_intended_ns = chat->t_intended_ns};
}

struct target_call *target_chat_start(struct target *target, const struct chat_request *request,
    struct exchange *x, target_done_fn done, void *arg)
{
    struct target_request r = chat_of(request);
    return target_ask_start(target, &r, x, done, arg);
}

void target_chat(struct target *target, const struct chat_request *request, struct exchange *x)
{
    struct target_request r = chat_of(request);
    target_ask(target, &r, x);
}

/* ---- beside requests ---- */

static enum status not_offered(const struct target *t, const char *what, struct error *e)
{
    return error_set(e, STATUS_UNAVAILABLE, "the protocol %s has no way to %s", t->ops->protocol, what);
}

enum status target_tokenize(struct target *target, const char *model, const char *text, size_t len,
    struct token_list *tokens, struct error *e)
{
    *tokens = (struct token_list){0};
    return target->ops->tokenize ? target->ops->tokenize(target, model, text, len, tokens, e)
                                 : not_offered(target, "count the tokens of a text", e);
}

void token_list_fini(struct token_list *tokens)
{
    free(tokens->items);
    *tokens = (struct token_list){0};
}

/* The moments are ours: a protocol says only what the server knows. */
static enum status timed(struct load_report *report, int64_t t_start_ns, enum status status)
{
    report->t_start_ns = t_start_ns;
    report->t_end_ns = loop_now_ns();
    return status;
}

enum status target_load(struct target *target, const char *model, const struct engine_options *options,
    struct load_report *report, struct error *e)
{
    int64_t t_start_ns = loop_now_ns();
    *report = (struct load_report){.server_s = -1};
    return timed(report, t_start_ns,
        target->ops->load ? target->ops->load(target, model, options, report, e)
                          : not_offered(target, "load a model", e));
}

enum status target_unload(
    struct target *target, const char *model, struct load_report *report, struct error *e)
{
    int64_t t_start_ns = loop_now_ns();
    *report = (struct load_report){.server_s = -1};
    return timed(report, t_start_ns,
        target->ops->unload ? target->ops->unload(target, model, report, e)
                            : not_offered(target, "unload a model", e));
}

enum status target_loaded(struct target *target, struct model_list *models, struct error *e)
{
    *models = (struct model_list){0};
    return target->ops->loaded ? target->ops->loaded(target, models, e)
                               : not_offered(target, "say which models are loaded", e);
}

enum status target_slots(
    struct target *target, const char *model, struct server_slots *slots, struct error *e)
{
    *slots = (struct server_slots){-1, -1, -1, -1};
    return target->ops->slots ? target->ops->slots(target, model, slots, e)
                              : not_offered(target, "say how busy the server is", e);
}

enum status target_pull(
    struct target *target, const char *model, pull_progress_fn progress, void *arg, struct error *e)
{
    return target->ops->pull ? target->ops->pull(target, model, progress, arg, e)
                             : not_offered(target, "fetch a model", e);
}

enum status target_create(
    struct target *target, const char *name, const char *from, const char *parameters_json, struct error *e)
{
    return target->ops->create ? target->ops->create(target, name, from, parameters_json, e)
                               : not_offered(target, "make a variant of a model", e);
}

enum status target_delete(struct target *target, const char *model, struct error *e)
{
    return target->ops->remove ? target->ops->remove(target, model, e)
                               : not_offered(target, "delete a model", e);
}

void target_raw(struct target *target, const char *method, const char *path, const char *content_type,
    const void *body, size_t len, struct exchange *x)
{
    char url[4096];
    struct call_request request = {
        .method = method, .url = url, .content_type = content_type, .body = body, .body_len = len};
    if ((size_t)snprintf(url, sizeof url, "%s%s", target->base, path) < sizeof url) {
        target_call_run(target, &request, x);
        return;
    }
    struct error why = {0};
    error_set(&why, STATUS_INVALID, "the path is too long");
    target_call_refuse(x, 0, &why);
}
