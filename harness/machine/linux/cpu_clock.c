#include "cpu_clock.h"

#include "cpu_topology.h"
#include "fs.h"
#include "proc_parse.h"
#include "sys_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char no_clock[] =
    "this machine does not say its clock rates (no cpufreq; usual in a virtual machine)";

/* A processor with this share of work has as much to do as it can: whatever governs its clock raises it. */
#define BUSY_SHARE 0.9
enum { TICKS_MIN = 50 }; /* of 10 ms: over a shorter time any processor may look busy */

static int open_of(const char *root, uint64_t cpu, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%llu/%s", (unsigned long long)cpu, name);
    return sys_open(root, path);
}

static int64_t number_of(const char *root, uint64_t cpu, const char *name)
{
    char path[160];
    int64_t value;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%llu/%s", (unsigned long long)cpu, name);
    return sys_number_at(root, path, &value) && value > 0 ? value : 0;
}

/* The rate that holds however many cores work: Intel's drivers say it, others by the firmware (in MHz). */
static int64_t base_rate_khz(const char *root, uint64_t cpu)
{
    int64_t base = number_of(root, cpu, "cpufreq/base_frequency");
    return base > 0 ? base : number_of(root, cpu, "acpi_cppc/nominal_freq") * 1000;
}

static void open_one(struct cpu_clock *c, const char *root, uint64_t cpu)
{
    struct cpu_clock_one *one = &c->cpus[c->count++];
    *one = (struct cpu_clock_one){.number = cpu,
        .rate = open_of(root, cpu, "cpufreq/scaling_cur_freq"),
        .limit = open_of(root, cpu, "cpufreq/scaling_max_freq"),
        .governor = open_of(root, cpu, "cpufreq/scaling_governor")};
    if (one->rate >= 0)
        one->base_khz = base_rate_khz(root, cpu);
}

static void open_boost(struct cpu_clock *c, const char *root)
{
    c->boost = sys_open(root, "/sys/devices/system/cpu/intel_pstate/no_turbo");
    c->boost_is_negative = c->boost >= 0;
    if (c->boost < 0)
        c->boost = sys_open(root, "/sys/devices/system/cpu/cpufreq/boost");
}

void cpu_clock_open(struct cpu_clock *c, const char *root)
{
    struct cpu_set *online = calloc(1, sizeof *online);
    c->count = 0;
    c->shortfall = 0;
    c->stat = sys_open(root, "/proc/stat");
    open_boost(c, root);
    if (online && fs_read_small(root, "/sys/devices/system/cpu/online", c->text, sizeof c->text) > 0 &&
        cpu_set_parse(c->text, online)) {
        size_t step = (online->count + CPU_CLOCKS_MAX - 1) / CPU_CLOCKS_MAX, seen = 0;
        for (uint64_t cpu = 0; cpu < CPU_COUNT_MAX && c->count < CPU_CLOCKS_MAX; cpu++) {
            if (online->has[cpu] && seen++ % step == 0)
                open_one(c, root, cpu);
        }
    }
    free(online);
}

void cpu_clock_close(struct cpu_clock *c)
{
    for (size_t i = 0; i < c->count; i++) {
        sys_close(&c->cpus[i].rate);
        sys_close(&c->cpus[i].limit);
        sys_close(&c->cpus[i].governor);
    }
    sys_close(&c->boost);
    sys_close(&c->stat);
}

/* Means of what can be read of them; offline processors read as nothing. */
static void read_mean(const struct cpu_clock *c, struct reading *r, const char *source, size_t offset)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) {
        int fd;
        int64_t khz;
        memcpy(&fd, (const char *)&c->cpus[i] + offset, sizeof fd);
        if (!sys_read_number(fd, &khz))
            continue;
        sum += (double)khz * 1000;
        count++;
    }
    if (count > 0)
        reading_set(r, sum / (double)count, source);
    else
        reading_unavailable(r, source, no_clock);
}

static void read_governors(const struct cpu_clock *c, struct reading *r)
{
    static const char source[] = "/sys/devices/system/cpu/*/cpufreq/scaling_governor";
    char word[SYS_WORD_SIZE];
    size_t known = 0, performance = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (!sys_read_word(c->cpus[i].governor, word))
            continue;
        known++;
        performance += strcmp(word, "performance") == 0;
    }
    if (known > 0)
        reading_set(r, (double)performance, source);
    else
        reading_unavailable(r, source, no_clock);
}

