/*
 * amd_gpu.h - a GPU of AMD by the files of the driver amdgpu.
 *
 *     struct gpu_device *gpu = amd_gpu_new(root, &card);     // NULL: no memory
 */
#ifndef ASSAY_AMD_GPU_H
#define ASSAY_AMD_GPU_H

#include "gpu_cards.h"
#include "gpu_device.h"

struct gpu_device *amd_gpu_new(const char *root, const struct gpu_card *card);

#endif
