/* Memory files of mlx-knife: a sample of the machine per line, a summary at the end. */
#include "migration.h"

#include "old_files.h"
#include "old_time.h"

#include "json.h"

#include <string.h>

static bool recognises(const struct json_object *first)
{
    const char *schema = old_schema_name(first);
    return schema != NULL && strcmp(schema, "mlx-knife-memory") == 0;
}

/* Written as 0 whatever the machine does: nothing was read, and what was not read is not zero. */
static bool is_placeholder(const char *key, struct json_object *value)
{
    static const char *const keys[] = {"ram_used_gb", "ram_percent", "swap_percent"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return json_object_get_double(value) == 0;
    return false;
}

static bool is_sensor_name(const char *key)
{
    size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return key[0] >= 'a' && key[0] <= 'z' && key[len] == '\0';
}

static bool is_time(const char *key)
{
    return strcmp(key, "ts") == 0 || strcmp(key, "elapsed_s") == 0;
}

/* False: no memory. */
static bool lose_member(struct migration *m, const char *key, const char *why)
{
    struct buf pointer = BUF_INIT(2 * JSON_FILE_MAX);
    bool ok = json_pointer_append(&pointer, key) == STATUS_OK;
    if (ok)
        migration_lose_to(m, buf_text(&pointer), "nowhere", why);
    buf_fini(&pointer);
    return ok;
}

/* False: no memory. */
static bool take_member(
    struct migration *m, struct json_object *values, const char *key, struct json_object *value)
{
    enum json_type type = json_object_get_type(value);
    if (is_time(key))
        return true;
    if (!is_sensor_name(key))
        return lose_member(m, key, "not a name that a sensor can have");
    if (type == json_type_null)
        return json_set_null(values, key);
    if (type == json_type_boolean)
        return json_set_int(values, key, json_object_get_boolean(value));
    if (type != json_type_int && type != json_type_double)
        return lose_member(m, key, "not a number");
    if (is_placeholder(key, value))
        return lose_member(m, key, "a constant 0: nothing was read");
    return json_set(values, key, json_object_get(value));
}

static struct json_object *values_of(struct migration *m, struct json_object *tree)
{
    struct json_object *values = json_object_new_object();
    bool ok = values != NULL;
    json_object_object_foreach(tree, key, value) ok = ok && take_member(m, values, key, value);
    if (ok)
        return values;
    json_object_put(values);
    return NULL;
}

static enum status times_of(
    const struct json_object *tree, int64_t *unix_ns, int64_t *mono_ns, struct error *e)
{
    double ts, elapsed_s;
    if (!json_get_real(tree, "/ts", &ts) || !old_time_of_seconds(ts, unix_ns))
        return error_set(e, STATUS_INVALID, "a sample without a moment (ts)");
    if (!json_get_real(tree, "/elapsed_s", &elapsed_s) || !old_time_of_seconds(elapsed_s, mono_ns))
        return error_set(e, STATUS_INVALID, "a sample without the time since the first (elapsed_s)");
    return STATUS_OK;
}

static enum status lift_sample(struct migration *m, const struct json_object *tree, struct error *e)
{
    int64_t unix_ns, mono_ns;
    enum status s = times_of(tree, &unix_ns, &mono_ns, e);
    if (s == STATUS_OK)
        s = migration_begin(m, unix_ns, NULL, e);
    if (s != STATUS_OK)
        return s;
    struct json_object *sample = json_object_new_object();
    if (!json_set_int(sample, "unix_ns", unix_ns) || !json_set_int(sample, "mono_ns", mono_ns) ||
        !json_set(sample, "values", values_of(m, (struct json_object *)(uintptr_t)tree)))
        s = STATUS_NO_MEMORY;
    if (s == STATUS_OK)
        return migration_add_sample(m, sample, e);
    json_object_put(sample);
    return error_set(e, s, "out of memory");
}

/* As it stands, into run.json: what it says was computed by others. */
static enum status lift_summary(struct migration *m, struct json_object *summary, struct error *e)
{
    struct json_object *run = migration_run(m), *told = json_get_object(run, "/migrated");
    if (told == NULL && json_set(run, "migrated", json_object_new_object()))
        told = json_get_object(run, "/migrated");
    if (json_get(told, "/summary") != NULL)
        return error_set(e, STATUS_INVALID, "a second summary: the first is kept");
    if (!json_set(told, "summary", json_object_get(summary)))
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    return STATUS_OK;
}

static enum status lift(struct migration *m, const struct migrate_value *value, struct error *e)
{
    struct json_object *summary = json_get_object(value->tree, "/summary");
    if (summary != NULL)
        return lift_summary(m, summary, e);
    if (!json_object_is_type(value->tree, json_type_object))
        return error_set(e, STATUS_INVALID, "neither a sample nor a summary");
    return lift_sample(m, value->tree, e);
}

const struct migrate_format migrate_mlx_knife_memory = {
    .name = "mlx-knife-memory",
    .summary = "memory files of mlx-knife's memmon",
    .recognises = recognises,
    .lift = lift,
};
