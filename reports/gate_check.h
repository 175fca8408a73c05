/*
 * gate_check.h - how the checks of the gate collect their reasons. Private to gate_*.c.
 *
 *     s = gate_check_add(check, GATE_FAIL, "%s was planned and has no valid record", test->name);
 */
#ifndef ASSAY_GATE_CHECK_H
#define ASSAY_GATE_CHECK_H

#include "gate_judge.h"

void gate_worsen(enum gate_verdict *verdict, enum gate_verdict by);

/* Adds a reason on one line, sanitised, and worsens the check's verdict. */
enum status gate_check_add(struct gate_check *check, enum gate_verdict verdict, const char *format, ...)
    ASSAY_PRINTF(3, 4);

/* gate.quality (gate_quality.c). */
enum status gate_judge_quality(
    const struct run_data *data, bool require_clean, struct gate_check *check) ASSAY_MUST_CHECK;

#endif
