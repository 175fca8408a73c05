#include "run_sensors.h"

#include "json.h"

#include <string.h>

static bool same_text(const struct json_object *a, const struct json_object *b, const char *pointer)
{
    const char *x = json_get_text(a, pointer), *y = json_get_text(b, pointer);
    return x && y ? strcmp(x, y) == 0 : x == y;
}

/* Not the scope: that of the machine is the client's where the server runs elsewhere. */
static bool says_the_same(const struct json_object *a, const struct json_object *b)
{
    return same_text(a, b, "/status") && same_text(a, b, "/source") && same_text(a, b, "/reason");
}

/* Where a sensor is read stands in the record where it is another place than the run's. */
static void leave_out_sources(const struct json_object *told, struct json_object *sensors)
{
    json_object_object_foreach(sensors, name, sensor)
    {
        struct json_object *of_run;
        const char *source = json_get_text(sensor, "/source");
        if (source && json_object_object_get_ex(told, name, &of_run) &&
            json_object_is_type(of_run, json_type_string) &&
            strcmp(json_object_get_string(of_run), source) == 0)
            json_object_object_del(sensor, "source");
    }
}

void run_sensors_leave_out(const struct json_object *run, struct json_object *record)
{
    struct json_object *told = run ? json_get_object(run, "/sensors_unavailable") : NULL;
    struct json_object *sensors = json_get_object(record, "/system_health/sensors");
    struct json_object *sources = run ? json_get_object(run, "/sensor_sources") : NULL;
    if (sources && sensors)
        leave_out_sources(sources, sensors);
    if (!told || !sensors)
        return;
    json_object_object_foreach(told, name, of_run)
    {
        struct json_object *of_record;
        if (json_object_object_get_ex(sensors, name, &of_record) && says_the_same(of_record, of_run))
            json_object_object_del(sensors, name);
    }
}
