#include "reader.h"

#include "cpu_macos.h"
#include "gpu_watch.h"
#include "memory_macos.h"
#include "process_sensors.h"
#include "slow_macos.h"
#include "target_macos.h"

#include <stdio.h>
#include <stdlib.h>

struct machine_reader {
    struct memory_macos memory;
    struct cpu_macos cpu;
    struct slow_macos slow;
    struct process_sensors processes;
    struct target_macos target;
    struct gpu_watch *gpus;
    bool scanned; /* since the last sample */
};

/* Processes count nanoseconds and bytes here. */
static const struct process_units units = {
    .tick_s = 1e-9,
    .page_bytes = 1,
    .time = "kern.proc.all, proc_pid_rusage",
    .target_time = "proc_pid_rusage of the listening socket's owner and its descendants",
    .target_memory = "proc_pid_rusage ri_phys_footprint of the listening socket's owner and its descendants",
    .target_faults = "proc_pid_rusage ri_pageins of the listening socket's owner and its descendants",
    .foreign = "host_processor_info - proc_pid_rusage",
};

/* What Linux has and macOS has not; the rest of what nobody fills is "not told by macOS". */
static const struct {
    enum sensor_id id;
    const char *reason;
} absent[] = {
    {SENSOR_MEMORY_PRESSURE_SOME, "macOS counts no time of waiting: memory_pressure_level"},
    {SENSOR_MEMORY_PRESSURE_FULL, "macOS counts no time of waiting: memory_pressure_level"},
    {SENSOR_MEMORY_AVAILABLE_GROUP, "macOS has no control groups"},
    {SENSOR_OOM_KILLS_GROUP, "macOS has no control groups"},
    {SENSOR_MEMORY_LIMIT_HITS_GROUP, "macOS has no control groups"},
    {SENSOR_CPU_THROTTLED_GROUP, "macOS has no control groups"},
    {SENSOR_ZSWAP_IN, "macOS compresses otherwise: compressor_in"},
    {SENSOR_ZSWAP_OUT, "macOS compresses otherwise: compressor_out"},
    {SENSOR_ZRAM_STORED, "macOS compresses otherwise: compressor_used"},
    {SENSOR_THERMAL_THROTTLES, "macOS tells a level instead: thermal_pressure"},
    {SENSOR_THERMAL_THROTTLE_TIME, "macOS tells a level instead: thermal_pressure"},
    {SENSOR_COOLING_LIMITS, "macOS tells a level instead: thermal_pressure"},
    {SENSOR_TEMPERATURE, "macOS tells temperatures to nobody without its private interfaces"},
    {SENSOR_CPU_FREQUENCY, "macOS does not tell it without rights: powermetrics does"},
    {SENSOR_PSS_TARGET, "macOS charges shared memory to one process: rss_target is the footprint"},
    {SENSOR_POWER_PROFILE, "macOS tells its low power mode to programs of its own frameworks only"},
};

static void set_absent(struct sample *sample)
{
    for (size_t i = 0; i < SENSOR_COUNT; i++)
        reading_unavailable(&sample->readings[i], "macOS", "macOS does not tell");
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        reading_unavailable(&sample->readings[absent[i].id], "macOS", absent[i].reason);
}

enum status reader_open(const struct reader_options *options, struct machine_reader **reader, struct error *e)
{
    struct machine_reader *r = calloc(1, sizeof *r);
    *reader = NULL;
    if (r)
        r->gpus = gpu_watch_open("", NULL);
    if (!r || !r->gpus) {
        free(r);
        return error_set(e, STATUS_NO_MEMORY, "no memory to read the machine");
    }
    memory_macos_open(&r->memory);
    cpu_macos_open(&r->cpu);
    slow_macos_open(&r->slow, options->disk_path);
    process_sensors_open(&r->processes, "", &units, options);
    *reader = r;
    return STATUS_OK;
}

void reader_close(struct machine_reader *reader)
{
    if (!reader)
        return;
    cpu_macos_close(&reader->cpu);
    slow_macos_close(&reader->slow);
    process_sensors_close(&reader->processes);
    gpu_watch_close(reader->gpus);
    free(reader);
}

void reader_watch_session(struct machine_reader *reader, pid_t session)
{
    process_table_watch_session(&reader->processes.table, session);
}

void reader_locate_target(struct machine_reader *reader)
{
    process_sensors_locate(&reader->processes);
}

struct server_process reader_server(const struct machine_reader *reader)
{
    return reader->processes.target.seen.server;
}

void reader_scan_processes(struct machine_reader *reader)
{
    struct cpu_macos_times times;
    struct reading why_not = {0};
    char reason[96];
    /* the sum first: what is spent between the two readings then counts as known rather than as foreign */
    bool known = cpu_macos_times(&reader->cpu, &times, reason, sizeof reason);
    double busy_s = known ? times.user_s + times.system_s : 0;
    if (!known)
        reading_failed(&why_not, units.foreign, reason);
    process_sensors_scan(&reader->processes, known ? &busy_s : NULL, &why_not);
    target_macos_look(reader->processes.table.targets, reader->processes.table.target_count, &reader->target);
    reader->scanned = true;
}

/* Nothing is known of a server that is not in sight, and the reason is the same for all of it. */
static void fill_target(const struct machine_reader *reader, struct sample *sample)
{
    const struct reading *known = &sample->readings[SENSOR_RSS_TARGET];
    struct reading *peak = &sample->readings[SENSOR_RSS_PEAK_TARGET],
                   *files = &sample->readings[SENSOR_FILES_OPEN_TARGET];
    *peak = known->status == SENSOR_OK ? reader->target.rss_peak : *known;
    *files = known->status == SENSOR_OK ? reader->target.files_open : *known;
}

void reader_read(struct machine_reader *reader, struct sample *sample)
{
    const struct gpu_owners owners = {.unknown = "macOS does not tell whose work a GPU does"};
    if (!reader->scanned && !process_sensors_look(&reader->processes, sample->t_mono_ns))
        reader_scan_processes(reader);
    set_absent(sample);
    memory_macos_read(&reader->memory, sample);
    cpu_macos_read(&reader->cpu, sample);
    slow_macos_read(&reader->slow, reader->scanned, sample);
    process_sensors_fill(&reader->processes, sample);
    fill_target(reader, sample);
    gpu_watch_read(reader->gpus, sample->t_mono_ns, reader->scanned, &owners);
    gpu_watch_fill(reader->gpus, sample);
    sample->scanned = reader->scanned;
    reader->scanned = false;
}

/* Nothing is read by a process apart here. */
void reader_share_losses(void)
{
}
