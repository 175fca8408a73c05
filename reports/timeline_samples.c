/* The machine's samples: ours (schemas/sample.schema.json), and the memory files of mlx-knife's memmon. */
#include "timeline_build.h"
#include "timeline_rate.h"

#include "line_check.h"

#include "json.h"
#include "jsonl.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Share of the time in which tasks waited for memory from which on it is shown: that of the quality flags. */
#define WAITING_SOME 0.01
#define WAITING_ALL 0.001

/* Without samples for so many of their usual distances, and so long, the machine was not watched. */
#define GAP_PERIODS 5
#define GAP_LEAST_NS INT64_C(1500000000)

struct track {
    size_t series; /* in the timeline; none for a total and for bands */
    bool drawn;
    const struct timeline_spec *spec;
    char sensor[64];
    struct timeline_rate rate;
    int64_t level_since_ns; /* of a pressure level above 1 */
    int level;              /* of a band, since then */
};

/* The samples of one machine. */
struct machine_samples {
    enum timeline_table_id table;
    struct track tracks[TIMELINE_COLUMNS_MAX];
    size_t track_count, next; /* where the next sensor of a line probably stands */
    char unknown[TIMELINE_COLUMNS_MAX][64];
    size_t unknown_count, next_unknown;
    int64_t last_ns, last_mono_ns, period_ns;
    size_t steps_back, out_of_order, left_out;
};

struct samples_reader {
    struct timeline *t;
    struct machine_samples machines[2]; /* this one, the server's */
    struct timeline_refusals refusals;
};

struct one_sample {
    int64_t unix_ns, mono_ns;
    double cpu_total;
    bool memmon;
    bool begins, ends; /* a window of the monitor, whose own counters begin anew */
    bool behind_gap;
    struct json_object *values;
};

/* ---- which line of the picture a sensor is ---- */

static struct track *find_track(struct machine_samples *m, const char *sensor)
{
    for (size_t i = 0; i < m->track_count; i++) {
        struct track *track = &m->tracks[(m->next + i) % m->track_count];
        if (strcmp(track->sensor, sensor) != 0)
            continue;
        m->next = (size_t)(track - m->tracks) + 1;
        return track;
    }
    return NULL;
}

/* Strangers, too, come in the same order every time. */
static bool is_next_stranger(struct machine_samples *m, const char *sensor)
{
    if (m->next_unknown >= m->unknown_count || strcmp(m->unknown[m->next_unknown], sensor) != 0)
        return false;
    m->next_unknown++;
    return true;
}

static bool is_known_stranger(struct machine_samples *m, const char *sensor)
{
    for (size_t i = 0; i < m->unknown_count; i++) {
        if (strcmp(m->unknown[i], sensor) != 0)
            continue;
        m->next_unknown = i + 1;
        return true;
    }
    return false;
}

/* known: it would be drawn if there were room. */
static void note_stranger(struct machine_samples *m, const char *sensor, bool known)
{
    if (m->unknown_count == TIMELINE_COLUMNS_MAX)
        return;
    m->left_out += known;
    strncat(m->unknown[m->unknown_count++], sensor, sizeof *m->unknown - 1);
}

static bool has_column(enum timeline_kind kind)
{
    return kind == SERIES_GAUGE || kind == SERIES_RATE || kind == SERIES_SHARE;
}

static enum status add_column(
    struct timeline *t, struct machine_samples *m, struct track *track, const char *part)
{
    char label[96], longer[128];
    size_t column;
    timeline_spec_label(track->spec, part, label, sizeof label);
    snprintf(longer, sizeof longer, "%s%s", label, m->table == TABLE_SERVER ? " (server's machine)" : "");
    enum status s = timeline_add_series(t, track->spec, track->sensor, longer, m->table, &column);
    track->drawn = s == STATUS_OK;
    track->series = t->series_count - 1;
    return s == STATUS_LIMIT ? STATUS_OK : s;
}

/* NULL in *track: nothing of it is drawn. */
static enum status track_of(
    struct timeline *t, struct machine_samples *m, const char *sensor, bool memmon, struct track **track)
{
    char part[48];
    *track = is_next_stranger(m, sensor) ? NULL : find_track(m, sensor);
    if (*track || strlen(sensor) >= sizeof m->tracks->sensor || is_known_stranger(m, sensor))
        return STATUS_OK;
    const struct timeline_spec *spec = timeline_spec_find(sensor, memmon, part, sizeof part);
    if (!spec || m->track_count == TIMELINE_COLUMNS_MAX) {
        note_stranger(m, sensor, spec != NULL);
        return STATUS_OK;
    }
    struct track *added = &m->tracks[m->track_count++];
    *added = (struct track){.spec = spec};
    strncat(added->sensor, sensor, sizeof added->sensor - 1);
    *track = added;
    return has_column(spec->kind) ? add_column(t, m, added, part) : STATUS_OK;
}

/* ---- one reading ---- */

