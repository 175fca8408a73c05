/* llama.cpp's own API: chat stays OpenAI's, which carries the same timings; the rest it alone can say. */
#include "call_task.h"
#include "llamacpp_events.h"
#include "openai.h"
#include "openai_bodies.h"
#include "target_get.h"
#include "target_private.h"

#include "exchange_write.h"
#include "json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- who is there ---- */

static enum status llamacpp_probe(struct target *t, struct error *e)
{
    struct json_object *root = NULL;
    enum status s = target_get_json(t, "/props", &root, e);
    const char *build = json_get_text(root, "/build_info");
    if (s == STATUS_OK && !build)
        s = error_set(e, STATUS_UNAVAILABLE, "GET /props says no build_info: it is no llama.cpp");
    if (s == STATUS_OK) {
        t->kind = server_kind_of("llama.cpp");
        snprintf(t->info.server, sizeof t->info.server, "%s", t->kind->name);
        exchange_copy_text(t->info.server_version, sizeof t->info.server_version, build, strlen(build));
        target_show_endpoint(t, t->base);
        if (!t->named)
            snprintf(t->info.name, sizeof t->info.name, "%s", t->kind->short_name);
    }
    json_object_put(root);
    return s;
}

/* What the server as a whole says holds for its model where it has one. */
static void take_props(struct target *t, struct model_info *m)
{
    struct json_object *root = NULL;
    struct error ignored = {0};
    int64_t context = 0;
    bool has = false;
    if (target_get_json(t, "/props", &root, &ignored) != STATUS_OK)
        return;
    if (json_get_int(root, "/default_generation_settings/n_ctx", &context) && context > 0)
        m->context_length = context; /* of a slot: what one request can have */
    if (json_get_bool(root, "/modalities/vision", &has) && has)
        m->modalities |= MODALITY_TEXT | MODALITY_VISION;
    if (json_get_bool(root, "/modalities/audio", &has) && has)
        m->modalities |= MODALITY_TEXT | MODALITY_AUDIO;
    json_object_put(root);
}

static bool answers(struct target *t, const char *path, const char *body)
{
    struct json_object *question = NULL, *root = NULL;
    struct error ignored = {0};
    bool well = json_parse(body, strlen(body), &question, NULL) == STATUS_OK &&
                target_post_json(t, path, question, &root, &ignored) == STATUS_OK;
    json_object_put(root);
    return well;
}

/*
 * It says "completion" of every model. Whether its one model makes vectors shows when it is asked: a server that was
 * not started for it refuses at once, and one that was says not a word of text.
 */
static void ask_for_vectors(struct target *t, struct model_info *m)
{
    if (!answers(t, "/v1/embeddings", "{\"input\": \"a\"}"))
        return;
    m->modalities |= MODALITY_EMBEDDING;
    if (!answers(t, "/completion", "{\"prompt\": \"a\", \"n_predict\": 1}"))
        m->modalities &= ~(unsigned)MODALITY_TEXT;
}

static enum status llamacpp_list_models(struct target *t, struct model_list *models, struct error *e)
{
    enum status s = openai_list_models(t, models, e);
    if (s == STATUS_OK && models->count == 1) {
        take_props(t, &models->items[0]);
        ask_for_vectors(t, &models->items[0]);
    }
    return s;
}

/* ---- beside requests ---- */

static enum status take_tokens(const struct json_object *root, struct token_list *tokens, struct error *e)
{
    struct json_object *list = json_get_array(root, "/tokens");
    size_t count = list ? json_object_array_length(list) : 0;
    if (!list)
        return error_set(e, STATUS_INVALID, "the answer has no list of tokens");
    tokens->items = calloc(count ? count : 1, sizeof *tokens->items);
    if (!tokens->items)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %zu tokens", count);
    for (size_t i = 0; i < count; i++) {
        int64_t id = json_object_get_int64(json_object_array_get_idx(list, i));
        if (id < 0 || id > INT32_MAX)
            return error_set(e, STATUS_INVALID, "token %zu is no number of a token", i);
        tokens->items[i] = (int32_t)id;
    }
    tokens->count = count;
    return STATUS_OK;
}

static enum status llamacpp_tokenize(struct target *t, const char *model, const char *text, size_t len,
    struct token_list *tokens, struct error *e)
{
    struct json_object *body = json_object_new_object(), *root = NULL;
    bool ok = json_set_bytes(body, "content", text, len) && json_set_bool(body, "add_special", false) &&
              (!model || json_set_text(body, "model", model));
    if (!ok) {
        json_object_put(body);
        return error_set(e, STATUS_NO_MEMORY, "no memory for a text of %zu bytes", len);
    }
    enum status s = target_post_json(t, "/tokenize", body, &root, e);
    if (s == STATUS_OK)
        s = take_tokens(root, tokens, e);
    json_object_put(root);
    if (s != STATUS_OK)
        token_list_fini(tokens);
    return s;
}

