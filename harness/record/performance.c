#include "performance.h"

#include "hist.h"
#include "json.h"
#include "metric.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HISTOGRAM_ABOVE ((size_t)100000) /* samples */

struct repeat_values {
    int repeat;
    double *values;
    size_t count, cap;
};

/* One metric of the table, with its repeats in the order in which they first came. */
struct gathered {
    struct repeat_values *repeats;
    size_t count, cap;
    bool pooled;
    bool k1_seen, k1_assumed;
    double *low, *high; /* bounds of tpot_s, one per observation that assumed k1 */
    size_t bounds, bounds_cap;
};

struct performance {
    struct gathered *metrics; /* beside metrics_all */
    size_t count;
};

struct performance *performance_new(void)
{
    struct performance *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    while (metrics_all[p->count].name != NULL)
        p->count++;
    p->metrics = calloc(p->count + 1, sizeof *p->metrics);
    if (p->metrics != NULL)
        return p;
    free(p);
    return NULL;
}

void performance_free(struct performance *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->count; i++) {
        struct gathered *g = &p->metrics[i];
        for (size_t k = 0; k < g->count; k++)
            free(g->repeats[k].values);
        free(g->repeats);
        free(g->low);
        free(g->high);
    }
    free(p->metrics);
    free(p);
}

/* Room for `more` further items; *items is moved. */
static bool grow(void **items, size_t *cap, size_t count, size_t more, size_t size)
{
    if (count + more <= *cap)
        return true;
    size_t wanted = (*cap < 16 ? 16 : *cap * 2);
    wanted = wanted < count + more ? count + more : wanted;
    void *moved = realloc(*items, wanted * size);
    if (moved == NULL)
        return false;
    *items = moved;
    *cap = wanted;
    return true;
}

static struct repeat_values *find_repeat(struct gathered *g, int repeat)
{
    for (size_t i = g->count; i > 0; i--)
        if (g->repeats[i - 1].repeat == repeat)
            return &g->repeats[i - 1];
    if (!grow((void **)&g->repeats, &g->cap, g->count, 1, sizeof *g->repeats))
        return NULL;
    g->repeats[g->count] = (struct repeat_values){.repeat = repeat};
    return &g->repeats[g->count++];
}

static bool keep_values(struct repeat_values *r, const double *values, size_t count)
{
    if (!grow((void **)&r->values, &r->cap, r->count, count, sizeof *r->values))
        return false;
    memcpy(r->values + r->count, values, count * sizeof *values);
    r->count += count;
    return true;
}

static bool keep_bounds(struct gathered *g, const struct observation *o)
{
    if (o->k1 == NULL)
        return true;
    bool assumed = strcmp(o->k1, "assumed") == 0;
    g->k1_seen = true;
    g->k1_assumed |= assumed;
    size_t low_cap = g->bounds_cap;
    if (!grow((void **)&g->low, &low_cap, g->bounds, 1, sizeof *g->low) ||
        !grow((void **)&g->high, &g->bounds_cap, g->bounds, 1, sizeof *g->high))
        return false;
    bool bounded = assumed || o->pooled; /* else it is one value, which is known */
    g->low[g->bounds] = bounded ? o->low : o->values[0];
    g->high[g->bounds++] = bounded ? o->high : o->values[0];
    return true;
}

static enum status check_observation(const struct observation *o, struct error *e)
{
    if (o->metric == NULL || metric_find(o->metric) == NULL)
        return error_set(e, STATUS_INVALID, "there is no metric '%s'", o->metric ? o->metric : "");
    if (o->repeat < 0 || o->count == 0)
        return error_set(
            e, STATUS_INVALID, "%s: an observation needs a measured repeat and a value", o->metric);
    for (size_t i = 0; i < o->count; i++)
        if (!isfinite(o->values[i]))
            return error_set(e, STATUS_INVALID, "%s: a value is not a finite number", o->metric);
    if (o->k1 != NULL && !(isfinite(o->low) && isfinite(o->high)))
        return error_set(e, STATUS_INVALID, "%s: a bound is not a finite number", o->metric);
    return STATUS_OK;
}

enum status performance_observe(struct performance *p, const struct observation *o, struct error *e)
{
    enum status s = check_observation(o, e);
    if (s != STATUS_OK)
        return s;
    struct gathered *g = &p->metrics[metric_find(o->metric) - metrics_all];
    struct repeat_values *r = find_repeat(g, o->repeat);
    g->pooled |= o->pooled || metric_find(o->metric)->pooled;
    if (r == NULL || !keep_values(r, o->values, o->count) || !keep_bounds(g, o))
        return error_set(e, STATUS_NO_MEMORY, "no memory for the values of %s", o->metric);
    return STATUS_OK;
}

/* One value per repeat: its median. NULL: no memory. */
static double *repeat_medians(const struct gathered *g)
{
    double *values = calloc(g->count, sizeof *values);
    for (size_t i = 0; values != NULL && i < g->count; i++)
        values[i] = stats_median(g->repeats[i].values, g->repeats[i].count);
    return values;
}

/* All samples of all repeats. NULL: no memory. */
static double *pooled_samples(const struct gathered *g, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < g->count; i++)
        *n += g->repeats[i].count;
    double *all = calloc(*n + 1, sizeof *all);
    size_t at = 0;
    for (size_t i = 0; all != NULL && i < g->count; i++) {
        memcpy(all + at, g->repeats[i].values, g->repeats[i].count * sizeof *all);
        at += g->repeats[i].count;
    }
    return all;
}

