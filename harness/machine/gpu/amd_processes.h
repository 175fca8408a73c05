/*
 * amd_processes.h - the processes that compute on a GPU of AMD's, as the kernel's driver for computing (amdkfd) tells
 * everybody: /sys/class/kfd/kfd/proc/PID/vram_ID.
 *
 *     struct amd_processes processes;
 *     amd_processes_open(&processes, root, "0000:03:00.0");
 *     amd_processes_look(&processes, gpu, owners);             // once a second: reads a folder and a file for each
 *
 * A GPU that only draws is not among those of the driver; nothing is said of it then.
 */
#ifndef ASSAY_AMD_PROCESSES_H
#define ASSAY_AMD_PROCESSES_H

#include "gpu_device.h"

struct amd_processes {
    char root[512];
    char file[32]; /* "vram_51124"; "" where the driver has no such GPU */
};

/* slot: of the GPU on the bus, "" where it is not known. */
void amd_processes_open(struct amd_processes *processes, const char *root, const char *slot);
void amd_processes_look(
    const struct amd_processes *processes, struct gpu_device *gpu, const struct gpu_owners *owners);

#endif
