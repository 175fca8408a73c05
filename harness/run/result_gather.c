#include "result_gather.h"

#include "cross_check.h"
#include "cross_figures.h"
#include "drift.h"
#include "energy_work.h"
#include "json.h"
#include "load_figures.h"
#include "performance.h"
#include "record.h"
#include "scores.h"
#include "tally.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status take_observation(
    struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    struct json_object *values = json_get_array(entry, "/values");
    size_t n = values != NULL ? json_object_array_length(values) : 0;
    double *copy = calloc(n + 1, sizeof *copy);
    struct observation o = {
        .metric = json_get_text(entry, "/metric"), .repeat = -1, .values = copy, .count = n};
    int64_t repeat = -1;
    if (copy == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for an observation");
    for (size_t i = 0; i < n; i++)
        copy[i] = json_object_get_double(json_object_array_get_idx(values, i));
    if (json_get_int(entry, "/repeat", &repeat))
        o.repeat = (int)repeat;
    (void)json_get_bool(entry, "/pooled", &o.pooled);
    o.k1 = json_get_text(entry, "/k1");
    (void)json_get_real(entry, "/low", &o.low);
    (void)json_get_real(entry, "/high", &o.high);
    enum status s = performance_observe(g->performance, &o, e);
    free(copy);
    return s;
}

static enum status no_memory(bool ok, struct error *e)
{
    return ok ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for a journal's entries");
}

static enum status take_tally(struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    return no_memory(tally_add(g->tally, entry) && energy_work_add_exchange(g->work, entry), e);
}

/* t_ns is monotonic; the start is taken off when the record is filled. */
static enum status take_event(struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    return no_memory(json_add(g->timeline, json_object_get((struct json_object *)entry)), e);
}

static enum status take_note(struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    const char *key = json_get_text(entry, "/key"), *value = json_get_text(entry, "/value");
    if (key == NULL || value == NULL)
        return error_set(e, STATUS_INVALID, "a note without key or value");
    return no_memory(record_set_note(g->metadata, key, value), e);
}

static enum status take_parameters(
    struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    json_object_object_foreach((struct json_object *)entry, key, value)
    {
        if (!json_set(g->parameters, key, json_object_get(value)))
            return no_memory(false, e);
    }
    return STATUS_OK;
}

static enum status take_stop_tokens(
    struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    (void)e;
    json_object_put(g->stop_tokens);
    g->stop_tokens = json_object_get((struct json_object *)entry);
    return STATUS_OK;
}

static enum status take_cross_check(
    struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    if (!json_object_is_type(entry, json_type_array))
        return error_set(e, STATUS_INVALID, "a cross-check that is no list");
    return no_memory(cross_figures_add(g->cross_figures, entry), e);
}

static enum status take_server(struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    const char *version = json_get_text(entry, "/version");
    if (version == NULL)
        return error_set(e, STATUS_INVALID, "a server without a version");
    size_t len = text_utf8_cut(version, strlen(version), sizeof g->server_version - 1);
    memcpy(g->server_version, version, len);
    g->server_version[len] = '\0';
    return STATUS_OK;
}

static enum status take_load(struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    return no_memory(load_figures_add(g->load, entry) && energy_work_add_load(g->work, entry), e);
}

static enum status take_grade(struct gathered_figures *g, const struct json_object *entry, struct error *e)
{
    return no_memory(scores_add(g->scores, entry), e);
}

typedef enum status take_entry(struct gathered_figures *, const struct json_object *, struct error *);
static take_entry *const takers[JOURNAL_TYPE_COUNT] = {
    [JOURNAL_OBSERVATION] = take_observation,
    [JOURNAL_TALLY] = take_tally,
    [JOURNAL_EVENT] = take_event,
    [JOURNAL_NOTE] = take_note,
    [JOURNAL_PARAMETERS] = take_parameters,
    [JOURNAL_STOP_TOKENS] = take_stop_tokens,
    [JOURNAL_CROSS_CHECK] = take_cross_check,
    [JOURNAL_GRADE] = take_grade,
    [JOURNAL_SERVER] = take_server,
    [JOURNAL_LOAD] = take_load,
};

static void take_all(struct gathered_figures *g, const struct journal *j)
{
    struct journal_entry entry;
    for (size_t at = 0; journal_next(j, &at, &entry);) {
        if (takers[entry.type] == NULL)
            continue;
        struct json_object *tree = NULL;
        struct error why = {0};
        enum status s = json_parse(entry.text, entry.len, &tree, &why);
        if (s == STATUS_OK)
            s = takers[entry.type](g, tree, &why);
        if (s != STATUS_OK && g->wrong[0] == '\0')
            snprintf(
                g->wrong, sizeof g->wrong, "an entry of the journal cannot be used: %s", error_text(&why));
        json_object_put(tree);
    }
}

