#include "junit_properties.h"

#include "junit_case.h"
#include "metric_floor.h"
#include "migrated.h"

#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void each_figure(struct json_object *performance, junit_property_sink *sink, void *arg)
{
    static const char *const parts[][2] = {{"/median", "median"}, {"/mad", "mad"}};
    json_object_object_foreach(performance, metric_name, metric)
    {
        char name[256], value[400]; /* a double has 309 digits at most */
        int64_t n;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            double figure;
            if (!json_get_real(metric, parts[i][0], &figure))
                continue;
            snprintf(name, sizeof name, "%s.%s", metric_name, parts[i][1]);
            text_format_decimal(value, sizeof value, figure, 6);
            sink(arg, name, value);
        }
        if (json_get_int(metric, "/n", &n)) {
            snprintf(name, sizeof name, "%s.n", metric_name);
            snprintf(value, sizeof value, "%" PRId64, n);
            sink(arg, name, value);
        }
    }
}

static void each_text(const struct run_test *test, junit_property_sink *sink, void *arg)
{
    static const char *const texts[][2] = {{"/target/server", "server"},
        {"/target/server_version", "server_version"}, {"/target/endpoint", "endpoint"},
        {"/model/id", "model"}, {"/model/quantization", "quantization"}};
    bool simulated;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = json_get_text(test->last->record, texts[i][0]);
        if (text && *text)
            sink(arg, texts[i][1], text);
    }
    if (json_get_bool(test->last->record, "/target/simulated", &simulated))
        sink(arg, "simulated", simulated ? "true" : "false");
}

/* What a load test asked, and whether its client could measure it. */
static void each_of_load(const struct run_test *test, junit_property_sink *sink, void *arg)
{
    static const char *const figures[] = {"asked", "achieved", "in_flight_mean"};
    static const char *const texts[][2] = {{"/load/arrivals", "load.arrivals"}, {"/load/unit", "load.unit"},
        {"/load/objectives", "load.objectives"}, {"/client/verdict", "client.verdict"},
        {"/client/reason", "client.reason"}};
    struct json_object *performance = json_get_object(test->last->record, "/performance");
    char name[256], pointer[256], value[400];
    double figure;
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        snprintf(pointer, sizeof pointer, "/load/%s", figures[i]);
        snprintf(name, sizeof name, "load.%s", figures[i]);
        if (!json_get_real(test->last->record, pointer, &figure))
            continue;
        text_format_decimal(value, sizeof value, figure, 6);
        sink(arg, name, value);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = json_get_text(test->last->record, texts[i][0]);
        if (text && *text)
            sink(arg, texts[i][1], text);
    }
    if (!performance)
        return;
    json_object_object_foreach(performance, metric_name, metric)
    {
        if (!metric_floor_met(metric, &metric_floors[METRIC_P99], &figure))
            continue;
        snprintf(name, sizeof name, "%s.p99", metric_name);
        text_format_decimal(value, sizeof value, figure, 6);
        sink(arg, name, value);
    }
}

/* JUnit has no time that is unknown: its 0 is told apart here. */
static void each_of_migrated(const struct run_test *test, junit_property_sink *sink, void *arg)
{
    const char *from = json_get_text(migrated_of(test), "/from"),
               *file = json_get_text(migrated_of(test), "/file");
    double duration_s;
    if (!from)
        return;
    sink(arg, "migrated_from", from);
    if (file)
        sink(arg, "migrated_file", file);
    if (!json_get_real(test->last->record, "/duration", &duration_s))
        sink(arg, "duration", "unknown");
}

void junit_properties(const struct run_test *test, bool figures, junit_property_sink *sink, void *arg)
{
    struct buf quality = BUF_INIT(1 << 14), attempts = BUF_INIT(1 << 14);
    sink(arg, "test", test->name);
    if (!test->last)
        return;
    sink(arg, "outcome", test->last->outcome->name);
    junit_quality_of(test, &quality);
    sink(arg, "quality", buf_text(&quality));
    for (size_t i = 0; i < test->attempt_count && test->attempt_count > 1; i++)
        buf_printf(&attempts, "%s%" PRId64 ":%s", i ? "," : "", test->attempts[i].number,
            test->attempts[i].outcome->name);
    if (attempts.len)
        sink(arg, "attempts", buf_text(&attempts));
    each_text(test, sink, arg);
    each_of_migrated(test, sink, arg);
    struct json_object *performance = json_get_object(test->last->record, "/performance");
    if (performance && figures)
        each_figure(performance, sink, arg);
    if (figures && json_get_object(test->last->record, "/load"))
        each_of_load(test, sink, arg);
    buf_fini(&quality);
    buf_fini(&attempts);
}
