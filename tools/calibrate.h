/*
 * calibrate.h - what the load client gets wrong at one load: a closed loop against the simulator, whose first
 * token comes after 50 ms, then one each gap, 100 in all, so that every stream ends and starts together.
 *
 *     for (const struct calibrate_step *step = calibrate_ladder; step->streams > 0; step++)
 *         if (calibrate_measure(step, &how, &rung, &why) == STATUS_OK) print(&rung);
 */
#ifndef ASSAY_CALIBRATE_H
#define ASSAY_CALIBRATE_H

#include "calibration.h"

struct calibrate_step {
    int streams, gap_ms;
    int rounds; /* requests that each stream makes, one more before them to warm up */
};
extern const struct calibrate_step calibrate_ladder[]; /* by rising load; ends with streams 0 */

struct calibrate_how {
    int threads, sim_threads; /* 0: one */
    bool tls;
};

/* In a process of its own, so that memory and processor time are those of this load. */
enum status calibrate_measure(const struct calibrate_step *step, const struct calibrate_how *how,
    struct calibration_rung *rung, struct error *e) ASSAY_MUST_CHECK;

#endif
