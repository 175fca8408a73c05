/* The Ollama sweep over num_ctx and num_batch: its results file, one value, rewritten after each point. */
#include "sweep_parts.h"

#include "old_part.h"
#include "old_time.h"

#include "clock.h"
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SUITE "ollama-sweep"
#define SERVER "ollama"
#define LOCAL " by the clock of its machine: in a zone that the file does not name, so up to 14 hours off"

const struct old_member sweep_point_members[] = {
    {"/num_ctx", OLD_TYPED, NULL, NULL},
    {"/num_batch", OLD_TYPED, NULL, NULL},
    {"/prompt_eval_rate", OLD_FIGURE, "tokens/s",
        "Ollama's own prompt eval rate, as its command line printed it: of one request behind a fresh load "
        "of the model"},
    {"/timestamp", OLD_TYPED, NULL, NULL},
    {"/error", OLD_TYPED, NULL, NULL},
    {NULL, OLD_KEPT, NULL, NULL},
};

const struct old_member sweep_root_members[] = {
    {"/metadata/start_time", OLD_KEPT, NULL,
        "when the sweep was begun the last time: it overwrites that on resuming"},
    {"/metadata/end_time", OLD_KEPT, NULL, "of the whole sweep"},
    {"/metadata/total_duration_seconds", OLD_KEPT, NULL, "of the whole sweep, since it was resumed"},
    {"/metadata/*", OLD_KEPT, NULL, "the grid that was asked for the last time"},
    {NULL, OLD_KEPT, NULL, NULL},
};

static bool recognises(const struct json_object *first)
{
    return json_get_text(first, "/metadata/num_ctx_range") != NULL &&
           json_get_text(first, "/metadata/num_batch_range") != NULL &&
           json_get_array(first, "/results") != NULL;
}

/* The moment of a point that failed is not written: that of the sweep stands for it, and says so. */
struct sweep {
    struct migration *m;
    const struct migrate_value *value;
    int64_t unix_ns;
    const char *moment; /* what that is, in words */
};

static enum status begin(struct sweep *sweep, const struct json_object *root, struct error *e)
{
    bool zoned;
    sweep->moment = "the point's own is not known: when the sweep ended," LOCAL;
    if (!old_time_parse(json_get_text(root, "/metadata/end_time"), &sweep->unix_ns, &zoned)) {
        sweep->moment = "the point's own is not known: when the sweep was begun the last time," LOCAL;
        if (!old_time_parse(json_get_text(root, "/metadata/start_time"), &sweep->unix_ns, &zoned))
            return error_set(e, STATUS_INVALID, "/metadata/start_time: date and time were expected");
    }
    migration_note(sweep->m, 0,
        "moments are as the clock of that machine showed them, in a zone that the file does not "
        "name: up to 14 hours off");
    migration_note(sweep->m, 0, "which model was measured is not in the file, and each point is one request");
    return migration_begin(sweep->m, sweep->unix_ns, NULL, e);
}

static bool set_moment(const struct sweep *sweep, struct old_part *p)
{
    char moment[CLOCK_RFC3339_SIZE];
    int64_t unix_ns = sweep->unix_ns;
    bool zoned, own = old_time_parse(json_get_text(p->tree, "/timestamp"), &unix_ns, &zoned);
    clock_format_rfc3339(unix_ns, moment);
    return json_set_text(p->record, "timestamp", moment) &&
           migration_set_derived(
               p->record, "timestamp", own ? "when the point was measured," LOCAL : sweep->moment);
}

static bool set_point(struct old_part *p, int64_t num_ctx, int64_t num_batch)
{
    struct json_object *parameters = json_object_new_object(), *point = json_object_new_object();
    struct json_object *facts = json_object_new_object();
    bool ok = json_set_int(point, "num_ctx", num_ctx) && json_set_int(point, "num_batch", num_batch);
    ok = json_set(parameters, "sweep_point", point) && ok;
    ok = json_set(p->record, "parameters", parameters) && ok;
    ok = json_set_int(facts, "num_ctx", num_ctx) && json_set_int(facts, "num_batch", num_batch) && ok;
    return migration_set_identity(p->m, p->record, facts) && ok;
}

static bool set_outcome(struct old_part *p)
{
    const char *error = json_get_text(p->tree, "/error");
    if (error == NULL && json_object_array_length(p->figures) > 0)
        return json_set_text(p->record, "outcome", "passed") &&
               old_part_note(p, "passed: that program found a rate in what the server printed");
    return json_set_text(p->record, "outcome", "error") &&
           old_set_line(p->record, "message", error != NULL ? error : "the original has no figures for it");
}

static enum status lift_point(
    const struct sweep *sweep, struct json_object *tree, size_t index, struct error *e)
{
    char pointer[64], name[96];
    int64_t num_ctx, num_batch;
    struct old_part p;
    (void)snprintf(pointer, sizeof pointer, "/results/%zu", index);
    if (!json_get_int(tree, "/num_ctx", &num_ctx) || !json_get_int(tree, "/num_batch", &num_batch)) {
        char why[128];
        (void)snprintf(why, sizeof why, "%s names no num_ctx and num_batch", pointer);
        migration_refuse(sweep->m, 0, why);
        return STATUS_OK;
    }
    (void)snprintf(name, sizeof name, "num_ctx_%" PRId64 ".num_batch_%" PRId64, num_ctx, num_batch);
    bool ok = old_part_begin(&p, sweep->m, sweep->value, tree, pointer, NULL) &&
              old_part_name(&p, SUITE, name, SERVER, NULL) && set_moment(sweep, &p) &&
              set_point(&p, num_ctx, num_batch) &&
              old_members_take(p.m, sweep_point_members, tree, "/results/#", p.figures) && set_outcome(&p);
    return old_part_end(&p, ok, e);
}

/* What stands beside the points. */
static bool keep_rest(struct migration *m, struct json_object *root)
{
    struct json_object *migrated = json_object_new_object(), *rest = json_object_new_object();
    bool ok = true;
    json_object_object_foreach(root, key, value)
    {
        if (strcmp(key, "results") != 0 && value != NULL)
            ok = ok && json_set(rest, key, json_object_get(value));
    }
    ok = ok && old_members_take(m, sweep_root_members, rest, "", NULL);
    ok = json_set(migrated, "original", rest) && ok;
    return json_set(migration_run(m), "migrated", migrated) && ok;
}

static enum status lift(struct migration *m, const struct migrate_value *value, struct error *e)
{
    struct json_object *results = json_get_array(value->tree, "/results");
    struct sweep sweep = {.m = m, .value = value};
    if (!recognises(value->tree))
        return error_set(e, STATUS_INVALID, "neither ranges nor results: no file of the sweep");
    if (json_object_array_length(results) == 0)
        return error_set(e, STATUS_INVALID, "/results: it holds no point");
    enum status s = begin(&sweep, value->tree, e);
    if (s == STATUS_OK && !keep_rest(m, json_get_object(value->tree, "")))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    for (size_t i = 0; i < json_object_array_length(results) && s == STATUS_OK; i++)
        s = lift_point(&sweep, json_object_array_get_idx(results, i), i, e);
    return s;
}

const struct migrate_format migrate_sweep = {
    .name = "ollama-sweep",
    .summary = "the Ollama sweep over num_ctx and num_batch: its results file",
    .recognises = recognises,
    .lift = lift,
};
