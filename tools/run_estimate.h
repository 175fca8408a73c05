/*
 * run_estimate.h - what a run will take, before anything is sent: tests, requests, tokens, seconds.
 *
 * Requests and tokens are counted from the plan (tokens: what is asked for at most). Seconds come from the
 * newest records of the same tests below `runs`; for tests that were never run an assumption is made, and
 * said.
 */
#ifndef ASSAY_RUN_ESTIMATE_H
#define ASSAY_RUN_ESTIMATE_H

#include <stdbool.h>

#include <stddef.h>

struct json_object;
struct run_data;

/* Prints the plan and the estimate, with so long a rest between two tests; returns the exit code. */
int run_estimate_print(const struct json_object *run, const char *runs, double rest_s, bool json);

/* "24 tests, 372 requests, about 18 min 51 s"; before: an earlier run with durations, or NULL. */
void run_estimate_words(
    const struct json_object *run, const struct run_data *before, char *words, size_t size);

#endif
