#include "schema_reading.h"

#include "our_schemas.h"
#include "schemas.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 64
#define OUR_PREFIX "urn:assay:schema:"

/* ---- versions ---- */

static const struct schema_file *file_of(const char *name)
{
    for (const struct schema_file *file = schema_files; file->name != NULL; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

const char *schema_version_of(const char *name, char *version, size_t size)
{
    const struct schema_file *file = file_of(name);
    const char *last = file != NULL && strncmp(file->id, OUR_PREFIX, strlen(OUR_PREFIX)) == 0
                           ? strrchr(file->id, ':')
                           : NULL;
    snprintf(version, size, "%s", last != NULL ? last + 1 : "");
    return version;
}

struct version {
    long part[3];
};

/* Three numbers with points between them, as plain as we write them. */
static bool parse_version(const char *text, struct version *v)
{
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 6)
            return false;
        v->part[i] = strtol(text, NULL, 10);
        text += digits;
        if (i < 2 && *text++ != '.')
            return false;
    }
    return *text == '\0';
}

static bool is_later(const struct version *a, const struct version *b)
{
    return a->part[1] != b->part[1] ? a->part[1] > b->part[1] : a->part[2] > b->part[2];
}

enum schema_age schema_age_of(const char *name, const struct json_object *tree)
{
    char text[32];
    struct version ours, theirs;
    const char *says = json_get_text(tree, "/schema_version");
    if (says == NULL || !parse_version(schema_version_of(name, text, sizeof text), &ours) ||
        ours.part[0] == 0)
        return SCHEMA_AGE_OURS; /* 0: a format of somebody else's, which a schema of ours describes */
    if (!parse_version(says, &theirs) || theirs.part[0] != ours.part[0])
        return SCHEMA_AGE_OTHER;
    return is_later(&theirs, &ours) ? SCHEMA_AGE_LATER : SCHEMA_AGE_OURS;
}

/* ---- opening ---- */

static void open_schema(struct json_object *schema);

static void open_values(struct json_object *map)
{
    if (!json_object_is_type(map, json_type_object))
        return;
    json_object_object_foreach(map, key, value)
    {
        (void)key;
        open_schema(value);
    }
}

static void open_items(struct json_object *list)
{
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++)
        open_schema(json_object_array_get_idx(list, i));
}

static void drop_closing(struct json_object *schema, const char *keyword)
{
    struct json_object *value = json_object_object_get(schema, keyword);
    if (json_object_is_type(value, json_type_boolean) && !json_object_get_boolean(value))
        json_object_object_del(schema, keyword);
}

/* Alternatives that are told apart by what is no longer asked for may all fit. */
static void loosen_alternatives(struct json_object *schema)
{
    struct json_object *one_of = json_object_object_get(schema, "oneOf");
    if (one_of == NULL)
        return;
    if (json_object_object_get(schema, "anyOf") == NULL)
        (void)json_set(schema, "anyOf", json_object_get(one_of));
    json_object_object_del(schema, "oneOf");
}

/* Lists of words go, but a word stays a word. */
static void keep_type_of_words(struct json_object *schema)
{
    struct json_object *words = json_object_object_get(schema, "enum"), *one = NULL;
    bool texts =
        json_object_object_get_ex(schema, "const", &one) && json_object_is_type(one, json_type_string);
    if (json_object_is_type(words, json_type_array)) {
        texts = true;
        for (size_t i = 0; i < json_object_array_length(words); i++)
            texts = texts && json_object_is_type(json_object_array_get_idx(words, i), json_type_string);
    }
    if (texts && json_object_object_get(schema, "type") == NULL)
        (void)json_set_text(schema, "type", "string");
}

/* What stands in `if`, `not` and `const` is a question and no promise: it stays as it is. */
static void open_schema(struct json_object *schema)
{
    static const char *const dropped[] = {"enum", "const", "pattern", "format", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems",
        "maxItems", "minProperties", "maxProperties", "uniqueItems", "propertyNames", "dependentRequired"};
    static const char *const maps[] = {"properties", "patternProperties", "$defs", "dependentSchemas"};
    static const char *const lists[] = {"allOf", "anyOf", "prefixItems"};
    static const char *const single[] = {
        "items", "additionalProperties", "unevaluatedProperties", "then", "else", "contains"};
    if (!json_object_is_type(schema, json_type_object))
        return;
    drop_closing(schema, "additionalProperties");
    drop_closing(schema, "unevaluatedProperties");
    loosen_alternatives(schema);
    keep_type_of_words(schema);
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        json_object_object_del(schema, dropped[i]);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        open_values(json_object_object_get(schema, maps[i]));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        open_items(json_object_object_get(schema, lists[i]));
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        open_schema(json_object_object_get(schema, single[i]));
}

