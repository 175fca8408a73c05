/*
 * metric_floor.h - which percentiles a report may show: never one below its sample floor, whatever a record
 * holds.
 *
 *     for (const struct metric_floor *p = metric_floors; p->name; p++)
 *         if (metric_floor_met(metric, p, &value)) ...
 *     if (metric_floor_met(metric, &metric_floors[METRIC_P99], &value)) ...
 */
#ifndef ASSAY_METRIC_FLOOR_H
#define ASSAY_METRIC_FLOOR_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;

struct metric_floor {
    const char *name;    /* "p90" */
    const char *pointer; /* "/p90" in a metric of a record's performance */
    const char *title;   /* of a column */
    int64_t n;           /* fewest samples */
};

enum metric_percentile { METRIC_P90, METRIC_P95, METRIC_P99, METRIC_P999 };

extern const struct metric_floor metric_floors[]; /* by enum metric_percentile; ends with name NULL */

/* True, and *value, where the metric has this percentile and enough samples for it. */
bool metric_floor_met(struct json_object *metric, const struct metric_floor *floor, double *value);

/* True, and *mad in the metric's unit, where there are two samples or more: one alone has no spread, not one of 0. */
bool metric_spread(struct json_object *metric, double *mad);

#endif
