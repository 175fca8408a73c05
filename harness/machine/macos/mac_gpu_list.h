/*
 * mac_gpu_list.h - a Mac's GPUs for run.json: name, maker, cores, memory of their own.
 *
 *     struct json_object *gpus = mac_gpu_list_to_json(&frameworks);      // [{"id": "gpu0", "name", "vendor", "cores"}]
 */
#ifndef ASSAY_MAC_GPU_LIST_H
#define ASSAY_MAC_GPU_LIST_H

#include "mac_frameworks.h"

struct json_object;

/* An array, empty where none is found. NULL: no memory. The caller owns it. */
struct json_object *mac_gpu_list_to_json(const struct mac_frameworks *f);

#endif
