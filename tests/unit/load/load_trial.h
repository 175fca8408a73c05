/*
 * load_trial.h - a plan made by hand, a simulated server, and what the load client makes of the two.
 *
 *     struct load_trial *t = load_trial_begin("sim-fast", 60, 6);     // 60 requests by 6 streams; 0: an open loop
 *     t->options.threads = 2;
 *     load_trial_run(t);
 *     ... t->outcome ...
 *     load_trial_end(t);
 */
#ifndef ASSAY_LOAD_TRIAL_H
#define ASSAY_LOAD_TRIAL_H

#include "load_client.h"
#include "sim.h"

enum { LOAD_TRIAL_TOKENS = 8 }; /* of each answer */

/* A plan by hand, a simulated server, and what came of it. */
struct load_trial {
    struct sim_process sim;
    struct load_plan plan;
    struct load_stage stage;
    struct load_prompts prompts;
    struct load_choice choice;
    struct load_client_options options;
    struct load_outcome outcome;
};

struct load_trial *load_trial_begin(const char *model, size_t count, int streams);
void load_trial_run(struct load_trial *t);
void load_trial_end(struct load_trial *t);

#endif