static enum status take_level(
    struct timeline *t, struct track *track, const struct one_sample *now, double value)
{
    enum status s = STATUS_OK;
    if (track->level_since_ns && !now->behind_gap)
        s = timeline_add_band(t, track->level_since_ns, now->unix_ns, track->level);
    track->level_since_ns = value > 1 ? now->unix_ns : 0;
    track->level = value >= 4 ? 2 : 1;
    return s;
}

static enum status take_counter(struct timeline *t, struct machine_samples *m, struct track *track,
    const struct one_sample *now, double value)
{
    struct timeline_table *table = &t->tables[m->table];
    struct timeline_counter counter = {.value = value,
        .total = now->cpu_total,
        .t_ns = now->mono_ns,
        .reading = table->readings - 1,
        .last = now->ends};
    int64_t since_mono_ns = track->rate.t_ns;
    size_t from;
    double rate;
    if (now->behind_gap || (now->begins && track->spec->of_window))
        track->rate = (struct timeline_rate){0};
    if (!timeline_rate_step(&track->rate, track->spec, &counter, &rate, &from))
        return STATUS_OK;
    if (track->spec->kind == SERIES_WAITING) {
        bool all = track->spec->ink == INK_BAD;
        if (rate <= (all ? WAITING_ALL : WAITING_SOME))
            return STATUS_OK;
        return timeline_add_band(t, now->unix_ns - (now->mono_ns - since_mono_ns), now->unix_ns, all ? 2 : 1);
    }
    double factor = track->spec->factor != 0 ? track->spec->factor : 1;
    timeline_table_fill(table, t->series[track->series].column, from, rate * factor);
    return STATUS_OK;
}

static enum status take_value(struct timeline *t, struct machine_samples *m, const char *sensor,
    struct json_object *json, const struct one_sample *now)
{
    struct track *track;
    enum status s = track_of(t, m, sensor, now->memmon, &track);
    if (s != STATUS_OK || !track || track->spec->kind == SERIES_TOTAL || track->spec->kind == SERIES_HIDDEN)
        return s;
    if (!json_object_is_type(json, json_type_double) && !json_object_is_type(json, json_type_int))
        return STATUS_OK;
    double value = json_object_get_double(json);
    double factor = track->spec->factor != 0 ? track->spec->factor : 1;
    if (track->spec->kind == SERIES_PRESSURE)
        return take_level(t, track, now, value * factor);
    if (has_column(track->spec->kind) && !track->drawn)
        return STATUS_OK;
    if (track->spec->kind != SERIES_GAUGE)
        return take_counter(t, m, track, now, value);
    timeline_table_put(&t->tables[m->table], t->series[track->series].column, value * factor);
    return STATUS_OK;
}

/* ---- one line ---- */

/*
 * A row of nothing where nobody watched, so that no line is drawn across it. How far a window is from the one before it
 * says nothing of how often samples come within.
 */
static enum status mind_gap(struct timeline *t, struct machine_samples *m, struct one_sample *now)
{
    struct timeline_table *table = &t->tables[m->table];
    int64_t step_ns = now->mono_ns - m->last_mono_ns;
    if (table->readings == 0)
        return STATUS_OK;
    bool anew = step_ns < 0; /* another boot, or not in the order of time */
    if (now->unix_ns < m->last_ns) {
        m->steps_back += !anew;
        m->out_of_order += anew;
    }
    if (!anew && step_ns <= GAP_LEAST_NS) {
        if (!now->begins && !now->ends)
            m->period_ns += m->period_ns ? (step_ns - m->period_ns) / 8 : step_ns;
        return STATUS_OK;
    }
    if (!anew && !now->begins && (m->period_ns == 0 || step_ns <= GAP_PERIODS * m->period_ns)) {
        m->period_ns += m->period_ns ? (step_ns - m->period_ns) / 8 : step_ns;
        return STATUS_OK;
    }
    now->behind_gap = true;
    return timeline_table_add_row(table, m->last_ns + 1);
}

static enum status take_sample(struct samples_reader *r, struct machine_samples *m, struct one_sample *now)
{
    enum status s = mind_gap(r->t, m, now);
    if (s == STATUS_OK)
        s = timeline_table_add_row(&r->t->tables[m->table], now->unix_ns);
    if (s != STATUS_OK)
        return s;
    m->last_ns = now->unix_ns;
    m->last_mono_ns = now->mono_ns;
    m->next = m->next_unknown = 0;
    timeline_widen(r->t, now->unix_ns, now->unix_ns);
    r->t->sample_count++;
    json_object_object_foreach(now->values, sensor, value)
    {
        s = take_value(r->t, m, sensor, value, now);
        if (s != STATUS_OK)
            break;
    }
    return s;
}

