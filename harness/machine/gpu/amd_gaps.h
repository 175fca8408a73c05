/*
 * amd_gaps.h - what AMD's library tells of a GPU beyond the files of its driver.
 *
 *     struct amd_gaps gaps;
 *     struct amd_gaps gaps = {0};
 *     amd_gaps_want(&gaps, SENSOR_GPU_ENERGY, true);          // no file tells
 *     if (amd_gaps_are_wanted(&gaps))
 *         amd_gaps_fill(&gaps, smi, why_not, "0000:03:00.0"); // smi NULL: there is no library, for that reason
 *     amd_gaps_check_counter(&gaps, gpu);
 *     amd_gaps_read(&gaps, gpu);                              // with the fast readings
 *     amd_gaps_look(&gaps, gpu);                              // with the slow ones
 *
 * A sensor has one source for good: the driver's file where it has one, which costs next to nothing, else the library.
 * The counter of energy is believed where it moves, and about as fast as the power that the driver tells of.
 */
#ifndef ASSAY_AMD_GAPS_H
#define ASSAY_AMD_GAPS_H

#include "amd_smi.h"
#include "gpu_device.h"

struct amd_gaps {
    const struct amd_smi_api *api; /* NULL: nothing is told, for the reason why_not; "": nobody asked */
    void *processor;
    char why_not[96];
    bool wanted[GPU_SENSOR_COUNT];
    bool given_up[GPU_SENSOR_COUNT]; /* the library cannot tell it either */
};

/* A sensor that no file tells, if the library knows such a one; without effect once the library is asked. */
void amd_gaps_want(struct amd_gaps *gaps, enum sensor_id sensor, bool wanted);
bool amd_gaps_are_wanted(const struct amd_gaps *gaps);

/* From now on the library is asked; smi outlives it. */
void amd_gaps_fill(struct amd_gaps *gaps, const struct amd_smi *smi, const char *why_not, const char *slot);

/*
 * Looks at the counter of energy for some 30 ms, 200 ms where it stands still, and gives it up where it is not to be
 * believed. The power is read before, where a file tells it.
 */
void amd_gaps_check_counter(struct amd_gaps *gaps, struct gpu_device *gpu);

/* Is the sensor the library's to tell? */
bool amd_gaps_tell(const struct amd_gaps *gaps, enum sensor_id sensor);

/* Of a GPU that is awake, behind the files' readings. */
void amd_gaps_read(struct amd_gaps *gaps, struct gpu_device *gpu);
void amd_gaps_look(struct amd_gaps *gaps, struct gpu_device *gpu);
/* Of one that sleeps, which asking would wake. */
void amd_gaps_sleep(struct amd_gaps *gaps, struct gpu_device *gpu);

#endif
