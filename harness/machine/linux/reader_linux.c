#include "reader.h"

#include "errand.h"
#include "gpu_apart.h"
#include "kept_file.h"
#include "memory_sensors.h"
#include "proc_parse.h"
#include "process_sensors.h"
#include "slow_apart.h"
#include "target_apart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the files of /proc count in ticks and pages; what those are the system says when it is read. */
static const struct process_units sources = {
    .time = "/proc/*/stat",
    .target_time = "/proc/*/stat of the listening socket's owner",
    .target_memory = "/proc/*/stat rss of the listening socket's owner and its descendants",
    .target_faults = "/proc/*/stat majflt of the listening socket's owner and its descendants",
    .foreign = "/proc/stat cpu - /proc/*/stat",
};

struct machine_reader {
    char root[512];
    struct kept_file stat;
    struct memory_sensors memory;
    struct slow_apart slow;
    struct process_units units;
    struct process_sensors processes;
    struct target_apart of_target;
    struct gpu_apart *gpus;
    bool scanned;    /* since the last sample */
    char text[4096]; /* the start of /proc/stat */
};

/* Ticks of the line "cpu": user, nice and system are what processes and kernel threads use. */
static bool read_cpu(struct machine_reader *reader, struct proc_cpu *cpu, struct reading *why_not)
{
    static const char source[] = "/proc/stat cpu";
    if (!kept_read_start(&reader->stat, reader->text, sizeof reader->text)) {
        kept_explain(&reader->stat, why_not, source);
        return false;
    }
    if (!proc_parse_cpu(reader->text, cpu)) {
        reading_failed(why_not, source, "no line \"cpu\", or too few numbers in it");
        return false;
    }
    return true;
}

static double work_s(const struct machine_reader *reader, const struct proc_cpu *cpu)
{
    return ((double)cpu->user + (double)cpu->nice + (double)cpu->system) * reader->units.tick_s;
}

static void read_cpu_times(struct machine_reader *reader, struct sample *sample)
{
    struct reading *total = &sample->readings[SENSOR_CPU_TOTAL], *busy = &sample->readings[SENSOR_CPU_BUSY],
                   *steal = &sample->readings[SENSOR_CPU_STEAL], *user = &sample->readings[SENSOR_CPU_USER],
                   *system = &sample->readings[SENSOR_CPU_SYSTEM];
    struct proc_cpu cpu;
    if (!read_cpu(reader, &cpu, total)) {
        *busy = *user = *system = *steal = *total;
        return;
    }
    double busy_s = work_s(reader, &cpu) + ((double)cpu.irq + (double)cpu.softirq) * reader->units.tick_s;
    double idle_s = ((double)cpu.idle + (double)cpu.iowait) * reader->units.tick_s;
    double user_s = ((double)cpu.user + (double)cpu.nice) * reader->units.tick_s;
    double steal_s = (double)cpu.steal * reader->units.tick_s;
    reading_set(total, busy_s + idle_s + steal_s, "/proc/stat cpu");
    reading_set(busy, busy_s, "/proc/stat cpu");
    reading_set(user, user_s, "/proc/stat cpu user + nice");
    reading_set(system, ((double)cpu.system + (double)cpu.irq + (double)cpu.softirq) * reader->units.tick_s,
        "/proc/stat cpu system + irq + softirq"); /* a difference of the two would fall by rounding now and then */
    if (cpu.has_steal)
        reading_set(steal, steal_s, "/proc/stat cpu steal");
    else
        reading_unavailable(steal, "/proc/stat cpu steal", "this kernel has no such column");
}

void reader_scan_processes(struct machine_reader *reader)
{
    struct proc_cpu cpu;
    struct reading why_not = {0};
    /* the sum first: what is spent between the two readings then counts as known rather than as foreign */
    bool known = read_cpu(reader, &cpu, &why_not);
    double work = known ? work_s(reader, &cpu) : 0;
    process_sensors_scan(&reader->processes, known ? &work : NULL, &why_not);
    reader->scanned = true;
}

