#include "reader.h"

#include "control_group.h"
#include "gpu_watch.h"
#include "kept_file.h"
#include "proc_parse.h"
#include "process_table.h"
#include "target_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 32 * 1024 }; /* vmstat is some 5 KB, memory.stat 2 KB */

enum file_id {
    FILE_VMSTAT,
    FILE_PRESSURE,
    FILE_MEMINFO,
    FILE_STAT,
    FILE_GROUP_EVENTS,
    FILE_GROUP_USAGE,
    FILE_GROUP_STAT,
    FILE_COUNT
};

/* What the last pass over the processes found, in seconds; kept until the next. */
struct scan {
    struct reading ours, target, foreign, target_rss, zombies_ours, zombies_others;
};

struct machine_reader {
    char root[512];
    struct kept_file files[FILE_COUNT];
    struct control_group group;
    bool kernel_can_swap;
    double tick_s, page_bytes;
    struct process_table processes;
    struct target_process target;
    struct gpu_watch *gpus;
    struct scan scan;
    bool scanned; /* since the last sample */
    char text[TEXT_MAX];
};

/* Sensors that are one counter in a file of "key value" lines. */
struct counter_source {
    enum sensor_id sensor;
    enum file_id file;
    const char *key, *source;
    bool in_pages;
};
static const struct counter_source vmstat_counters[] = {
    {SENSOR_SWAP_IN, FILE_VMSTAT, "pswpin", "/proc/vmstat pswpin", true},
    {SENSOR_SWAP_OUT, FILE_VMSTAT, "pswpout", "/proc/vmstat pswpout", true},
    {SENSOR_OOM_KILLS, FILE_VMSTAT, "oom_kill", "/proc/vmstat oom_kill", false},
};

/* A whole file without the line is another kernel's; one that does not end in a newline was cut off. */
static void explain_absence(const char *text, const char *key, struct reading *r, const char *source)
{
    size_t len = strlen(text);
    if (len == 0 || text[len - 1] != '\n')
        reading_failed(r, source, "the file is empty or cut off");
    else if (strstr(text, key))
        reading_failed(r, source, "no number in its line");
    else
        reading_unavailable(r, source, "this kernel has no such line");
}

static void read_vmstat(struct machine_reader *reader, struct sample *sample)
{
    struct kept_file *file = &reader->files[FILE_VMSTAT];
    bool readable = kept_read(file, reader->text, TEXT_MAX);
    for (size_t i = 0; i < sizeof vmstat_counters / sizeof vmstat_counters[0]; i++) {
        const struct counter_source *from = &vmstat_counters[i];
        struct reading *r = &sample->readings[from->sensor];
        uint64_t value;
        if (!readable)
            kept_explain(file, r, from->source);
        else if (proc_find_count(reader->text, from->key, &value))
            reading_set(r, (double)value * (from->in_pages ? reader->page_bytes : 1), from->source);
        else if (from->in_pages && !reader->kernel_can_swap)
            reading_set(r, 0, "/proc/swaps absent: this kernel cannot swap");
        else
            explain_absence(reader->text, from->key, r, from->source);
    }
}

static void read_pressure(struct machine_reader *reader, struct sample *sample)
{
    static const struct {
        enum sensor_id sensor;
        const char *line, *source;
    } lines[] = {
        {SENSOR_MEMORY_PRESSURE_SOME, "some", "/proc/pressure/memory some total"},
        {SENSOR_MEMORY_PRESSURE_FULL, "full", "/proc/pressure/memory full total"},
    };
    struct kept_file *file = &reader->files[FILE_PRESSURE];
    bool readable = kept_read(file, reader->text, TEXT_MAX);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct reading *r = &sample->readings[lines[i].sensor];
        uint64_t total_us;
        if (!readable)
            kept_explain(file, r, lines[i].source);
        else if (proc_parse_pressure(reader->text, lines[i].line, &total_us))
            reading_set(r, (double)total_us / 1e6, lines[i].source);
        else
            reading_failed(r, lines[i].source, "no such line, or no total in it");
    }
}

