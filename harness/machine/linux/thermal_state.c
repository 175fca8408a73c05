#include "thermal_state.h"

#include "cpu_topology.h"
#include "fs.h"
#include "sys_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_file(struct thermal_files *files, const char *root, const char *path)
{
    int fd = files->count < THERMAL_FILES_MAX ? sys_open(root, path) : -1;
    if (fd >= 0)
        files->fds[files->count++] = fd;
    return fd >= 0;
}

static void close_files(struct thermal_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        sys_close(&files->fds[i]);
    files->count = 0;
}

/* ---- throttling of processors ---- */

enum { PACKAGES_MAX = 32 };
struct packages {
    int64_t ids[PACKAGES_MAX];
    size_t count;
};

/* True the first time that this package is met. */
static bool is_new_package(struct packages *met, const char *root, size_t cpu)
{
    char path[128];
    int64_t id = 0;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/physical_package_id", cpu);
    (void)sys_number_at(root, path, &id);
    for (size_t i = 0; i < met->count; i++)
        if (met->ids[i] == id)
            return false;
    if (met->count < PACKAGES_MAX)
        met->ids[met->count++] = id;
    return true;
}

static void add_counter(struct thermal_files *files, const char *root, size_t cpu, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/thermal_throttle/%s", cpu, name);
    (void)add_file(files, root, path);
}

static void open_throttles(struct thermal_state *t, const char *root)
{
    char text[4096];
    struct packages met = {.count = 0};
    struct cpu_set *online = calloc(1, sizeof *online);
    if (online && fs_read_small(root, "/sys/devices/system/cpu/online", text, sizeof text) > 0 &&
        cpu_set_parse(text, online)) {
        size_t step = (online->count + THERMAL_FILES_MAX - 1) / THERMAL_FILES_MAX, seen = 0;
        for (size_t cpu = 0; cpu < CPU_COUNT_MAX; cpu++) {
            if (!online->has[cpu] || seen++ % step != 0)
                continue;
            add_counter(&t->cores, root, cpu, "core_throttle_count");
            add_counter(&t->core_times, root, cpu, "core_throttle_total_time_ms");
            if (!is_new_package(&met, root, cpu))
                continue;
            add_counter(&t->packages, root, cpu, "package_throttle_count");
            add_counter(&t->package_times, root, cpu, "package_throttle_total_time_ms");
        }
    }
    free(online);
}

/* ---- zones, coolers, hwmon ---- */

struct listing {
    struct thermal_state *state;
    const char *root;
};

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * Devices that take speed away from whatever computes. Fans, chargers and displays do no harm to a measurement, and
 * Intel's "TCC Offset" holds a setting, not a state.
 */
