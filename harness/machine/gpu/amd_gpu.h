/*
 * amd_gpu.h - a GPU of AMD by the files of the driver amdgpu, and by AMD's library for what no file tells.
 *
 *     struct gpu_device *gpu = amd_gpu_new(root, &card);     // NULL: no memory
 *     if (amd_gpu_lacks_figures(gpu) && !amd_gpu_is_asleep(gpu))
 *         amd_gpu_ask_library(gpu, amd_smi_open(NULL, why, sizeof why), why);
 */
#ifndef ASSAY_AMD_GPU_H
#define ASSAY_AMD_GPU_H

#include "amd_smi.h"
#include "gpu_cards.h"
#include "gpu_device.h"

struct gpu_device *amd_gpu_new(const char *root, const struct gpu_card *card);

/* At this moment: opening the library would wake it. */
bool amd_gpu_is_asleep(struct gpu_device *gpu);

/* Is there a figure that its files do not tell and the library may? Reads one of them, unless it sleeps. */
bool amd_gpu_lacks_figures(struct gpu_device *gpu);

/* From now on; smi outlives it. NULL: there is no library, for the reason why_not, which its readings then give. */
void amd_gpu_ask_library(struct gpu_device *gpu, const struct amd_smi *smi, const char *why_not);

#endif
