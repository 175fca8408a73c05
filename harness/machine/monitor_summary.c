#include "monitor_summary.h"

#include "json.h"
#include "monitor_line.h"
#include "quality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct monitor_summary *monitor_summary_new(int64_t period_ns)
{
    struct monitor_summary *s = calloc(1, sizeof *s);
    struct summary_value *values = calloc(SUMMARY_VALUES_MAX, sizeof *values);
    if (s == NULL || values == NULL) {
        free(s);
        free(values);
        return NULL;
    }
    s->period_ns = period_ns;
    s->values = values;
    return s;
}

void monitor_summary_free(struct monitor_summary *summary)
{
    if (summary == NULL)
        return;
    free(summary->values);
    json_object_put(summary->sensors);
    free(summary);
}

double monitor_summary_duration_s(const struct monitor_summary *summary)
{
    return summary->last_ns > summary->first_ns ? (double)(summary->last_ns - summary->first_ns) / 1e9 : 0;
}

/* Moments are counted from when samples were due, so that lateness is not taken for a change of the interval. */
static void note_interval(struct monitor_summary *s, const struct sample *sample)
{
    int64_t due_ns = sample->t_mono_ns - sample->lateness_ns;
    int64_t periods = s->period_ns > 0 ? (due_ns - s->due_ns + s->period_ns / 2) / s->period_ns : 1;
    if (periods > 1)
        s->missed += (size_t)(periods - 1);
    s->due_ns = due_ns;
    s->intervals_ns += (double)(sample->t_mono_ns - s->last_ns);
    hist_record(&s->interval, sample->t_mono_ns - s->last_ns);
    hist_record(&s->lateness, sample->lateness_ns);
}

static void note_times(struct monitor_summary *s, const char *phase, const struct sample *sample)
{
    if (s->samples == 0) {
        s->first_ns = sample->t_mono_ns;
        s->first_unix_ns = sample->t_unix_ns;
    }
    if (s->samples == 0 || sample->t_mono_ns < s->last_ns || strcmp(phase, "before") == 0)
        s->due_ns = sample->t_mono_ns;
    else if (strcmp(phase, "after") != 0)
        note_interval(s, sample);
    s->samples++;
    s->last_ns = sample->t_mono_ns;
    s->scans += sample->scanned;
    s->scan_ns += (double)sample->scan_ns;
    if (sample->cost_ns > sample->scan_ns)
        s->read_ns += (double)(sample->cost_ns - sample->scan_ns);
}

/* Names come in the same order every time: the next is looked for behind the last. */
static struct summary_value *find_value(struct monitor_summary *s, const char *name, size_t *hint)
{
    for (size_t k = 0; k < s->value_count; k++) {
        struct summary_value *v = &s->values[(*hint + k) % s->value_count];
        if (strcmp(v->name, name) == 0) {
            *hint = (*hint + k + 1) % s->value_count;
            return v;
        }
    }
    if (s->value_count == SUMMARY_VALUES_MAX || strlen(name) >= SUMMARY_NAME_SIZE) {
        s->values_left_out++;
        return NULL;
    }
    struct summary_value *v = &s->values[s->value_count++];
    snprintf(v->name, sizeof v->name, "%s", name);
    *hint = 0;
    return v;
}

void monitor_summary_note_value(
    struct monitor_summary *s, const char *name, bool known, double value, size_t *hint)
{
    struct summary_value *v = find_value(s, name, hint);
    if (v == NULL)
        return;
    if (!known) {
        v->failed++;
        return;
    }
    if (v->seen == 0)
        v->first = v->low = v->high = value;
    v->seen++;
    v->last = value;
    v->sum += value;
    v->low = value < v->low ? value : v->low;
    v->high = value > v->high ? value : v->high;
}

void monitor_summary_note_sample(struct monitor_summary *s, const char *phase, const struct sample *sample)
{
    note_times(s, phase, sample);
    if (s->window.samples == 0)
        s->window.start_ns = sample->t_mono_ns + sample->cost_ns;
    s->window.end_ns = sample->t_mono_ns;
    window_note(&s->window, sample);
}

struct noting {
    struct monitor_summary *summary;
    size_t hint;
};

static void note_sample_value(const struct sample_value *v, void *arg)
{
    struct noting *n = arg;
    monitor_summary_note_value(n->summary, v->name, v->known, v->value, &n->hint);
}

void monitor_summary_note(struct monitor_summary *summary, const char *phase, const struct sample *sample)
{
    struct noting n = {.summary = summary};
    monitor_summary_note_sample(summary, phase, sample);
    sample_each_value(sample, note_sample_value, &n);
}

