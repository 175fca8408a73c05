#include "reader.h"

#include "clock.h"
#include "errand.h"
#include "gpu_apart.h"
#include "kept_file.h"
#include "memory_sensors.h"
#include "proc_parse.h"
#include "process_table.h"
#include "slow_apart.h"
#include "target_apart.h"
#include "target_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the last pass over the processes found, in seconds; kept until the next. */
struct scan {
    struct reading ours, target, foreign, target_rss, target_faults, zombies_ours, zombies_others;
};

struct machine_reader {
    char root[512];
    struct kept_file stat;
    struct memory_sensors memory;
    struct slow_apart slow;
    double tick_s, page_bytes;
    struct process_table processes;
    struct target_process target;
    struct target_apart of_target;
    struct gpu_apart *gpus;
    struct scan scan;
    int64_t search_due_ns; /* for a target that ended */
    bool scanned;          /* since the last sample */
    char text[4096];       /* the start of /proc/stat */
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
    return ((double)cpu->user + (double)cpu->nice + (double)cpu->system) * reader->tick_s;
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
    double busy_s = work_s(reader, &cpu) + ((double)cpu.irq + (double)cpu.softirq) * reader->tick_s;
    double idle_s = ((double)cpu.idle + (double)cpu.iowait) * reader->tick_s;
    double user_s = ((double)cpu.user + (double)cpu.nice) * reader->tick_s;
    double steal_s = (double)cpu.steal * reader->tick_s;
    reading_set(total, busy_s + idle_s + steal_s, "/proc/stat cpu");
    reading_set(busy, busy_s, "/proc/stat cpu");
    reading_set(user, user_s, "/proc/stat cpu user + nice");
    reading_set(system, ((double)cpu.system + (double)cpu.irq + (double)cpu.softirq) * reader->tick_s,
        "/proc/stat cpu system + irq + softirq"); /* a difference of the two would fall by rounding now and then */
    if (cpu.has_steal)
        reading_set(steal, steal_s, "/proc/stat cpu steal");
    else
        reading_unavailable(steal, "/proc/stat cpu steal", "this kernel has no such column");
}

static void set_target_time(struct machine_reader *reader)
{
    static const char source[] = "/proc/*/stat of the listening socket's owner";
    struct reading *r = &reader->scan.target;
    if (reader->target.seen.server.pid == 0)
        target_process_explain(&reader->target, r, source);
    else
        reading_set(r, (double)target_process_ticks(&reader->target) * reader->tick_s, source);
}

static void set_target_memory(struct machine_reader *reader)
{
    static const char of_rss[] = "/proc/*/stat rss of the listening socket's owner and its descendants";
    static const char of_faults[] = "/proc/*/stat majflt of the listening socket's owner and its descendants";
    struct reading *rss = &reader->scan.target_rss, *faults = &reader->scan.target_faults;
    const struct target_totals *seen = &reader->target.seen;
    if (seen->server.pid == 0) {
        target_process_explain(&reader->target, rss, of_rss);
        target_process_explain(&reader->target, faults, of_faults);
        return;
    }
    reading_set(rss, (double)seen->rss_pages * reader->page_bytes, of_rss);
    reading_set(faults, (double)seen->major_faults, of_faults);
}

/* Foreign is what remains; where a local server's share is not known, neither is the rest. */
static void set_foreign_time(
    struct machine_reader *reader, double busy_s, const struct process_totals *totals)
{
    static const char source[] = "/proc/stat cpu - /proc/*/stat";
    bool target_elsewhere = reader->target.kind == TARGET_NONE || reader->target.kind == TARGET_REMOTE;
    struct scan *scan = &reader->scan;
    double known_s = (double)(totals->ours_ticks + target_process_ticks(&reader->target)) * reader->tick_s;
    if (scan->target.status != SENSOR_OK && !target_elsewhere)
        reading_unavailable(&scan->foreign, source, scan->target.reason);
    else
        reading_set(&scan->foreign, busy_s - known_s, source);
}

static void set_zombies(struct machine_reader *reader, const struct process_totals *totals)
{
    reading_set(&reader->scan.zombies_ours, (double)totals->ours_zombies, "/proc/*/stat");
    if (totals->others_seen)
        reading_set(&reader->scan.zombies_others, (double)totals->others_zombies, "/proc/*/stat");
    else
        reading_unavailable(
            &reader->scan.zombies_others, "/proc/*/stat", "/proc hides other users' processes");
}

static void fail_scan(struct scan *scan, const char *reason)
{
    struct reading *all[] = {&scan->ours, &scan->target, &scan->foreign, &scan->target_rss,
        &scan->target_faults, &scan->zombies_ours, &scan->zombies_others};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        reading_failed(all[i], "/proc/*/stat", reason);
}

void reader_scan_processes(struct machine_reader *reader)
{
    struct process_totals totals;
    struct proc_cpu cpu;
    struct reading why_not;
    /* the sum first: what is spent between the two readings then counts as known rather than as foreign */
    bool cpu_known = read_cpu(reader, &cpu, &why_not);
    reader->scanned = true;
    if (!target_process_scan(&reader->target, reader->root, &reader->processes, &totals)) {
        fail_scan(&reader->scan, reader->processes.reason);
        return;
    }
    reading_set(&reader->scan.ours, (double)totals.ours_ticks * reader->tick_s, "/proc/*/stat");
    set_zombies(reader, &totals);
    set_target_time(reader);
    set_target_memory(reader);
    if (cpu_known)
        set_foreign_time(reader, work_s(reader, &cpu), &totals);
    else
        reader->scan.foreign = why_not;
}

