#include "openai.h"

#include "answer_error.h"
#include "exchange_write.h"
#include "openai_adapt.h"
#include "json.h"
#include "openai_events.h"
#include "openai_models.h"
#include "openai_bodies.h"
#include "openai_results.h"
#include "target_call.h"
#include "target_get.h"
#include "target_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- how an answer is read ---- */

static bool reader_event(void *state, const struct sse_event *event)
{
    return openai_answer_event(state, event);
}

static void reader_whole(void *state, const char *body, size_t len)
{
    openai_answer_whole(state, body, len);
}

const struct answer_reader openai_reader = {.state_size = sizeof(struct openai_answer),
    .begin = openai_reader_begin,
    .event = reader_event,
    .whole = reader_whole,
    .is_complete = openai_reader_is_complete,
    .end = openai_reader_end};

/* ---- what is asked ---- */

/* One line per task: where it is asked, how its body is written and its answer read. */
struct openai_task {
    const char *path;
    openai_write_fn *write;
    const struct answer_reader *reader;
};

static const struct openai_task openai_tasks[TASK_COUNT] = {
    [TASK_CHAT] = {"/chat/completions", openai_write_chat, &openai_reader},
    [TASK_COMPLETION] = {"/completions", openai_write_completion, &openai_reader},
    [TASK_EMBED] = {"/embeddings", openai_write_embed, &openai_embed_reader},
    [TASK_RERANK] = {"/rerank", openai_write_rerank, &openai_rerank_reader},
    [TASK_IMAGE] = {"/images/generations", openai_write_image, &openai_image_reader},
    [TASK_TRANSCRIBE] = {"/audio/transcriptions", openai_write_transcribe, &openai_transcribe_reader},
    [TASK_SPEAK] = {"/audio/speech", openai_write_speak, &openai_speak_reader},
};

static enum status write_body(
    const struct body_way *way, const struct target_request *r, struct openai_body *body, struct error *e)
{
    enum status s = openai_tasks[r->task].write(way->kind, r, body, e);
    if (s == STATUS_OK && way->adapted && strcmp(body->content_type, "application/json") == 0)
        s = openai_adapt_body(&body->bytes, way->adapted);
    return s;
}

static void join(char *url, size_t size, const char *base, const char *path)
{
    size_t base_len = strnlen(base, size - 1), path_len = strnlen(path, size - 1 - base_len);
    memcpy(url, base, base_len);
    memcpy(url + base_len, path, path_len);
    url[base_len + path_len] = '\0';
}

struct target_call *openai_start_below(struct target *t, const char *base, const struct target_request *r,
    struct exchange *x, target_done_fn done, void *arg)
{
    const struct openai_task *task = &openai_tasks[r->task];
    const struct body_way way = {.kind = t->kind, .adapted = t->adapted};
    struct error why;
    struct openai_body body = {.bytes = BUF_INIT(SIZE_MAX / 4), .content_type = "application/json"};
    char url[sizeof t->base + 64];
    struct target_call *call = NULL;
    error_clear(&why);
    join(url, sizeof url, base, task->path);
    enum status s = body_template_write(&t->template, &way, r, write_body, &body, &why);
    if (s == STATUS_OK) {
        struct call_request request = {.method = "POST",
            .adapts = strcmp(body.content_type, "application/json") == 0,
            .url = url,
            .content_type = body.content_type,
            .body_taken = &body.bytes,
            .reader = task->reader,
            .reader_arg = &t->again,
            .streamed = body.streamed,
            .hang_up_after_events = r->hang_up_after_events,
            .max_retries = r->max_retries,
            .t_intended_ns = r->t_intended_ns};
        call = target_call_start(t, &request, x, done, arg);
    } else {
        target_call_refuse(x, r->t_intended_ns, &why);
    }
    buf_fini(&body.bytes);
    return call;
}

struct target_call *openai_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg)
{
    return openai_start_below(t, t->base, r, x, done, arg);
}

/* ---- who is there ---- */

