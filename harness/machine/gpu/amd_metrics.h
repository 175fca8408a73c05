/*
 * amd_metrics.h - what the driver amdgpu packs into the file gpu_metrics: why the GPU is being slowed down,
 * and the energy that it used.
 *
 *     struct amd_metrics metrics;
 *     amd_metrics_parse(bytes, len, &metrics);
 *     if (metrics.throttle_known && (metrics.throttle & AMD_THROTTLE_HEAT)) ...
 *
 * The tables are those of struct gpu_metrics_v1_3 to v1_8 and v2_2 to v2_4 in the kernel's kgd_pp_interface.h;
 * other versions leave all unknown. From v1_6 on a GPU counts for how many of its cycles it was held back, which
 * amd_held_note() makes seconds of:
 *
 *     struct amd_held held = {0};
 *     if (metrics.cycles_known)
 *         amd_held_note(&held, t_ns, &metrics);        // held.heat_s, held.power_s
 */
#ifndef ASSAY_AMD_METRICS_H
#define ASSAY_AMD_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Groups of the bits SMU_THROTTLER_*, the same for all GPUs. */
#define AMD_THROTTLE_POWER UINT64_C(0x000000000000ffff)
#define AMD_THROTTLE_CURRENT UINT64_C(0x00000000ffff0000)
#define AMD_THROTTLE_HEAT UINT64_C(0x00ffffff00000000)

/* Tables of this kind and of later ones are of GPUs in processors, the first kind is of cards. */
enum { AMD_METRICS_OF_PROCESSORS = 2 };

/* What may hold a GPU back, in the order of the tables. */
enum {
    AMD_HELD_PROCHOT,
    AMD_HELD_POWER,
    AMD_HELD_SOCKET,
    AMD_HELD_REGULATOR,
    AMD_HELD_MEMORY,
    AMD_HELD_COUNT
};

struct amd_metrics {
    unsigned major, minor; /* of the table; 0 where the bytes are none */
    bool throttle_known, energy_known, cycles_known;
    uint64_t throttle;
    double energy_j;
    /* Cycles of the GPU's firmware, and in how many of them each held it back; they wrap around. */
    uint32_t cycles, held_by[AMD_HELD_COUNT];
};

void amd_metrics_parse(const unsigned char *bytes, size_t len, struct amd_metrics *metrics);

/* Seconds since the first note in which heat, or the power limit, held a GPU back. */
struct amd_held {
    double heat_s, power_s;
    struct amd_metrics before;
    int64_t before_ns;
};

/* Of several kinds of heat the one that lasted longest counts: they may have been there at once. */
void amd_held_note(struct amd_held *held, int64_t t_ns, const struct amd_metrics *metrics);

#endif
