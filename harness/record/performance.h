/*
 * performance.h - from observations to a record's `performance`.
 *
 * Values are gathered per metric and repeat. An ordinary metric has one value per repeat (the median,
 * where a repeat made several); n counts those. A pooled metric (icl_s, itl_s) is summarised over all its
 * samples, and n counts them, while values holds the repeats' medians, because samples of one stream are
 * not independent; so is any metric of the many requests of a load test. ci95 is always that of values.
 * Above 1e5 samples quantiles come from a histogram, which the record keeps.
 *
 *     struct performance *p = performance_new();
 *     struct observation o = {.metric = "ttft_s", .repeat = 0, .values = &seconds, .count = 1};
 *     performance_observe(p, &o, &why);
 *     json_set(record, "performance", performance_to_json(p, &why));
 *     performance_free(p);
 */
#ifndef ASSAY_PERFORMANCE_H
#define ASSAY_PERFORMANCE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

#define PERFORMANCE_VALUES_MAX 1000 /* of values in a record: schemas/record.schema.json */

struct performance;
struct json_object;

struct observation {
    const char *metric; /* of metric.h */
    int repeat;         /* 0... */
    const double *values;
    size_t count;
    bool pooled;      /* all values count, also of a metric that is not pooled by itself */
    const char *k1;   /* tpot_s: "known", "assumed"; else NULL */
    double low, high; /* tpot_s with k1 assumed: for the smallest and the largest k1; pooled: of the median */
};

struct performance *performance_new(void); /* NULL: no memory */
void performance_free(struct performance *p);

/* STATUS_INVALID: unknown metric, a value that is not finite, a negative repeat. Nothing is kept then. */
enum status performance_observe(
    struct performance *p, const struct observation *o, struct error *e) ASSAY_MUST_CHECK;

/* Metrics in the order of metric.h; an empty object without any. NULL with the reason in *e. */
struct json_object *performance_to_json(const struct performance *p, struct error *e);

#endif