void reader_locate_target(struct machine_reader *reader)
{
    process_sensors_locate(&reader->processes);
}

struct server_process reader_server(const struct machine_reader *reader)
{
    return reader->processes.target.seen.server;
}

void reader_watch_session(struct machine_reader *reader, pid_t session)
{
    process_table_watch_session(&reader->processes.table, session);
}

static enum gpu_owner gpu_owner(void *arg, long pid)
{
    const struct machine_reader *reader = arg;
    const struct process_sensors *p = &reader->processes;
    switch (process_table_owner(&p->table, &p->target.owners, (pid_t)pid)) {
    case PROCESS_OURS:
        return GPU_OWNER_KNOWN;
    case PROCESS_TARGET:
        return GPU_OWNER_TARGET;
    case PROCESS_OTHER:
        return GPU_OWNER_FOREIGN;
    case PROCESS_UNSEEN:
        break;
    }
    return GPU_OWNER_UNSEEN;
}

static size_t list_pids(void *arg, long *pids, size_t max)
{
    const struct machine_reader *reader = arg;
    const struct process_table *table = &reader->processes.table;
    for (size_t i = 0; i < table->count && i < max; i++)
        pids[i] = (long)table->items[i].pid;
    return table->count;
}

/* Whose processes work on the GPUs is known as far as whose CPU time it is. */
static void read_gpus(struct machine_reader *reader, struct sample *sample)
{
    const struct reading *foreign = &reader->processes.foreign;
    struct gpu_owners owners = {.of = gpu_owner,
        .pids = list_pids,
        .arg = reader,
        .unknown = foreign->status == SENSOR_OK ? NULL : foreign->reason};
    gpu_apart_read(reader->gpus, reader->scanned, &owners, sample);
}

/* After a pass, which found its processes; at both ends of a window their memory, too. */
static void look_into_target(struct machine_reader *reader, const struct sample *sample)
{
    const struct process_table *table = &reader->processes.table;
    struct target_question question = {.t_ns = sample->t_mono_ns,
        .weigh = sample->place != SAMPLE_DURING,
        .rss_bytes = (double)reader->processes.target.seen.rss_pages * reader->units.page_bytes,
        .count = table->target_count};
    if (!reader->scanned || reader->processes.target.seen.server.pid == 0)
        return;
    memcpy(question.pids, table->targets, sizeof question.pids);
    target_apart_look(&reader->of_target, &question);
}

/* GPUs whose library lists processes, as the sample has them already, and those whose driver tells in /proc. */
static void add_gpu_memory(const struct target_readings *s, struct reading *r)
{
    if (r->source == NULL)
        *r = s->gpu_memory;
    else if (s->gpu_clients && s->gpu_memory.status != SENSOR_OK)
        *r = s->gpu_memory;
    else if (s->gpu_clients && r->status == SENSOR_OK)
        reading_set(r, r->value + s->gpu_memory.value, "/proc/*/fdinfo drm-*, NVML");
}

