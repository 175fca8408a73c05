/*
 * context_load.h - a load test as the repeat of a case: the target and the model are the case's, its figures are
 * observed, and its verdict on the client stands in the record.
 *
 *     for (int repeat = 0; assay_next(ctx, &repeat);) {
 *         struct load_test_options o = {.plan = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = 4},
 *             .duration_ns = 10 * NS_PER_S, .prompt_tokens = {.mean = 128}, .output_tokens = {.mean = 64}}};
 *         struct load_test test;
 *         assay_load_test(ctx, &o, &test);
 *         load_test_fini(&test);
 *     }
 *
 * Nothing is retried. A failed request is a figure (failed_fraction) and counted by class; the case fails where
 * none ended well, or where the test was given up because of them. Where that came of this client, which was late
 * or lacked descriptors or ports, it has not failed: its outcome is harness_error, and its client invalid.
 */
#ifndef ASSAY_CONTEXT_LOAD_H
#define ASSAY_CONTEXT_LOAD_H

#include "assay.h"
#include "load_test.h"
#include "target.h"

/* Requests of one test of the suite that requests.jsonl keeps, in bytes; those that follow are only counted. */
enum { CONTEXT_REQUESTS_MAX = 16 << 20 };

/* The load in the record's parameters, by which records are compared: streams or rate. */
void assay_load_parameters(struct assay_context *ctx, const struct load_plan_options *plan);

/* Choices, temperature, timeout, seed and how long a word is are the case's, whatever the options say of them.
 * In a warm-up, and while assay_measure() is off, nothing is observed. Ends the case where the test cannot be made. */
void assay_load_test(
    struct assay_context *ctx, const struct load_test_options *options, struct load_test *test);

#endif
