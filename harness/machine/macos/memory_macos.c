#include "memory_macos.h"

#include "mac_host.h"
#include "mac_sysctl.h"
#include "mac_units.h"

#include <mach/mach.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/sysctl.h>

void memory_macos_open(struct memory_macos *m)
{
    int64_t total = 0;
    (void)mac_sysctl_int("hw.memsize", &total);
    m->total_bytes = (double)total;
    m->page_bytes = (double)sysconf(_SC_PAGESIZE);
}

static void read_available(const struct memory_macos *m, const vm_statistics64_data_t *vm, struct reading *r)
{
    static const char source[] = "host_statistics64: hw.memsize - internal + purgeable - wired - compressor";
    struct mac_pages pages = {.internal = vm->internal_page_count,
        .purgeable = vm->purgeable_count,
        .wired = vm->wire_count,
        .compressor = vm->compressor_page_count};
    if (m->total_bytes > 0)
        reading_set(r, mac_available_bytes(m->total_bytes, m->page_bytes, &pages), source);
    else
        reading_failed(r, source, "hw.memsize cannot be read");
}

static void set_statistics(
    const struct memory_macos *m, const vm_statistics64_data_t *vm, struct reading readings[SENSOR_COUNT])
{
    reading_set(&readings[SENSOR_SWAP_IN], (double)vm->swapins * m->page_bytes, "host_statistics64 swapins");
    reading_set(
        &readings[SENSOR_SWAP_OUT], (double)vm->swapouts * m->page_bytes, "host_statistics64 swapouts");
    reading_set(&readings[SENSOR_COMPRESSOR_IN], (double)vm->decompressions * m->page_bytes,
        "host_statistics64 decompressions");
    reading_set(&readings[SENSOR_COMPRESSOR_OUT], (double)vm->compressions * m->page_bytes,
        "host_statistics64 compressions");
    reading_set(&readings[SENSOR_COMPRESSOR_USED], (double)vm->compressor_page_count * m->page_bytes,
        "host_statistics64 compressor_page_count");
    reading_set(&readings[SENSOR_MAJOR_FAULTS], (double)vm->pageins, "host_statistics64 pageins");
    read_available(m, vm, &readings[SENSOR_MEMORY_AVAILABLE]);
}

static void read_statistics(const struct memory_macos *m, struct reading readings[SENSOR_COUNT])
{
    static const enum sensor_id all[] = {SENSOR_SWAP_IN, SENSOR_SWAP_OUT, SENSOR_COMPRESSOR_IN,
        SENSOR_COMPRESSOR_OUT, SENSOR_COMPRESSOR_USED, SENSOR_MAJOR_FAULTS, SENSOR_MEMORY_AVAILABLE};
    vm_statistics64_data_t vm;
    mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
    char reason[64];
    memset(&vm, 0, sizeof vm);
    kern_return_t code = host_statistics64(mac_host(), HOST_VM_INFO64, (host_info64_t)(void *)&vm, &count);
    if (code == KERN_SUCCESS) {
        set_statistics(m, &vm, readings);
        return;
    }
    snprintf(reason, sizeof reason, "error %d", code);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        reading_failed(&readings[all[i]], "host_statistics64", reason);
}

static void read_swap(struct reading *r)
{
    struct xsw_usage usage;
    size_t len = sizeof usage;
    memset(&usage, 0, sizeof usage);
    if (sysctlbyname("vm.swapusage", &usage, &len, NULL, 0) == 0 && len == sizeof usage)
        reading_set(r, (double)usage.xsu_used, "vm.swapusage");
    else
        reading_failed(r, "vm.swapusage", "it cannot be read");
}

static void read_pressure(struct reading *r)
{
    static const char source[] = "kern.memorystatus_vm_pressure_level";
    int64_t raw;
    double level;
    if (!mac_sysctl_int(source, &raw))
        reading_unavailable(r, source, "this kernel does not tell");
    else if (!mac_pressure_level(raw, &level))
        reading_failed(r, source, "a level that is not known");
    else
        reading_set(r, level, source);
}

/* Processes ended because memory was short for long; the name has moved in the course of time. */
static void read_kills(struct reading *r)
{
    static const char *const names[] = {"kern.memorystatus.kill_on_sustained_pressure_count",
        "kern.memorystatus_kill_on_sustained_pressure_count"};
    int64_t count;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!mac_sysctl_int(names[i], &count))
            continue;
        reading_set(r, (double)count, names[i]);
        return;
    }
    reading_unavailable(r, names[0], "this kernel does not count them");
}

void memory_macos_read(const struct memory_macos *m, struct sample *sample)
{
    read_statistics(m, sample->readings);
    read_swap(&sample->readings[SENSOR_SWAP_USED]);
    read_pressure(&sample->readings[SENSOR_MEMORY_PRESSURE_LEVEL]);
    read_kills(&sample->readings[SENSOR_OOM_KILLS]);
    sample->memory_total_bytes = m->total_bytes;
    sample->group_limit_bytes = 0;
}
