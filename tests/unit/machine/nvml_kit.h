/*
 * nvml_kit.h - the tests' own libnvidia-ml.so.1, with two GPUs that work.
 *
 *     struct fake_nvml *fake = nvml_kit_reset(NVML_KIT_TODAY);
 *     options.libraries.nvml = nvml_kit_path(NVML_KIT_TODAY);
 *     fake->gpus[0].milliwatts = 250000;
 *
 * The library stays loaded, so that its state outlives the session of whoever uses it.
 */
#ifndef ASSAY_NVML_KIT_H
#define ASSAY_NVML_KIT_H

#include "fake_nvml.h"

enum nvml_kit_age { NVML_KIT_TODAY, NVML_KIT_OLD };

const char *nvml_kit_path(enum nvml_kit_age age);

/* Two GPUs with figures of their own, nothing refused. Fails the test where the library cannot be loaded. */
struct fake_nvml *nvml_kit_reset(enum nvml_kit_age age);

/* From now on the function answers with that code of NVML's. */
void nvml_kit_refuse(struct fake_nvml *fake, const char *function, int code);

/* Sets a counter of nvmlDeviceGetFieldValues; a new one if the GPU had none of that number. */
void nvml_kit_field(struct fake_gpu *gpu, unsigned id, unsigned long long ns);

#endif