static void read_meminfo(struct machine_reader *reader, struct sample *sample)
{
    static const char source[] = "/proc/meminfo MemAvailable";
    struct kept_file *file = &reader->files[FILE_MEMINFO];
    struct reading *r = &sample->readings[SENSOR_MEMORY_AVAILABLE];
    uint64_t total, available;
    if (!kept_read(file, reader->text, TEXT_MAX))
        kept_explain(file, r, source);
    else if (!proc_find_meminfo(reader->text, "MemTotal", &total) || total == 0)
        reading_failed(r, source, "no MemTotal");
    else if (!proc_find_meminfo(reader->text, "MemAvailable", &available))
        reading_unavailable(r, source, "no MemAvailable (kernel before 3.14?)");
    else {
        reading_set(r, (double)available, source);
        sample->memory_total_bytes = (double)total;
    }
}

static void read_group_kills(struct machine_reader *reader, struct sample *sample)
{
    const char *source = reader->group.version == 1 ? "memory.oom_control oom_kill (cgroup v1)"
                                                    : "memory.events oom_kill (cgroup v2)";
    struct kept_file *file = &reader->files[FILE_GROUP_EVENTS];
    struct reading *r = &sample->readings[SENSOR_OOM_KILLS_GROUP];
    uint64_t kills;
    if (!reader->group.version)
        reading_unavailable(r, "memory.events, memory.oom_control", "no memory control group in sight");
    else if (!kept_read(file, reader->text, TEXT_MAX))
        kept_explain(file, r, source);
    else if (proc_find_count(reader->text, "oom_kill", &kills))
        reading_set(r, (double)kills, source);
    else
        explain_absence(reader->text, "oom_kill ", r, source);
}

/* What of the usage is file cache that can be dropped at once; 0 where it is not said. */
static uint64_t droppable_bytes(struct machine_reader *reader)
{
    const char *key = reader->group.version == 1 ? "total_inactive_file" : "inactive_file";
    uint64_t bytes;
    if (!kept_read(&reader->files[FILE_GROUP_STAT], reader->text, TEXT_MAX) ||
        !proc_find_count(reader->text, key, &bytes))
        return 0;
    return bytes;
}

static void read_group_memory(struct machine_reader *reader, struct sample *sample)
{
    const char *source = reader->group.version == 1 ? "memory.limit_in_bytes - usage (cgroup v1)"
                                                    : "memory.max - memory.current (cgroup v2)";
    struct kept_file *file = &reader->files[FILE_GROUP_USAGE];
    struct reading *r = &sample->readings[SENSOR_MEMORY_AVAILABLE_GROUP];
    uint64_t usage, limit = reader->group.memory_limit_bytes;
    if (!reader->group.version || !reader->group.limiting[0])
        reading_unavailable(r, source, "no memory limit on our control group");
    else if (!kept_read(file, reader->text, TEXT_MAX))
        kept_explain(file, r, source);
    else if (!proc_parse_limit(reader->text, &usage) || usage == UINT64_MAX)
        reading_failed(r, source, "the usage is not a number");
    else {
        uint64_t droppable = droppable_bytes(reader);
        uint64_t used = usage > droppable ? usage - droppable : 0;
        reading_set(r, limit > used ? (double)(limit - used) : 0, source);
        sample->group_limit_bytes = (double)limit;
    }
}

/* Ticks of the line "cpu": user, nice and system are what processes and kernel threads use. */
static bool read_cpu(struct machine_reader *reader, struct proc_cpu *cpu, struct reading *why_not)
{
    static const char source[] = "/proc/stat cpu";
    struct kept_file *file = &reader->files[FILE_STAT];
    if (!kept_read_start(file, reader->text, 4096)) {
        kept_explain(file, why_not, source);
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
                   *steal = &sample->readings[SENSOR_CPU_STEAL];
    struct proc_cpu cpu;
    if (!read_cpu(reader, &cpu, total)) {
        *busy = *steal = *total;
        return;
    }
    double busy_s = work_s(reader, &cpu) + ((double)cpu.irq + (double)cpu.softirq) * reader->tick_s;
    double idle_s = ((double)cpu.idle + (double)cpu.iowait) * reader->tick_s;
    double steal_s = (double)cpu.steal * reader->tick_s;
    reading_set(total, busy_s + idle_s + steal_s, "/proc/stat cpu");
    reading_set(busy, busy_s, "/proc/stat cpu");
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
    static const char source[] = "/proc/*/stat rss of the listening socket's owner and its descendants";
    struct reading *r = &reader->scan.target_rss;
    if (reader->target.seen.server.pid == 0)
        target_process_explain(&reader->target, r, source);
    else
        reading_set(r, (double)reader->target.seen.rss_pages * reader->page_bytes, source);
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
        &scan->zombies_ours, &scan->zombies_others};
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

/* Between two passes: its memory now; where a process of it is gone only a pass can tell more. */
static void look_at_target(struct machine_reader *reader)
{
    if (target_process_look(&reader->target, &reader->processes))
        set_target_memory(reader);
    else
        reader_scan_processes(reader);
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
    case PROCESS_TARGET:
        return GPU_OWNER_KNOWN;
    case PROCESS_OTHER:
        return GPU_OWNER_FOREIGN;
    case PROCESS_UNSEEN:
        break;
    }
    return GPU_OWNER_UNSEEN;
}

