#include "evidence.h"

#include "json.h"

#include <string.h>

static struct json_object *sensor_of(const struct evidence *e)
{
    struct json_object *sensor = json_object_new_object();
    bool ok = json_set_text(sensor, "status", "ok") && json_set_text(sensor, "scope", e->scope) &&
              json_set_text(sensor, "unit", e->unit) && json_set_real(sensor, "value", e->value) &&
              json_set_real(sensor, "threshold", e->threshold);
    if (e->raised)
        ok = ok && json_set_text(sensor, "flag", e->flag) &&
             json_set_text(sensor, "reason", e->reason ? e->reason : e->flag);
    if (ok)
        return sensor;
    json_object_put(sensor);
    return NULL;
}

/* Any other flag takes the place of "clean"; none stands there twice. */
static bool add_flag(struct json_object *health, const char *flag)
{
    struct json_object *old = json_get_array(health, "/quality_flags"), *flags = json_object_new_array();
    size_t count = old ? json_object_array_length(old) : 0;
    bool ok = flags != NULL, there = false;
    for (size_t i = 0; ok && i < count; i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(old, i));
        there |= strcmp(name, flag) == 0;
        if (strcmp(name, "clean") != 0)
            ok = json_add_text(flags, name);
    }
    if (!there)
        ok = ok && json_add_text(flags, flag);
    return json_set(health, "quality_flags", flags) && ok;
}

bool record_add_evidence(struct json_object *record, const struct evidence *e)
{
    struct json_object *health = json_get_object(record, "/system_health");
    struct json_object *sensors = health ? json_get_object(health, "/sensors") : NULL;
    if (!sensors)
        return health == NULL;
    bool ok = json_set(sensors, e->sensor, sensor_of(e));
    if (!e->raised)
        return ok;
    const char *verdict = json_get_text(health, "/verdict");
    if (!verdict || strcmp(verdict, "invalid") != 0)
        ok = ok && json_set_text(health, "verdict", e->invalid ? "invalid" : "degraded");
    return ok && add_flag(health, e->flag);
}
