/*
 * gpu_processes.h - who computes on a GPU: how many processes that are neither ours nor the measured server's, and what
 * they hold, and what the server's hold.
 *
 *     struct gpu_process list[2] = {{.pid = 4711, .bytes = 1e9}, {.pid = 815, .untold = true}};
 *     gpu_processes_tell(gpu, "nvmlDeviceGetComputeRunningProcesses", list, 2, owners);
 */
#ifndef ASSAY_GPU_PROCESSES_H
#define ASSAY_GPU_PROCESSES_H

#include "gpu_device.h"

struct gpu_process {
    long pid;
    double bytes;
    bool untold; /* what it holds */
};

/* Into the readings of the GPU; source: static text. Where a process is nobody's whom we know, none of it is told. */
void gpu_processes_tell(struct gpu_device *gpu, const char *source, const struct gpu_process *list,
    size_t count, const struct gpu_owners *owners);

#endif
