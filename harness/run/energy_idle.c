#include "energy_idle.h"

#include "json.h"
#include "monitor.h"
#include "run_folder.h"
#include "stop.h"

#include <stdlib.h>
#include <string.h>

/* The least and the most that a source drew between two readings. */
struct idle_range {
    double low, high;
    size_t seen;
};

static void sleep_until(const struct energy_idle_options *o, const struct clock *clock, int64_t t_ns)
{
    if (o->clock)
        clock_sleep_until(clock, t_ns);
    for (int64_t left_ns; (left_ns = t_ns - clock_mono_ns(clock)) > 0 && stop_asked() == 0;)
        stop_wait(left_ns);
}

static void note_range(const struct energy_measured *m, struct idle_range *ranges)
{
    for (size_t i = 0; i < m->count; i++) {
        struct idle_range *r = &ranges[i];
        if (m->told[i].covered_s <= 0)
            continue;
        double watts = m->told[i].joules / m->told[i].covered_s;
        r->low = r->seen == 0 || watts < r->low ? watts : r->low;
        r->high = r->seen == 0 || watts > r->high ? watts : r->high;
        r->seen++;
    }
}

static bool add_source(const struct energy_told *t, const struct idle_range *range, struct json_object *list)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "name", t->source->name) && json_set_text(o, "method", t->source->method) &&
              json_set_real(o, "watts", t->joules / t->covered_s) &&
              json_set_int(o, "samples", (int64_t)t->readings);
    if (range->seen > 0)
        ok = ok && json_set_real(o, "low_watts", range->low) && json_set_real(o, "high_watts", range->high);
    return json_add(list, o) && ok;
}

/* A source counts by the same rules as in a test. */
static struct json_object *to_json(const struct energy_measured *m, const struct idle_range *ranges)
{
    struct json_object *idle = json_object_new_object(), *list = json_object_new_array();
    bool ok = json_set_real(idle, "seconds", m->window_s);
    for (size_t i = 0; ok && i < m->count; i++)
        if (m->told[i].usable)
            ok = add_source(&m->told[i], &ranges[i], list);
    ok = json_set(idle, "sources", list) && ok;
    if (ok)
        return idle;
    json_object_put(idle);
    return NULL;
}

/* Returns the window, or an empty one where it was cut short. */
static struct energy_window watch(const struct energy_idle_options *o, const struct clock *clock,
    struct monitor *monitor, struct energy_measured *m, struct idle_range *ranges)
{
    const struct energy_meter *meter = monitor_energy(monitor);
    monitor_begin(monitor);
    struct energy_window all = {monitor_window(monitor)->start_ns, 0};
    if (!energy_meter_tells(meter) && !o->told_elsewhere)
        return (struct energy_window){0};
    for (int64_t last_ns = all.from_ns; all.to_ns < all.from_ns + o->length_ns; last_ns = all.to_ns) {
        sleep_until(o, clock, monitor_due_ns(monitor));
        if (stop_asked() != 0)
            return (struct energy_window){0};
        monitor_sample(monitor, clock_mono_ns(clock));
        all.to_ns = monitor_latest(monitor)->t_mono_ns; /* of which its readings tell: they came after it */
        struct energy_window step = {last_ns, all.to_ns};
        energy_meter_measure(meter, &step, 1, m);
        note_range(m, ranges);
    }
    return all;
}

bool energy_idle_measure(const struct energy_idle_options *options, struct json_object **idle)
{
    const struct clock *clock = options->clock ? options->clock : clock_system();
    struct monitor_options how = {.root = options->root, .clock = options->clock};
    struct monitor *monitor = NULL;
    struct energy_measured *m = malloc(sizeof *m);
    struct idle_range ranges[ENERGY_SOURCES_MAX] = {0};
    *idle = NULL;
    bool ok = m != NULL && monitor_open(&how, &monitor, NULL) == STATUS_OK;
    if (ok && options->length_ns > 0) {
        struct energy_window all = watch(options, clock, monitor, m, ranges);
        if (all.to_ns > all.from_ns) {
            int64_t start_ns = clock_wall_ns(clock) - (clock_mono_ns(clock) - all.from_ns);
            energy_meter_measure(monitor_energy(monitor), &all, 1, m);
            ok = (*idle = to_json(m, ranges)) != NULL && json_set_int(*idle, "start_unix_ns", start_ns);
        }
    }
    monitor_close(monitor);
    free(m);
    return ok;
}

bool energy_idle_between(
    const struct energy_meter *meter, struct energy_window window, struct json_object **idle)
{
    struct energy_measured *m = malloc(sizeof *m);
    struct idle_range unknown[ENERGY_SOURCES_MAX] = {0};
    bool any = false;
    *idle = NULL;
    if (m == NULL)
        return false;
    if (window.to_ns > window.from_ns)
        energy_meter_measure(meter, &window, 1, m);
    else
        m->count = 0;
    for (size_t i = 0; i < m->count; i++)
        any |= m->told[i].usable;
    bool ok = !any || (*idle = to_json(m, unknown)) != NULL;
    free(m);
    return ok;
}

enum status energy_idle_of_run(
    const struct energy_idle_options *options, struct run_folder *folder, struct error *e)
{
    struct json_object *idle = NULL;
    if (json_get(folder->run, "/idle"))
        return STATUS_OK;
    if (!energy_idle_measure(options, &idle) || (idle != NULL && !json_set(folder->run, "idle", idle)))
        return error_set(e, STATUS_NO_MEMORY, "no memory for what the machine draws without work");
    return idle != NULL ? run_folder_save(folder, folder->run, e) : STATUS_OK;
}

bool energy_idle_watts(const struct json_object *idle, const char *source, double *watts)
{
    struct json_object *list = json_get_array(idle, "/sources");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const struct json_object *o = json_object_array_get_idx(list, i);
        const char *name = json_get_text(o, "/name");
        if (name && strcmp(name, source) == 0)
            return json_get_real(o, "/watts", watts);
    }
    return false;
}
