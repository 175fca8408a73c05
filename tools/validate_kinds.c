#include "validate_kinds.h"

#include "byte_in.h"
#include "old_files.h"

#include <string.h>

static const char *schema_of_schema(const struct json_object *value)
{
    const char *draft = json_get_text(value, "/$schema");
    if (draft == NULL)
        return NULL;
    return strstr(draft, "/draft-07/") != NULL ? "draft-07/schema" : "draft2020-12/schema";
}

/* In the order in which shapes are tried: the narrower before the wider. */
static const struct validate_kind kinds[] = {
    {.schema = "record", .names = {"benchmark.jsonl"}, .members = {"outcome", "identity"}},
    {.schema = "capture", .members = {"line", "protocol"}},
    {.schema = "set", .names = {"set.json"}, .members = {"dataset", "fetched"}},
    {.schema = "calibration", .names = {"calibration.json"}, .members = {"machine", "rungs"}},
    {.schema = "regrade", .names = {"grades.jsonl"}, .members = {"grades", "before"}},
    {.schema = "mlx-knife-0.2.2",
        .surer = true,
        .schema_of = old_schema_name,
        .parse = old_json_parse,
        .note = old_notes},
    {.schema = "record", .members = {"outcome", "test"}},
    {.schema = "run", .names = {"run.json"}, .members = {"plan", "machine"}},
    {.schema = "load", .names = {"load.json"}, .members = {"asked", "kind"}},
    {.schema = "intent", .names = {".intent.json"}, .members = {"supervisor", "identity"}},
    {.schema = "answer", .names = {"answers.jsonl"}, .members = {"prompt", "answer"}},
    {.schema = "task", .names = {"tasks.jsonl"}, .members = {"prompt", "check"}},
    {.schema = "sample",
        .names = {"samples.jsonl", "server_samples.jsonl"},
        .members = {"mono_ns", "values"}},
    {.schema = "sample", .members = {"period_s", "sensors"}},
    {.schema = "sample", .members = {"lateness", "quality_flags"}},
    {.schema = "exchange", .names = {"exchanges.jsonl"}, .members = {"role", "t"}},
    /* The samples of a load test are often called samples.jsonl as well. */
    {.schema = "request", .names = {"requests.jsonl"}, .members = {"item", "token_events"}, .surer = true},
    {.schema = "truth", .names = {"truth.jsonl"}, .members = {"request", "ending"}},
    {.schema = "truth", .members = {"requests", "server"}},
    {.schema = "validation", .members = {"findings", "interrupted"}},
    {.schema = "config", .names = {"assay.yaml", "assay.yml", "assay.json"}},
    {.schema = "draft2020-12/schema", .names = {".schema.json"}, .schema_of = schema_of_schema},
    {.schema = "junit", .names = {"junit.xml"}},
};
#define KINDS (sizeof kinds / sizeof *kinds)

bool validate_name_ends(const char *path, const char *end)
{
    size_t len = byte_in_name_len(path), end_len = strlen(end);
    return len >= end_len && strncmp(path + len - end_len, end, end_len) == 0;
}

static bool is_named(const char *path, const char *name)
{
    size_t len = byte_in_name_len(path), name_len = strlen(name);
    if (!validate_name_ends(path, name))
        return false;
    return name[0] == '.' || len == name_len || path[len - name_len - 1] == '/';
}

const struct validate_kind *validate_kind_of_name(const char *path)
{
    enum { NAMES = sizeof kinds[0].names / sizeof kinds[0].names[0] };
    for (size_t i = 0; i < KINDS; i++)
        for (size_t n = 0; n < NAMES && kinds[i].names[n] != NULL; n++)
            if (is_named(path, kinds[i].names[n]))
                return &kinds[i];
    return NULL;
}

static bool has_shape(const struct validate_kind *kind, const struct json_object *value)
{
    if (kind->schema_of != NULL)
        return kind->schema_of(value) != NULL;
    return kind->members[0] != NULL && json_object_object_get_ex(value, kind->members[0], NULL) &&
           json_object_object_get_ex(value, kind->members[1], NULL);
}

const struct validate_kind *validate_kind_of_value(const struct json_object *value)
{
    if (!json_object_is_type(value, json_type_object))
        return NULL;
    for (size_t i = 0; i < KINDS; i++)
        if (has_shape(&kinds[i], value))
            return &kinds[i];
    return NULL;
}

const struct validate_kind *validate_kind_told_by(const struct json_object *value)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].surer && kinds[i].schema_of != NULL && kinds[i].schema_of(value) != NULL)
            return &kinds[i];
    return NULL;
}

/* "mlx-knife-0.1.0" and "mlx-knife-0.2.2" */
static bool are_versions(const char *a, const char *b)
{
    const char *end = strrchr(a, '-');
    return end != NULL && strncmp(a, b, (size_t)(end - a) + 1) == 0;
}

const struct validate_kind *validate_kind_of_schema(const char *schema)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].schema, schema) == 0 ||
            (kinds[i].parse != NULL && are_versions(kinds[i].schema, schema)))
            return &kinds[i];
    return NULL;
}

const struct validate_kind *validate_kind_of_text(
    const char *text, size_t len, struct json_object **tree, struct json_object **aside)
{
    *tree = *aside = NULL;
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].parse == NULL || kinds[i].parse(text, len, tree, aside, NULL) != STATUS_OK)
            continue;
        if (has_shape(&kinds[i], *tree))
            return &kinds[i];
        json_object_put(*tree);
        json_object_put(*aside);
        *tree = *aside = NULL;
    }
    return NULL;
}
