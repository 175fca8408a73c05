/* Ollama's own API: what it says of durations, options, loading and unloading is nowhere in its /v1. */
#include "call_task.h"
#include "ollama_events.h"
#include "ollama_manage.h"
#include "ollama_request.h"
#include "ollama_show.h"
#include "openai.h"
#include "target_private.h"

#include "answer_error.h"
#include "clock.h"
#include "exchange_write.h"
#include "json.h"
#include "model_details.h"
#include "target_get.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 32 << 20 };
#define UNLOAD_LIMIT_NS (30 * NS_PER_S)
#define UNLOAD_PAUSE_NS (20 * NS_PER_MS)

/* ---- who is there ---- */

static enum status ollama_probe(struct target *t, struct error *e)
{
    struct json_object *root = NULL;
    enum status s = target_get_json(t, "/api/version", &root, e);
    const char *version = json_get_text(root, "/version");
    if (s == STATUS_OK && !version)
        s = error_set(e, STATUS_UNAVAILABLE, "GET /api/version says no version: it is no Ollama");
    if (s == STATUS_OK) {
        snprintf(t->info.server, sizeof t->info.server, "ollama");
        exchange_copy_text(t->info.server_version, sizeof t->info.server_version, version, strlen(version));
        target_show_endpoint(t, t->url.root);
        t->kind = server_kind_of("ollama");
        if (!t->named)
            snprintf(t->info.name, sizeof t->info.name, "ollama");
    }
    json_object_put(root);
    return s;
}

/* ---- models ---- */

static void copy_text(char *field, size_t size, const struct json_object *o, const char *pointer)
{
    const char *text = json_get_text(o, pointer);
    if (text && !*field)
        exchange_copy_text(field, size, text, strlen(text));
}

static bool take_entry(const struct json_object *entry, struct model_info *m)
{
    const char *id = json_get_text(entry, "/name"), *parameters = NULL;
    *m = (struct model_info){0};
    if (!id || !*id || strlen(id) >= sizeof m->id)
        return false;
    snprintf(m->id, sizeof m->id, "%s", id);
    snprintf(m->framework, sizeof m->framework, "ollama");
    copy_text(m->digest, sizeof m->digest, entry, "/digest");
    copy_text(m->family, sizeof m->family, entry, "/details/family");
    copy_text(m->format, sizeof m->format, entry, "/details/format");
    copy_text(m->quantization, sizeof m->quantization, entry, "/details/quantization_level");
    parameters = json_get_text(entry, "/details/parameter_size");
    m->parameters = parameters ? model_details_parse_size(parameters) : 0;
    (void)json_get_int(entry, "/size", &m->size_bytes);
    (void)json_get_int(entry, "/context_length", &m->context_length);
    return true;
}

/* {"models": [...]} of tags and ps. */
static enum status take_models(const struct json_object *root, struct model_list *models, struct error *e)
{
    struct json_object *list = json_get_array(root, "/models");
    size_t count = list ? json_object_array_length(list) : 0;
    if (!json_find(root, "/models", &list) || (list && !json_object_is_type(list, json_type_array)))
        return error_set(e, STATUS_INVALID, "the answer is not a list of models");
    models->items = calloc(count ? count : 1, sizeof *models->items);
    if (!models->items)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (take_entry(json_object_array_get_idx(list, i), &models->items[models->count]))
            models->count++;
        else
            models->unusable++;
    }
    return STATUS_OK;
}

static enum status ollama_loaded(struct target *t, struct model_list *models, struct error *e)
{
    struct json_object *root = NULL;
    enum status s = target_get_json(t, "/api/ps", &root, e);
    if (s == STATUS_OK)
        s = take_models(root, models, e);
    for (size_t i = 0; s == STATUS_OK && i < models->count; i++) {
        struct model_info *m = &models->items[i];
        m->state = MODEL_LOADED;
        m->memory_bytes = m->size_bytes; /* here it is what it takes, elsewhere what its file has */
        m->loaded_context = m->context_length;
        m->size_bytes = m->context_length = 0;
    }
    json_object_put(root);
    return s;
}

/* Beside the list, so that a server that does not say leaves the states unknown. */
static void take_states(struct target *t, struct model_list *models)
{
    struct model_list loaded = {0};
    struct error ignored = {0};
    if (ollama_loaded(t, &loaded, &ignored) != STATUS_OK)
        return;
    for (size_t i = 0; i < models->count; i++) {
        struct model_info *m = &models->items[i];
        m->state = MODEL_NOT_LOADED;
        for (size_t k = 0; k < loaded.count; k++)
            if (strcmp(loaded.items[k].id, m->id) == 0) {
                m->state = MODEL_LOADED;
                m->memory_bytes = loaded.items[k].memory_bytes;
                m->loaded_context = loaded.items[k].loaded_context;
            }
    }
    model_list_fini(&loaded);
}

static enum status ollama_list_models(struct target *t, struct model_list *models, struct error *e)
{
    struct json_object *root = NULL;
    *models = (struct model_list){0};
    enum status s = target_get_json(t, "/api/tags", &root, e);
    if (s == STATUS_OK)
        s = take_models(root, models, e);
    json_object_put(root);
    if (s == STATUS_OK)
        take_states(t, models);
    if (s == STATUS_OK)
        ollama_show_all(t, models);
    return s;
}

