/*
 * drm_fdinfo.h - what the kernel tells of one open graphics device in /proc/PID/fdinfo/N: how much memory its holder
 * has there, and how long engines worked for it. The same keys for amdgpu, i915, xe and others
 * (Documentation/gpu/drm-usage-stats.rst of the kernel).
 *
 *     struct drm_client client;
 *     if (drm_fdinfo_parse(text, &client)) ...        // false: no such device, or nothing that tells clients apart
 *
 * A pure function of a NUL-terminated text; takes any input whatever (fuzzed). A number counts only where its line is
 * complete.
 */
#ifndef ASSAY_DRM_FDINFO_H
#define ASSAY_DRM_FDINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DRM_ENGINES_MAX = 8 };

/* Of drivers that count cycles instead of time (xe): a share of them is a share of the time. */
struct drm_cycles {
    char engine[24];
    uint64_t busy, total;
};

struct drm_client {
    char device[32]; /* "0000:03:00.0" */
    uint64_t id;     /* several descriptors of one client have the same */
    bool memory_told, engines_told;
    uint64_t memory_bytes; /* resident, of all kinds of memory */
    uint64_t engine_ns;    /* of all engines together */
    struct drm_cycles cycles[DRM_ENGINES_MAX];
    size_t cycle_count;
};

bool drm_fdinfo_parse(const char *text, struct drm_client *client);

#endif
