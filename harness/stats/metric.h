/*
 * metric.h - the one table of metrics: name, unit, direction, definition. Records, reports, schemas' tests
 * and the documentation walk it.
 */
#ifndef ASSAY_METRIC_H
#define ASSAY_METRIC_H

#include <stdbool.h>
#include <stddef.h>

/* Raised when a definition changes what is measured: records of different versions are not comparable. */
#define METRIC_DEFINITIONS_VERSION "1"

enum better { BETTER_LOWER, BETTER_HIGHER, BETTER_EXACT };

struct metric {
    const char *name; /* "ttft_s" */
    const char *unit; /* "s", "tokens/s", ... */
    enum better better;
    bool pooled;            /* percentiles over all samples of all repeats; values are the repeats' medians */
    const char *definition; /* one sentence */
};

extern const struct metric metrics_all[];           /* ends with name NULL */
const struct metric *metric_find(const char *name); /* NULL if unknown */
const char *better_name(enum better better);        /* "lower", "higher", "exact" */

#endif