enum { LIST_BYTES_MAX = 32 << 20 };

/* Below /v1 first; some gateways have their list beside the base URL that they name. */
static void get_models(struct target *t, struct exchange *x, struct buf *body)
{
    snprintf(t->base, sizeof t->base, "%s/v1", t->url.root);
    target_get(t, t->base, "/models", x, body);
    if (x->http_status != 404 || t->url.has_version)
        return;
    target_get(t, t->url.root, "/models", x, body);
    snprintf(t->base, sizeof t->base, "%s%s", t->url.root, x->error == EXCHANGE_OK ? "" : "/v1");
}

/* No answer at all: what that means, and what can be done about it. */
static enum status refuse_silence(const struct exchange *x, struct error *e)
{
    static const struct {
        enum exchange_error error;
        enum status status;
        const char *meaning;
    } silences[] = {
        {EXCHANGE_RESOLVE, STATUS_NOT_FOUND, "no such host"},
        {EXCHANGE_CONNECT, STATUS_NOT_FOUND, "nothing answers there"},
        {EXCHANGE_TIMEOUT_CONNECT, STATUS_TIMEOUT, "no connection in time"},
        {EXCHANGE_TIMEOUT_FIRST_TOKEN, STATUS_TIMEOUT, "connected, but no answer in time"},
        {EXCHANGE_TIMEOUT_IDLE, STATUS_TIMEOUT, "connected, but no whole answer in time"},
        {EXCHANGE_TIMEOUT_TOTAL, STATUS_TIMEOUT, "connected, but no whole answer in time"},
        {EXCHANGE_INTERNAL, STATUS_UNAVAILABLE, "this machine could not ask"},
    };
    const char *name = exchange_error_name(x->error);
    if (x->error == EXCHANGE_TLS)
        return error_set(e, STATUS_UNAVAILABLE, "no secure connection (%s: %s); %s", name, x->error_text,
            strstr(x->error_text, "certificate")
                ? "its authority must be among those that this machine "
                  "trusts (Debian: update-ca-certificates; a file of your own: --cacert FILE)"
                : "is it a server for http:// rather than https://?");
    for (size_t i = 0; i < sizeof silences / sizeof *silences; i++)
        if (silences[i].error == x->error)
            return error_set(e, silences[i].status, "%s (%s: %s)", silences[i].meaning, name, x->error_text);
    return error_set(e, STATUS_UNAVAILABLE, "what answers there speaks no HTTP that can be read (%s: %s)",
        name, x->error_text);
}

static enum status refuse(const struct exchange *x, struct error *e)
{
    if (x->http_status == 0)
        return refuse_silence(x, e);
    if (x->http_status == 401 || x->http_status == 403)
        return error_set(e, STATUS_INVALID, "the server wants an API key: %s", x->error_text);
    return error_set(
        e, STATUS_UNAVAILABLE, "GET /models failed (%s: %s)", exchange_error_name(x->error), x->error_text);
}

/* "assay-sim/0.1.0 (x)" -> "assay-sim", "0.1.0" */
static void split_product(
    const char *header, char *name, size_t name_size, char *version, size_t version_size)
{
    size_t name_len = strcspn(header, "/ "), version_len = 0;
    const char *behind = header + name_len;
    if (*behind == '/')
        version_len = strcspn(++behind, " ");
    snprintf(name, name_size, "%.*s", (int)name_len, header);
    snprintf(version, version_size, "%.*s", (int)version_len, behind);
}

static void ask_version(struct target *t, struct exchange *x, struct buf *body)
{
    struct json_object *root = NULL;
    target_get(t, t->url.root, t->kind->version_path, x, body);
    if (x->error != EXCHANGE_OK || json_parse(buf_text(body), body->len, &root, NULL) != STATUS_OK)
        return;
    const char *version = json_get_text(root, t->kind->version_pointer);
    if (version)
        exchange_copy_text(t->info.server_version, sizeof t->info.server_version, version, strlen(version));
    json_object_put(root);
}

