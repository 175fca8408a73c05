#include "timeline_data.h"

#include "timeline_build.h"

#include "run_data.h"

#include "buf.h"
#include "fs.h"
#include "json.h"
#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 64

char *timeline_safe_text(const char *text, size_t max_bytes)
{
    struct buf safe = BUF_INIT(4 * max_bytes + 256);
    if (text_sanitise_line(&safe, text, strlen(text), max_bytes) != STATUS_OK) {
        buf_fini(&safe);
        return NULL;
    }
    return safe.len ? buf_take(&safe) : strdup("");
}

enum status timeline_note(struct timeline *t, const char *format, ...)
{
    struct buf text = BUF_INIT(1 << 16);
    va_list args;
    if (t->note_count >= NOTES_MAX)
        return STATUS_OK;
    va_start(args, format);
    enum status s = buf_vprintf(&text, format, args);
    va_end(args);
    char **grown = reallocarray(t->notes, t->note_count + 1, sizeof *grown);
    if (grown)
        t->notes = grown;
    char *note = s == STATUS_OK && grown ? timeline_safe_text(buf_text(&text), 1024) : NULL;
    buf_fini(&text);
    if (!note)
        return STATUS_NO_MEMORY;
    t->notes[t->note_count++] = note;
    return STATUS_OK;
}

void timeline_refuse(struct timeline_refusals *refusals, long line, const char *why)
{
    if (refusals->count++ > 0)
        return;
    refusals->line = line;
    strncat(refusals->why, why, sizeof refusals->why - 1);
}

enum status timeline_tell_refusals(
    struct timeline *t, const char *path, const struct timeline_refusals *refusals)
{
    const char *slash = strrchr(path, '/');
    if (refusals->count == 0)
        return STATUS_OK;
    return timeline_note(t, "%s: %zu %s left out, the first is line %ld: %s", slash ? slash + 1 : path,
        refusals->count, refusals->count == 1 ? "line is" : "lines are", refusals->line, refusals->why);
}

void timeline_widen(struct timeline *t, int64_t start_ns, int64_t end_ns)
{
    bool first = t->start_ns == 0 && t->end_ns == 0;
    if (first || start_ns < t->start_ns)
        t->start_ns = start_ns;
    if (first || end_ns > t->end_ns)
        t->end_ns = end_ns;
}

void *timeline_new_item(void **items, size_t *count, size_t *capacity, size_t size)
{
    if (*count == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 64;
        void *grown = reallocarray(*items, more, size);
        if (!grown)
            return NULL;
        *items = grown;
        *capacity = more;
    }
    void *item = (char *)*items + *count * size;
    memset(item, 0, size);
    (*count)++;
    return item;
}

enum status timeline_add_band(struct timeline *t, int64_t start_ns, int64_t end_ns, int level)
{
    struct timeline_band *last = t->last_band[level] ? &t->bands[t->last_band[level] - 1] : NULL;
    if (last && start_ns <= last->end_ns) {
        last->end_ns = end_ns > last->end_ns ? end_ns : last->end_ns;
        return STATUS_OK;
    }
    if (t->band_count >= TIMELINE_REGIONS_MAX || end_ns < start_ns) /* the clock was set back meanwhile */
        return STATUS_OK;
    struct timeline_band *band =
        timeline_new_item((void **)&t->bands, &t->band_count, &t->band_capacity, sizeof *band);
    if (!band)
        return STATUS_NO_MEMORY;
    *band = (struct timeline_band){start_ns, end_ns, level};
    t->last_band[level] = t->band_count;
    return STATUS_OK;
}

enum status timeline_add_mark(struct timeline *t, int64_t start_ns, int64_t end_ns, const char *text)
{
    char *safe = timeline_safe_text(text, 512);
    struct timeline_mark *mark = NULL;
    if (t->mark_count >= TIMELINE_REGIONS_MAX) {
        free(safe);
        return STATUS_OK;
    }
    if (safe)
        mark = timeline_new_item((void **)&t->marks, &t->mark_count, &t->mark_capacity, sizeof *mark);
    if (!mark) {
        free(safe);
        return STATUS_NO_MEMORY;
    }
    *mark = (struct timeline_mark){start_ns, end_ns, safe};
    return STATUS_OK;
}