static void note_dropped(struct gathered_figures *g, const struct journal *j)
{
    struct journal_state *state = calloc(1, sizeof *state);
    char text[64];
    if (state == NULL)
        return;
    journal_read(j, state);
    snprintf(text, sizeof text, "%lld", (long long)state->dropped);
    if (state->dropped > 0)
        (void)record_set_note(g->metadata, "journal_entries_dropped", text);
    free(state);
}

static struct json_object *copy_parameters(const struct json_object *run)
{
    struct json_object *copy = NULL, *parameters = json_get_object(run, "/parameters");
    if (parameters == NULL)
        return json_object_new_object();
    return json_object_deep_copy(parameters, &copy, NULL) == 0 ? copy : NULL;
}

struct gathered_figures *gather_journal(const struct journal *j, const struct intent_spec *spec)
{
    struct gathered_figures *g = calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    g->performance = performance_new();
    g->tally = tally_new();
    g->cross_figures = cross_figures_new();
    g->scores = scores_new();
    g->load = load_figures_new();
    g->work = energy_work_new();
    g->parameters = copy_parameters(spec->run);
    g->timeline = json_object_new_array();
    g->metadata = json_object_new_object(); /* stands for the record that holds the member metadata */
    if (g->performance == NULL || g->tally == NULL || g->cross_figures == NULL || g->scores == NULL ||
        g->load == NULL || g->work == NULL || g->parameters == NULL || g->timeline == NULL ||
        g->metadata == NULL) {
        gather_free(g);
        return NULL;
    }
    if (j != NULL) {
        take_all(g, j);
        energy_work_settle(g->work);
        note_dropped(g, j);
    }
    return g;
}

void gather_free(struct gathered_figures *g)
{
    if (g == NULL)
        return;
    performance_free(g->performance);
    tally_free(g->tally);
    cross_figures_free(g->cross_figures);
    scores_free(g->scores);
    load_figures_free(g->load);
    energy_work_free(g->work);
    json_object_put(g->parameters);
    json_object_put(g->timeline);
    json_object_put(g->metadata);
    json_object_put(g->stop_tokens);
    free(g);
}

static bool set_timeline(const struct gathered_figures *g, int64_t start_ns, struct json_object *record)
{
    struct json_object *timeline = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; ok && i < json_object_array_length(g->timeline); i++) {
        const struct json_object *entry = json_object_array_get_idx(g->timeline, i);
        const char *event = json_get_text(entry, "/event");
        int64_t t_ns = start_ns;
        (void)json_get_int(entry, "/t_ns", &t_ns);
        struct json_object *item = json_object_new_object();
        ok = json_set_text(item, "event", event != NULL ? event : "?") &&
             json_set_real(item, "t_s", ((double)t_ns - (double)start_ns) / 1e9);
        ok = json_add(timeline, item) && ok;
    }
    return json_set(record, "timeline", timeline) && ok;
}

static bool set_parameters(
    const struct gathered_figures *g, const struct intent_spec *spec, struct json_object *record)
{
    return json_set(record, "parameters", json_object_get(g->parameters)) &&
           json_set(record, "identity", intent_identity(spec, g->parameters));
}

static double cross_share(const struct json_object *parameters)
{
    double share = cross_limits_usual.share;
    (void)json_get_real(parameters, "/cross_check/share", &share);
    return share;
}

bool gather_into_record(
    const struct gathered_figures *g, const struct intent_spec *spec, struct json_object *record)
{
    int64_t retries = 0;
    (void)json_get_int(g->parameters, "/max_retries", &retries);
    struct json_object *performance = performance_to_json(g->performance, NULL);
    struct json_object *metadata = json_get_object(g->metadata, "/metadata");
    bool figures = performance != NULL && json_object_object_length(performance) > 0;
    bool ok = performance != NULL && set_parameters(g, spec, record);
    if (ok && figures)
        ok = json_set(record, "performance", json_object_get(performance)) && drift_into_record(record);
    json_object_put(performance);
    ok = ok && tally_into_record(g->tally, retries, record) && scores_into_record(g->scores, record) &&
         cross_figures_into_record(g->cross_figures, cross_share(g->parameters), record) &&
         load_figures_into_record(g->load, record);
    if (json_object_array_length(g->timeline) > 0)
        ok = ok && set_timeline(g, spec->start_mono_ns, record);
    if (g->stop_tokens != NULL)
        ok = ok && json_set(record, "stop_tokens", json_object_get(g->stop_tokens));
    if (metadata != NULL)
        ok = ok && json_set(record, "metadata", json_object_get(metadata));
    return ok;
}