static bool slows_down(const char *type)
{
    static const char *const kinds[] = {"Processor", "cpufreq-", "thermal-cpufreq-", "cpu-", "thermal-cpu",
        "thermal-devfreq-", "devfreq-", "gpu", "intel_powerclamp", "idle-"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (begins(type, kinds[i]))
            return true;
    return false;
}

static int visit_thermal(const char *name, void *arg)
{
    const struct listing *l = arg;
    char path[400], type[SYS_WORD_SIZE];
    if (begins(name, "thermal_zone")) {
        snprintf(path, sizeof path, "/sys/class/thermal/%.200s/temp", name);
        (void)add_file(&l->state->temperatures, l->root, path);
    } else if (begins(name, "cooling_device")) {
        snprintf(path, sizeof path, "/sys/class/thermal/%.200s/type", name);
        if (!sys_word_at(l->root, path, type) || !slows_down(type))
            return 0;
        snprintf(path, sizeof path, "/sys/class/thermal/%.200s/cur_state", name);
        (void)add_file(&l->state->coolers, l->root, path);
    }
    return 0;
}

/* Sensors of processors; those of disks and network cards may be hotter and slow nobody down. */
static int visit_hwmon(const char *name, void *arg)
{
    static const char *const processors[] = {"coretemp", "k10temp", "zenpower", "cpu_thermal"};
    const struct listing *l = arg;
    char path[400], chip[SYS_WORD_SIZE];
    snprintf(path, sizeof path, "/sys/class/hwmon/%.200s/name", name);
    if (!sys_word_at(l->root, path, chip))
        return 0;
    for (size_t i = 0; i < sizeof processors / sizeof processors[0]; i++) {
        if (strcmp(chip, processors[i]) != 0)
            continue;
        snprintf(path, sizeof path, "/sys/class/hwmon/%.200s/temp1_input", name);
        (void)add_file(&l->state->temperatures, l->root, path);
    }
    return 0;
}

static void list(
    struct thermal_state *t, const char *root, const char *folder, int (*visit)(const char *, void *))
{
    char full[700];
    struct listing l = {t, root};
    if ((size_t)snprintf(full, sizeof full, "%s%s", root, folder) < sizeof full)
        (void)!fs_list(full, visit, &l, NULL);
}

void thermal_open(struct thermal_state *t, const char *root)
{
    memset(t, 0, sizeof *t);
    open_throttles(t, root);
    list(t, root, "/sys/class/thermal", visit_thermal);
    list(t, root, "/sys/class/hwmon", visit_hwmon);
}

void thermal_close(struct thermal_state *t)
{
    struct thermal_files *const all[] = {
        &t->cores, &t->packages, &t->core_times, &t->package_times, &t->temperatures, &t->coolers};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        close_files(all[i]);
}

/* ---- reading ---- */

/* The sum of two kinds of counters; a processor that went offline keeps nobody from the rest. */
static void read_counters(const struct thermal_files *cores, const struct thermal_files *packages,
    double scale, const char *source, struct reading *r)
{
    double sum = 0;
    size_t known = 0;
    const struct thermal_files *const kinds[] = {cores, packages};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < kinds[k]->count; i++) {
            int64_t value;
            if (!sys_read_number(kinds[k]->fds[i], &value))
                continue;
            sum += (double)value;
            known++;
        }
    }
    if (known > 0)
        reading_set(r, sum * scale, source);
    else
        reading_unavailable(r, source, "this machine does not count them (only Intel's processors do)");
}

static void read_coolers(const struct thermal_state *t, struct reading *r)
{
    static const char source[] = "/sys/class/thermal/cooling_device*/cur_state";
    size_t known = 0, at_work = 0;
    for (size_t i = 0; i < t->coolers.count; i++) {
        int64_t state;
        if (!sys_read_number(t->coolers.fds[i], &state))
            continue;
        known++;
        at_work += state > 0; /* -1: powerclamp that rests */
    }
    if (known > 0)
        reading_set(r, (double)at_work, source);
    else
        reading_unavailable(r, source, "no cooling device that slows anything down");
}

static void read_temperature(const struct thermal_state *t, struct reading *r)
{
    static const char source[] = "/sys/class/thermal/thermal_zone*/temp, hwmon of the processors";
    bool known = false;
    double hottest = 0;
    for (size_t i = 0; i < t->temperatures.count; i++) {
        int64_t millidegrees;
        if (!sys_read_number(t->temperatures.fds[i], &millidegrees))
            continue;
        double degrees = (double)millidegrees / 1000;
        if (!known || degrees > hottest)
            hottest = degrees;
        known = true;
    }
    if (known)
        reading_set(r, hottest, source);
    else
        reading_unavailable(r, source, "this machine shows no thermometer");
}

void thermal_read(const struct thermal_state *t, struct sample *sample)
{
    read_counters(&t->cores, &t->packages, 1, "cpu*/thermal_throttle/{core,package}_throttle_count",
        &sample->readings[SENSOR_THERMAL_THROTTLES]);
    read_counters(&t->core_times, &t->package_times, 1e-3,
        "cpu*/thermal_throttle/{core,package}_throttle_total_time_ms",
        &sample->readings[SENSOR_THERMAL_THROTTLE_TIME]);
    read_coolers(t, &sample->readings[SENSOR_COOLING_LIMITS]);
    read_temperature(t, &sample->readings[SENSOR_TEMPERATURE]);
}
