#include "schema_parts.h"

#include <string.h>

#define DRAFT "https://json-schema.org/draft/2020-12/"
#define DRAFT_07 "http://json-schema.org/draft-07/schema"

static const struct {
    const char *uri;
    unsigned vocabulary;
} vocabularies_known[] = {
    {DRAFT "vocab/core", VOCABULARY_CORE},
    {DRAFT "vocab/applicator", VOCABULARY_APPLICATOR},
    {DRAFT "vocab/unevaluated", VOCABULARY_UNEVALUATED},
    {DRAFT "vocab/validation", VOCABULARY_VALIDATION},
    {DRAFT "vocab/meta-data", VOCABULARY_NO_RULES},
    {DRAFT "vocab/format-annotation", VOCABULARY_NO_RULES},
    {DRAFT "vocab/content", VOCABULARY_NO_RULES},
};

static unsigned find_vocabulary(const char *uri)
{
    for (size_t i = 0; i < sizeof vocabularies_known / sizeof *vocabularies_known; i++)
        if (strcmp(vocabularies_known[i].uri, uri) == 0)
            return vocabularies_known[i].vocabulary;
    return 0;
}

static enum status read_vocabularies(
    struct compiler *c, const struct node *root, const struct json_object *meta, unsigned *vocabularies)
{
    struct json_object *list = NULL;
    if (!json_object_object_get_ex(meta, "$vocabulary", &list) ||
        !json_object_is_type(list, json_type_object))
        return STATUS_OK;
    *vocabularies = VOCABULARY_CORE;
    json_object_object_foreach(list, uri, needed)
    {
        unsigned vocabulary = find_vocabulary(uri);
        if (vocabulary == 0 && json_object_get_boolean(needed))
            return compile_refuse(
                c, root, "$schema", "requires the vocabulary \"%s\", which is not known", uri);
        *vocabularies |= vocabulary;
    }
    return STATUS_OK;
}

static bool is_draft(const char *uri, const char *draft)
{
    size_t len = strlen(draft);
    return uri != NULL && strncmp(uri, draft, len) == 0 && (uri[len] == '\0' || strcmp(uri + len, "#") == 0);
}

enum status vocabulary_of(struct compiler *c, const struct node *root, unsigned *vocabularies)
{
    struct json_object *value, *meta;
    if (!json_object_object_get_ex(root->json, "$schema", &value))
        return STATUS_OK;
    if (!json_object_is_type(value, json_type_string))
        return compile_refuse(c, root, "$schema", "must be a string");
    const char *uri = json_object_get_string(value);
    if (is_draft(uri, DRAFT "schema") || is_draft(uri, DRAFT_07)) {
        *vocabularies = is_draft(uri, DRAFT_07) ? VOCABULARY_DRAFT_07 : VOCABULARY_ALL;
        return STATUS_OK;
    }
    enum status s = resolve_find_document(c, uri, &meta);
    if (s == STATUS_NOT_FOUND)
        return compile_refuse(
            c, root, "$schema", "is \"%s\", but only drafts 2020-12 and 07 are understood", uri);
    if (s == STATUS_OK && is_draft(text_of_member(meta, "$schema"), DRAFT_07))
        *vocabularies = VOCABULARY_DRAFT_07;
    else if (s == STATUS_OK)
        s = read_vocabularies(c, root, meta, vocabularies);
    json_object_put(meta);
    return s;
}
