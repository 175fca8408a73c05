/*
 * slo.h - service level objectives: what is promised to users, as "ttft_p99<2s,tpot_p99<200ms", or a set that
 * has a name, as "mlperf-llama2-70b".
 *
 * An objective is judged on a whole test: met, missed, or nobody can say yet. Below the floor of its
 * percentile (metrics' floors: p99 needs 299 requests) it can only be missed: where so many are too slow that
 * chance would do that in less than 1 of 20 tests of a server that just keeps it. What we cut off counts as slower
 * than any limit before a percentile is said to be met: the slowest are the ones that are left at the end.
 *
 *     struct slo_set set;
 *     if (slo_parse("ttft_p99<2s,errors<1%", &set, &why) != STATUS_OK) ...
 *     struct slo_finding f = slo_judge(&set.items[0], &figures);
 */
#ifndef ASSAY_SLO_H
#define ASSAY_SLO_H

#include "distribution.h"
#include "load_sample.h"

enum slo_metric { SLO_TTFT, SLO_TPOT, SLO_ITL, SLO_LATENCY, SLO_RESPONSE, SLO_ERRORS, SLO_METRIC_COUNT };

enum { SLO_ITEMS_MAX = 16, SLO_WORD_SIZE = 64 };

struct slo {
    enum slo_metric metric;
    double quantile; /* 0.99; negative: the mean; of errors: not used */
    double limit;    /* seconds; of errors a share; kept where it is just reached */
    char word[SLO_WORD_SIZE];
};

struct slo_set {
    struct slo items[SLO_ITEMS_MAX];
    size_t count;
    const char *source; /* of a set that has a name: where it comes from; else NULL */
};

/* STATUS_USAGE with what is wrong and what could be meant; STATUS_LIMIT. */
enum status slo_parse(const char *text, struct slo_set *set, struct error *e) ASSAY_MUST_CHECK;

/* A set that has a name. Ends with name NULL. */
struct slo_preset {
    const char *name, *words, *source;
};
extern const struct slo_preset slo_presets[];

/* What is judged: of each metric its values in seconds (NULL: not measured), and the requests. */
struct slo_figures {
    struct distribution *values[SLO_METRIC_COUNT]; /* of errors NULL */
    size_t requests, failed;                       /* without those that we cut off */
    size_t cut_off;
};

enum slo_verdict { SLO_MET, SLO_MISSED, SLO_CANNOT_SAY };
const char *slo_verdict_name(enum slo_verdict verdict); /* "met", "missed", "cannot say" */

struct slo_finding {
    enum slo_verdict verdict;
    bool has_measured;
    double measured;  /* the percentile, mean or share itself, also where it proves nothing yet */
    size_t n, needed; /* values; from how many on it could be met */
    size_t missing;   /* requests that we cut off, whose values may have been any */
};
struct slo_finding slo_judge(const struct slo *slo, const struct slo_figures *figures);
/* Missed if one is missed, else unknown if one is; a set without objectives is met. */
enum slo_verdict slo_judge_all(const struct slo_set *set, const struct slo_figures *figures);

/* measured / limit of the objective that is worst off; 0: none can be measured, or a limit is 0. */
double slo_margin(const struct slo_set *set, const struct slo_figures *figures);

/*
 * One request against the limits of all objectives that a request can keep or break by itself (ttft, tpot,
 * latency, response): good only if it ended well and is within each. *unknown: it ended well, but one of the
 * metrics is not known of it, as tpot without a count of tokens. A single token has no tpot to break.
 */
bool slo_request_is_good(const struct slo_set *set, const struct load_sample *s, bool *unknown);
/* One that we cut off: when we did so it had already taken longer than one of the limits allows. */
bool slo_request_is_too_late(const struct slo_set *set, const struct load_sample *s);

#endif
