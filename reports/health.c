#include "health.h"

#include "line_check.h"

#include "json.h"
#include "quality.h"

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

const char *health_client_verdict(const struct run_test *test)
{
    const char *verdict = json_get_text(record_of(test), "/system_health/client/verdict");
    return verdict ? verdict : health_verdict(test);
}

const char *health_server_host(const struct run_test *test)
{
    return json_get_text(record_of(test), "/system_health/server/host");
}

const char *health_server_verdict(const struct run_test *test)
{
    return json_get_text(record_of(test), "/system_health/server/verdict");
}

static size_t flags_of(const struct run_test *test, struct json_object **flags)
{
    *flags = json_get_array(record_of(test), "/system_health/quality_flags");
    return *flags ? json_object_array_length(*flags) : 0;
}

bool health_has_flag(const struct run_test *test, const char *flag)
{
    struct json_object *flags;
    size_t count = flags_of(test, &flags);
    for (size_t i = 0; i < count; i++)
        if (strcmp(line_item_text(flags, i), flag) == 0)
            return true;
    return false;
}

static bool was_earlier(const struct run_data *data, size_t test_index, const char *flag)
{
    for (size_t i = 0; i < test_index; i++)
        if (health_has_flag(&data->tests[i], flag))
            return true;
    return false;
}

const char *health_flag_of_run(const struct run_data *data, size_t index)
{
    for (size_t i = 0; i < data->test_count; i++) {
        struct json_object *flags;
        size_t count = flags_of(&data->tests[i], &flags);
        for (size_t f = 0; f < count; f++) {
            const char *flag = line_item_text(flags, f);
            if (strcmp(flag, "clean") == 0 || was_earlier(data, i, flag))
                continue;
            if (index-- == 0)
                return flag;
        }
    }
    return NULL;
}

void health_append_flags(const struct run_test *test, const char *separator, struct buf *out)
{
    struct json_object *flags;
    size_t count = flags_of(test, &flags);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? separator : "", line_item_text(flags, i));
}

void health_append_unread(const struct run_test *test, const char *separator, struct buf *out)
{
    struct json_object *sensors = json_get_object(record_of(test), "/system_health/sensors");
    size_t len = out->len;
    const char *before = "", *theirs = health_server_verdict(test),
               *reason = json_get_text(record_of(test), "/system_health/server/reason");
    if (theirs && strcmp(theirs, "unknown") == 0)
        buf_printf(out, "the server's machine (%s)", reason ? reason : "no reason is recorded");
    if (!sensors || (theirs && strcmp(health_client_verdict(test), "unknown") != 0))
        return;
    if (out->len > len)
        buf_append_text(out, separator);
    len = out->len;
    quality_append_unread(sensors, separator, out);
    if (out->len > len)
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