static bool set_pair(struct json_object *out, const char *key, double low, double high)
{
    struct json_object *pair = json_object_new_array();
    bool ok = json_add_real(pair, low) && json_add_real(pair, high);
    return json_set(out, key, pair) && ok;
}

static bool set_summary(struct json_object *out, const struct summary *s)
{
    const struct {
        const char *name;
        double value;
        bool present;
    } members[] = {
        {"median", s->median, true},
        {"mad", s->mad, true},
        {"mean", s->mean, true},
        {"stddev", s->stddev, true},
        {"min", s->min, true},
        {"max", s->max, true},
        {"p25", s->p25, true},
        {"p50", s->p50, true},
        {"p75", s->p75, true},
        {"p90", s->p90, s->has_p90},
        {"p95", s->p95, s->has_p95},
        {"p99", s->p99, s->has_p99},
        {"p999", s->p999, s->has_p999},
    };
    bool ok = json_set_int(out, "n", (int64_t)s->n);
    for (size_t i = 0; ok && i < sizeof members / sizeof members[0]; i++)
        ok = !members[i].present || json_set_real(out, members[i].name, members[i].value);
    return ok;
}

static bool set_values(struct json_object *out, const double *values, size_t n)
{
    struct summary of_values;
    struct json_object *array = json_object_new_array();
    bool ok = stats_summarise(values, n, &of_values) == STATUS_OK;
    for (size_t i = 0; ok && i < n && i < PERFORMANCE_VALUES_MAX; i++)
        ok = json_add_real(array, values[i]);
    if (ok && of_values.has_ci95)
        ok = set_pair(out, "ci95", of_values.ci95_low, of_values.ci95_high);
    return json_set(out, "values", array) && ok;
}

static bool set_k1(struct json_object *out, const struct gathered *g)
{
    if (!g->k1_seen)
        return true;
    bool ok = json_set_text(out, "k1", g->k1_assumed ? "assumed" : "known");
    if (!g->k1_assumed)
        return ok;
    return ok && set_pair(out, "bounds", stats_median(g->low, g->bounds), stats_median(g->high, g->bounds));
}

static bool set_histogram(struct json_object *out, const struct hist *h)
{
    struct json_object *histogram = json_object_new_object(), *counts = json_object_new_array();
    bool ok = json_set_int(histogram, "sub_bits", HIST_SUB_BITS) && json_set_real(histogram, "unit_s", 1e-9);
    for (struct hist_bin bin = HIST_FIRST; ok && hist_next(h, &bin);) {
        struct json_object *pair = json_object_new_array();
        ok = json_add_int(pair, (int64_t)bin.index) && json_add_int(pair, (int64_t)bin.count);
        ok = json_add(counts, pair) && ok;
    }
    ok = json_set(histogram, "counts", counts) && ok;
    return json_set(out, "histogram", histogram) && ok;
}

/* Quantiles of very many durations are those of the histogram that the record keeps, so that both agree. */
static bool use_histogram(
    struct json_object *out, const struct metric *m, const double *samples, size_t n, struct summary *s)
{
    if (n <= HISTOGRAM_ABOVE || strcmp(m->unit, "s") != 0)
        return true;
    struct hist *h = hist_new();
    for (size_t i = 0; h != NULL && i < n; i++)
        hist_record(h, llround(samples[i] * 1e9));
    const struct {
        double *value;
        double p;
    } quantiles[] = {{&s->median, 0.5}, {&s->p25, 0.25}, {&s->p50, 0.5}, {&s->p75, 0.75}, {&s->p90, 0.9},
        {&s->p95, 0.95}, {&s->p99, 0.99}, {&s->p999, 0.999}};
    for (size_t i = 0; h != NULL && i < sizeof quantiles / sizeof quantiles[0]; i++)
        *quantiles[i].value = hist_quantile(h, quantiles[i].p) / 1e9;
    bool ok = h != NULL && set_histogram(out, h);
    hist_free(h);
    return ok;
}

static struct json_object *metric_to_json(const struct metric *m, const struct gathered *g)
{
    size_t n = g->count;
    double *values = repeat_medians(g);
    double *samples = g->pooled ? pooled_samples(g, &n) : NULL;
    struct json_object *out = json_object_new_object();
    struct summary s;
    const double *over = g->pooled ? samples : values;
    bool ok = values != NULL && over != NULL && json_set_text(out, "unit", m->unit) &&
              json_set_text(out, "better", better_name(m->better)) &&
              stats_summarise(over, n, &s) == STATUS_OK && use_histogram(out, m, over, n, &s) &&
              set_summary(out, &s) && set_values(out, values, g->count) && set_k1(out, g);
    free(values);
    free(samples);
    if (ok)
        return out;
    json_object_put(out);
    return NULL;
}

struct json_object *performance_to_json(const struct performance *p, struct error *e)
{
    struct json_object *out = json_object_new_object();
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < p->count; i++)
        if (p->metrics[i].count > 0)
            ok = json_set(out, metrics_all[i].name, metric_to_json(&metrics_all[i], &p->metrics[i]));
    if (ok)
        return out;
    json_object_put(out);
    (void)error_set(e, STATUS_NO_MEMORY, "no memory for the figures of a record");
    return NULL;
}
