/* load_options.h - the options of `assay load`, and the plan that they ask for. */
#ifndef ASSAY_LOAD_OPTIONS_H
#define ASSAY_LOAD_OPTIONS_H

#include "load_plan.h"
#include "load_search.h"
#include "opt.h"
#include "slo.h"
#include "transport_options.h"

struct load_options {
    struct opt_list targets, models, shares;
    struct transport_options transport;
    const char *streams, *rate, *arrivals, *speed, *stages;
    const char *prompt, *output, *turns, *pause, *prefix;
    const char *slo, *find, *from, *to;
    const char *out, *samples, *config;
    int64_t prefixes, count, threads, seed;
    int64_t duration_ns, ramp_ns, warmup_ns, drain_ns, timeout_ns, limit_ns, wait_ns;
    double abort_percent;
    bool fresh_connections, unstreamed, completion, keep_eos, json;
};

#define LOAD_OPTIONS_DEFAULT                                                                                 \
    {                                                                                                        \
        .prefixes = 1, .seed = 1, .warmup_ns = -1, .drain_ns = 60 * NS_PER_S, .limit_ns = 3 * NS_PER_S,      \
        .abort_percent = 50, .prompt = "128", .output = "128"                                                \
    }

extern const struct opt load_options_table[];
extern const struct opt_usage load_usage;

/* What the words say; owns what it read from files. */
struct load_wish {
    struct load_plan_options plan;
    struct load_stage *stages;
    double shares[64];
    struct slo_set slo;
    bool searches;
    struct load_search_options search;
    int64_t warmup_ns;
};

/* choice_count: targets and models that were found. STATUS_USAGE names the option. */
enum status load_wish_read(const struct load_options *options, size_t choice_count, struct load_wish *wish,
    struct error *e) ASSAY_MUST_CHECK;
void load_wish_fini(struct load_wish *wish);

/* The same with another load: streams of a closed loop, else conversations a second. */
void load_wish_set_load(struct load_wish *wish, double load);

#endif
