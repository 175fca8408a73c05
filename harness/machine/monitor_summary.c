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

static bool begins_window(const struct monitor_summary *s, const char *phase, const struct sample *sample)
{
    return s->samples == 0 || sample->t_mono_ns < s->last_ns || strcmp(phase, "before") == 0;
}

static void note_times(struct monitor_summary *s, const char *phase, bool begins, const struct sample *sample)
{
    if (s->samples == 0) {
        s->first_ns = sample->t_mono_ns;
        s->first_unix_ns = sample->t_unix_ns;
    }
    if (!begins)
        s->watched_ns += sample->t_mono_ns - s->last_ns;
    if (begins)
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
    else if (v->window == s->window_number)
        v->grown += value - v->last;
    v->window = s->window_number;
    v->seen++;
    v->last = value;
    v->sum += value;
    v->low = value < v->low ? value : v->low;
    v->high = value > v->high ? value : v->high;
}

/* ---- verdict ---- */

/* Where one of several windows could not be judged, nobody knows of all of it that it was clean. */
static int badness(enum quality_verdict verdict)
{
    static const int of[] = {
        [QUALITY_CLEAN] = 0, [QUALITY_UNKNOWN] = 1, [QUALITY_DEGRADED] = 2, [QUALITY_INVALID] = 3};
    return of[verdict];
}

static void add_flag(struct summary_verdict *sum, const char *flag)
{
    for (size_t i = 0; i < sum->flag_count; i++)
        if (strcmp(sum->flags[i], flag) == 0)
            return;
    if (strcmp(flag, "clean") != 0 && sum->flag_count < SENSOR_COUNT)
        sum->flags[sum->flag_count++] = flag;
}

/* The window that goes on, added to those before. False: no memory, and it counts as one that nobody judged. */
static bool judge_window(const struct monitor_summary *s, struct summary_verdict *sum)
{
    struct window *window = calloc(1, sizeof *window);
    struct quality *quality = calloc(1, sizeof *quality);
    enum quality_verdict verdict = QUALITY_UNKNOWN;
    bool ok = window != NULL && quality != NULL;
    if (ok) {
        *window = s->window;
        if (s->alone)
            reading_unavailable(&window->spans[SENSOR_CPU_FOREIGN].first, "/proc/*/stat",
                "nothing in particular is measured");
        quality_judge(window, quality);
        verdict = quality->verdict;
        for (size_t i = 0; i < quality->flag_count; i++)
            add_flag(sum, quality->flags[i]);
    }
    if (sum->windows++ == 0 || badness(verdict) > badness(sum->verdict))
        sum->verdict = verdict;
    free(window);
    free(quality);
    return ok;
}

/* A window of a single sample says nothing: whoever took it was killed. */
static void end_window(struct monitor_summary *s)
{
    struct window next = {
        .memory_total_bytes = s->window.memory_total_bytes, .group_limit_bytes = s->window.group_limit_bytes};
    if (s->window.samples > 1)
        (void)judge_window(s, &s->before);
    s->window = next;
    s->window_number++;
}

void monitor_summary_note_sample(struct monitor_summary *s, const char *phase, const struct sample *sample)
{
    bool begins = begins_window(s, phase, sample);
    if (begins)
        end_window(s);
    note_times(s, phase, begins, sample);
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
    double watched_s = (double)s->watched_ns / 1e9;
    bool ok = json_set_real(cost, "read_s", s->read_ns / 1e9) &&
              json_set_int(cost, "scans", (int64_t)s->scans) &&
              json_set_real(cost, "scan_s", s->scan_ns / 1e9);
    if (watched_s > 0)
        ok = ok && json_set_real(cost, "read_core_share", s->read_ns / 1e9 / watched_s) &&
             json_set_real(cost, "scan_core_share", s->scan_ns / 1e9 / watched_s);
    return json_set(object, "cost", cost) && ok;
}

static bool set_value(
    const struct monitor_summary *s, const struct summary_value *v, struct json_object *values)
{
    struct json_object *value = json_object_new_object();
    bool ok = json_set_int(value, "n", (int64_t)v->seen) && json_set_int(value, "failed", (int64_t)v->failed);
    if (v->seen > 0)
        ok = ok && json_set_real(value, "first", v->first) && json_set_real(value, "last", v->last) &&
             json_set_real(value, "min", v->low) && json_set_real(value, "max", v->high);
    if (v->seen > 0 && s->window_number > 1)
        ok = ok && json_set_real(value, "growth", v->grown);
    if (v->seen > 0 && isfinite(v->sum))
        ok = ok && json_set_real(value, "mean", v->sum / (double)v->seen);
    return json_set(values, v->name, value) && ok;
}

static bool set_values(struct json_object *object, const struct monitor_summary *s)
{
    struct json_object *values = json_object_new_object();
    bool ok = values != NULL;
    for (size_t i = 0; ok && i < s->value_count; i++)
        ok = set_value(s, &s->values[i], values);
    return json_set(object, "sensors", values) && ok;
}

static bool set_flags(struct json_object *object, const struct summary_verdict *sum)
{
    struct json_object *flags = json_object_new_array();
    bool ok = json_set_text(object, "verdict", quality_verdict_name(sum->verdict)) && flags != NULL;
    if (sum->verdict == QUALITY_CLEAN)
        ok = ok && json_add_text(flags, "clean");
    for (size_t i = 0; i < sum->flag_count; i++)
        ok = ok && json_add_text(flags, sum->flags[i]);
    return json_set(object, "quality_flags", flags) && ok;
}

static bool set_quality(struct json_object *object, const struct monitor_summary *s)
{
    struct summary_verdict sum = s->before;
    bool ok = true;
    if (s->window.samples > 1 || sum.windows == 0)
        ok = judge_window(s, &sum);
    if (s->window_number > 1)
        ok = json_set_int(object, "windows", (int64_t)sum.windows) && ok;
    return set_flags(object, &sum) && ok;
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
