/*
 * load_test.h - one load test from its plan to its figures and to the verdict on the client that made them.
 *
 *     struct load_test_options o = {.plan = {...}, .client = {.choices = &choice, .choice_count = 1}};
 *     struct load_test test;
 *     if (load_test_run(&o, &test, &why) != STATUS_OK) ...
 *     if (test.has_window) use(test.result.rates.requests_per_s, test.verdict.fitness);
 *     load_test_fini(&test);
 */
#ifndef ASSAY_LOAD_TEST_H
#define ASSAY_LOAD_TEST_H

#include "load_cited.h"
#include "load_client.h"
#include "load_result.h"
#include "load_simulator.h"
#include "load_stall.h"
#include "load_verdict.h"
#include "steady.h"

struct load_test_options {
    struct load_plan_options plan;
    struct load_client_options client; /* its plan and prompts are made here */
    const struct slo_set *slo;         /* NULL or empty: none */
    struct prompt_scale scale;         /* zero: not learned */
};

struct load_test {
    struct load_plan plan;
    struct load_prompts prompts;
    struct load_outcome outcome;
    struct load_outcome_source source_state;
    struct load_source source;
    struct steady_limits limits;
    struct steady steady;
    struct load_result result;
    struct hist *loop_lag, *gaps; /* of all threads */
    struct load_verdict verdict;  /* on the client; without a window on what it counted alone */
    struct load_cited cited;      /* with it: its newest calibration */
    struct load_simulator simulator;
    struct load_stall stall; /* the longest of all streams at once */
    double cpu_share;        /* of its busiest thread */
    uint64_t samples_lost;
    uint64_t source_count, times_dropped; /* samples; those whose moments of tokens were not kept */
    bool has_window;                      /* steady and result hold something */
    struct error no_window;               /* why not */
};

/* STATUS_OK also where there is no window: no_window says why. */
enum status load_test_run(
    const struct load_test_options *options, struct load_test *test, struct error *e) ASSAY_MUST_CHECK;
void load_test_fini(struct load_test *test);

#endif
