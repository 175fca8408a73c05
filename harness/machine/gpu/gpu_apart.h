/*
 * gpu_apart.h - all GPUs of this machine, read by a process of their own where a driver may hang (errand.h).
 *
 *     struct gpu_apart *gpus = gpu_apart_open(root, NULL, deadline_ns);      // 0: they are read here
 *     gpu_apart_read(gpus, thorough, &owners, &sample);       // gpu_watch.h; waits for a while, never for good
 *     gpu_apart_close(gpus);
 *
 * Without an answer a sample has what was read last, with its moment; once the deadline has passed all GPUs are
 * unavailable, with what it was that did not answer ("nvmlDeviceGetPowerUsage has not answered for 3 s"), until it
 * does.
 */
#ifndef ASSAY_GPU_APART_H
#define ASSAY_GPU_APART_H

#include "gpu_libraries.h"
#include "gpu_owners.h"
#include "sensor.h"

struct gpu_apart; /* opaque */

/* As gpu_watch_open. NULL: no memory. */
struct gpu_apart *gpu_apart_open(
    const char *root, const struct gpu_libraries *libraries, int64_t deadline_ns);
void gpu_apart_close(struct gpu_apart *gpus);

void gpu_apart_read(
    struct gpu_apart *gpus, bool thorough, const struct gpu_owners *owners, struct sample *sample);

#endif
