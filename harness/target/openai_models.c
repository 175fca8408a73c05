#include "openai_models.h"

#include "exchange_write.h"
#include "json.h"
#include "openai_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODELS_MAX = 10000 };

static void copy_member(char *field, size_t size, struct json_object *object, const char *pointer)
{
    const char *text = json_get_text(object, pointer);
    if (text && *text)
        exchange_copy_text(field, size, text, strlen(text));
}

/* The first of the members that is there. */
static int64_t first_count(struct json_object *object, const char *const *pointers)
{
    int64_t value = 0;
    for (; *pointers; pointers++)
        if (json_get_int(object, *pointers, &value) && value > 0)
            return value;
    return 0;
}

struct modality_word {
    const char *word; /* NULL ends a table */
    enum modality modality;
};

static const struct modality_word modality_words[] = {
    {"text", MODALITY_TEXT},
    {"completion", MODALITY_TEXT},
    {"image", MODALITY_VISION},
    {"vision", MODALITY_VISION},
    {"audio", MODALITY_AUDIO},
    {"embedding", MODALITY_EMBEDDING},
    {"embeddings", MODALITY_EMBEDDING},
    {0},
};

/* The same word means another thing where it comes out of a model. */
static const struct modality_word output_words[] = {
    {"text", MODALITY_TEXT},
    {"image", MODALITY_IMAGE},
    {"audio", MODALITY_SPEECH},
    {"speech", MODALITY_SPEECH},
    {"embedding", MODALITY_EMBEDDING},
    {"embeddings", MODALITY_EMBEDDING},
    {"rerank", MODALITY_RERANK},
    {0},
};

static unsigned modality_of(const char *word, const struct modality_word *table)
{
    for (; word && table->word; table++)
        if (strcmp(word, table->word) == 0)
            return table->modality;
    return 0;
}

static unsigned modalities_in(struct json_object *words, const struct modality_word *table)
{
    unsigned found = 0;
    size_t count = json_object_is_type(words, json_type_array) ? json_object_array_length(words) : 0;
    for (size_t i = 0; i < count; i++)
        found |= modality_of(json_object_get_string(json_object_array_get_idx(words, i)), table);
    return found;
}

/* Text that goes into a model is a conversation only where text comes out of it. */
static unsigned modalities_of(struct json_object *entry)
{
    struct json_object *out = json_get_array(entry, "/architecture/output_modalities");
    unsigned in = modalities_in(json_get_array(entry, "/architecture/input_modalities"), modality_words);
    unsigned made = modalities_in(out, output_words);
    if (out && !(made & MODALITY_TEXT))
        in &= ~(unsigned)MODALITY_TEXT;
    return in | (made & ~(unsigned)MODALITY_TEXT);
}

/* llama.cpp lists its models a second time, as Ollama does, with what each can do. */
static unsigned capabilities_of(struct json_object *root, const char *id)
{
    struct json_object *models = json_get_array(root, "/models");
    for (size_t i = 0; models && i < json_object_array_length(models); i++) {
        struct json_object *model = json_object_array_get_idx(models, i);
        const char *name = json_get_text(model, "/name");
        if (name && strcmp(name, id) == 0)
            return modalities_in(json_get_array(model, "/capabilities"), modality_words);
    }
    return 0;
}

/* llama.cpp's router says of each model how it starts it; one that is started for vectors says no word. */
static bool is_started_for_vectors(struct json_object *entry)
{
    struct json_object *args = json_get_array(entry, "/status/args");
    for (size_t i = 0; args && i < json_object_array_length(args); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(args, i));
        if (word && (strcmp(word, "--embeddings") == 0 || strcmp(word, "--embedding") == 0))
            return true;
    }
    return false;
}

/* llama.cpp's router says it of each model; servers of one model have nothing else in memory. */
static enum model_state state_of(struct json_object *entry, const struct server_kind *kind)
{
    const char *word = json_get_text(entry, "/status/value");
    if (word)
        return strcmp(word, "loaded") == 0     ? MODEL_LOADED
               : strcmp(word, "unloaded") == 0 ? MODEL_NOT_LOADED
                                               : MODEL_STATE_UNKNOWN;
    return kind && kind->always_loaded ? MODEL_LOADED : MODEL_STATE_UNKNOWN;
}

