/*
 * nvml.h - NVIDIA's GPUs by their management library: a session with it, and each GPU as a struct gpu_device.
 *
 *     struct nvml *nvml = nvml_open(NULL, why, sizeof why);
 *     for (size_t i = 0; nvml && i < nvml_gpu_count(nvml); i++)
 *         gpus[i] = nvml_gpu_new(nvml, i);         // NULL: no memory; closed before the session is
 *     nvml_close(nvml);
 *
 * Opening may take a second where nobody else uses the GPUs: the driver wakes them. No process is started.
 */
#ifndef ASSAY_NVML_H
#define ASSAY_NVML_H

#include "gpu_device.h"

#include <stdbool.h>

struct nvml; /* opaque */

/* What a GPU is. Zero or "" where the library does not tell. */
struct nvml_identity {
    char name[96], driver[96];
    uint64_t memory_bytes;
    unsigned cores;
    int major, minor; /* of the compute capability */
    double power_limit_w;
};

/* Is a driver of NVIDIA's loaded on this machine? Costs three looks into a folder. */
bool nvml_is_likely(void);

/* library: its path, NULL for the machine's. NULL with the reason where it, or the driver, is not there. */
struct nvml *nvml_open(const char *library, char *why, size_t size);
void nvml_close(struct nvml *nvml);

size_t nvml_gpu_count(const struct nvml *nvml); /* at most GPUS_MAX */
void nvml_gpu_identify(const struct nvml *nvml, size_t index, struct nvml_identity *identity);
struct gpu_device *nvml_gpu_new(struct nvml *nvml, size_t index);

#endif
