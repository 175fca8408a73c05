/* Whatever a server says of its models, what comes of it are models with texts that can be shown. */
#include "lmstudio_models.h"
#include "openai_models.h"
#include "server_kind.h"

#include "json.h"
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void check(const struct model_list *models)
{
    for (size_t i = 0; i < models->count; i++) {
        const struct model_info *m = &models->items[i];
        require(m->id[0] && memchr(m->id, '\0', sizeof m->id));
        require(text_utf8_valid(m->family, strlen(m->family)));
        require(text_utf8_valid(m->format, strlen(m->format)));
        require(text_utf8_valid(m->quantization, strlen(m->quantization)));
        require(m->parameters >= 0 && m->size_bytes >= 0 && m->context_length >= 0 && m->loaded_context >= 0);
    }
}

/* The same text as each of the lists, and to fill what another list has left open. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const struct server_kind *kind = server_kind_of("lmstudio");
    struct json_object *root = NULL;
    struct model_list models = {0};
    if (openai_models_parse(text, size, kind, &models, NULL) == STATUS_OK)
        model_details_add(kind->details, text, size, &models);
    if (json_parse(text, size, &root, NULL) == STATUS_OK) {
        struct model_list own = {0};
        lmstudio_models_add(root, &models);
        lmstudio_models_add_tools(root, &models);
        if (lmstudio_models_take(root, &own, NULL) == STATUS_OK)
            lmstudio_models_add(root, &own);
        (void)lmstudio_instance_of(root, "granite");
        check(&own);
        model_list_fini(&own);
    }
    check(&models);
    model_list_fini(&models);
    json_object_put(root);
    return 0;
}
