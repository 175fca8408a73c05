#include "sensors_put_back.h"

#include "json.h"

#include <string.h>

static bool same_run(const struct json_object *run, const struct json_object *record)
{
    const char *a = json_get_text(run, "/run_id"), *b = json_get_text(record, "/run_id");
    return a && b && strcmp(a, b) == 0;
}

/* The machine's state is the client's alone where the server runs elsewhere. */
static bool put_back(
    struct json_object *sensors, const char *name, struct json_object *of_run, bool elsewhere)
{
    const char *scope = json_get_text(of_run, "/scope");
    struct json_object *copy = NULL;
    if (json_object_deep_copy(of_run, &copy, NULL) != 0)
        return false;
    bool ok = !elsewhere || !scope || strcmp(scope, "host") != 0 || json_set_text(copy, "scope", "client");
    return json_set(sensors, name, copy) && ok;
}

/* Those of the record alone: what comes back from the other list has its own. */
static bool put_back_sources(const struct json_object *told, struct json_object *sensors)
{
    bool ok = true;
    json_object_object_foreach(sensors, name, sensor)
    {
        struct json_object *of_run;
        if (json_object_object_get_ex(told, name, &of_run) && !json_get_text(sensor, "/source") &&
            json_object_is_type(of_run, json_type_string))
            ok &= json_set_text(sensor, "source", json_object_get_string(of_run));
    }
    return ok;
}

bool sensors_put_back(const struct json_object *run, struct json_object *record)
{
    struct json_object *told = json_get_object(run, "/sensors_unavailable");
    struct json_object *sensors = json_get_object(record, "/system_health/sensors");
    double local = 1;
    bool ok = true;
    struct json_object *sources = json_get_object(run, "/sensor_sources");
    if (!sensors || json_object_object_length(sensors) == 0 || !same_run(run, record))
        return true;
    if (sources)
        ok = put_back_sources(sources, sensors);
    if (!told)
        return ok;
    (void)json_get_real(sensors, "/server_is_local/value", &local);
    json_object_object_foreach(told, name, of_run)
    {
        if (ok && !json_object_object_get_ex(sensors, name, NULL))
            ok = put_back(sensors, name, of_run, local == 0);
    }
    return ok;
}
