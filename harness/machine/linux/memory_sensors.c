#include "memory_sensors.h"

#include "clock.h"
#include "proc_parse.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A counter in a file of "key value" lines. Kernels before `older` was split call it so. */
struct counter_source {
    enum sensor_id sensor;
    const char *key, *older, *source;
    bool in_pages, of_swap, sum; /* sum: of all lines whose key begins so, as one per zone */
};
static const struct counter_source vmstat_counters[] = {
    {SENSOR_SWAP_IN, "pswpin", NULL, "/proc/vmstat pswpin", .in_pages = true, .of_swap = true},
    {SENSOR_SWAP_OUT, "pswpout", NULL, "/proc/vmstat pswpout", .in_pages = true, .of_swap = true},
    {SENSOR_OOM_KILLS, "oom_kill", NULL, "/proc/vmstat oom_kill"},
    {SENSOR_MAJOR_FAULTS, "pgmajfault", NULL, "/proc/vmstat pgmajfault"},
    {SENSOR_CACHE_REFAULTS, "workingset_refault_file", "workingset_refault",
        "/proc/vmstat workingset_refault_file", .in_pages = true},
    {SENSOR_DIRECT_RECLAIMS, "allocstall", NULL, "/proc/vmstat allocstall", .sum = true},
    {SENSOR_DIRECT_SCANS, "pgscan_direct", NULL, "/proc/vmstat pgscan_direct", .in_pages = true},
    {SENSOR_ANONYMOUS_REFAULTS, "workingset_refault_anon", NULL, "/proc/vmstat workingset_refault_anon",
        .in_pages = true},
    {SENSOR_COMPACTION_STALLS, "compact_stall", NULL, "/proc/vmstat compact_stall"},
    {SENSOR_ZSWAP_IN, "zswpin", NULL, "/proc/vmstat zswpin", .in_pages = true},
    {SENSOR_ZSWAP_OUT, "zswpout", NULL, "/proc/vmstat zswpout", .in_pages = true},
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

static bool find_counter(const char *text, const struct counter_source *from, uint64_t *value)
{
    if (from->sum)
        return proc_sum_counts(text, from->key, value);
    return proc_find_count(text, from->key, value) ||
           (from->older && proc_find_count(text, from->older, value));
}

static void read_vmstat(struct memory_sensors *m, struct sample *sample)
{
    struct kept_file *file = &m->files[FILE_VMSTAT];
    bool readable = kept_read(file, m->text, sizeof m->text);
    for (size_t i = 0; i < sizeof vmstat_counters / sizeof vmstat_counters[0]; i++) {
        const struct counter_source *from = &vmstat_counters[i];
        struct reading *r = &sample->readings[from->sensor];
        uint64_t value;
        if (!readable)
            kept_explain(file, r, from->source);
        else if (find_counter(m->text, from, &value))
            reading_set(r, (double)value * (from->in_pages ? m->page_bytes : 1), from->source);
        else if (from->of_swap && !m->kernel_can_swap)
            reading_set(r, 0, "/proc/swaps absent: this kernel cannot swap");
        else
            explain_absence(m->text, from->key, r, from->source);
    }
}

static void read_pressure(struct memory_sensors *m, struct sample *sample)
{
    static const struct {
        enum memory_file file;
        enum sensor_id sensor;
        const char *line, *source;
    } lines[] = {
        {FILE_PRESSURE_MEMORY, SENSOR_MEMORY_PRESSURE_SOME, "some", "/proc/pressure/memory some total"},
        {FILE_PRESSURE_MEMORY, SENSOR_MEMORY_PRESSURE_FULL, "full", "/proc/pressure/memory full total"},
        {FILE_PRESSURE_IO, SENSOR_IO_PRESSURE_SOME, "some", "/proc/pressure/io some total"},
        {FILE_PRESSURE_IO, SENSOR_IO_PRESSURE_FULL, "full", "/proc/pressure/io full total"},
        {FILE_PRESSURE_CPU, SENSOR_CPU_PRESSURE_SOME, "some", "/proc/pressure/cpu some total"},
        {FILE_GROUP_PRESSURE_MEMORY, SENSOR_MEMORY_PRESSURE_SOME_GROUP, "some",
            "memory.pressure some total (cgroup v2)"},
        {FILE_GROUP_PRESSURE_MEMORY, SENSOR_MEMORY_PRESSURE_FULL_GROUP, "full",
            "memory.pressure full total (cgroup v2)"},
        {FILE_GROUP_PRESSURE_IO, SENSOR_IO_PRESSURE_FULL_GROUP, "full", "io.pressure full total (cgroup v2)"},
        {FILE_GROUP_PRESSURE_CPU, SENSOR_CPU_PRESSURE_SOME_GROUP, "some",
            "cpu.pressure some total (cgroup v2)"},
    };
    enum memory_file in_text = MEMORY_FILE_COUNT;
    bool readable = false;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct kept_file *file = &m->files[lines[i].file];
        struct reading *r = &sample->readings[lines[i].sensor];
        uint64_t total_us;
        if (in_text != lines[i].file)
            readable = kept_read(file, m->text, sizeof m->text);
        in_text = lines[i].file;
        if (!readable)
            kept_explain(file, r, lines[i].source);
        else if (proc_parse_pressure(m->text, lines[i].line, &total_us))
            reading_set(r, (double)total_us / 1e6, lines[i].source);
        else
            reading_failed(r, lines[i].source, "no such line, or no total in it");
    }
}

