#include "doctor.h"

#include "anonymise.h"
#include "clock.h"
#include "clock_sync.h"
#include "energy_meter.h"
#include "identity.h"
#include "json.h"
#include "memory_group.h"
#include "monitor_pin.h"
#include "port_check.h"
#include "program_json.h"
#include "quality.h"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PORTS_SHOWN = 16, PORT_LIMIT_MS = 200 };

/* What each GPU says of itself, by the names of samples: null where it failed. */
static bool add_gpu_values(struct json_object *doctor, const struct sample *sample)
{
    struct json_object *list = json_object_new_object();
    bool ok = list != NULL;
    for (size_t gpu = 0; gpu < sample->gpu_count; gpu++) {
        const struct gpu_values *values = &sample->gpus[gpu];
        for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
            char name[64];
            sensor_gpu_name(gpu, (enum sensor_id)(SENSOR_GPU_FIRST + i), name, sizeof name);
            if (values->status[i] == SENSOR_OK)
                ok &= json_set_real(list, name, values->value[i]);
            else if (values->status[i] == SENSOR_ERROR)
                ok &= json_object_object_add(list, name, NULL) == 0;
        }
    }
    return json_set(doctor, "gpu_values", list) && ok;
}

static bool add_clock(struct json_object *watching)
{
    struct clock_sync sync = clock_sync_read();
    struct json_object *clock = json_object_new_object();
    bool ok = json_set_bool(clock, "known", sync.known) && json_set_bool(clock, "kept", sync.kept);
    if (sync.kept)
        ok = ok && json_set_real(clock, "error_s", sync.error_s);
    return json_set(watching, "clock", clock) && ok;
}

/* What the last sample took stands for those to come; it is the second one, so files are open and caches warm. */
static bool add_watching(struct json_object *doctor, const struct sample *sample)
{
    struct json_object *watching = json_object_new_object();
    struct monitor_pin *pin = monitor_pin_new("");
    double scan_s = (double)sample->scan_ns / 1e9, read_s = (double)sample->cost_ns / 1e9 - scan_s;
    double share = read_s * 1e9 / (double)MONITOR_PERIOD_NS + scan_s * 1e9 / (double)MONITOR_SCAN_PERIOD_NS;
    monitor_pin_away(pin, 0);
    bool ok = json_set_real(watching, "read_s", read_s) && json_set_real(watching, "scan_s", scan_s) &&
              json_set_real(watching, "period_s", (double)MONITOR_PERIOD_NS / 1e9) &&
              json_set_real(watching, "core_share", share) &&
              json_set_text(watching, "processors", monitor_pin_text(pin)) && add_clock(watching);
    monitor_pin_free(pin);
    return json_set(doctor, "watching", watching) && ok;
}

static bool add_energy_source(const struct energy_source *source, struct json_object *list)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "name", source->name) && json_set_text(o, "method", source->method) &&
              json_set_text(o, "tells_of", energy_part_name(source->part)) &&
              json_set_bool(o, "readable", source->ops && !source->reason[0]);
    if (source->reason[0])
        ok = ok && json_set_text(o, "reason", source->reason);
    return json_add(list, o) && ok;
}

/* What tells how much the machine uses, as it was read last, and why the others do not. */
static bool add_energy(struct json_object *doctor, const struct energy_meter *meter)
{
    struct json_object *energy = json_object_new_object(), *list = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < energy_meter_count(meter); i++)
        ok = add_energy_source(energy_meter_source(meter, i), list);
    ok = json_set(energy, "sources", list) && ok;
    if (energy_meter_count(meter) == 0)
        ok = ok && json_set_text(energy, "reason", energy_meter_none(meter));
    return json_set(doctor, "energy", energy) && ok;
}

/* A window of no length: it tells which sensors can be read and whether a verdict would be possible. */
static enum status add_sensors(struct json_object *doctor, struct error *e)
{
    struct monitor_options options = {0};
    struct monitor *monitor;
    struct quality quality;
    enum status status = monitor_open(&options, &monitor, e);
    if (status != STATUS_OK)
        return status;
    monitor_begin(monitor);
    monitor_end(monitor);
    quality_judge(monitor_window(monitor), &quality);
    bool ok = add_gpu_values(doctor, monitor_latest(monitor));
    ok &= add_watching(doctor, monitor_latest(monitor));
    ok &= add_energy(doctor, monitor_energy(monitor));
    monitor_close(monitor);
    struct json_object *health = quality_to_json(&quality);
    ok &= json_set(doctor, "sensors", json_object_get(json_get_object(health, "/sensors")));
    json_object_put(health);
    if (quality.missing)
        ok &= json_set_text(doctor, "missing_sensor", quality.missing);
    return ok ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory");
}

static bool add_memory_group(struct json_object *permitted)
{
    char folder[MEMORY_GROUP_PATH_MAX];
    struct error why = {0};
    struct json_object *group = json_object_new_object();
    bool possible = memory_group_probe(folder, &why) == STATUS_OK;
    bool ok = json_set_bool(group, "possible", possible);
    if (folder[0])
        ok &= json_set_text(group, "folder", folder);
    if (!possible)
        ok &= json_set_text(group, "reason", error_text(&why));
    return json_set(permitted, "memory_group", group) && ok;
}

static bool add_permitted(struct json_object *doctor)
{
    struct rlimit files;
    struct statvfs disk;
    struct json_object *permitted = json_object_new_object();
    bool ok = add_memory_group(permitted);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        ok &= json_set_int(permitted, "open_files", (int64_t)files.rlim_cur);
    if (statvfs(".", &disk) == 0)
        ok &= json_set_int(permitted, "disk_free_bytes", (int64_t)(disk.f_bavail * disk.f_frsize));
    ok &= json_set_bool(permitted, "folder_writable", access(".", W_OK) == 0);
    return json_set(doctor, "permitted", permitted) && ok;
}

static bool add_servers(struct json_object *doctor)
{
    struct port_check ports[PORTS_SHOWN];
    struct json_object *list = json_object_new_array();
    size_t count = port_check_defaults(ports, PORTS_SHOWN, PORT_LIMIT_MS * NS_PER_MS);
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        struct json_object *server = json_object_new_object();
        ok &=
            json_set_text(server, "url", ports[i].url) && json_set_text(server, "servers", ports[i].servers);
        ok &= json_set_bool(server, "answers", ports[i].answers);
        ok &= json_add(list, server);
    }
    return json_set(doctor, "servers", list) && ok;
}

enum status doctor_examine(struct json_object *doctor, struct error *e)
{
    bool ok = json_set(doctor, "assay", program_to_json());
    ok &= json_set(doctor, "machine", machine_identity_to_json(""));
    enum status status = add_sensors(doctor, e);
    if (status != STATUS_OK)
        return status;
    ok &= add_permitted(doctor);
    ok &= add_servers(doctor);
    return ok ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory");
}

void doctor_anonymise(struct json_object *doctor)
{
    struct json_object *machine = json_get_object(doctor, "/machine");
    struct json_object *group = json_get_object(doctor, "/permitted/memory_group");
    anonymise_machine(machine);
    if (json_get(group, "/folder") != NULL)
        (void)json_set_text(group, "folder", "a group of its own");
}
