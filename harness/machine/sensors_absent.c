#include "sensors_absent.h"

#include "clock.h"
#include "json.h"
#include "quality.h"
#include "reader.h"

#include <stdlib.h>
#include <unistd.h>

static bool is_absent(const struct reading *r, enum sensor_id id)
{
    return r->status == SENSOR_UNAVAILABLE && r->reason[0] && sensor_table[id].scope != SCOPE_SERVER &&
           !quality_is_required(id);
}

/* As quality_to_json() writes a sensor that could not be read. */
static bool add_sensor(struct json_object *list, enum sensor_id id, const struct reading *r)
{
    const struct sensor *row = &sensor_table[id];
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "status", sensor_status_name(r->status)) &&
              json_set_text(o, "scope", sensor_scope_name(row->scope)) &&
              json_set_text(o, "unit", row->unit) && (!r->source || json_set_text(o, "source", r->source)) &&
              json_set_text(o, "reason", r->reason);
    return json_set(list, row->name, o) && ok;
}

/* Twice: some sensors need two readings before they can tell. */
static void read_twice(struct machine_reader *reader, struct sample *sample)
{
    for (int i = 0; i < 2; i++) {
        sample->t_mono_ns = clock_mono_ns(clock_system());
        reader_scan_processes(reader);
        reader_read(reader, sample);
    }
}

static bool add_all(struct json_object *absent, struct json_object *sources, const struct sample *sample)
{
    bool ok = absent && sources;
    for (size_t i = 0; ok && i < SENSOR_COUNT; i++) {
        const struct reading *r = &sample->readings[i];
        if (is_absent(r, (enum sensor_id)i))
            ok = add_sensor(absent, (enum sensor_id)i, r);
        else if (r->source && r->source[0])
            ok = json_set_text(sources, sensor_table[i].name, r->source);
    }
    return ok;
}

bool sensors_told_into(struct json_object *run, const char *root)
{
    struct reader_options options = {.root = root, .own_pid = getpid(), .disk_path = "."};
    struct json_object *absent = json_object_new_object(), *sources = json_object_new_object();
    struct machine_reader *reader = NULL;
    struct sample *sample = calloc(1, sizeof *sample);
    bool ok = sample && reader_open(&options, &reader, NULL) == STATUS_OK;
    if (ok)
        read_twice(reader, sample);
    ok = ok && add_all(absent, sources, sample);
    reader_close(reader);
    free(sample);
    ok &= json_set(run, "sensors_unavailable", absent);
    return json_set(run, "sensor_sources", sources) && ok;
}
