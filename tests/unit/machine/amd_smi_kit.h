/*
 * amd_smi_kit.h - the tests' own libamd_smi.so, with a GPU that works.
 *
 *     struct fake_amd_smi *fake = amd_smi_kit_reset(AMD_SMI_KIT_TODAY);
 *     struct gpu_libraries libraries = {.amd_smi = amd_smi_kit_path(AMD_SMI_KIT_TODAY)};
 *     fake->gpus[0].watts = 250;
 *
 * The library stays loaded, so that its state outlives the session of whoever uses it.
 */
#ifndef ASSAY_AMD_SMI_KIT_H
#define ASSAY_AMD_SMI_KIT_H

#include "fake_amd_smi.h"

enum amd_smi_kit_age { AMD_SMI_KIT_TODAY, AMD_SMI_KIT_OLD };

const char *amd_smi_kit_path(enum amd_smi_kit_age age);

/* Fails the test where the library cannot be loaded. */
struct fake_amd_smi *amd_smi_kit_reset(enum amd_smi_kit_age age);

/* From now on the function answers with that code. */
void amd_smi_kit_refuse(struct fake_amd_smi *fake, const char *function, int code);

#endif