/* STATUS_INVALID with the reason: this line is not one of ours. */
static enum status read_ours(struct json_object *tree, struct one_sample *now, struct error *e)
{
    enum status s = line_check("sample", tree, e);
    if (s != STATUS_OK)
        return s;
    now->values = json_get_object(tree, "/values");
    if (!now->values || !json_get_int(tree, "/unix_ns", &now->unix_ns) ||
        !json_get_int(tree, "/mono_ns", &now->mono_ns) || now->unix_ns < 0 || now->mono_ns < 0 ||
        now->unix_ns > TIMELINE_LATEST_NS)
        return error_set(e, STATUS_INVALID, "a sample without time or values");
    now->memmon = json_get(now->values, "/ram_free_gb") != NULL; /* a migrated memory file keeps its names */
    const char *phase = json_get_text(tree, "/phase");
    now->begins = phase && strcmp(phase, "before") == 0;
    now->ends = phase && strcmp(phase, "after") == 0;
    if (!json_get_real(now->values, "/cpu_total", &now->cpu_total))
        now->cpu_total = NAN;
    return STATUS_OK;
}

static bool read_memmon(struct json_object *tree, struct one_sample *now)
{
    double ts = 0;
    if (json_get(tree, "/schema_version") || !json_get_real(tree, "/ts", &ts) || !(ts > 0 && ts < 9e9))
        return false;
    *now = (struct one_sample){.unix_ns = (int64_t)(ts * 1e9),
        .mono_ns = (int64_t)(ts * 1e9),
        .cpu_total = NAN,
        .memmon = true,
        .values = tree};
    return true;
}

/* What `assay monitor` or memmon says of itself: the machine's name, where nobody said it before. */
static enum status take_words(struct timeline *t, struct json_object *tree)
{
    const char *host = json_get_text(tree, "/host");
    if (!host || t->subtitle[0])
        return STATUS_OK;
    char *safe = timeline_safe_text(host, 256);
    if (!safe)
        return STATUS_NO_MEMORY;
    free(t->subtitle);
    t->subtitle = safe;
    return STATUS_OK;
}

static enum status take_line(struct samples_reader *r, struct jsonl_line *line)
{
    struct one_sample now = {.cpu_total = NAN};
    struct error why;
    error_clear(&why);
    if (line->status != STATUS_OK) {
        timeline_refuse(&r->refusals, line->number, line->error.text);
        return line->status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_OK;
    }
    if (json_get_text(line->tree, "/type") || json_get(line->tree, "/summary"))
        return take_words(r->t, line->tree);
    if (!read_memmon(line->tree, &now) && read_ours(line->tree, &now, &why) != STATUS_OK) {
        timeline_refuse(&r->refusals, line->number, error_text(&why));
        return STATUS_OK;
    }
    const char *scope = json_get_text(line->tree, "/scope");
    bool server = scope && strcmp(scope, "server") == 0;
    return take_sample(r, &r->machines[server], &now);
}

static enum status tell_machine(struct timeline *t, const struct machine_samples *m)
{
    const struct timeline_table *table = &t->tables[m->table];
    enum status s = STATUS_OK;
    if (m->steps_back)
        s = timeline_note(t,
            "the wall clock was set back %zu times: samples after that stand at the moment before it",
            m->steps_back);
    if (s == STATUS_OK && m->out_of_order)
        s = timeline_note(t,
            "the samples are not in the order of time (%zu times a later one came first): they stand at the "
            "moment of the one before them",
            m->out_of_order);
    if (s == STATUS_OK && m->left_out)
        s = timeline_note(
            t, "%zu sensors are not drawn: there are more than %d", m->left_out, TIMELINE_COLUMNS_MAX);
    if (s == STATUS_OK && table->per_row > 1)
        s = timeline_note(
            t, "%zu samples are drawn as the extremes of each %zu", table->readings, table->per_row);
    return s;
}

static enum status tell(const struct samples_reader *r, const char *path)
{
    enum status s = timeline_tell_refusals(r->t, path, &r->refusals);
    for (size_t i = 0; i < sizeof r->machines / sizeof *r->machines && s == STATUS_OK; i++)
        if (r->machines[i].last_ns != 0)
            s = tell_machine(r->t, &r->machines[i]);
    return s;
}

enum status timeline_read_samples(const char *path, struct timeline *t, struct error *e)
{
    struct jsonl *lines = NULL;
    struct samples_reader *r = calloc(1, sizeof *r);
    enum status s = r ? jsonl_open(path, &lines, e) : STATUS_NO_MEMORY;
    if (s == STATUS_OK) {
        r->t = t;
        r->machines[0].table = TABLE_SAMPLES;
        r->machines[1].table = TABLE_SERVER;
        for (struct jsonl_line line; s == STATUS_OK && jsonl_next(lines, &line);)
            s = take_line(r, &line);
        enum status closed = jsonl_close(lines, s == STATUS_OK ? e : NULL);
        s = s == STATUS_OK ? closed : s;
    }
    if (s == STATUS_OK)
        s = tell(r, path);
    free(r);
    return s;
}