static void read_boost(const struct cpu_clock *c, struct reading *r)
{
    const char *source = c->boost_is_negative ? "/sys/devices/system/cpu/intel_pstate/no_turbo"
                                              : "/sys/devices/system/cpu/cpufreq/boost";
    int64_t value;
    if (sys_read_number(c->boost, &value))
        reading_set(r, (value != 0) != c->boost_is_negative, source);
    else
        reading_unavailable(r, source, "this machine has no switch for it");
}

static struct cpu_clock_one *find_cpu(struct cpu_clock *c, uint64_t number)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->cpus[i].number == number)
            return &c->cpus[i];
    return NULL;
}

/* How much of the time since the last reading each processor worked; none before there were two. */
static void note_work(struct cpu_clock *c)
{
    ssize_t len = c->stat < 0 ? -1 : pread(c->stat, c->text, sizeof c->text - 1, 0);
    c->text[len > 0 ? len : 0] = '\0';
    for (const char *line = c->text; line; line = proc_next_line(line)) {
        struct proc_cpu cpu;
        uint64_t number;
        struct cpu_clock_one *one = proc_parse_one_cpu(line, &number, &cpu) ? find_cpu(c, number) : NULL;
        if (!one)
            continue;
        uint64_t busy = cpu.user + cpu.nice + cpu.system + cpu.irq + cpu.softirq;
        uint64_t all = busy + cpu.idle + cpu.iowait + cpu.steal;
        one->busy_share = 0;
        if (one->ticks > 0 && all >= one->ticks && all - one->ticks < TICKS_MIN)
            continue;
        if (one->ticks > 0 && all > one->ticks && busy >= one->busy_ticks)
            one->busy_share = (double)(busy - one->busy_ticks) / (double)(all - one->ticks);
        one->busy_ticks = busy;
        one->ticks = all;
    }
}

/* The rate that a busy processor may be expected to have: its base, or the limit where that is set lower. */
static double expected_khz(const struct cpu_clock_one *one)
{
    int64_t limit;
    if (!sys_read_number(one->limit, &limit) || limit <= 0 || limit > one->base_khz)
        return (double)one->base_khz;
    return (double)limit;
}

/* The mean of the busy ones: how far they stay behind. */
static double shortfall_now(const struct cpu_clock *c)
{
    double sum = 0;
    size_t busy = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct cpu_clock_one *one = &c->cpus[i];
        int64_t khz;
        if (one->base_khz <= 0 || one->busy_share < BUSY_SHARE || !sys_read_number(one->rate, &khz))
            continue;
        sum += 1 - (double)khz / expected_khz(one);
        busy++;
    }
    return busy > 0 && sum > 0 ? sum / (double)busy : 0;
}

/* A rate is a snapshot of a few milliseconds: only what two readings in a row found counts. */
static void read_shortfall(struct cpu_clock *c, struct reading *r)
{
    static const char source[] = "scaling_cur_freq of busy processors / base_frequency or nominal_freq";
    bool base_known = false;
    for (size_t i = 0; i < c->count; i++)
        base_known |= c->cpus[i].base_khz > 0;
    if (!base_known) {
        reading_unavailable(r, source,
            c->count > 0 && c->cpus[0].rate >= 0 ? "this machine does not say its base clock rate"
                                                 : no_clock);
        return;
    }
    double now = shortfall_now(c);
    reading_set(r, now < c->shortfall ? now : c->shortfall, source);
    c->shortfall = now;
}

void cpu_clock_read(struct cpu_clock *c, struct sample *sample)
{
    read_mean(c, &sample->readings[SENSOR_CPU_FREQUENCY],
        "/sys/devices/system/cpu/*/cpufreq/scaling_cur_freq", offsetof(struct cpu_clock_one, rate));
    read_mean(c, &sample->readings[SENSOR_CPU_FREQUENCY_LIMIT],
        "/sys/devices/system/cpu/*/cpufreq/scaling_max_freq", offsetof(struct cpu_clock_one, limit));
    read_governors(c, &sample->readings[SENSOR_CPU_GOVERNOR_PERFORMANCE]);
    read_boost(c, &sample->readings[SENSOR_CPU_BOOST]);
    note_work(c);
    read_shortfall(c, &sample->readings[SENSOR_CPU_FREQUENCY_SHORTFALL]);
}