static bool take_model(
    struct json_object *root, struct json_object *entry, const struct server_kind *kind, struct model_info *m)
{
    static const char *const context[] = {"/meta/n_ctx", "/context_length", "/max_model_len",
        "/max_context_length", "/loaded_context_length", "/meta/n_ctx_train", NULL};
    static const char *const parameters[] = {"/meta/n_params", "/parameters", NULL};
    static const char *const size[] = {"/meta/size", "/size", NULL};
    const char *id = json_get_text(entry, "/id");
    if (!id || !*id || strlen(id) >= sizeof m->id)
        return false;
    snprintf(m->id, sizeof m->id, "%s", id); /* as it is: it goes back to the server */
    snprintf(m->framework, sizeof m->framework, "%s", kind ? kind->framework : "");
    snprintf(m->format, sizeof m->format, "%s", kind ? kind->format : "");
    copy_member(m->quantization, sizeof m->quantization, entry, "/meta/ftype");
    copy_member(m->quantization, sizeof m->quantization, entry, "/quantization");
    copy_member(m->family, sizeof m->family, entry, "/arch");
    copy_member(m->digest, sizeof m->digest, entry, "/digest");
    m->state = state_of(entry, kind);
    m->context_length = first_count(entry, context);
    m->parameters = first_count(entry, parameters);
    m->size_bytes = first_count(entry, size);
    m->modalities =
        is_started_for_vectors(entry) ? MODALITY_EMBEDDING : modalities_of(entry) | capabilities_of(root, id);
    return true;
}

/* {"data": [...]}; null where a server has no models. */
static enum status find_list(struct json_object *root, struct json_object **list, struct error *e)
{
    if (!json_object_is_type(root, json_type_object) || !json_find(root, "/data", list) ||
        (*list && !json_object_is_type(*list, json_type_array)))
        return error_set(e, STATUS_INVALID, "the answer to GET /models is not a list of models");
    return STATUS_OK;
}

/* Gateways list a model once for each of its backends; it is one model all the same. */
static bool is_listed(const struct model_list *models, const char *id)
{
    for (size_t i = 0; i < models->count; i++)
        if (strcmp(models->items[i].id, id) == 0)
            return true;
    return false;
}

static enum status take_list(struct json_object *root, struct json_object *list,
    const struct server_kind *kind, struct model_list *models, struct error *e)
{
    size_t count = list ? json_object_array_length(list) : 0;
    if (count > MODELS_MAX)
        return error_set(e, STATUS_LIMIT, "the server lists more than %d models", MODELS_MAX);
    models->items = calloc(count ? count : 1, sizeof *models->items);
    if (!models->items)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        struct model_info *next = &models->items[models->count];
        *next = (struct model_info){0};
        if (!take_model(root, json_object_array_get_idx(list, i), kind, next))
            models->unusable++;
        else if (is_listed(models, next->id))
            models->repeated++;
        else
            models->count++;
    }
    return STATUS_OK;
}

enum status openai_models_parse(
    const char *text, size_t len, const struct server_kind *kind, struct model_list *models, struct error *e)
{
    struct json_object *root = NULL, *list = NULL;
    *models = (struct model_list){0};
    enum status status = json_parse(text, len, &root, e);
    if (status == STATUS_OK)
        status = find_list(root, &list, e);
    if (status == STATUS_OK)
        status = take_list(root, list, kind, models, e);
    json_object_put(root);
    return status;
}

void openai_models_owner(const char *text, size_t len, char *owner, size_t size)
{
    struct json_object *root = NULL;
    *owner = '\0';
    if (json_parse(text, len, &root, NULL) == STATUS_OK)
        copy_member(owner, size, root, "/data/0/owned_by");
    json_object_put(root);
}
