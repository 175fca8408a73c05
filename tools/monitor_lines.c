#include "monitor_lines.h"

#include "clock.h"
#include "clock_sync.h"
#include "identity.h"
#include "json.h"
#include "monitor.h"
#include "monitor_summary.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

static bool set_version(struct json_object *line, const char *type)
{
    return json_set_text(line, "schema_version", "1.0.0") && json_set_text(line, "type", type);
}

static bool set_clock(struct json_object *line)
{
    struct clock_sync sync = clock_sync_read();
    struct json_object *clock = json_object_new_object();
    bool ok = json_set_bool(clock, "known", sync.known) && json_set_bool(clock, "kept", sync.kept);
    if (sync.kept)
        ok = ok && json_set_real(clock, "error_s", sync.error_s);
    return json_set(line, "clock", clock) && ok;
}

static bool set_sensor(struct json_object *sensors, enum sensor_id id, const struct reading *r)
{
    const struct sensor *about = &sensor_table[id];
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "status", sensor_status_name(r->status)) &&
              json_set_text(o, "unit", about->unit) &&
              json_set_text(o, "kind", about->kind == SENSOR_COUNTER ? "counter" : "gauge") &&
              json_set_text(o, "scope", sensor_scope_name(about->scope));
    if (r->source != NULL)
        ok = ok && json_set_text(o, "source", r->source);
    if (r->status != SENSOR_OK)
        ok = ok && json_set_text(o, "reason", r->reason);
    return json_set(sensors, about->name, o) && ok;
}

static bool set_sensors(struct json_object *line, const struct sample *sample)
{
    struct json_object *sensors = json_object_new_object();
    bool ok = true;
    for (size_t i = 0; i < SENSOR_COUNT; i++)
        ok = ok && set_sensor(sensors, (enum sensor_id)i, &sample->readings[i]);
    return json_set(line, "sensors", sensors) && ok;
}

static struct json_object *source_to_json(const struct energy_source *source)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "name", source->name) && json_set_text(o, "method", source->method) &&
              json_set_text(o, "part", energy_part_name(source->part)) &&
              json_set_text(o, "unit", source->unit == ENERGY_WATTS ? "W" : "J") &&
              json_set_bool(o, "spare", source->spare) &&
              json_set_text(o, "status", source->ops != NULL ? "ok" : "unavailable");
    if (source->ops == NULL)
        ok = ok && json_set_text(o, "reason", source->reason);
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

/* What energy_..._j in the samples is of, so that whoever reads the file elsewhere can add it up. */
static bool set_energy(struct json_object *line, const struct energy_meter *meter)
{
    struct json_object *energy = json_object_new_object(), *sources = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < energy_meter_count(meter); i++)
        ok = json_add(sources, source_to_json(energy_meter_source(meter, i)));
    if (energy_meter_count(meter) == 0 && energy_meter_none(meter)[0] != '\0')
        ok = ok && json_set_text(energy, "reason", energy_meter_none(meter));
    ok = json_set(energy, "sources", sources) && ok;
    return json_set(line, "energy", energy) && ok;
}

/* The program's name only: arguments may hold a key. */
static bool set_command(struct json_object *line, char *const *command)
{
    if (command == NULL)
        return true;
    const char *slash = strrchr(command[0], '/');
    return json_set_text(line, "command", slash != NULL && slash[1] != '\0' ? slash + 1 : command[0]);
}

struct json_object *monitor_start_line(
    const struct monitor_session_options *options, const struct monitor *monitor)
{
    char host[256];
    const struct clock *clock = clock_system();
    const struct sample *sample = monitor_latest(monitor);
    struct json_object *line = json_object_new_object();
    machine_host_name(options->root, host, sizeof host);
    bool ok = set_version(line, "start") && json_set_text(line, "assay", ASSAY_VERSION) &&
              json_set_text(line, "host", host) && json_set_int(line, "unix_ns", clock_wall_ns(clock)) &&
              json_set_int(line, "mono_ns", clock_mono_ns(clock)) &&
              json_set_real(line, "period_s", (double)options->period_ns / 1e9) &&
              set_command(line, options->command) && set_clock(line);
    if (sample->memory_total_bytes > 0)
        ok = ok && json_set_real(line, "memory_total_bytes", sample->memory_total_bytes);
    if (sample->group_limit_bytes > 0)
        ok = ok && json_set_real(line, "group_limit_bytes", sample->group_limit_bytes);
    ok = ok && json_set(line, "machine", machine_identity_to_json(options->root)) &&
         set_sensors(line, sample) && set_energy(line, monitor_energy(monitor));
    if (ok)
        return line;
    json_object_put(line);
    return NULL;
}

/* What this process used in all, start and end included; the command is not part of it. */
static bool set_own(struct json_object *line, const char *processors)
{
    struct rusage usage;
    struct json_object *own = json_object_new_object();
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        memset(&usage, 0, sizeof usage);
#ifdef __APPLE__
    const int64_t unit = 1;
#else
    const int64_t unit = 1024;
#endif
    double cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    bool ok = json_set_real(own, "cpu_s", cpu_s) &&
              json_set_int(own, "rss_peak_bytes", (int64_t)usage.ru_maxrss * unit);
    if (processors != NULL)
        ok = ok && json_set_text(own, "processors", processors);
    return json_set(line, "own", own) && ok;
}

static bool set_ending(struct json_object *line, const struct monitor_ending *ending)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "by", ending->by);
    if (strcmp(ending->by, "command") == 0)
        ok = ok && json_set_int(o, "exit_code", ending->exit_code);
    if (ending->signal != 0)
        ok = ok && json_set_int(o, "signal", ending->signal);
    return json_set(line, "ended", o) && ok;
}

struct json_object *monitor_summary_line(
    const struct monitor_summary *summary, const struct monitor_ending *ending)
{
    struct json_object *line = json_object_new_object();
    bool ok = set_version(line, "summary") && monitor_summary_to_json(summary, line);
    if (ending->by != NULL)
        ok = ok && set_ending(line, ending) && set_own(line, ending->processors) && set_clock(line);
    if (ok)
        return line;
    json_object_put(line);
    return NULL;
}
