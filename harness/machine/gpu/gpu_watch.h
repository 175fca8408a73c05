/*
 * gpu_watch.h - all GPUs of this machine, as one struct gpu_device each and as sums.
 *
 *     struct gpu_watch *watch = gpu_watch_open(root, NULL);          // never fails: without GPUs it says so
 *     gpu_watch_read(watch, t_ns, thorough, &owners);
 *     gpu_watch_fill(watch, &sample);
 *     gpu_watch_close(watch);
 *
 * NVIDIA's come first, in the order of their library, then those of AMD and Intel by the number of their
 * card: gpu0, gpu1, ... of samples and of run.json.
 *
 * Reading a GPU may cost milliseconds, so it is not done with every sample: readings are at least 50 ms apart
 * and take less than a hundredth of the time, and what was read last stands until then. A thorough reading
 * is made at once and asks for what changes slowly, too.
 */
#ifndef ASSAY_GPU_WATCH_H
#define ASSAY_GPU_WATCH_H

#include "gpu_libraries.h"
#include "gpu_owners.h"
#include "sensor.h"

#include <stdbool.h>

struct gpu_watch; /* opaque */

/* libraries: NULL: this machine's, where root is "". NULL: no memory. */
struct gpu_watch *gpu_watch_open(const char *root, const struct gpu_libraries *libraries);
void gpu_watch_close(struct gpu_watch *watch);

/* May there be a GPU at all? Asks no driver. */
bool gpu_watch_is_likely(const char *root, const struct gpu_libraries *libraries);

size_t gpu_watch_count(const struct gpu_watch *watch);

void gpu_watch_read(struct gpu_watch *watch, int64_t t_ns, bool thorough, const struct gpu_owners *owners);

/* When they are to be read next, unless thoroughly. */
int64_t gpu_watch_due_ns(const struct gpu_watch *watch);

/*
 * The readings SENSOR_GPU_* of all GPUs, what each GPU says, and what the measured server's processes hold of those
 * that list their processes (SENSOR_GPU_MEMORY_TARGET; without a source where none does).
 */
void gpu_watch_fill(const struct gpu_watch *watch, struct sample *sample);

/* One of a GPU's own, with source and reason. Borrowed. */
const struct reading *gpu_watch_reading(const struct gpu_watch *watch, size_t gpu, enum sensor_id id);

#endif
