#include "lmstudio_models.h"

#include "exchange_write.h"
#include "json.h"
#include "model_details.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill_text(char *field, size_t size, const struct json_object *entry, const char *pointer)
{
    const char *text = json_get_text(entry, pointer);
    if (text && *text && !*field)
        exchange_copy_text(field, size, text, strlen(text));
}

static void fill_count(int64_t *field, const struct json_object *entry, const char *pointer)
{
    int64_t value = 0;
    if (json_get_int(entry, pointer, &value) && value > 0)
        *field = value;
}

static bool says(const struct json_object *entry, const char *pointer)
{
    bool value = false;
    return json_get_bool(entry, pointer, &value) && value;
}

/* "7B", and "26B-A4B" for 26 thousand million of which four work at a time. */
static int64_t parameters_of(const char *text)
{
    char total[16];
    snprintf(total, sizeof total, "%.*s", (int)strcspn(text, "-"), text);
    return model_details_parse_size(total);
}

static void fill_abilities(const struct json_object *entry, struct model_info *m)
{
    const char *type = json_get_text(entry, "/type");
    if (type && strcmp(type, "embedding") == 0)
        m->modalities |= MODALITY_EMBEDDING;
    if (type && strcmp(type, "llm") == 0)
        m->modalities |= MODALITY_TEXT;
    if (says(entry, "/capabilities/vision"))
        m->modalities |= MODALITY_TEXT | MODALITY_VISION;
    if (says(entry, "/capabilities/trained_for_tool_use"))
        m->modalities |= MODALITY_TOOLS;
}

static void fill_model(const struct json_object *entry, struct model_info *m)
{
    const struct json_object *loaded = json_get_array(entry, "/loaded_instances");
    const char *parameters = json_get_text(entry, "/params_string");
    fill_text(m->family, sizeof m->family, entry, "/architecture");
    fill_text(m->format, sizeof m->format, entry, "/format");
    fill_text(m->quantization, sizeof m->quantization, entry, "/quantization/name");
    fill_count(&m->size_bytes, entry, "/size_bytes");
    fill_count(&m->context_length, entry, "/max_context_length");
    fill_abilities(entry, m);
    if (parameters && m->parameters == 0)
        m->parameters = parameters_of(parameters);
    if (!loaded)
        return;
    m->state = json_object_array_length(loaded) > 0 ? MODEL_LOADED : MODEL_NOT_LOADED;
    fill_count(&m->loaded_context, entry, "/loaded_instances/0/config/context_length");
}

static struct model_info *find(struct model_list *models, const char *id)
{
    for (size_t i = 0; id && i < models->count; i++)
        if (strcmp(models->items[i].id, id) == 0)
            return &models->items[i];
    return NULL;
}

void lmstudio_models_add(struct json_object *root, struct model_list *models)
{
    struct json_object *list = json_get_array(root, "/models");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const struct json_object *entry = json_object_array_get_idx(list, i);
        struct model_info *m = find(models, json_get_text(entry, "/key"));
        if (m)
            fill_model(entry, m);
    }
}

enum status lmstudio_models_take(struct json_object *root, struct model_list *models, struct error *e)
{
    struct json_object *list = json_get_array(root, "/models");
    size_t count = list ? json_object_array_length(list) : 0;
    *models = (struct model_list){0};
    if (!list)
        return error_set(e, STATUS_INVALID, "the answer to GET /api/v1/models is not a list of models");
    models->items = calloc(count ? count : 1, sizeof *models->items);
    if (!models->items)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const struct json_object *entry = json_object_array_get_idx(list, i);
        const char *key = json_get_text(entry, "/key");
        struct model_info *m = &models->items[models->count];
        if (!key || !*key || strlen(key) >= sizeof m->id) {
            models->unusable++;
        } else if (find(models, key)) {
            models->repeated++;
        } else {
            snprintf(m->id, sizeof m->id, "%s", key);
            fill_model(entry, m);
            models->count++;
        }
    }
    return STATUS_OK;
}

void lmstudio_models_add_tools(struct json_object *root, struct model_list *models)
{
    struct json_object *list = json_get_array(root, "/data");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const struct json_object *entry = json_object_array_get_idx(list, i);
        struct json_object *words = json_get_array(entry, "/capabilities");
        struct model_info *m = find(models, json_get_text(entry, "/id"));
        for (size_t k = 0; m && words && k < json_object_array_length(words); k++) {
            const char *word = json_get_text(json_object_array_get_idx(words, k), "");
            if (word && strcmp(word, "tool_use") == 0)
                m->modalities |= MODALITY_TOOLS;
        }
    }
}

static const char *instance_in(const struct json_object *entry, const char *model)
{
    const char *key = json_get_text(entry, "/key");
    struct json_object *loaded = json_get_array(entry, "/loaded_instances");
    for (size_t i = 0; loaded && i < json_object_array_length(loaded); i++) {
        const char *id = json_get_text(json_object_array_get_idx(loaded, i), "/id");
        if (id && ((key && strcmp(key, model) == 0) || strcmp(id, model) == 0))
            return id;
    }
    return NULL;
}

const char *lmstudio_instance_of(struct json_object *root, const char *model)
{
    struct json_object *list = json_get_array(root, "/models");
    const char *found = NULL;
    for (size_t i = 0; !found && list && i < json_object_array_length(list); i++)
        found = instance_in(json_object_array_get_idx(list, i), model);
    return found;
}
