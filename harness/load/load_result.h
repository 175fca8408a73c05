/*
 * load_result.h - what a load test found: the figures of its steady part (steady.h).
 *
 * Which request counts where: latencies, failures and goodput are of the requests that began in the window,
 * also where they ended after it; requests and tokens per second are of what arrived within it, whenever it
 * began. A request that we cut off is neither good nor bad: it is left out and counted. Nothing is retried, so
 * nothing is hidden by it.
 *
 *     struct load_result result;
 *     struct load_result_options o = {.steady = &steady, .limits = &limits, .slo = &set};
 *     if (load_result_make(source, &o, &result, &why) != STATUS_OK) ...
 *     struct summary ttft;
 *     if (distribution_summarise(&result.values[LOAD_TTFT], &ttft) == STATUS_OK) ...
 *     load_result_fini(&result);
 */
#ifndef ASSAY_LOAD_RESULT_H
#define ASSAY_LOAD_RESULT_H

#include "distribution.h"
#include "load_bins.h"
#include "slo.h"
#include "steady.h"

enum load_value {
    LOAD_TTFT,
    LOAD_TPOT,
    LOAD_GAP, /* between token events, wherever in the window: itl_s where gaps_are_tokens, else icl_s */
    LOAD_LATENCY,
    LOAD_RESPONSE, /* open loop only: in a closed one it says nothing new */
    LOAD_LATENESS, /* t_sent - t_intended (closed loop: - t_dequeued), without LOAD_CONNECT: the client's own */
    LOAD_CONNECT, /* of new connections, TLS included */
    LOAD_VALUES
};
/* The metric's name, "ttft_s"; "itl_s" or "icl_s" for gaps; "lateness_s", "connect_s". */
const char *load_value_name(enum load_value value, bool gaps_are_tokens);

struct load_result_options {
    const struct steady *steady;
    const struct steady_limits *limits;
    const struct slo_set *slo; /* NULL or empty: none */
    const struct hist *gaps;   /* all gaps of the measured part, for samples without events; NULL: unknown */
    size_t planned;            /* requests that should have begun in the window; 0: not known (closed loop) */
};

struct load_counts {
    size_t begun, ok, failed, cut_off; /* begun: the sum of the three */
    size_t by_error[EXCHANGE_ERROR_COUNT];
    size_t reused, connected;  /* connections: taken again, new */
    size_t http_2;             /* answered in HTTP/2 */
    size_t tokens_not_counted; /* ended well, but nobody knows with how many tokens */
};

struct load_rates {
    double window_s;
    double begun_per_s;            /* asked of the server */
    double requests_per_s;         /* ended well within the window */
    double failures_per_s;         /* ended badly within it */
    double output_tokens_per_s;    /* of all requests: what the server delivered */
    double failed_tokens_per_s;    /* the part of it that went to requests that then failed */
    double by_place[TOKEN_PLACES]; /* output tokens in the window by how their moment is known */
};

struct load_goodput {
    size_t good, unknown,
        of; /* of: all that began, failures included, without those cut off in time to be good */
    double per_s, fraction;
};

struct load_result {
    bool open;
    struct load_counts counts;   /* of the window */
    struct load_rates rates;     /* of the window */
    struct load_rates whole;     /* of the whole test, ramp and drain included: to compare, not to publish */
    double asked_per_s;          /* open loop: by the plan, in the window; else 0 */
    struct load_goodput goodput; /* where there are objectives; else of = 0 */
    struct distribution values[LOAD_VALUES];
    bool gaps_are_tokens, gaps_of_whole_test;
    struct load_bins bins;
};

enum status load_result_make(const struct load_source *source, const struct load_result_options *options,
    struct load_result *out, struct error *e) ASSAY_MUST_CHECK;
void load_result_fini(struct load_result *r);

/* For slo_judge(); borrows from the result. */
struct slo_figures load_result_figures(struct load_result *r);

#endif
