/*
 * junit_case.h - what becomes a <testcase>: the mapping of outcomes, decided before a byte is written.
 *
 * The list owns its texts. Cases of one suite stand together; suites keep the order of the plan, the gate is
 * last.
 *
 *     struct junit_cases cases = {0};
 *     if (junit_cases_make(&data, &gate, &cases) == STATUS_OK) ...
 *     junit_cases_fini(&cases);
 */
#ifndef ASSAY_JUNIT_CASE_H
#define ASSAY_JUNIT_CASE_H

#include "gate_judge.h"

#include "buf.h"

enum junit_result { JUNIT_PASSED, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED };

struct junit_case {
    char *suite;     /* "chat.sim.tiny": name of the testsuite */
    char *classname; /* "live_e2e.chat.sim.tiny" */
    char *name;      /* "chat.short", unique within its classname */
    enum junit_result result;
    char *type;                  /* of <failure> or <error>; NULL otherwise */
    char *message;               /* sanitised, all of it; NULL where there is none */
    const struct run_test *test; /* NULL for a gate */
};

struct junit_cases {
    struct junit_case *items;
    size_t count;
};

struct junit_tally {
    size_t tests, failures, errors, skipped;
};

enum status junit_cases_make(
    const struct run_data *data, const struct gate *gate, struct junit_cases *cases) ASSAY_MUST_CHECK;
void junit_cases_fini(struct junit_cases *cases);

/* The result of one attempt, and the type attribute: "assertion", "signal:SIGSEGV", "timeout"; appended to
 * type. */
enum junit_result junit_result_of(const struct attempt *attempt, struct buf *type);

/* "clean", "dirty:degraded_swap,degraded_io", "invalid:...", "unknown:swap_in", "unmeasured"; appended. */
void junit_quality_of(const struct run_test *test, struct buf *out);

struct junit_tally junit_count(const struct junit_case *cases, size_t count);

#endif
