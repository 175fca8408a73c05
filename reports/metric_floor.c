#include "metric_floor.h"

#include "json.h"

#include <stddef.h>

/* The smallest n with a one-sided 95 % bound: n >= ln 0.05 / ln p. */
const struct metric_floor metric_floors[] = {
    {"p90", "/p90", "p90", 29},
    {"p95", "/p95", "p95", 59},
    {"p99", "/p99", "p99", 299},
    {"p999", "/p999", "p99.9", 2995},
    {0},
};

bool metric_floor_met(struct json_object *metric, const struct metric_floor *floor, double *value)
{
    int64_t n = 0;
    return json_get_int(metric, "/n", &n) && n >= floor->n && json_get_real(metric, floor->pointer, value);
}
