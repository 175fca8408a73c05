#include "cpu_topology.h"

#include "fs.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_number(const char **at, size_t *number)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    unsigned long value = strtoul(*at, &end, 10);
    if (value >= CPU_COUNT_MAX)
        return false;
    *number = value;
    *at = end;
    return true;
}

static void add_range(struct cpu_set *set, size_t first, size_t last)
{
    for (size_t i = first; i <= last; i++) {
        set->count += !set->has[i];
        set->has[i] = true;
    }
}

/* One number or range. */
static bool take_range(const char **at, struct cpu_set *set)
{
    size_t first, last;
    if (!take_number(at, &first))
        return false;
    last = first;
    if (**at == '-') {
        (*at)++;
        if (!take_number(at, &last) || last < first)
            return false;
    }
    add_range(set, first, last);
    return true;
}

bool cpu_set_parse(const char *text, struct cpu_set *set)
{
    const char *at = text;
    memset(set, 0, sizeof *set);
    bool ok = take_range(&at, set);
    while (ok && *at == ',') {
        at++;
        ok = take_range(&at, set);
    }
    if (ok && strcmp(at, "\n") == 0)
        return true;
    memset(set, 0, sizeof *set);
    return false;
}

bool cpu_set_read(const char *root, const char *path, struct cpu_set *set)
{
    char text[4096];
    memset(set, 0, sizeof *set);
    return fs_read_small(root, path, text, sizeof text) > 0 && cpu_set_parse(text, set);
}

/* A core counts at the first of its threads. */
static bool is_first_thread(const char *root, size_t cpu, bool *known)
{
    char path[96], text[256];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", cpu);
    if (fs_read_small(root, path, text, sizeof text) <= 0) {
        *known = false;
        return true;
    }
    return strtoul(text, NULL, 10) == cpu;
}

static size_t read_capacity(const char *root, size_t cpu)
{
    char path[96], text[64];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/cpu_capacity", cpu);
    return fs_read_small(root, path, text, sizeof text) > 0 ? strtoul(text, NULL, 10) : 0;
}

/* Arm: the cores of the greatest capacity are the performance cores, if there are others. */
static void split_by_capacity(const char *root, const struct cpu_set *cores, struct cpu_topology *topology)
{
    size_t greatest = 0, with_greatest = 0, with_any = 0;
    for (size_t cpu = 0; cpu < CPU_COUNT_MAX; cpu++) {
        size_t capacity = cores->has[cpu] ? read_capacity(root, cpu) : 0;
        with_any += capacity > 0;
        if (capacity > greatest)
            with_greatest = 0;
        if (capacity >= greatest && capacity > 0) {
            greatest = capacity;
            with_greatest++;
        }
    }
    if (with_greatest < with_any) {
        topology->performance = with_greatest;
        topology->efficiency = with_any - with_greatest;
    }
}

static size_t count_common(const struct cpu_set *a, const struct cpu_set *b)
{
    size_t count = 0;
    for (size_t i = 0; i < CPU_COUNT_MAX; i++)
        count += a->has[i] && b->has[i];
    return count;
}

/* Intel lists the two kinds as two performance-monitoring units. */
static bool split_by_unit(
    const char *root, const struct cpu_set *cores, struct cpu_set *kind, struct cpu_topology *topology)
{
    if (!cpu_set_read(root, "/sys/devices/cpu_core/cpus", kind))
        return false;
    topology->performance = count_common(cores, kind);
    if (!cpu_set_read(root, "/sys/devices/cpu_atom/cpus", kind)) {
        topology->performance = 0;
        return false;
    }
    topology->efficiency = count_common(cores, kind);
    return true;
}

/* Arm, as above. */
static void keep_lesser_capacity(const char *root, struct cpu_set *set)
{
    size_t greatest = 0;
    for (size_t cpu = 0; cpu < CPU_COUNT_MAX; cpu++) {
        size_t capacity = set->has[cpu] ? read_capacity(root, cpu) : 0;
        if (set->has[cpu] && capacity == 0)
            break; /* a kernel that does not say it of one says it of none */
        greatest = capacity > greatest ? capacity : greatest;
    }
    set->count = 0;
    for (size_t cpu = 0; cpu < CPU_COUNT_MAX; cpu++) {
        size_t capacity = greatest > 0 && set->has[cpu] ? read_capacity(root, cpu) : 0;
        set->has[cpu] = capacity > 0 && capacity < greatest;
        set->count += set->has[cpu];
    }
}

bool cpu_efficiency_read(const char *root, struct cpu_set *set)
{
    if (cpu_set_read(root, "/sys/devices/cpu_atom/cpus", set))
        return true;
    if (cpu_set_read(root, "/sys/devices/system/cpu/online", set))
        keep_lesser_capacity(root, set);
    return set->count > 0;
}

static size_t count_allowed(const char *root, struct cpu_set *set)
{
    static const char key[] = "\nCpus_allowed_list:\t";
    char text[8192], list[4096];
    if (fs_read_small(root, "/proc/self/status", text, sizeof text) <= 0)
        return 0;
    const char *at = strstr(text, key);
    if (!at)
        return 0;
    at += sizeof key - 1;
    snprintf(list, sizeof list, "%.*s\n", (int)strcspn(at, "\n"), at);
    return cpu_set_parse(list, set) ? set->count : 0;
}

void cpu_topology_read(const char *root, struct cpu_topology *topology)
{
    struct cpu_set *sets = calloc(2, sizeof *sets); /* cores, and one to work with */
    bool known = true;
    memset(topology, 0, sizeof *topology);
    if (!sets)
        return;
    if (cpu_set_read(root, "/sys/devices/system/cpu/online", &sets[0])) {
        topology->logical = sets[0].count;
        for (size_t cpu = 0; cpu < CPU_COUNT_MAX; cpu++)
            sets[0].has[cpu] = sets[0].has[cpu] && is_first_thread(root, cpu, &known);
        for (size_t cpu = 0; cpu < CPU_COUNT_MAX; cpu++)
            topology->physical += known && sets[0].has[cpu];
        if (!split_by_unit(root, &sets[0], &sets[1], topology))
            split_by_capacity(root, &sets[0], topology);
    }
    topology->allowed = count_allowed(root, &sets[1]);
    free(sets);
}
