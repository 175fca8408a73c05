/*
 * cpu_macos.h - CPU time by processor, as the kernel counts it in ticks of 10 ms. Read with every sample.
 *
 *     struct cpu_macos c;
 *     cpu_macos_open(&c);
 *     if (cpu_macos_times(&c, &times)) use(times.user_s + times.system_s);
 *     cpu_macos_close(&c);
 *
 * The counters have 32 bits, which wrap around; what is told is since boot as long as none has before.
 */
#ifndef ASSAY_CPU_MACOS_H
#define ASSAY_CPU_MACOS_H

#include "mac_units.h"
#include "sensor.h"

enum { CPU_MACOS_STATES = 4 };

struct cpu_macos {
    struct mac_counter (*counters)[CPU_MACOS_STATES]; /* by processor */
    unsigned count;
    bool virtual_machine, virtual_known;
};

struct cpu_macos_times {
    double user_s, system_s, idle_s; /* user: what is niced included */
};

void cpu_macos_open(struct cpu_macos *c);
void cpu_macos_close(struct cpu_macos *c);

/* False with the reason. */
bool cpu_macos_times(struct cpu_macos *c, struct cpu_macos_times *times, char *reason, size_t size);

/* SENSOR_CPU_TOTAL, _BUSY, _USER, _SYSTEM, _STEAL. */
void cpu_macos_read(struct cpu_macos *c, struct sample *sample);

#endif
