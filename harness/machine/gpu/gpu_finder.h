/*
 * gpu_finder.h - which GPUs this machine has, one struct gpu_device each: gpu/gpu_finder_linux.c,
 * macos/gpu_finder_macos.c.
 *
 *     struct gpu_device *gpus[GPUS_MAX];
 *     struct gpu_search search;
 *     size_t count = gpu_find(root, NULL, gpus, &search);
 *     ...                                   // each of them is the caller's to close
 *     gpu_find_end(&search);                // behind them: what was opened to find them
 */
#ifndef ASSAY_GPU_FINDER_H
#define ASSAY_GPU_FINDER_H

#include "gpu_device.h"
#include "gpu_libraries.h"

struct gpu_search {
    const char *source; /* static text: where they were looked for */
    char reason[160];   /* why there is none */
    void *session;      /* of the finder */
};

/* May there be one at all? Asks no driver. */
bool gpu_find_is_likely(const char *root, const struct gpu_libraries *libraries);

/* libraries: NULL: this machine's, where root is "". Returns how many. */
size_t gpu_find(const char *root, const struct gpu_libraries *libraries, struct gpu_device *gpus[GPUS_MAX],
    struct gpu_search *search);
void gpu_find_end(struct gpu_search *search);

#endif
