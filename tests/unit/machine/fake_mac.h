/*
 * fake_mac.h - a library that stands for CoreFoundation, IOKit and IOReport of a Mac: what it has is set by a test.
 *
 *     struct fake_mac *mac = mac_kit_reset();                 // an Apple chip on mains, 8 references none of them held
 *     mac->channels[0].value += 1500;                         // 1.5 J for the processors
 *     ck_assert_int_eq(mac->live, 0);                         // whoever took references gave them back
 */
#ifndef ASSAY_FAKE_MAC_H
#define ASSAY_FAKE_MAC_H

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_CHANNELS = 12, FAKE_STATES = 3 };

struct fake_channel {
    const char *group, *name, *unit; /* name NULL: no more */
    int64_t value;
    int64_t state_times[FAKE_STATES]; /* "OFF", "P1", "P2" */
};

struct fake_mac {
    struct fake_channel channels[FAKE_CHANNELS];
    bool no_channels, no_sample;
    int gpus;
    const char *gpu_model, *gpu_bundle; /* NULL: not told */
    int64_t gpu_cores, gpu_percent, gpu_memory;
    bool gpu_model_is_bytes, gpu_silent;
    bool has_battery, external;
    int64_t milliamperes, millivolts;
    const char *providing; /* "AC Power" */
    int64_t capacity, capacity_most;
    int64_t speed_limit; /* -1: not told */
    int live;            /* references that were created and not released */
};

#endif
