/*
 * amd_metrics.h - what the driver amdgpu packs into the file gpu_metrics: why the GPU is being slowed down,
 * and the energy that it used.
 *
 *     struct amd_metrics metrics;
 *     amd_metrics_parse(bytes, len, &metrics);
 *     if (metrics.throttle_known && (metrics.throttle & AMD_THROTTLE_HEAT)) ...
 *
 * The tables are those of struct gpu_metrics_v1_3, v1_4 and v2_2 to v2_4 in the kernel's kgd_pp_interface.h;
 * other versions leave both unknown.
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

struct amd_metrics {
    unsigned major, minor; /* of the table; 0 where the bytes are none */
    bool throttle_known, energy_known;
    uint64_t throttle;
    double energy_j;
};

void amd_metrics_parse(const unsigned char *bytes, size_t len, struct amd_metrics *metrics);

#endif