static void describe_unknown(struct target_info *info, const char *server_header)
{
    if (*server_header && !server_header_is_generic(server_header))
        split_product(server_header, info->server, sizeof info->server, info->server_version,
            sizeof info->server_version);
}

static void describe_server(struct target *t, const char *server_header, struct exchange *x, struct buf *body)
{
    struct target_info *info = &t->info;
    char name[64];
    if (!t->kind) {
        describe_unknown(info, server_header);
        return;
    }
    snprintf(info->server, sizeof info->server, "%s", t->kind->name);
    if (!t->named)
        snprintf(info->name, sizeof info->name, "%s", t->kind->short_name);
    if (t->kind->version_in_header)
        split_product(server_header, name, sizeof name, info->server_version, sizeof info->server_version);
    else if (t->kind->version_path)
        ask_version(t, x, body);
}

enum status openai_probe(struct target *t, struct error *e)
{
    struct exchange x;
    struct buf body = BUF_INIT(LIST_BYTES_MAX);
    struct model_list models = {0};
    char owner[64] = "", server_header[sizeof x.server_header];
    exchange_init(&x);
    get_models(t, &x, &body);
    enum status status = x.error == EXCHANGE_OK
                             ? openai_models_parse(buf_text(&body), body.len, NULL, &models, e)
                             : refuse(&x, e);
    if (status != STATUS_OK)
        goto out;
    free(t->listed);
    t->listed = strndup(buf_text(&body), body.len); /* where there is no memory it is asked for again */
    t->info.simulated = x.simulated;
    target_show_endpoint(t, t->base);
    memcpy(server_header, x.server_header, sizeof server_header);
    openai_models_owner(buf_text(&body), body.len, owner, sizeof owner);
    t->kind = server_kind_find(server_header, owner);
    if (!t->kind && models.count == 0) {
        target_get(t, t->url.root, "/", &x, &body);
        t->kind = server_kind_find_by_root(buf_text(&body));
    }
    describe_server(t, server_header, &x, &body);
out:
    model_list_fini(&models);
    buf_fini(&body);
    exchange_fini(&x);
    return status;
}

/* A server that does not answer this has its models all the same. */
static void add_details(struct target *t, struct exchange *x, struct buf *body, struct model_list *models)
{
    if (!t->kind || !t->kind->details || models->count == 0)
        return;
    target_get(t, t->url.root, t->kind->details->path, x, body);
    if (x->error == EXCHANGE_OK)
        model_details_add(t->kind->details, buf_text(body), body->len, models);
}

/* What the probe got is as good as new, once: a slow server is not kept waiting for twice. */
static void take_list(struct target *t, struct exchange *x, struct buf *body)
{
    if (t->listed)
        buf_append_text(body, t->listed);
    else
        target_get(t, t->base, "/models", x, body);
    free(t->listed);
    t->listed = NULL;
}

enum status openai_list_models(struct target *t, struct model_list *models, struct error *e)
{
    struct exchange x;
    struct buf body = BUF_INIT(LIST_BYTES_MAX);
    *models = (struct model_list){0};
    exchange_init(&x);
    take_list(t, &x, &body);
    enum status status = x.error == EXCHANGE_OK
                             ? openai_models_parse(buf_text(&body), body.len, t->kind, models, e)
                             : refuse(&x, e);
    if (status == STATUS_OK)
        add_details(t, &x, &body, models);
    buf_fini(&body);
    exchange_fini(&x);
    return status;
}

const struct target_ops openai_ops = {
    .protocol = "openai",
    .summary = "OpenAI's API as nearly every server speaks it, below /v1",
    .offers = OFFER_CHAT | OFFER_COMPLETION | OFFER_EMBED | OFFER_RERANK | OFFER_IMAGE | OFFER_TRANSCRIBE |
              OFFER_SPEAK | OFFER_TOOL_CHOICE | OFFER_SOUND | OFFER_STOP | OFFER_FINISH_REASON,
    .probe = openai_probe,
    .list_models = openai_list_models,
    .start = openai_start,
};
