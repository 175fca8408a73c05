/* NOBS, later La Perf: results/report_HOST.json, one value. */
#include "nobs_parts.h"

#include "json.h"
#include "old_time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LOCAL_MOMENT                                                                                         \
    "when that program wrote the file, behind its last task, by the clock of its machine: in a zone that "   \
    "the "                                                                                                   \
    "file does not name, so up to 14 hours off"

static bool recognises(const struct json_object *first)
{
    return json_get_object(first, "/device_info") != NULL &&
           (json_get_array(first, "/tasks") != NULL || json_get_object(first, "/models") != NULL);
}

/* ---- the machine ---- */

/* A member that run.json has a place for, but not for this value; null says nothing. */
static bool lose_told(
    struct migration *m, const struct json_object *info, const char *pointer, const char *why)
{
    char whole[64];
    if (json_get(info, pointer) == NULL)
        return true;
    (void)snprintf(whole, sizeof whole, "/device_info%s", pointer);
    migration_lose(m, whole, why);
    return true;
}

static bool set_text(struct migration *m, struct json_object *object, const char *key,
    struct json_object *info, const char *pointer)
{
    const char *text = json_get_text(info, pointer);
    if (text == NULL || text[0] == '\0')
        return lose_told(m, info, pointer, "not a text");
    return old_set_line(object, key, text);
}

/* GiB with two digits behind the point become bytes; nothing where they are no number. */
static bool set_gib(struct migration *m, struct json_object *object, const char *key,
    struct json_object *info, const char *pointer)
{
    double gib;
    if (!json_get_real(info, pointer, &gib) || !(gib > 0 && gib < 1 << 20))
        return lose_told(m, info, pointer, "not a number of GiB");
    return json_set_int(object, key, llround(gib * 1073741824.0));
}

static bool set_gpu(struct migration *m, struct json_object *machine, struct json_object *info)
{
    const char *name = json_get_text(info, "/gpu_name");
    if (name == NULL || name[0] == '\0')
        return lose_told(m, info, "/gpu_name", "not a text") &&
               lose_told(m, info, "/gpu_memory_gb", "a GPU's memory needs its name");
    struct json_object *gpu = json_object_new_object(), *gpus = json_object_new_array();
    bool ok = set_text(m, gpu, "name", info, "/gpu_name") &&
              set_gib(m, gpu, "memory_bytes", info, "/gpu_memory_gb");
    return json_add(gpus, gpu) && json_set(machine, "gpus", gpus) && ok;
}

/* An object with what `fill` finds, as a member of machine; left out where that is nothing. */
static bool set_part(struct json_object *machine, const char *key, struct json_object *part, bool ok)
{
    if (ok && json_object_object_length(part) > 0)
        return json_set(machine, key, part);
    json_object_put(part);
    return ok;
}

static bool set_machine(struct migration *m, struct json_object *run, struct json_object *info)
{
    struct json_object *machine = json_object_new_object();
    struct json_object *cpu = json_object_new_object(), *memory = json_object_new_object();
    bool ok = set_text(m, machine, "host", info, "/host") && set_text(m, machine, "os", info, "/platform");
    ok = set_part(machine, "cpu", cpu, set_text(m, cpu, "model", info, "/processor")) && ok;
    ok = set_part(machine, "memory", memory, set_gib(m, memory, "total_bytes", info, "/ram_gb")) && ok;
    ok = set_gpu(m, machine, info) && ok;
    return json_set(run, "machine", machine) && ok;
}

/* What is of the whole session, in run.json as it stood. */
static bool keep_rest(struct migration *m, struct json_object *root)
{
    struct json_object *migrated = json_object_new_object(), *rest = json_object_new_object();
    bool ok = true;
    json_object_object_foreach(root, key, value)
    {
        if (strcmp(key, "tasks") != 0 && strcmp(key, "models") != 0 && strcmp(key, "dataset_size") != 0 &&
            value != NULL)
            ok = ok && json_set(rest, key, json_object_get(value));
    }
    ok = ok && old_members_take(m, nobs_root_members, rest, "", NULL);
    ok = json_set(migrated, "original", rest) && ok;
    return json_set(migration_run(m), "migrated", migrated) && ok;
}

/* ---- the file ---- */

/* The first form had one task, and that at its root. */
static enum status lift_single(const struct nobs_file *file, struct json_object *root, struct error *e)
{
    struct json_object *task = json_object_new_object(), *size = json_get(root, "/dataset_size");
    bool ok = json_set_text(task, "task", "embeddings") &&
              (size == NULL || json_set(task, "dataset_size", json_object_get(size))) &&
              json_set(task, "models", json_object_get(json_get_object(root, "/models")));
    enum status s =
        ok ? nobs_lift_task(file, task, "", e) : error_set(e, STATUS_NO_MEMORY, "no memory for a task");
    json_object_put(task);
    return s;
}

static enum status lift_tasks(const struct nobs_file *file, struct json_object *tasks, struct error *e)
{
    char pointer[64];
    size_t lifted = 0, count = json_object_array_length(tasks);
    enum status s = STATUS_OK;
    struct error why = {0};
    for (size_t i = 0; i < count && (s == STATUS_OK || s == STATUS_INVALID); i++) {
        (void)snprintf(pointer, sizeof pointer, "/tasks/%zu", i);
        s = nobs_lift_task(file, json_object_array_get_idx(tasks, i), pointer, &why);
        lifted += s == STATUS_OK;
        if (s == STATUS_INVALID)
            migration_refuse(file->m, 0, error_text(&why));
    }
    if (s != STATUS_OK && s != STATUS_INVALID)
        return error_set(e, s, "%s", error_text(&why));
    if (lifted > 0)
        return STATUS_OK;
    return count > 0 ? error_set(e, STATUS_INVALID, "%s", error_text(&why))
                     : error_set(e, STATUS_INVALID, "/tasks: it holds no task");
}

static enum status lift(struct migration *m, const struct migrate_value *value, struct error *e)
{
    struct json_object *root = json_get_object(value->tree, "");
    struct json_object *tasks = json_get_array(root, "/tasks"), *info = json_get_object(root, "/device_info");
    struct nobs_file file = {.m = m, .value = value};
    const char *moment = json_get_text(root, "/timestamp");
    bool zoned;
    if (!recognises(root))
        return error_set(e, STATUS_INVALID, "neither tasks nor models beside device_info: no result of NOBS");
    if (!old_time_parse(moment, &file.unix_ns, &zoned))
        return error_set(e, STATUS_INVALID,
            "/timestamp: date and time were expected, as 2025-11-14T02:20:44.09: "
            "a record cannot be without");
    enum status s = migration_begin(m, file.unix_ns, json_get_text(info, "/host"), e);
    if (s != STATUS_OK)
        return s;
    file.moment = zoned ? "when that program wrote the file, behind its last task" : LOCAL_MOMENT;
    if (!zoned)
        migration_note(m, 0,
            "moments are as the clock of that machine showed them, in a zone that the file does not "
            "name: up to 14 hours off");
    if (!set_machine(m, migration_run(m), info) || !keep_rest(m, root))
        return error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    return tasks != NULL ? lift_tasks(&file, tasks, e) : lift_single(&file, root, e);
}

const struct migrate_format migrate_nobs = {
    .name = "nobs",
    .summary = "NOBS and La Perf: results/report_HOST.json",
    .recognises = recognises,
    .lift = lift,
};
