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

void run_sensors_leave_out(const struct json_object *run, struct json_object *record)
{
    struct json_object *told = run ? json_get_object(run, "/sensors_unavailable") : NULL;
    struct json_object *sensors = json_get_object(record, "/system_health/sensors");
    if (!told || !sensors)
        return;
    json_object_object_foreach(told, name, of_run)
    {
        struct json_object *of_record;
        if (json_object_object_get_ex(sensors, name, &of_record) && says_the_same(of_record, of_run))
            json_object_object_del(sensors, name);
    }
}
