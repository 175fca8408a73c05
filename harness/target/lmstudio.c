#include "lmstudio.h"

#include "json.h"
#include "lmstudio_chat.h"
#include "lmstudio_models.h"
#include "model_details.h"
#include "openai.h"
#include "openai_models.h"
#include "target_get.h"
#include "target_private.h"

#include <stdio.h>
#include <string.h>

/* ---- who is there ---- */

/* A tree that has an array at that place, or the reason why it is no LM Studio that answers. */
static enum status get_list(
    struct target *t, const char *path, const char *array, struct json_object **root, struct error *e)
{
    enum status s = target_get_json(t, path, root, e);
    if (s == STATUS_OK && !json_get_array(*root, array)) {
        json_object_put(*root);
        *root = NULL;
        s = error_set(e, STATUS_UNAVAILABLE, "GET %s is no list of models as LM Studio gives it", path);
    }
    return s;
}

enum status lmstudio_get_models(struct target *t, struct json_object **root, struct error *e)
{
    return get_list(t, "/api/v1/models", "/models", root, e);
}

/* Lists of models are no rare thing: unasked, only where the usual list already said who answers. */
static bool is_meant(const struct target *t)
{
    return t->protocol_given || (t->kind && t->kind == server_kind_of("lmstudio"));
}

static enum status lmstudio_probe(struct target *t, struct error *e)
{
    struct json_object *old = NULL, *root = NULL;
    struct error ignored = {0};
    if (!is_meant(t))
        return error_set(e, STATUS_UNAVAILABLE, "nothing says that it is LM Studio");
    enum status s = get_list(t, "/api/v0/models", "/data", &old, e);
    bool newer = lmstudio_get_models(t, &root, &ignored) == STATUS_OK;
    if (newer)
        s = STATUS_OK;
    if (s == STATUS_OK) {
        t->lmstudio_v1 = newer;
        t->kind = server_kind_of("lmstudio");
        snprintf(t->info.server, sizeof t->info.server, "%s", t->kind->name);
        snprintf(t->info.endpoint, sizeof t->info.endpoint, "%s", t->url.root);
        if (!t->named)
            snprintf(t->info.name, sizeof t->info.name, "%s", t->kind->short_name);
    }
    json_object_put(old);
    json_object_put(root);
    return s;
}

/* ---- models ---- */

static enum status take_old_list(struct target *t, struct model_list *models, struct error *e)
{
    struct json_object *root = NULL;
    struct buf text = BUF_INIT(32 << 20);
    enum status s = get_list(t, t->kind->details->path, t->kind->details->list, &root, e);
    if (s == STATUS_OK)
        s = json_write(root, &text, e);
    if (s == STATUS_OK)
        s = openai_models_parse(buf_text(&text), text.len, t->kind, models, e);
    if (s == STATUS_OK) {
        model_details_add(t->kind->details, buf_text(&text), text.len, models);
        lmstudio_models_add_tools(root, models);
    }
    buf_fini(&text);
    json_object_put(root);
    return s;
}

/* The older list knows the kinds of models best, the newer one sizes and abilities; either will do. */
static enum status lmstudio_list_models(struct target *t, struct model_list *models, struct error *e)
{
    struct json_object *root = NULL;
    struct error ignored = {0};
    *models = (struct model_list){0};
    enum status s = take_old_list(t, models, e);
    if (!t->lmstudio_v1 || lmstudio_get_models(t, &root, &ignored) != STATUS_OK)
        return s;
    if (s == STATUS_OK)
        lmstudio_models_add(root, models);
    else
        s = lmstudio_models_take(root, models, e);
    json_object_put(root);
    return s;
}

static enum status lmstudio_loaded(struct target *t, struct model_list *models, struct error *e)
{
    enum status s = lmstudio_list_models(t, models, e);
    size_t kept = 0;
    for (size_t i = 0; i < models->count; i++)
        if (models->items[i].state == MODEL_LOADED)
            models->items[kept++] = models->items[i];
    models->count = kept;
    return s;
}

/* ---- what is asked ---- */

static struct target_call *lmstudio_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg)
{
    char base[sizeof t->base];
    if (t->lmstudio_v1 && r->task == TASK_CHAT && lmstudio_chat_can(&r->chat))
        return lmstudio_chat_start(t, r, x, done, arg);
    snprintf(base, sizeof base, "%s/api/v0", t->url.root);
    return openai_start_below(t, base, r, x, done, arg);
}

const struct target_ops lmstudio_ops = {
    .protocol = "lmstudio",
    .summary = "LM Studio's own API, below /api/v0 and /api/v1",
    .offers = OFFER_CHAT | OFFER_COMPLETION | OFFER_EMBED | OFFER_LOAD | OFFER_LOADED | OFFER_PULL |
              OFFER_STOP | OFFER_TOOL_CHOICE,
    .probe = lmstudio_probe,
    .list_models = lmstudio_list_models,
    .start = lmstudio_start,
    .load = lmstudio_load,
    .unload = lmstudio_unload,
    .loaded = lmstudio_loaded,
    .pull = lmstudio_pull,
};