/* Of the text of /proc/meminfo that was just read. */
static void read_swap_used(const struct memory_sensors *m, struct reading *r)
{
    static const char source[] = "/proc/meminfo SwapTotal - SwapFree";
    uint64_t total, unused;
    if (!proc_find_meminfo(m->text, "SwapTotal", &total) || !proc_find_meminfo(m->text, "SwapFree", &unused))
        explain_absence(m->text, "SwapTotal", r, source);
    else
        reading_set(r, total > unused ? (double)(total - unused) : 0, source);
}

static void read_zswap(const struct memory_sensors *m, struct reading *r)
{
    static const char source[] = "/proc/meminfo Zswapped";
    uint64_t bytes;
    if (proc_find_meminfo(m->text, "Zswapped", &bytes))
        reading_set(r, (double)bytes, source);
    else
        explain_absence(m->text, "Zswapped", r, source);
}

static void read_meminfo(struct memory_sensors *m, struct sample *sample)
{
    static const char source[] = "/proc/meminfo MemAvailable";
    struct kept_file *file = &m->files[FILE_MEMINFO];
    struct reading *r = &sample->readings[SENSOR_MEMORY_AVAILABLE];
    uint64_t total, available;
    if (!kept_read(file, m->text, sizeof m->text)) {
        kept_explain(file, r, source);
        kept_explain(file, &sample->readings[SENSOR_SWAP_USED], source);
        kept_explain(file, &sample->readings[SENSOR_ZSWAP_STORED], source);
        return;
    }
    read_zswap(m, &sample->readings[SENSOR_ZSWAP_STORED]);
    read_swap_used(m, &sample->readings[SENSOR_SWAP_USED]);
    if (!proc_find_meminfo(m->text, "MemTotal", &total) || total == 0)
        reading_failed(r, source, "no MemTotal");
    else if (!proc_find_meminfo(m->text, "MemAvailable", &available))
        reading_unavailable(r, source, "no MemAvailable (kernel before 3.14?)");
    else {
        reading_set(r, (double)available, source);
        sample->memory_total_bytes = (double)total;
    }
}

static const char no_group[] = "no memory control group in sight";

static void read_group_kills(struct memory_sensors *m, struct sample *sample)
{
    const char *source = m->group.version == 1 ? "memory.oom_control oom_kill (cgroup v1)"
                                               : "memory.events oom_kill (cgroup v2)";
    struct kept_file *file = &m->files[FILE_GROUP_EVENTS];
    struct reading *r = &sample->readings[SENSOR_OOM_KILLS_GROUP];
    uint64_t kills;
    if (!m->group.version)
        reading_unavailable(r, "memory.events, memory.oom_control", no_group);
    else if (!kept_read(file, m->text, sizeof m->text))
        kept_explain(file, r, source);
    else if (proc_find_count(m->text, "oom_kill", &kills))
        reading_set(r, (double)kills, source);
    else
        explain_absence(m->text, "oom_kill ", r, source);
}

/* Of the group whose limit binds, which may be an ancestor; without a limit our own. */
static void read_group_hits(struct memory_sensors *m, struct sample *sample)
{
    bool v1 = m->group.version == 1;
    const char *source = v1 ? "memory.failcnt (cgroup v1)" : "memory.events high + max (cgroup v2)";
    struct kept_file *file = &m->files[FILE_GROUP_HITS];
    struct reading *r = &sample->readings[SENSOR_MEMORY_LIMIT_HITS_GROUP];
    uint64_t hits, high = 0;
    if (!m->group.version)
        reading_unavailable(r, "memory.events, memory.failcnt", no_group);
    else if (!kept_read(file, m->text, sizeof m->text))
        kept_explain(file, r, source);
    else if (v1 ? proc_parse_limit(m->text, &hits) && hits != UINT64_MAX
                : proc_find_count(m->text, "max", &hits) && proc_find_count(m->text, "high", &high))
        reading_set(r, (double)hits + (double)high, source);
    else
        explain_absence(m->text, v1 ? "" : "max ", r, source);
}

