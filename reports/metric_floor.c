#include "metric_floor.h"

#include "json.h"
#include "stats.h"

#include <stddef.h>

const struct metric_floor metric_floors[] = {
    [METRIC_P90] = {"p90", "/p90", "p90", STATS_FLOOR_P90},
    [METRIC_P95] = {"p95", "/p95", "p95", STATS_FLOOR_P95},
    [METRIC_P99] = {"p99", "/p99", "p99", STATS_FLOOR_P99},
    [METRIC_P999] = {"p999", "/p999", "p99.9", STATS_FLOOR_P999},
    {0},
};

bool metric_floor_met(struct json_object *metric, const struct metric_floor *floor, double *value)
{
    int64_t n = 0;
    return json_get_int(metric, "/n", &n) && n >= floor->n && json_get_real(metric, floor->pointer, value);
}

bool metric_spread(struct json_object *metric, double *mad)
{
    int64_t n = 0;
    return json_get_int(metric, "/n", &n) && n > 1 && json_get_real(metric, "/mad", mad);
}
