#include "health.h"

#include "line_check.h"

#include "json.h"

#include <string.h>

static struct json_object *record_of(const struct run_test *test)
{
    return test->last ? test->last->record : NULL;
}

const char *health_verdict(const struct run_test *test)
{
    const char *verdict = json_get_text(record_of(test), "/system_health/verdict");
    return verdict ? verdict : "none";
}

void health_append_flags(const struct run_test *test, const char *separator, struct buf *out)
{
    struct json_object *flags = json_get_array(record_of(test), "/system_health/quality_flags");
    size_t count = flags ? json_object_array_length(flags) : 0;
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? separator : "", line_item_text(flags, i));
}

void health_append_unread(const struct run_test *test, const char *separator, struct buf *out)
{
    struct json_object *sensors = json_get_object(record_of(test), "/system_health/sensors");
    const char *before = "";
    if (!sensors)
        return;
    json_object_object_foreach(sensors, name, sensor)
    {
        const char *status = json_get_text(sensor, "/status");
        if (!status || strcmp(status, "ok") == 0)
            continue;
        buf_printf(out, "%s%s", before, name);
        before = separator;
    }
}

bool health_client_is_invalid(const struct run_test *test, const char **reason)
{
    const char *verdict = json_get_text(record_of(test), "/client/verdict");
    if (!verdict || strcmp(verdict, "invalid") != 0)
        return false;
    *reason = json_get_text(record_of(test), "/client/reason");
    *reason = *reason ? *reason : "no reason is recorded";
    return true;
}
