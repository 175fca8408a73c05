#include "cpu_macos.h"

#include "mac_host.h"
#include "mac_sysctl.h"

#include <mach/mach.h>
#include <mach/processor_info.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char source[] = "host_processor_info";

void cpu_macos_open(struct cpu_macos *c)
{
    int64_t present = 0;
    memset(c, 0, sizeof *c);
    c->virtual_known = mac_sysctl_int("kern.hv_vmm_present", &present);
    c->virtual_machine = present != 0;
}

void cpu_macos_close(struct cpu_macos *c)
{
    free(c->counters);
    memset(c, 0, sizeof *c);
}

/* Processors do not come or go while a Mac runs. */
static bool has_room(struct cpu_macos *c, unsigned count)
{
    if (!c->counters) {
        c->counters = calloc(count, sizeof *c->counters);
        c->count = c->counters ? count : 0;
    }
    return c->count == count && count > 0;
}

static void note(struct cpu_macos *c, const processor_cpu_load_info_data_t *loads)
{
    for (unsigned i = 0; i < c->count; i++)
        for (int state = 0; state < CPU_MACOS_STATES; state++)
            mac_counter_note(&c->counters[i][state], loads[i].cpu_ticks[state]);
}

static double sum_s(const struct cpu_macos *c, int state)
{
    uint64_t ticks = 0;
    for (unsigned i = 0; i < c->count; i++)
        ticks += c->counters[i][state].sum;
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

bool cpu_macos_times(struct cpu_macos *c, struct cpu_macos_times *times, char *reason, size_t size)
{
    natural_t count = 0;
    processor_info_array_t info = NULL;
    mach_msg_type_number_t words = 0;
    kern_return_t code = host_processor_info(mac_host(), PROCESSOR_CPU_LOAD_INFO, &count, &info, &words);
    if (code != KERN_SUCCESS) {
        snprintf(reason, size, "error %d", code);
        return false;
    }
    bool ok = has_room(c, count);
    if (ok)
        note(c, (const processor_cpu_load_info_data_t *)(const void *)info);
    else
        snprintf(reason, size, "no memory, or another number of processors than before");
    (void)vm_deallocate(mach_task_self(), (vm_address_t)info, words * sizeof *info);
    times->user_s = sum_s(c, CPU_STATE_USER) + sum_s(c, CPU_STATE_NICE);
    times->system_s = sum_s(c, CPU_STATE_SYSTEM);
    times->idle_s = sum_s(c, CPU_STATE_IDLE);
    return ok;
}

/* On the metal nobody takes time away; what a hypervisor takes its guest is not told. */
static void read_steal(const struct cpu_macos *c, struct reading *r)
{
    static const char vmm[] = "kern.hv_vmm_present";
    if (c->virtual_known && !c->virtual_machine)
        reading_set(r, 0, vmm);
    else
        reading_unavailable(r, vmm,
            c->virtual_known ? "macOS does not tell what its hypervisor gave to others"
                             : "this kernel does not tell whether it runs in a virtual machine");
}

void cpu_macos_read(struct cpu_macos *c, struct sample *sample)
{
    static const enum sensor_id all[] = {
        SENSOR_CPU_TOTAL, SENSOR_CPU_BUSY, SENSOR_CPU_USER, SENSOR_CPU_SYSTEM};
    struct cpu_macos_times times;
    char reason[96];
    struct reading *readings = sample->readings;
    read_steal(c, &readings[SENSOR_CPU_STEAL]);
    if (!cpu_macos_times(c, &times, reason, sizeof reason)) {
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            reading_failed(&readings[all[i]], source, reason);
        return;
    }
    reading_set(&readings[SENSOR_CPU_TOTAL], times.user_s + times.system_s + times.idle_s, source);
    reading_set(&readings[SENSOR_CPU_BUSY], times.user_s + times.system_s, source);
    reading_set(&readings[SENSOR_CPU_USER], times.user_s, source);
    reading_set(&readings[SENSOR_CPU_SYSTEM], times.system_s, source);
}
