#include "old_files.h"

#include "mlxknife_fields.h"
#include "old_time.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

#define RECORD_SCHEMA "mlx-knife-0.2.2" /* their validator judges every version by the newest schema */
#define MEMORY_SCHEMA "mlx-knife-memory"

static bool has(const struct json_object *tree, const char *key)
{
    return json_object_object_get_ex(tree, key, NULL);
}

static bool is_memory(const struct json_object *tree)
{
    if (has(tree, "ram_free_gb") && has(tree, "elapsed_s"))
        return !has(tree, "outcome");
    struct json_object *summary = NULL;
    return json_object_object_length(tree) == 1 && json_object_object_get_ex(tree, "summary", &summary) &&
           json_object_is_type(summary, json_type_object) && has(summary, "ram_free_min_gb");
}

const char *old_schema_name(const struct json_object *tree)
{
    if (!json_object_is_type(tree, json_type_object))
        return NULL;
    if (is_memory(tree))
        return MEMORY_SCHEMA;
    const char *version = json_get_text(tree, "/schema_version");
    bool record =
        version != NULL && strncmp(version, "0.", 2) == 0 && has(tree, "test") && has(tree, "outcome");
    return record ? RECORD_SCHEMA : NULL;
}

/* ---- notes ---- */

struct noting {
    enum mlx_version version;
    void (*note)(const char *pointer, const char *text, void *arg);
    void *arg;
};

static void note_undocumented(const struct noting *n, const char *pointer, const struct mlx_field *f)
{
    char text[256];
    if (f != NULL && f->since != MLX_NEVER)
        snprintf(text, sizeof text, "not in the documented schema of this version (since %s)",
            mlx_version_names[f->since]);
    else if (f != NULL && f->instead != NULL)
        snprintf(text, sizeof text, "not in the documented schema (which has %s)", f->instead);
    else
        snprintf(text, sizeof text, "not in the documented schema");
    n->note(pointer, text, n->arg);
}

static bool note_members(const struct noting *n, struct json_object *object, struct buf *pointer)
{
    bool ok = true;
    size_t len = pointer->len;
    json_object_object_foreach(object, key, value)
    {
        ok = ok && json_pointer_append(pointer, key) == STATUS_OK;
        if (!ok)
            break;
        const struct mlx_field *f = mlx_field_find(buf_text(pointer));
        bool known = f != NULL && f->since != MLX_NEVER && f->since <= n->version;
        if (!known)
            note_undocumented(n, buf_text(pointer), f);
        else if (f->kind == MLX_GROUP && json_object_is_type(value, json_type_object))
            ok = note_members(n, value, pointer);
        pointer->len = len;
        pointer->data[len] = '\0';
    }
    return ok;
}

static void note_times(const struct noting *n, const struct json_object *tree)
{
    int64_t ns;
    bool zoned = false;
    const char *text = json_get_text(tree, "/timestamp");
    if (text != NULL && !old_time_parse(text, &ns, &zoned))
        n->note("/timestamp", "not a date and time by RFC 3339, which is not checked there", n->arg);
    else if (text != NULL && !zoned)
        n->note("/timestamp", "without a zone", n->arg);
}

bool old_notes(const char *schema_name, const struct json_object *tree, const struct json_object *nonfinite,
    void (*note)(const char *pointer, const char *text, void *arg), void *arg)
{
    struct noting n = {mlx_version_of(tree), note, arg};
    struct buf pointer = BUF_INIT(2 * JSON_FILE_MAX); /* keys are as long as their line */
    bool ok = true;
    if (strcmp(schema_name, MEMORY_SCHEMA) != 0 && json_object_is_type(tree, json_type_object)) {
        if (n.version == MLX_NEVER)
            n.version = MLX_0_2_2;
        ok = note_members(&n, (struct json_object *)(uintptr_t)tree, &pointer);
        note_times(&n, tree);
    }
    if (nonfinite != NULL) {
        json_object_object_foreach((struct json_object *)(uintptr_t)nonfinite, at, word)
        {
            char text[128];
            snprintf(text, sizeof text, "%.16s, which no JSON number is: taken for absent",
                json_object_get_string(word));
            note(at, text, arg);
        }
    }
    buf_fini(&pointer);
    return ok;
}