/* What of the usage is file cache that can be dropped at once; 0 where it is not said. */
static uint64_t droppable_bytes(struct memory_sensors *m)
{
    const char *key = m->group.version == 1 ? "total_inactive_file" : "inactive_file";
    uint64_t bytes;
    if (!kept_read(&m->files[FILE_GROUP_STAT], m->text, sizeof m->text) ||
        !proc_find_count(m->text, key, &bytes))
        return 0;
    return bytes;
}

static void read_group_memory(struct memory_sensors *m, struct sample *sample)
{
    const char *source = m->group.version == 1 ? "memory.limit_in_bytes - usage (cgroup v1)"
                                               : "memory.max - memory.current (cgroup v2)";
    struct kept_file *file = &m->files[FILE_GROUP_USAGE];
    struct reading *r = &sample->readings[SENSOR_MEMORY_AVAILABLE_GROUP];
    uint64_t usage, limit = m->group.memory_limit_bytes;
    if (!m->group.version || !m->group.limiting[0])
        reading_unavailable(r, source, "no memory limit on our control group");
    else if (!kept_read(file, m->text, sizeof m->text))
        kept_explain(file, r, source);
    else if (!proc_parse_limit(m->text, &usage) || usage == UINT64_MAX)
        reading_failed(r, source, "the usage is not a number");
    else {
        uint64_t droppable = droppable_bytes(m);
        uint64_t used = usage > droppable ? usage - droppable : 0;
        reading_set(r, limit > used ? (double)(limit - used) : 0, source);
        sample->group_limit_bytes = (double)limit;
    }
}

/* A line of memory.stat in version 1, where swap is only told together with memory; a file of its own in 2. */
static void read_group_swap(struct memory_sensors *m, struct reading *r)
{
    bool v1 = m->group.version == 1;
    const char *source = v1 ? "memory.stat total_swap (cgroup v1)" : "memory.swap.current (cgroup v2)";
    struct kept_file *file = &m->files[FILE_GROUP_SWAP];
    uint64_t bytes;
    if (!m->group.version)
        reading_unavailable(r, "memory.swap.current, memory.stat", no_group);
    else if (!kept_read(file, m->text, sizeof m->text))
        kept_explain(file, r, source);
    else if (v1 ? proc_find_count(m->text, "total_swap", &bytes) : proc_parse_limit(m->text, &bytes))
        reading_set(r, (double)bytes, source);
    else
        explain_absence(m->text, v1 ? "total_swap " : "", r, source);
}

static void read_group_peak(struct memory_sensors *m, struct reading *r)
{
    const char *source =
        m->group.version == 1 ? "memory.max_usage_in_bytes (cgroup v1)" : "memory.peak (cgroup v2)";
    struct kept_file *file = &m->files[FILE_GROUP_PEAK];
    uint64_t bytes;
    if (!m->group.version)
        reading_unavailable(r, "memory.peak, memory.max_usage_in_bytes", no_group);
    else if (!kept_read(file, m->text, sizeof m->text))
        kept_explain(file, r, source);
    else if (proc_parse_limit(m->text, &bytes) && bytes != UINT64_MAX)
        reading_set(r, (double)bytes, source);
    else
        reading_failed(r, source, "not a number");
}

static void read_group_slowly(struct memory_sensors *m, struct sample *sample)
{
    if (sample->place != SAMPLE_DURING || !m->group_was_read || sample->t_mono_ns >= m->group_due_ns) {
        read_group_swap(m, &m->group_swap);
        read_group_peak(m, &m->group_peak);
        m->group_was_read = true;
        m->group_due_ns = sample->t_mono_ns + NS_PER_S;
    }
    sample->readings[SENSOR_SWAP_USED_GROUP] = m->group_swap;
    sample->readings[SENSOR_MEMORY_PEAK_GROUP] = m->group_peak;
}

