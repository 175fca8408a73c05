/*
 * fake_nvml.h - the state of a libnvidia-ml.so.1 that the tests build: what its GPUs say, and what they refuse.
 *
 * Two libraries are made of fake_nvml.c: one as drivers are today, and fake_nvml_old with the functions of
 * ten years ago only. nvml_kit.h loads them.
 *
 *     fake->count = 2;
 *     fake->gpus[1].milliwatts = 300000;
 *     nvml_kit_refuse(fake, "nvmlDeviceGetPowerUsage", 3);        // by a code of NVML's
 */
#ifndef ASSAY_FAKE_NVML_H
#define ASSAY_FAKE_NVML_H

#include <stddef.h>

enum { FAKE_GPUS = 4, FAKE_REFUSALS = 16, FAKE_PROCESSES = 8, FAKE_EVENTS = 8, FAKE_FIELDS = 8 };

struct fake_gpu {
    char name[64];
    int code; /* of every call about it; 0 */
    unsigned percent, milliwatts, celsius, megahertz, cores, limit_milliwatts;
    unsigned long long millijoules, used_bytes, total_bytes, reasons;
    unsigned long long ecc[2]; /* corrected, uncorrected */
    struct {
        unsigned id;
        unsigned long long ns;
    } fields[FAKE_FIELDS]; /* those it knows; others are refused */
    struct {
        unsigned pid;
        unsigned long long bytes;
    } processes[FAKE_PROCESSES];
    unsigned process_count;
};

struct fake_nvml {
    int init_code;
    unsigned count;
    struct fake_gpu gpus[FAKE_GPUS];
    struct {
        const char *function;
        int code;
    } refusals[FAKE_REFUSALS];
    struct {
        unsigned gpu;
        unsigned long long type;
    } events[FAKE_EVENTS]; /* taken one by one from the front */
    size_t event_count;
    size_t calls;      /* of all functions about GPUs */
    int sessions;      /* opened and not closed */
    int event_sets;    /* likewise */
    unsigned sleep_us; /* how long each call about a GPU takes */
    /* a function that does not return while a file of that path exists; "*": none does. NULL: all return */
    const char *hangs, *hangs_while;
};

/* As it is when the library is loaded: two GPUs that work, nothing refused. */
struct fake_nvml *fake_nvml_reset(void);

#endif