/* The value of one line "name value" of the Prometheus text; -1 where there is none. */
static int64_t metric_of(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, name, len) == 0 && line[len] == ' ')
            return (int64_t)strtod(line + len, NULL);
    return -1;
}

/* path with "?model=NAME": a router has to know whose slots are meant, a server of one model does not mind. */
static void name_model(const char *path, const char *model, struct buf *out)
{
    static const char hex[] = "0123456789ABCDEF";
    buf_printf(out, "%s%s", path, model ? "?model=" : "");
    for (const char *c = model ? model : ""; *c; c++)
        if (isalnum((unsigned char)*c) || strchr("-._~", *c))
            buf_append_char(out, *c);
        else
            buf_printf(out, "%%%c%c", hex[(unsigned char)*c >> 4], hex[(unsigned char)*c & 15]);
}

static void ask_waiting(struct target *t, const char *model, struct server_slots *slots)
{
    struct exchange x;
    struct buf body = BUF_INIT(1 << 20), path = BUF_INIT(1 << 12);
    name_model("/metrics", model, &path);
    exchange_init(&x);
    target_get(t, t->url.root, buf_text(&path), &x, &body);
    if (x.error == EXCHANGE_OK)
        slots->waiting = metric_of(buf_text(&body), "llamacpp:requests_deferred");
    buf_fini(&body);
    buf_fini(&path);
    exchange_fini(&x);
}

static enum status llamacpp_slots(
    struct target *t, const char *model, struct server_slots *slots, struct error *e)
{
    struct json_object *root = NULL;
    struct buf path = BUF_INIT(1 << 12);
    name_model("/slots", model, &path);
    enum status s = target_get_json(t, buf_text(&path), &root, e);
    buf_fini(&path);
    if (s == STATUS_OK && !json_object_is_type(root, json_type_array))
        s = error_set(e, STATUS_UNAVAILABLE, "GET /slots is no list of slots");
    if (s == STATUS_OK) {
        slots->total = (int64_t)json_object_array_length(root);
        slots->busy = 0;
        for (int64_t i = 0; i < slots->total; i++) {
            bool busy = false;
            const struct json_object *slot = json_object_array_get_idx(root, (size_t)i);
            slots->busy += json_get_bool(slot, "/is_processing", &busy) && busy;
            (void)json_get_int(slot, "/n_ctx", &slots->context);
        }
        ask_waiting(t, model, slots);
    }
    json_object_put(root);
    return s;
}

/* ---- what is asked ---- */

/* max_tokens is its n_predict under another name; the numbers of the tokens say what an event holds. */
static enum status write_completion(
    const struct target *t, const struct target_request *request, struct buf *out, struct error *e)
{
    const struct completion_request *r = &request->completion;
    struct openai_sampling s = OPENAI_SAMPLING_OF(t->kind, *r);
    struct json_object *body = json_object_new_object();
    s.want_usage = false; /* it says its timings without being asked */
    bool ok = (!r->model || json_set_text(body, "model", r->model)) && openai_set_prompt(body, r) &&
              openai_set_sampling(body, &s) &&
              (r->max_tokens <= 0 || json_set_int(body, "n_predict", r->max_tokens)) &&
              json_set_bool(body, "return_tokens", true);
    return openai_body_finish(body, ok, r->extra_json, out, e);
}

static struct target_call *llamacpp_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg)
{
    static const struct call_task completion = {"/completion", write_completion, &llamacpp_reader};
    return r->task == TASK_COMPLETION ? call_task_start(t, t->url.root, &completion, r, x, done, arg)
                                      : openai_start(t, r, x, done, arg);
}

const struct target_ops llamacpp_ops = {
    .protocol = "llamacpp",
    .summary = "llama.cpp's own API beside OpenAI's",
    .offers = OFFER_CHAT | OFFER_COMPLETION | OFFER_EMBED | OFFER_RERANK | OFFER_TRANSCRIBE | OFFER_TOKENIZE |
              OFFER_SLOTS | OFFER_IGNORE_EOS | OFFER_CACHE_PROMPT | OFFER_TOKEN_PROMPTS | OFFER_TOOL_CHOICE |
              OFFER_SOUND | OFFER_STOP | OFFER_FINISH_REASON,
    .probe = llamacpp_probe,
    .list_models = llamacpp_list_models,
    .start = llamacpp_start,
    .tokenize = llamacpp_tokenize,
    .slots = llamacpp_slots,
};