/* Without a quota there is nothing to count; the kernel then leaves the line out or at 0. */
static void read_group_throttling(struct memory_sensors *m, struct sample *sample)
{
    bool v1 = m->group.cpu_version == 1;
    const char *key = v1 ? "throttled_time" : "throttled_usec";
    const char *source = v1 ? "cpu.stat throttled_time (cgroup v1)" : "cpu.stat throttled_usec (cgroup v2)";
    struct kept_file *file = &m->files[FILE_GROUP_CPU];
    struct reading *r = &sample->readings[SENSOR_CPU_THROTTLED_GROUP];
    uint64_t time;
    if (!m->group.cpu_version)
        reading_unavailable(r, "cpu.stat", "no CPU control group in sight");
    else if (!kept_read(file, m->text, sizeof m->text))
        kept_explain(file, r, source);
    else if (proc_find_count(m->text, key, &time))
        reading_set(r, (double)time / (v1 ? 1e9 : 1e6), source);
    else
        explain_absence(m->text, key, r, source);
}

void memory_sensors_read(struct memory_sensors *m, struct sample *sample)
{
    sample->memory_total_bytes = sample->group_limit_bytes = 0;
    read_vmstat(m, sample);
    read_pressure(m, sample);
    read_meminfo(m, sample);
    read_group_kills(m, sample);
    read_group_hits(m, sample);
    read_group_memory(m, sample);
    read_group_throttling(m, sample);
    read_group_slowly(m, sample);
}

static void open_group_file(
    struct memory_sensors *m, const char *root, enum memory_file id, const char *folder, const char *name)
{
    char path[768];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    kept_open(&m->files[id], root, path);
}

static void open_group_files(struct memory_sensors *m, const char *root)
{
    const struct control_group *group = &m->group;
    bool v1 = group->version == 1;
    const char *limiting = group->limiting[0] ? group->limiting : group->memory;
    open_group_file(m, root, FILE_GROUP_EVENTS, group->memory, v1 ? "memory.oom_control" : "memory.events");
    open_group_file(m, root, FILE_GROUP_HITS, limiting, v1 ? "memory.failcnt" : "memory.events");
    open_group_file(
        m, root, FILE_GROUP_USAGE, group->limiting, v1 ? "memory.usage_in_bytes" : "memory.current");
    open_group_file(m, root, FILE_GROUP_STAT, group->limiting, "memory.stat");
    open_group_file(
        m, root, FILE_GROUP_CPU, group->cpu_limiting[0] ? group->cpu_limiting : group->cpu, "cpu.stat");
    open_group_file(m, root, FILE_GROUP_SWAP, group->memory, v1 ? "memory.stat" : "memory.swap.current");
    open_group_file(
        m, root, FILE_GROUP_PEAK, group->memory, v1 ? "memory.max_usage_in_bytes" : "memory.peak");
}

/* Version 1 has no such files, whatever its controllers are. */
static void open_group_pressure(struct memory_sensors *m, const char *root)
{
    static const struct {
        enum memory_file file;
        const char *name;
    } files[] = {
        {FILE_GROUP_PRESSURE_MEMORY, "memory.pressure"},
        {FILE_GROUP_PRESSURE_IO, "io.pressure"},
        {FILE_GROUP_PRESSURE_CPU, "cpu.pressure"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (m->group.unified[0])
            open_group_file(m, root, files[i].file, m->group.unified, files[i].name);
        else
            kept_absent(&m->files[files[i].file], "no control group of our own in version 2");
    }
}

void memory_sensors_open(struct memory_sensors *m, const char *root)
{
    static const struct {
        enum memory_file file;
        const char *path;
    } of_the_host[] = {
        {FILE_VMSTAT, "/proc/vmstat"},
        {FILE_PRESSURE_MEMORY, "/proc/pressure/memory"},
        {FILE_PRESSURE_IO, "/proc/pressure/io"},
        {FILE_PRESSURE_CPU, "/proc/pressure/cpu"},
        {FILE_MEMINFO, "/proc/meminfo"},
    };
    char swaps[600];
    snprintf(swaps, sizeof swaps, "%s/proc/swaps", root);
    m->kernel_can_swap = access(swaps, F_OK) == 0;
    m->page_bytes = (double)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < sizeof of_the_host / sizeof of_the_host[0]; i++)
        kept_open(&m->files[of_the_host[i].file], root, of_the_host[i].path);
    (void)control_group_find(root, &m->group);
    open_group_files(m, root);
    open_group_pressure(m, root);
}

void memory_sensors_close(struct memory_sensors *m)
{
    for (size_t i = 0; i < MEMORY_FILE_COUNT; i++)
        kept_close(&m->files[i]);
}