/* Whose processes work on the GPUs is known as far as whose CPU time it is. */
static void read_gpus(struct machine_reader *reader, struct sample *sample)
{
    const struct reading *foreign = &reader->scan.foreign;
    struct gpu_owners owners = {
        .of = gpu_owner, .arg = reader, .unknown = foreign->status == SENSOR_OK ? NULL : foreign->reason};
    gpu_watch_read(reader->gpus, sample->t_mono_ns, reader->scanned, &owners);
    gpu_watch_fill(reader->gpus, sample);
}

void reader_read(struct machine_reader *reader, struct sample *sample)
{
    sample->memory_total_bytes = sample->group_limit_bytes = 0;
    if (!reader->scanned)
        look_at_target(reader);
    read_vmstat(reader, sample);
    read_pressure(reader, sample);
    read_meminfo(reader, sample);
    read_group_kills(reader, sample);
    read_group_memory(reader, sample);
    read_cpu_times(reader, sample);
    read_gpus(reader, sample);
    sample->readings[SENSOR_ZOMBIES_OURS] = reader->scan.zombies_ours;
    sample->readings[SENSOR_ZOMBIES_OTHERS] = reader->scan.zombies_others;
    sample->readings[SENSOR_CPU_OURS] = reader->scan.ours;
    sample->readings[SENSOR_CPU_TARGET] = reader->scan.target;
    sample->readings[SENSOR_CPU_FOREIGN] = reader->scan.foreign;
    sample->readings[SENSOR_RSS_TARGET] = reader->scan.target_rss;
    sample->scanned = reader->scanned;
    reader->scanned = false;
}

static void open_group_file(
    struct machine_reader *reader, enum file_id id, const char *folder, const char *name)
{
    char path[768];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    kept_open(&reader->files[id], reader->root, path);
}

static void open_files(struct machine_reader *reader)
{
    struct control_group *group = &reader->group;
    bool v1 = control_group_find(reader->root, group) && group->version == 1;
    kept_open(&reader->files[FILE_VMSTAT], reader->root, "/proc/vmstat");
    kept_open(&reader->files[FILE_PRESSURE], reader->root, "/proc/pressure/memory");
    kept_open(&reader->files[FILE_MEMINFO], reader->root, "/proc/meminfo");
    kept_open(&reader->files[FILE_STAT], reader->root, "/proc/stat");
    open_group_file(reader, FILE_GROUP_EVENTS, group->memory, v1 ? "memory.oom_control" : "memory.events");
    open_group_file(
        reader, FILE_GROUP_USAGE, group->limiting, v1 ? "memory.usage_in_bytes" : "memory.current");
    open_group_file(reader, FILE_GROUP_STAT, group->limiting, "memory.stat");
}

enum status reader_open(const struct reader_options *options, struct machine_reader **reader, struct error *e)
{
    char swaps[600];
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
    snprintf(swaps, sizeof swaps, "%s/proc/swaps", r->root);
    r->kernel_can_swap = access(swaps, F_OK) == 0;
    r->gpus = gpu_watch_open(r->root, options->nvml_library);
    if (!r->gpus) {
        free(r);
        return error_set(e, STATUS_NO_MEMORY, "no memory to read the machine");
    }
    open_files(r);
    process_table_open(&r->processes, r->root, options->own_pid);
    target_process_open(&r->target, options->target_url);
    fail_scan(&r->scan, "no pass over the processes was made yet");
    *reader = r;
    return STATUS_OK;
}

void reader_close(struct machine_reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < FILE_COUNT; i++)
        kept_close(&reader->files[i]);
    process_table_close(&reader->processes);
    gpu_watch_close(reader->gpus);
    free(reader);
}