enum status timeline_add_series(struct timeline *t, const struct timeline_spec *spec, const char *sensor,
    const char *label, enum timeline_table_id table, size_t *column)
{
    if (t->series_count == sizeof t->series / sizeof *t->series)
        return STATUS_LIMIT;
    enum status s = timeline_table_add_column(&t->tables[table], column);
    if (s != STATUS_OK)
        return s;
    struct timeline_series *series = &t->series[t->series_count];
    *series = (struct timeline_series){.spec = spec, .table = table, .column = *column};
    strncat(series->sensor, sensor, sizeof series->sensor - 1);
    strncat(series->label, label, sizeof series->label - 1);
    t->series_count++;
    return STATUS_OK;
}

static int by_legend(const void *left, const void *right)
{
    const struct timeline_series *a = left, *b = right;
    if (a->spec->row != b->spec->row)
        return a->spec->row < b->spec->row ? -1 : 1;
    if (a->spec != b->spec)
        return a->spec < b->spec ? -1 : 1;
    return strcmp(a->sensor, b->sensor);
}

/* What was never read has no line, and what is of no interest at zero has none there. */
static void settle(struct timeline *t)
{
    for (size_t i = 0; i < t->series_count; i++) {
        struct timeline_series *s = &t->series[i];
        const struct timeline_table *table = &t->tables[s->table];
        timeline_table_range(table, s->column, 0, table->count, &s->lowest, &s->highest);
        s->read = !isnan(s->lowest);
        s->drawn = s->read && (!s->spec->quiet || s->highest > 0);
    }
    qsort(t->series, t->series_count, sizeof *t->series, by_legend);
    for (size_t i = 0, nth = 0; i < t->series_count; i++) {
        const struct timeline_spec *spec = t->series[i].spec;
        nth = i > 0 && t->series[i - 1].spec == spec ? nth + 1 : 0;
        size_t fixed = (size_t)(spec->ink - INK_SERIES_0),
               elsewhere = t->series[i].table == TABLE_SERVER ? 3 : 0;
        if (spec->ink == INK_NONE)
            t->series[i].ink = timeline_ink_of(spec->first_ink + nth + elsewhere);
        else
            t->series[i].ink = elsewhere ? timeline_ink_of(fixed + elsewhere) : spec->ink;
    }
}

bool timeline_row_is_drawn(const struct timeline *timeline, enum timeline_row_id row)
{
    for (size_t i = 0; i < timeline->series_count; i++)
        if (timeline->series[i].spec->row == row && timeline->series[i].drawn)
            return true;
    return row == ROW_MEMORY && timeline->band_count > 0;
}

enum timeline_ink timeline_suite_ink(const struct timeline *timeline, size_t suite)
{
    size_t number = suite;
    for (size_t i = 0; i <= suite; i++) {
        bool infrastructure = strcmp(timeline->suites[i], TIMELINE_INFRASTRUCTURE) == 0;
        if (infrastructure && i == suite)
            return INK_GREY;
        number -= infrastructure;
    }
    return timeline_ink_of(number);
}

static void init(struct timeline *t)
{
    *t = (struct timeline){0};
    for (size_t i = 0; i < TABLE_COUNT; i++)
        timeline_table_init(&t->tables[i], TIMELINE_ROWS_MAX);
}

static enum status note_problems(const struct run_data *data, struct timeline *t)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; i < data->problem_count && s == STATUS_OK; i++)
        s = data->problems[i].line
                ? timeline_note(t, "%s, line %ld: %s", data->problems[i].file, data->problems[i].line,
                      data->problems[i].text)
                : timeline_note(t, "%s: %s", data->problems[i].file, data->problems[i].text);
    if (s == STATUS_OK && data->simulated > 0)
        s = timeline_note(
            t, "%zu of the tests ran on a simulator: its figures are not those of a model", data->simulated);
    return s;
}