/* ---- open schemas, each compiled when it is first asked for ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct schema *compiled[FILES_MAX]; /* by position in schema_files */

static struct json_object *open_document(const struct schema_file *file)
{
    struct json_object *document = NULL;
    if (json_parse(file->text, file->len, &document, NULL) == STATUS_OK)
        open_schema(document);
    return document;
}

/* Ours may name one another: all of them are given, open as well. */
static struct schema *compile_open(const struct schema_file *file)
{
    struct schema_source sources[FILES_MAX];
    struct schema_options options = {.sources = sources};
    struct json_object *document = NULL;
    struct schema *schema = NULL;
    for (const struct schema_file *f = schema_files; f->name != NULL && options.source_count < FILES_MAX;
         f++) {
        struct json_object *tree =
            strncmp(f->id, OUR_PREFIX, strlen(OUR_PREFIX)) == 0 ? open_document(f) : NULL;
        if (tree != NULL)
            sources[options.source_count++] = (struct schema_source){.uri = f->id, .document = tree};
        if (f == file)
            document = tree;
    }
    if (document == NULL || schema_compile(document, &options, &schema, NULL) != STATUS_OK)
        schema = NULL;
    for (size_t i = 0; i < options.source_count; i++)
        json_object_put(sources[i].document);
    return schema;
}

const struct schema *schema_open_for(const char *name)
{
    const struct schema_file *file = file_of(name);
    size_t i = file != NULL ? (size_t)(file - schema_files) : FILES_MAX;
    if (i >= FILES_MAX)
        return NULL;
    pthread_mutex_lock(&lock);
    if (compiled[i] == NULL)
        compiled[i] = compile_open(file);
    const struct schema *schema = compiled[i];
    pthread_mutex_unlock(&lock);
    return schema;
}

/* ---- checks ---- */

static enum status refuse_version(const char *name, const struct json_object *tree, struct error *e)
{
    char ours[32];
    struct version their_version, our_version;
    const char *says = json_get_text(tree, "/schema_version");
    (void)schema_version_of(name, ours, sizeof ours);
    if (!parse_version(says, &their_version) || !parse_version(ours, &our_version))
        return error_set(e, STATUS_INVALID, "schema_version %.32s is none that assay writes", says);
    if (their_version.part[0] > our_version.part[0])
        return error_set(e, STATUS_INVALID,
            "a newer assay wrote this (schema_version %s); this one reads %ld.x: update it to read the file",
            says, our_version.part[0]);
    return error_set(e, STATUS_INVALID,
        "schema_version %s is of an older format than this program reads (%ld.x)", says, our_version.part[0]);
}

static enum status check_with(
    const struct schema *schema, const char *name, const struct json_object *tree, struct error *e)
{
    return schema != NULL ? schema_check(schema, tree, e)
                          : error_set(e, STATUS_NO_MEMORY, "the schema \"%s\" cannot be used", name);
}

enum status schema_check_for_reading(const char *name, const struct json_object *tree, struct error *e)
{
    enum schema_age age = schema_age_of(name, tree);
    if (age == SCHEMA_AGE_OTHER)
        return refuse_version(name, tree, e);
    if (age == SCHEMA_AGE_LATER)
        return check_with(schema_open_for(name), name, tree, e);
    return check_with(schema_for(name), name, tree, e);
}

enum status schema_check_for_writing_again(const char *name, const struct json_object *tree, struct error *e)
{
    char ours[32];
    if (schema_age_of(name, tree) != SCHEMA_AGE_LATER)
        return STATUS_OK;
    return error_set(e, STATUS_INVALID,
        "a newer assay wrote this (schema_version %s): this one (%s) reads it, and leaves it as it is",
        json_get_text(tree, "/schema_version"), schema_version_of(name, ours, sizeof ours));
}
