/*
 * gpu_list.h - which GPUs this machine has: by NVIDIA's library where it is there, else by what the kernel's
 * drivers show in /proc/driver/nvidia and /sys/class/drm.
 *
 *     struct json_object *gpus = gpu_list_to_json(root, NULL);  // [{"id", "name", "vendor", "driver", ...}]
 *
 * `id` is the name that a GPU has in samples (gpu_watch.h); those that are not read have none.
 */
#ifndef ASSAY_GPU_LIST_H
#define ASSAY_GPU_LIST_H

#include "gpu_libraries.h"

struct json_object;

/* libraries: NULL: this machine's, where root is "". An array, empty where no GPU is found. NULL: no
 * memory. The caller owns it. */
struct json_object *gpu_list_to_json(const char *root, const struct gpu_libraries *libraries);

#endif
