/*
 * intel_gpu.h - a GPU of Intel by the files of its drivers, i915 and xe.
 *
 *     struct gpu_device *gpu = intel_gpu_new(root, &card);     // NULL: no memory
 *
 * Neither driver says how busy the GPU is, only how long it slept: what is not sleep counts as work, which is
 * the most that it can have been. Power is the energy used between two readings.
 */
#ifndef ASSAY_INTEL_GPU_H
#define ASSAY_INTEL_GPU_H

#include "gpu_cards.h"
#include "gpu_device.h"

struct gpu_device *intel_gpu_new(const char *root, const struct gpu_card *card);

#endif
