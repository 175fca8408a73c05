/*
 * gate_judge.h - may this run be trusted and released? The first form: outcomes, records, machine quality.
 *
 * Three checks, each with reasons in whole sentences: gate.records (nothing lost, nothing invalid),
 * gate.outcomes (every test passed or was skipped), gate.quality (the machine was fit to measure). A machine
 * that was not fit fails the gate only where a clean one is required.
 *
 *     struct gate gate;
 *     if (gate_judge(&data, require_clean, &gate, &why) == STATUS_OK && gate.verdict == GATE_FAIL) ...
 *     gate_fini(&gate);
 */
#ifndef ASSAY_GATE_JUDGE_H
#define ASSAY_GATE_JUDGE_H

#include "run_data.h"

enum gate_verdict { GATE_PASS, GATE_FAIL, GATE_CANNOT_JUDGE };

enum { GATE_RECORDS, GATE_OUTCOMES, GATE_QUALITY, GATE_CHECK_COUNT };

struct gate_check {
    const char *name; /* "gate.records" */
    enum gate_verdict verdict;
    char **reasons; /* one line each; beside GATE_PASS they are remarks */
    size_t reason_count;
    const char *advice; /* what to do, or NULL */
};

struct gate {
    enum gate_verdict verdict; /* fail before cannot judge before pass */
    bool require_clean;
    struct gate_check checks[GATE_CHECK_COUNT];
};

enum status gate_judge(
    const struct run_data *data, bool require_clean, struct gate *gate, struct error *e) ASSAY_MUST_CHECK;
void gate_fini(struct gate *gate);

const char *gate_verdict_name(enum gate_verdict verdict);  /* in JSON: "pass", "fail", "cannot judge" */
const char *gate_verdict_words(enum gate_verdict verdict); /* to people: "pass", "fail", "no verdict" */

#endif
