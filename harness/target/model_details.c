#include "model_details.h"

#include "exchange_write.h"
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t model_details_parse_size(const char *text)
{
    static const struct {
        char suffix;
        double scale;
    } scales[] = {{'K', 1e3}, {'M', 1e6}, {'B', 1e9}, {'T', 1e12}};
    double whole = 0, fraction = 0, place = 0.1; /* not strtod, which depends on the locale */
    const char *c = text;
    for (; *c >= '0' && *c <= '9'; c++)
        whole = whole * 10 + (*c - '0');
    if (c == text || whole > 1e6)
        return 0;
    if (*c == '.')
        for (c++; *c >= '0' && *c <= '9'; c++, place /= 10)
            fraction += place * (*c - '0');
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++)
        if (*c == scales[i].suffix && c[1] == '\0')
            return (int64_t)llround((whole + fraction) * scales[i].scale);
    return 0;
}

static void fill_text(char *field, size_t size, const struct json_object *entry, const char *pointer)
{
    const char *text = pointer ? json_get_text(entry, pointer) : NULL;
    if (text && *text)
        exchange_copy_text(field, size, text, strlen(text));
}

static void fill_count(int64_t *field, const struct json_object *entry, const char *pointer)
{
    int64_t value = 0;
    const char *text = pointer ? json_get_text(entry, pointer) : NULL;
    if (*field || !pointer)
        return;
    if (text)
        value = model_details_parse_size(text);
    else if (!json_get_int(entry, pointer, &value))
        return;
    *field = value > 0 ? value : 0;
}

static void fill_modalities(struct model_info *m, const char *type)
{
    static const struct {
        const char *type;
        unsigned modalities;
    } types[] = {
        {"llm", MODALITY_TEXT},
        {"vlm", MODALITY_TEXT | MODALITY_VISION},
        {"embeddings", MODALITY_EMBEDDING},
    };
    for (size_t i = 0; type && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].type, type) == 0)
            m->modalities |= types[i].modalities;
}

static void fill_state(struct model_info *m, const char *state)
{
    if (state && m->state == MODEL_STATE_UNKNOWN)
        m->state = strcmp(state, "loaded") == 0       ? MODEL_LOADED
                   : strcmp(state, "not-loaded") == 0 ? MODEL_NOT_LOADED
                                                      : MODEL_STATE_UNKNOWN;
}

static void fill_model(const struct model_details *d, const struct json_object *entry, struct model_info *m)
{
    fill_text(m->digest, sizeof m->digest, entry, d->digest);
    fill_text(m->family, sizeof m->family, entry, d->family);
    fill_text(m->variant, sizeof m->variant, entry, d->variant);
    fill_text(m->format, sizeof m->format, entry, d->format);
    fill_text(m->quantization, sizeof m->quantization, entry, d->quantization);
    fill_count(&m->parameters, entry, d->parameters);
    fill_count(&m->size_bytes, entry, d->size_bytes);
    fill_count(&m->context_length, entry, d->context_length);
    fill_count(&m->loaded_context, entry, d->loaded_context);
    fill_modalities(m, d->type ? json_get_text(entry, d->type) : NULL);
    fill_state(m, d->state ? json_get_text(entry, d->state) : NULL);
}

static struct model_info *find_model(struct model_list *models, const char *id)
{
    for (size_t i = 0; id && i < models->count; i++)
        if (strcmp(models->items[i].id, id) == 0)
            return &models->items[i];
    return NULL;
}

void model_details_add(
    const struct model_details *details, const char *text, size_t len, struct model_list *models)
{
    struct json_object *root = NULL;
    if (json_parse(text, len, &root, NULL) != STATUS_OK)
        return;
    struct json_object *list = json_get_array(root, details->list);
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        struct model_info *model = find_model(models, json_get_text(entry, details->id));
        if (model)
            fill_model(details, entry, model);
    }
    json_object_put(root);
}
