/* run_options.h - the options of `assay run`. */
#ifndef ASSAY_RUN_OPTIONS_H
#define ASSAY_RUN_OPTIONS_H

#include "clock.h"
#include "energy_idle.h"
#include "model_filter.h"
#include "opt.h"
#include "transport_options.h"

#include <stdint.h>

struct run_options {
    struct opt_list targets, models, modalities, suites, cases, notes, server_options;
    const char *min_size, *max_size; /* model_filter_parse_size */
    double max_memory_share;         /* percent */
    bool interactive, quick, pull, dry_run, json, print_config, anonymise;
    int64_t repeats, warmup; /* 0, -1: the default */
    int64_t max_tokens;      /* 0: the case's own */
    double temperature;      /* negative: left out of the request */
    double cross_check_percent, cross_check_ms;
    int64_t request_seed, run_seed, max_retries;
    int64_t timeout_ns, limit_ns, wait_ns, budget_ns, cooldown_ns, idle_ns;
    int64_t wait_until_quiet_ns; /* OPT_NONE: do not wait */
    int64_t require_clean;       /* how often a dirty test is tried again; OPT_NONE: not required */
    int64_t task_count;          /* 0: all of them */
    bool offline;
    const char *unload; /* of lifecycle_policies */
    const char *prompt, *tasks, *out, *junit, *resume, *failed, *config, *server_samples;
    struct transport_options transport;
};

#define MODEL_MEMORY_PERCENT 60 /* of the machine, that a model may need */

#define RUN_OPTIONS_DEFAULT                                                                                  \
    {                                                                                                        \
        .warmup = -1, .temperature = 0, .cross_check_percent = 5, .max_memory_share = MODEL_MEMORY_PERCENT,  \
        .cross_check_ms = 5, .request_seed = 42, .run_seed = -1, .limit_ns = 3 * NS_PER_S, .out = "runs",    \
        .unload = "ours", .wait_until_quiet_ns = OPT_NONE, .require_clean = OPT_NONE,                        \
        .idle_ns = ENERGY_IDLE_NS                                                                            \
    }

struct config_origins;
struct run_settings;

/* What a run's records keep of the options; draws the run's seed where none is asked for. */
void run_options_settings(const struct run_options *options, struct run_settings *settings);

extern const struct opt run_options_table[];
extern const struct opt_usage run_usage;

/* The filter that the options say. STATUS_USAGE for what is no modality or no size. */
enum status run_options_filter(const struct opt_list *modalities, const char *min_size, const char *max_size,
    struct model_filter *filter, struct error *e) ASSAY_MUST_CHECK;

/* STATUS_USAGE for options that contradict each other. */
enum status run_options_check(const struct run_options *options, const struct config_origins *origins,
    struct error *e) ASSAY_MUST_CHECK;

#endif
