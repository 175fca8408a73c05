/*
 * gpu_list.h - the GPUs that the kernel's drivers show: /proc/driver/nvidia and /sys/class/drm.
 *
 *     struct json_object *gpus = gpu_list_to_json(root);  // [{"name", "vendor", "driver", "memory_bytes"}]
 */
#ifndef ASSAY_GPU_LIST_H
#define ASSAY_GPU_LIST_H

struct json_object;

/* An array, empty where no GPU is found. NULL: no memory. The caller owns it. */
struct json_object *gpu_list_to_json(const char *root);

#endif
