/*
 * load_test.h - one load test from its plan to its figures.
 *
 *     struct load_test test;
 *     if (load_test_run(&setup, &test, &why) != STATUS_OK) ...
 *     load_test_print(&test, ...);
 *     load_test_fini(&test);
 */
#ifndef ASSAY_LOAD_TEST_H
#define ASSAY_LOAD_TEST_H

#include "load_cited.h"
#include "load_client.h"
#include "load_options.h"
#include "load_result.h"
#include "load_verdict.h"
#include "steady.h"

struct load_setup {
    const struct load_options *options;
    const struct load_wish *wish;
    const struct load_choice *choices;
    const char *const *names; /* "target/model" of each choice, for people */
    size_t choice_count;
    struct prompt_scale scale; /* zero: not learned */
    const atomic_bool *stop;
    void (*tick)(const struct load_progress *progress, int64_t since_start_ns, void *arg);
    void *tick_arg;
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
    struct load_verdict verdict;  /* on the client */
    struct load_cited cited;      /* with it: its newest calibration */
    double cpu_share;             /* of its busiest thread */
    uint64_t samples_lost;
    bool has_window;        /* steady and result hold something */
    struct error no_window; /* why not */
};

enum status load_test_run(
    const struct load_setup *setup, int lengthen, struct load_test *test, struct error *e) ASSAY_MUST_CHECK;
void load_test_fini(struct load_test *test);

#endif
