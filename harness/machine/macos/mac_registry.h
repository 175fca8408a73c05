/*
 * mac_registry.h - what the I/O registry (the tool `ioreg` prints it) has of GPUs and the battery.
 *
 *     struct mac_gpu gpus[MAC_GPUS_MAX];
 *     size_t count = mac_gpus_find(&frameworks, gpus, MAC_GPUS_MAX);
 *     if (mac_gpu_read(&frameworks, &gpus[0], &state)) use(state.utilisation);
 *     mac_gpus_release(&frameworks, gpus, count);
 */
#ifndef ASSAY_MAC_REGISTRY_H
#define ASSAY_MAC_REGISTRY_H

#include "mac_frameworks.h"

enum { MAC_GPUS_MAX = 4 };

struct mac_gpu {
    mac_object service;
    char name[64];        /* "Apple M2 Max"; "GPU" where it has none */
    int64_t cores;        /* 0: not told */
    int64_t memory_bytes; /* of its own; 0: it shares the machine's, or does not tell */
    bool of_apple;        /* part of the chip */
};

struct mac_gpu_state {
    bool has_utilisation, has_memory;
    double utilisation;  /* 0 to 1 */
    double memory_bytes; /* in use */
};

size_t mac_gpus_find(const struct mac_frameworks *f, struct mac_gpu *gpus, size_t max);
void mac_gpus_release(const struct mac_frameworks *f, const struct mac_gpu *gpus, size_t count);

/* False where its driver tells no statistics. */
bool mac_gpu_read(const struct mac_frameworks *f, const struct mac_gpu *gpu, struct mac_gpu_state *state);

/* Power supply and battery, as the system sees them. */
struct mac_power {
    bool known, on_battery;
    bool has_battery;
    double charge_percent;
};
void mac_power_read(const struct mac_frameworks *f, struct mac_power *power);

/* 0: none. Released with f->object_release. */
mac_object mac_battery_find(const struct mac_frameworks *f);

/* What is drawn from it now; false with the reason where it is not being drained, or does not tell. */
bool mac_battery_read(
    const struct mac_frameworks *f, mac_object battery, double *watts, char why[MAC_REASON_SIZE]);

/* The share of their clock rate that processors of Intel may use, for heat or want of power; false elsewhere. */
bool mac_speed_limit(const struct mac_frameworks *f, double *share);

#endif