/* ---- as JSON ---- */

static bool set_times(struct json_object *object, const char *key, const struct hist *h)
{
    struct json_object *times = json_object_new_object();
    bool ok = times != NULL;
    if (h->total > 0)
        ok = ok && json_set_real(times, "p50_s", hist_quantile(h, 0.5) / 1e9) &&
             json_set_real(times, "p99_s", hist_quantile(h, 0.99) / 1e9) &&
             json_set_real(times, "max_s", (double)h->max_ns / 1e9);
    return json_set(object, key, times) && ok;
}

/* What was missed makes the mean longer: it is what the figures are really apart. */
static bool set_interval(struct json_object *object, const struct monitor_summary *s)
{
    bool ok = set_times(object, "interval", &s->interval);
    if (s->interval.total > 0)
        ok = ok && json_set_real(json_get_object(object, "/interval"), "mean_s",
                       s->intervals_ns / 1e9 / (double)s->interval.total);
    return ok;
}

static bool set_cost(struct json_object *object, const struct monitor_summary *s)
{
    struct json_object *cost = json_object_new_object();
    double duration_s = monitor_summary_duration_s(s);
    bool ok = json_set_real(cost, "read_s", s->read_ns / 1e9) &&
              json_set_int(cost, "scans", (int64_t)s->scans) &&
              json_set_real(cost, "scan_s", s->scan_ns / 1e9);
    if (duration_s > 0)
        ok = ok && json_set_real(cost, "read_core_share", s->read_ns / 1e9 / duration_s) &&
             json_set_real(cost, "scan_core_share", s->scan_ns / 1e9 / duration_s);
    return json_set(object, "cost", cost) && ok;
}

static bool set_value(struct json_object *values, const struct summary_value *v)
{
    struct json_object *value = json_object_new_object();
    bool ok = json_set_int(value, "n", (int64_t)v->seen) && json_set_int(value, "failed", (int64_t)v->failed);
    if (v->seen > 0)
        ok = ok && json_set_real(value, "first", v->first) && json_set_real(value, "last", v->last) &&
             json_set_real(value, "min", v->low) && json_set_real(value, "max", v->high);
    if (v->seen > 0 && isfinite(v->sum))
        ok = ok && json_set_real(value, "mean", v->sum / (double)v->seen);
    return json_set(values, v->name, value) && ok;
}

static bool set_values(struct json_object *object, const struct monitor_summary *s)
{
    struct json_object *values = json_object_new_object();
    bool ok = values != NULL;
    for (size_t i = 0; ok && i < s->value_count; i++)
        ok = set_value(values, &s->values[i]);
    return json_set(object, "sensors", values) && ok;
}

static bool set_flags(struct json_object *object, const struct quality *quality)
{
    struct json_object *flags = json_object_new_array();
    bool ok = json_set_text(object, "verdict", quality_verdict_name(quality->verdict)) && flags != NULL;
    for (size_t i = 0; i < quality->flag_count; i++)
        ok = ok && json_add_text(flags, quality->flags[i]);
    return json_set(object, "quality_flags", flags) && ok;
}

static bool set_quality(struct json_object *object, const struct monitor_summary *s)
{
    struct window *window = calloc(1, sizeof *window);
    struct quality *quality = calloc(1, sizeof *quality);
    bool ok = window != NULL && quality != NULL;
    if (ok) {
        *window = s->window;
        if (s->alone)
            reading_unavailable(&window->spans[SENSOR_CPU_FOREIGN].first, "/proc/*/stat",
                "nothing in particular is measured");
        quality_judge(window, quality);
        ok = set_flags(object, quality);
    }
    free(window);
    free(quality);
    return ok;
}

bool monitor_summary_to_json(const struct monitor_summary *summary, struct json_object *object)
{
    const struct monitor_summary *s = summary;
    struct json_object *o = object;
    bool ok = json_set_int(o, "unix_ns", s->first_unix_ns) && json_set_int(o, "mono_ns", s->first_ns) &&
              json_set_real(o, "duration_s", monitor_summary_duration_s(s)) &&
              json_set_int(o, "samples", (int64_t)s->samples) &&
              json_set_int(o, "missed", (int64_t)s->missed);
    if (s->period_ns > 0)
        ok = ok && json_set_real(o, "period_s", (double)s->period_ns / 1e9);
    return ok && set_interval(o, s) && set_times(o, "lateness", &s->lateness) && set_cost(o, s) &&
           set_quality(o, s) && set_values(o, s);
}
