#include "intent.h"

#include "json.h"
#include "process.h"
#include "record.h"
#include "workload.h"

#include <string.h>
#include <unistd.h>

static bool set_copy(struct json_object *to, const char *key, const struct json_object *value)
{
    struct json_object *copy = NULL;
    if (value == NULL)
        return true;
    return json_object_deep_copy((struct json_object *)value, &copy, NULL) == 0 && json_set(to, key, copy);
}

struct json_object *intent_identity(const struct intent_spec *spec, const struct json_object *parameters)
{
    const char *host = json_get_text(spec->run, "/machine/host");
    struct workload w = {
        .case_id = spec->planned->case_id,
        .case_version = spec->case_version,
        .parameters = parameters,
        .suite = json_get_text(spec->run, "/assay/suite/name"),
        .host = host != NULL ? host : "unknown",
    };
    if (spec->planned->target != NULL)
        (void)json_get_bool(spec->planned->target, "/simulated", &w.simulated);
    return workload_identity(&w, spec->planned->target, spec->planned->model,
        json_get_text(spec->run, "/assay/version"), json_get_text(spec->run, "/assay/suite/version"));
}

static bool set_supervisor(struct json_object *intent)
{
    char boot_id[PROCESS_BOOT_ID_SIZE];
    struct json_object *supervisor = json_object_new_object();
    int64_t ticks = process_start_ticks(getpid());
    process_boot_id(boot_id);
    bool ok = json_set_int(supervisor, "pid", getpid());
    if (ticks >= 0)
        ok = ok && json_set_int(supervisor, "start_ticks", ticks);
    if (boot_id[0] != '\0')
        ok = ok && json_set_text(intent, "boot_id", boot_id);
    return json_set(intent, "supervisor", supervisor) && ok;
}

static bool set_names(struct json_object *intent, const struct intent_spec *spec)
{
    const char *id = spec->planned->case_id;
    return json_set_text(intent, "schema_version", RECORD_VERSION) &&
           json_set_text(intent, "run_id", json_get_text(spec->run, "/run_id")) &&
           json_set_text(intent, "test", spec->planned->test) &&
           json_set_bytes(intent, "suite", id, strcspn(id, ".")) && json_set_text(intent, "case", id) &&
           json_set_int(intent, "attempt", spec->attempt);
}

struct json_object *intent_new(const struct intent_spec *spec)
{
    struct json_object *intent = json_object_new_object();
    const struct json_object *parameters = json_get_object(spec->run, "/parameters");
    bool ok = set_names(intent, spec) && json_set_int(intent, "start_unix_ns", spec->start_unix_ns) &&
              json_set_int(intent, "start_mono_ns", spec->start_mono_ns) && set_supervisor(intent) &&
              set_copy(intent, "model", spec->planned->model) &&
              set_copy(intent, "target", spec->planned->target) &&
              set_copy(intent, "parameters", parameters) &&
              json_set(intent, "identity", intent_identity(spec, parameters));
    if (spec->timeout_s > 0)
        ok = ok && json_set_real(intent, "timeout_s", spec->timeout_s);
    if (ok)
        return intent;
    json_object_put(intent);
    return NULL;
}

bool intent_is_live(const struct json_object *intent)
{
    int64_t pid = 0, ticks = -1;
    (void)json_get_int(intent, "/supervisor/start_ticks", &ticks);
    return json_get_int(intent, "/supervisor/pid", &pid) && pid > 0 &&
           process_is((pid_t)pid, ticks, json_get_text(intent, "/boot_id"));
}
