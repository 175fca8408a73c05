/*
 * stages.h - how many streams a closed loop has, and when: from a number and a ramp, or from a list.
 *
 *     if (stages_make(&options->arrivals, &plan->stages, &plan->stage_count, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_STAGES_H
#define ASSAY_STAGES_H

#include "load_plan.h"

/* By rising at_ns, the first at 0; to be freed. A ramp starts its n streams at equal distances, the first at 0
 * and the last at ramp_ns. STATUS_USAGE: what makes no stages, with what to change. */
enum status stages_make(const struct arrivals *arrivals, struct load_stage **stages, size_t *count,
    struct error *e) ASSAY_MUST_CHECK;

int stages_most_streams(const struct load_stage *stages, size_t count);

#endif
