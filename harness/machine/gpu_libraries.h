/*
 * gpu_libraries.h - which libraries of the makers of GPUs are asked.
 *
 *     struct gpu_libraries libraries = {.nvml = "/tmp/libnvidia-ml.so.1"};
 *     struct gpu_watch *watch = gpu_watch_open(root, &libraries);
 *
 * A path that is NULL stands for this machine's library, which is looked for where the root is "" alone: a captured
 * tree is read without any.
 */
#ifndef ASSAY_GPU_LIBRARIES_H
#define ASSAY_GPU_LIBRARIES_H

struct gpu_libraries {
    const char *nvml;    /* NVIDIA's */
    const char *amd_smi; /* AMD's */
};

#endif