static enum status title_run(const struct run_data *data, struct timeline *t)
{
    struct buf text = BUF_INIT(1 << 14);
    const char *host = json_get_text(data->run, "/machine/host");
    const char *cpu = json_get_text(data->run, "/machine/cpu/model");
    const char *os = json_get_text(data->run, "/machine/os");
    buf_printf(&text, "%s%s%s%s%s", host ? host : "", host && cpu ? ", " : "", cpu ? cpu : "",
        os && (host || cpu) ? ", " : "", os ? os : "");
    t->title = timeline_safe_text(data->run_id[0] ? data->run_id : data->folder, 256);
    t->subtitle = timeline_safe_text(buf_text(&text), 512);
    buf_fini(&text);
    return t->title && t->subtitle ? STATUS_OK : STATUS_NO_MEMORY;
}

typedef enum status (*read_fn)(const char *path, struct timeline *t, struct error *e);

/* The files of a run that hold moments. Most runs have no server on another machine. */
static const struct run_file {
    const char *name;
    read_fn read;
    bool may_lack;
} run_files[] = {{"samples.jsonl", timeline_read_samples, false},
    {"server_samples.jsonl", timeline_read_samples, true},
    {"exchanges.jsonl", timeline_read_requests, false}};

static enum status read_file(
    const struct run_data *data, const struct run_file *file, struct timeline *t, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    enum status s = fs_join(&path, data->folder, file->name);
    if (s != STATUS_OK)
        s = error_set(e, s, "%s: the path is too long", data->folder);
    else if (fs_exists(buf_text(&path)))
        s = file->read(buf_text(&path), t, e);
    else if (!file->may_lack)
        s = timeline_note(t, "there is no %s in the run", file->name);
    buf_fini(&path);
    return s;
}

static enum status read_run(const struct run_data *data, struct timeline *t, struct error *e)
{
    enum status s = title_run(data, t);
    if (s == STATUS_OK)
        s = note_problems(data, t);
    if (s == STATUS_OK)
        s = timeline_read_regions(data, t, e);
    for (size_t i = 0; i < sizeof run_files / sizeof *run_files && s == STATUS_OK; i++)
        s = read_file(data, &run_files[i], t, e);
    return s;
}

/* What failed is in *e already, but for a lack of memory. */
static enum status finish(struct timeline *t, enum status s, const char *of, struct error *e)
{
    if (s == STATUS_OK && t->end_ns == 0)
        s = error_set(e, STATUS_INVALID, "%s: nothing in it has a time that could be drawn%s%s", of,
            t->note_count ? "; " : "", t->note_count ? t->notes[0] : "");
    else if (s == STATUS_NO_MEMORY)
        s = error_set(e, s, "no memory for the timeline");
    if (s == STATUS_OK)
        settle(t);
    else
        timeline_fini(t);
    return s;
}

enum status timeline_read_run(const struct run_data *data, struct timeline *timeline, struct error *e)
{
    init(timeline);
    return finish(timeline, read_run(data, timeline, e), data->folder, e);
}

enum status timeline_read_samples_file(const char *path, struct timeline *timeline, struct error *e)
{
    const char *slash = strrchr(path, '/');
    init(timeline);
    timeline->title = timeline_safe_text(slash ? slash + 1 : path, 256);
    timeline->subtitle = strdup("");
    enum status s =
        timeline->title && timeline->subtitle ? timeline_read_samples(path, timeline, e) : STATUS_NO_MEMORY;
    return finish(timeline, s, path, e);
}

static void free_regions(struct timeline *t)
{
    for (size_t i = 0; i < t->region_count; i++) {
        struct timeline_region *r = &t->regions[i];
        char *texts[] = {r->test, r->suite, r->case_name, r->model, r->flags, r->message};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            free(texts[k]);
    }
    free(t->regions);
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void timeline_fini(struct timeline *timeline)
{
    free_regions(timeline);
    free_texts(timeline->suites, timeline->suite_count);
    free_texts(timeline->notes, timeline->note_count);
    for (size_t i = 0; i < timeline->mark_count; i++)
        free(timeline->marks[i].text);
    free(timeline->marks);
    free(timeline->bands);
    free(timeline->title);
    free(timeline->subtitle);
    for (size_t i = 0; i < TABLE_COUNT; i++)
        timeline_table_fini(&timeline->tables[i]);
    *timeline = (struct timeline){0};
}
