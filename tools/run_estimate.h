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

struct json_object;

/* Prints the plan and the estimate; returns the exit code. */
int run_estimate_print(const struct json_object *run, const char *runs, bool json);

#endif
