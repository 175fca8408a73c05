/*
 * amd_smi.h - a session with AMD's management library, and its GPUs by their address on the bus.
 *
 *     struct amd_smi *smi = amd_smi_open(NULL, why, sizeof why);
 *     void *processor = smi ? amd_smi_find(smi, "0000:03:00.0") : NULL;    // NULL: it does not know that GPU
 *     int code = amd_smi_api(smi)->errors(processor, &errors);
 *     amd_smi_close(smi);
 *
 * Opening opens the device of each GPU of AMD's, which wakes those that sleep, and may take a second. A library of a
 * version that nobody has compared (amd_smi_api.h) is refused with the reason. No process is started.
 */
#ifndef ASSAY_AMD_SMI_H
#define ASSAY_AMD_SMI_H

#include "amd_smi_api.h"

struct amd_smi; /* opaque */

/* library: its path, NULL for the machine's. NULL with the reason where it, or the driver, is not there. */
struct amd_smi *amd_smi_open(const char *library, char *why, size_t size);
void amd_smi_close(struct amd_smi *smi);

const struct amd_smi_api *amd_smi_api(const struct amd_smi *smi);

/* slot: "0000:03:00.0", as the kernel names it. The handle is the library's. */
void *amd_smi_find(const struct amd_smi *smi, const char *slot);

/* The name under which a GPU is sold; false where the library has none. */
bool amd_smi_name(const struct amd_smi *smi, void *processor, char *name, size_t size);

#endif