/* ---- into memory and out of it ---- */

/* "tiny" is "tiny:latest". */
static bool same_model(const char *a, const char *b)
{
    size_t len = strlen(a), other = strlen(b);
    const char *longer = len > other ? a : b, *shorter = len > other ? b : a;
    size_t n = strlen(shorter);
    return strncmp(longer, shorter, n) == 0 && (longer[n] == '\0' || strcmp(longer + n, ":latest") == 0);
}

static enum status is_loaded(struct target *t, const char *model, bool *loaded, struct error *e)
{
    struct model_list models = {0};
    enum status s = ollama_loaded(t, &models, e);
    *loaded = false;
    for (size_t i = 0; s == STATUS_OK && i < models.count; i++)
        *loaded |= same_model(models.items[i].id, model);
    model_list_fini(&models);
    return s;
}

/* A model without generation (embeddings) refuses to generate nothing; it is loaded by embedding nothing. */
static enum status ask_to_load(
    struct target *t, const char *model, const struct engine_options *options, struct error *e)
{
    static const char *const paths[] = {"/api/generate", "/api/embed"};
    struct exchange x;
    struct buf body = BUF_INIT(1 << 16), answer = BUF_INIT(ANSWER_MAX);
    enum status s = ollama_write_load(model, options, &body, e);
    exchange_init(&x);
    for (size_t i = 0; s == STATUS_OK && i < sizeof paths / sizeof paths[0]; i++) {
        buf_clear(&answer);
        if (target_post(t, t->url.root, paths[i], &body, &x, &answer) || x.http_status != 400)
            break;
    }
    if (s == STATUS_OK && x.error != EXCHANGE_OK)
        s = error_set(e, x.http_status == 404 ? STATUS_NOT_FOUND : STATUS_INTERNAL,
            "the server does not do it (%s: %s)", exchange_error_name(x.error), x.error_text);
    exchange_fini(&x);
    buf_fini(&body);
    buf_fini(&answer);
    return s;
}

static enum status ollama_load(struct target *t, const char *model, const struct engine_options *options,
    struct load_report *report, struct error *e)
{
    enum status s = is_loaded(t, model, &report->was_loaded, e);
    return s == STATUS_OK ? ask_to_load(t, model, options, e) : s;
}

/* The answer comes before the memory is free; the list of loaded models says when it is. */
static enum status wait_until_unloaded(struct target *t, const char *model, struct error *e)
{
    int64_t until_ns = loop_now_ns() + UNLOAD_LIMIT_NS;
    bool loaded = true;
    enum status s;
    while ((s = is_loaded(t, model, &loaded, e)) == STATUS_OK && loaded && loop_now_ns() < until_ns)
        clock_sleep_until(clock_system(), loop_now_ns() + UNLOAD_PAUSE_NS);
    if (s == STATUS_OK && loaded)
        s = error_set(
            e, STATUS_TIMEOUT, "the model is still loaded after %d s", (int)(UNLOAD_LIMIT_NS / NS_PER_S));
    return s;
}

static enum status ollama_unload(
    struct target *t, const char *model, struct load_report *report, struct error *e)
{
    static const struct engine_options at_once = {.keep_alive_ns = KEEP_ALIVE_NOT};
    enum status s = is_loaded(t, model, &report->was_loaded, e);
    if (s != STATUS_OK || !report->was_loaded)
        return s;
    s = ask_to_load(t, model, &at_once, e);
    return s == STATUS_OK ? wait_until_unloaded(t, model, e) : s;
}

/* ---- what is asked ---- */

static enum status write_body(
    const struct target *t, const struct target_request *r, struct buf *body, struct error *e)
{
    (void)t;
    return ollama_write(r, body, e);
}

static struct target_call *ollama_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg)
{
    static const struct call_task tasks[TASK_COUNT] = {
        [TASK_CHAT] = {"/api/chat", write_body, &ollama_reader},
        [TASK_COMPLETION] = {"/api/generate", write_body, &ollama_reader},
        [TASK_EMBED] = {"/api/embed", write_body, &ollama_embed_reader}};
    return tasks[r->task].path ? call_task_start(t, t->url.root, &tasks[r->task], r, x, done, arg)
                               : openai_start(t, r, x, done, arg);
}

const struct target_ops ollama_ops = {
    .protocol = "ollama",
    .summary = "Ollama's own API, below /api",
    .offers = OFFER_CHAT | OFFER_COMPLETION | OFFER_EMBED | OFFER_IMAGE | OFFER_LOAD | OFFER_LOADED |
              OFFER_PULL | OFFER_CREATE | OFFER_STOP | OFFER_FINISH_REASON,
    .probe = ollama_probe,
    .list_models = ollama_list_models,
    .start = ollama_start,
    .load = ollama_load,
    .unload = ollama_unload,
    .loaded = ollama_loaded,
    .pull = ollama_pull,
    .create = ollama_create,
    .remove = ollama_remove,
};