void reader_locate_target(struct machine_reader *reader)
{
    target_process_locate(&reader->target, reader->root);
}

struct server_process reader_server(const struct machine_reader *reader)
{
    return reader->target.seen.server;
}

/* A search costs milliseconds, and there may be hundreds of samples in a second. */
static const int64_t SEARCH_PERIOD_NS = 150 * NS_PER_MS;

/* Between two passes: its memory now; where a process of it is gone only a pass can tell more. */
static void look_at_target(struct machine_reader *reader, int64_t t_ns)
{
    if (target_process_look(&reader->target, &reader->processes)) {
        set_target_memory(reader);
    } else if (t_ns >= reader->search_due_ns) {
        reader->search_due_ns = t_ns + SEARCH_PERIOD_NS;
        reader_scan_processes(reader);
    }
}

void reader_watch_session(struct machine_reader *reader, pid_t session)
{
    process_table_watch_session(&reader->processes, session);
}

static enum gpu_owner gpu_owner(void *arg, long pid)
{
    const struct machine_reader *reader = arg;
    switch (process_table_owner(&reader->processes, &reader->target.owners, (pid_t)pid)) {
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
    const struct process_table *table = &reader->processes;
    for (size_t i = 0; i < table->count && i < max; i++)
        pids[i] = (long)table->items[i].pid;
    return table->count;
}

/* Whose processes work on the GPUs is known as far as whose CPU time it is. */
static void read_gpus(struct machine_reader *reader, struct sample *sample)
{
    const struct reading *foreign = &reader->scan.foreign;
    struct gpu_owners owners = {.of = gpu_owner,
        .pids = list_pids,
        .arg = reader,
        .unknown = foreign->status == SENSOR_OK ? NULL : foreign->reason};
    gpu_apart_read(reader->gpus, reader->scanned, &owners, sample);
}

/* After a pass, which found its processes; at both ends of a window their memory, too. */
static void look_into_target(struct machine_reader *reader, const struct sample *sample)
{
    const struct process_table *table = &reader->processes;
    struct target_question question = {.t_ns = sample->t_mono_ns,
        .weigh = sample->place != SAMPLE_DURING,
        .rss_bytes = (double)reader->target.seen.rss_pages * reader->page_bytes,
        .count = table->target_count};
    if (!reader->scanned || reader->target.seen.server.pid == 0)
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
        if (reader->target.seen.server.pid == 0)
            target_process_explain(&reader->target, r, rows[i].source);
        else if (rows[i].dear && sample->place == SAMPLE_DURING)
            reading_unavailable(r, rows[i].source, not_now);
        else if (rows[i].id == SENSOR_GPU_MEMORY_TARGET)
            add_gpu_memory(s, r);
        else
            *r = *rows[i].reading;
    }
}

/* Whose machine the sensors of this host speak of: the server's too, or the client's alone. */
static void read_server_place(const struct machine_reader *reader, struct reading *r)
{
    static const char source[] = "address of the measured URL";
    if (reader->target.kind == TARGET_LOCAL || reader->target.kind == TARGET_REMOTE)
        reading_set(r, reader->target.kind == TARGET_LOCAL, source);
    else
        target_process_explain(&reader->target, r, source);
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
    if (!reader->scanned)
        look_at_target(reader, sample->t_mono_ns);
    if (sample->place != SAMPLE_LAST)
        look_into_target(reader, sample);
    memory_sensors_read(&reader->memory, sample);
    slow_apart_read(&reader->slow, reader->scanned, sample);
    read_cpu_times(reader, sample);
    read_gpus(reader, sample);
    read_server_place(reader, &sample->readings[SENSOR_SERVER_IS_LOCAL]);
    sample->readings[SENSOR_ZOMBIES_OURS] = reader->scan.zombies_ours;
    sample->readings[SENSOR_ZOMBIES_OTHERS] = reader->scan.zombies_others;
    sample->readings[SENSOR_CPU_OURS] = reader->scan.ours;
    sample->readings[SENSOR_CPU_TARGET] = reader->scan.target;
    sample->readings[SENSOR_CPU_FOREIGN] = reader->scan.foreign;
    sample->readings[SENSOR_RSS_TARGET] = reader->scan.target_rss;
    sample->readings[SENSOR_MAJOR_FAULTS_TARGET] = reader->scan.target_faults;
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
    r->tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
    r->page_bytes = (double)sysconf(_SC_PAGESIZE);
    int64_t deadline_ns = errand_deadline(r->root, options->deadline_ns);
    r->gpus = gpu_apart_open(r->root, options->nvml_library, deadline_ns);
    if (!r->gpus) {
        free(r);
        return error_set(e, STATUS_NO_MEMORY, "no memory to read the machine");
    }
    kept_open(&r->stat, r->root, "/proc/stat");
    memory_sensors_open(&r->memory, r->root);
    slow_apart_open(&r->slow, r->root, options->disk_path, deadline_ns);
    process_table_open(&r->processes, r->root, options->own_pid);
    target_process_open(&r->target, options->target_url);
    target_apart_open(&r->of_target, r->root, r->target.kind == TARGET_LOCAL ? deadline_ns : 0);
    fail_scan(&r->scan, "no pass over the processes was made yet");
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
    process_table_close(&reader->processes);
    target_apart_close(&reader->of_target);
    gpu_apart_close(reader->gpus);
    free(reader);
}