static void fill_target(const struct machine_reader *reader, struct sample *sample)
{
    static const char not_now[] = "read at both ends of a window only";
    const struct target_readings *s = &reader->of_target.told;
    const struct {
        enum sensor_id id;
        const struct reading *reading;
        bool dear;
        const char *source;
    } rows[] = {
        {SENSOR_PSS_TARGET, &s->pss, true, "/proc/*/smaps_rollup"},
        {SENSOR_RSS_PEAK_TARGET, &s->rss_peak, true, "/proc/*/status"},
        {SENSOR_FILES_OPEN_TARGET, &s->files_open, false, "/proc/*/fd"},
        {SENSOR_FILES_LEFT_TARGET, &s->files_left, false, "/proc/*/limits"},
        {SENSOR_GPU_MEMORY_TARGET, &s->gpu_memory, false, "/proc/*/fdinfo"},
        {SENSOR_GPU_BUSY_TARGET, &s->gpu_busy, false, "/proc/*/fdinfo"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reading *r = &sample->readings[rows[i].id];
        if (reader->processes.target.seen.server.pid == 0)
            target_process_explain(&reader->processes.target, r, rows[i].source);
        else if (rows[i].dear && sample->place == SAMPLE_DURING)
            reading_unavailable(r, rows[i].source, not_now);
        else if (rows[i].id == SENSOR_GPU_MEMORY_TARGET)
            add_gpu_memory(s, r);
        else
            *r = *rows[i].reading;
    }
}

/* What Linux says by pressure, zswap and throttle counters. */
static void set_absent(struct reading readings[SENSOR_COUNT])
{
    static const enum sensor_id of_macos[] = {SENSOR_MEMORY_PRESSURE_LEVEL, SENSOR_THERMAL_PRESSURE,
        SENSOR_COMPRESSOR_IN, SENSOR_COMPRESSOR_OUT, SENSOR_COMPRESSOR_USED};
    for (size_t i = 0; i < sizeof of_macos / sizeof of_macos[0]; i++)
        reading_unavailable(&readings[of_macos[i]], "macOS", "a sensor of macOS");
}

void reader_read(struct machine_reader *reader, struct sample *sample)
{
    set_absent(sample->readings);
    if (!reader->scanned && !process_sensors_look(&reader->processes, sample->t_mono_ns))
        reader_scan_processes(reader);
    if (sample->place != SAMPLE_LAST)
        look_into_target(reader, sample);
    memory_sensors_read(&reader->memory, sample);
    slow_apart_read(&reader->slow, reader->scanned, sample);
    read_cpu_times(reader, sample);
    read_gpus(reader, sample);
    process_sensors_fill(&reader->processes, sample);
    if (sample->place == SAMPLE_LAST)
        look_into_target(reader, sample); /* it takes a while, which is not part of the window */
    fill_target(reader, sample);
    sample->scanned = reader->scanned;
    reader->scanned = false;
}

enum status reader_open(const struct reader_options *options, struct machine_reader **reader, struct error *e)
{
    struct machine_reader *r = calloc(1, sizeof *r);
    *reader = NULL;
    if (!r)
        return error_set(e, STATUS_NO_MEMORY, "no memory to read the machine");
    if ((size_t)snprintf(r->root, sizeof r->root, "%s", options->root) >= sizeof r->root) {
        free(r);
        return error_set(e, STATUS_LIMIT, "the root folder's name is too long");
    }
    r->units = sources;
    r->units.tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
    r->units.page_bytes = (double)sysconf(_SC_PAGESIZE);
    int64_t deadline_ns = errand_deadline(r->root, options->deadline_ns);
    r->gpus = gpu_apart_open(r->root, &options->libraries, deadline_ns);
    if (!r->gpus) {
        free(r);
        return error_set(e, STATUS_NO_MEMORY, "no memory to read the machine");
    }
    kept_open(&r->stat, r->root, "/proc/stat");
    memory_sensors_open(&r->memory, r->root);
    slow_apart_open(&r->slow, r->root, options->disk_path, deadline_ns);
    process_sensors_open(&r->processes, r->root, &r->units, options);
    target_apart_open(&r->of_target, r->root, r->processes.target.kind == TARGET_LOCAL ? deadline_ns : 0);
    *reader = r;
    return STATUS_OK;
}

void reader_close(struct machine_reader *reader)
{
    if (!reader)
        return;
    kept_close(&reader->stat);
    memory_sensors_close(&reader->memory);
    slow_apart_close(&reader->slow);
    process_sensors_close(&reader->processes);
    target_apart_close(&reader->of_target);
    gpu_apart_close(reader->gpus);
    free(reader);
}

void reader_share_losses(void)
{
    errand_share_losses();
}
