#include "lifecycle.h"

#include "case_fit.h"
#include "clock.h"
#include "json.h"
#include "model_move.h"
#include "plan.h"
#include "settings.h"
#include "stop.h"
#include "timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOVES_MAX = 64 };
#define UNLOAD_LIMIT_NS (60 * NS_PER_S)

const char *const lifecycle_policies[] = {"ours", "always", "never", NULL};

/* ---- what run.json remembers ---- */

static bool is_about(const struct json_object *event, const char *target, const char *model)
{
    const char *of = json_get_text(event, "/target"), *has = json_get_text(event, "/model");
    return of != NULL && has != NULL && strcmp(of, target) == 0 && strcmp(has, model) == 0;
}

/* The first or the last thing that happened to a model; "" where nothing did. */
static const char *happened(const struct json_object *run, const char *target, const char *model, bool first)
{
    struct json_object *events = json_get_array(run, "/model_events");
    const char *found = "";
    for (size_t i = 0; events != NULL && i < json_object_array_length(events); i++) {
        const struct json_object *event = json_object_array_get_idx(events, i);
        if (!is_about(event, target, model))
            continue;
        found = json_get_text(event, "/event");
        if (first)
            break;
    }
    return found;
}

static bool is_in_use(const struct json_object *run, const char *target, const char *model)
{
    const char *last = happened(run, target, model, false);
    return last[0] != '\0' && strcmp(last, "unload") != 0;
}

/* What the run found loaded is somebody else's. */
static bool may_unload(const struct json_object *run, const char *target, const char *model)
{
    const char *policy = json_get_text(run, "/unload");
    if (policy != NULL && strcmp(policy, "ours") != 0)
        return strcmp(policy, "always") == 0;
    return strcmp(happened(run, target, model, true), "load") == 0;
}

static bool set_times(struct json_object *o, const struct model_move *move)
{
    bool ok = json_set_int(o, "unix_ns", move->start_unix_ns);
    if (move->ended)
        ok = ok && json_set_real(o, "seconds", (double)(move->end_ns - move->start_ns) / 1e9);
    if (move->server_s >= 0)
        ok = ok && json_set_real(o, "server_s", move->server_s);
    return move->error[0] == '\0' ? ok : ok && json_set_text(o, "error", move->error);
}

static bool add_event(
    struct json_object *run, const char *target, const struct model_move *move, const char *name)
{
    struct json_object *events = json_get_array(run, "/model_events"), *o = json_object_new_object();
    if (events == NULL) {
        events = json_object_new_array();
        if (!json_set(run, "model_events", events)) {
            json_object_put(o);
            return false;
        }
    }
    bool ok = json_set_text(o, "target", target) && json_set_text(o, "model", move->model) &&
              json_set_text(o, "event", name) && set_times(o, move);
    return json_add(events, o) && ok;
}

/* A model that is still there is no event. */
static bool note_move(struct json_object *run, const char *target, const struct model_move *move)
{
    bool was_known = is_in_use(run, target, move->model);
    if (!move->begun || (move->into && move->was_loaded && was_known))
        return false;
    return add_event(run, target, move, !move->into ? "unload" : move->was_loaded ? "found" : "load");
}

/* ---- what is to be done ---- */

static void add_move(struct model_move *moves, size_t *count, const char *model, bool into)
{
    if (*count == MOVES_MAX || strlen(model) >= sizeof moves->model)
        return;
    for (size_t i = 0; i < *count; i++)
        if (strcmp(moves[i].model, model) == 0)
            return;
    moves[*count] = (struct model_move){.into = into, .server_s = -1};
    snprintf(moves[(*count)++].model, sizeof moves->model, "%s", model);
}

/* The models in use on a target that are not to stay; keep may be NULL. */
static void add_unloads(const struct json_object *run, const char *target, const char *keep,
    struct model_move *moves, size_t *count)
{
    struct json_object *events = json_get_array(run, "/model_events");
    for (size_t i = 0; events != NULL && i < json_object_array_length(events); i++) {
        const struct json_object *event = json_object_array_get_idx(events, i);
        const char *model = json_get_text(event, "/model");
        if (model == NULL || !is_about(event, target, model) || (keep != NULL && strcmp(model, keep) == 0))
            continue;
        if (is_in_use(run, target, model) && may_unload(run, target, model))
            add_move(moves, count, model, false);
    }
}

static void explain_unfinished(struct model_move *move, int64_t limit_ns)
{
    if (!move->begun || move->ended || move->error[0] != '\0')
        return;
    snprintf(move->error, sizeof move->error,
        stop_asked() != 0 ? "assay was told to stop meanwhile" : "it was not done within %lld s",
        (long long)(limit_ns / NS_PER_S));
}

/* What cannot be saved is not remembered by other processes of the run; this one goes on. */
static void move_models(struct run_folder *folder, const struct json_object *target,
    const struct target_access *access, int64_t limit_ns, struct model_move *moves, size_t count)
{
    struct run_settings settings = RUN_SETTINGS_DEFAULT;
    struct target_info info;
    struct target_access usual = {.url = json_get_text(target, "/endpoint"), .found = true};
    bool news = false;
    if (settings_from_run_json(folder->run, &settings, NULL) != STATUS_OK)
        return;
    plan_target_from_json(target, &info);
    struct move_options options = {.access = access != NULL ? access : &usual,
        .target = &info,
        .server_options = settings.server_options,
        .limit_ns = limit_ns};
    model_moves_run(&options, moves, count);
    for (size_t i = 0; i < count; i++) {
        explain_unfinished(&moves[i], limit_ns);
        news |= note_move(folder->run, info.name, &moves[i]);
    }
    if (news)
        (void)!run_folder_save(folder, folder->run, NULL);
}

static bool will_run(const struct planned *t, const struct assay_case *subject)
{
    char why[256];
    struct model_info *model = calloc(1, sizeof *model);
    bool runs = model != NULL && subject != NULL && t->skip == NULL && t->model != NULL;
    if (runs) {
        plan_model_from_json(t->model, model);
        runs = case_fits_model(subject, model, why, sizeof why);
    }
    free(model);
    return runs;
}

static void take_loading(const struct model_move *move, struct model_loading *loading)
{
    loading->tried = move->begun && !move->was_loaded;
    loading->start_ns = move->start_ns;
    loading->end_ns = move->end_ns;
    loading->server_s = move->server_s;
    snprintf(loading->error, sizeof loading->error, "%s", move->error);
}

void lifecycle_before(struct run_folder *folder, const struct planned *t, const struct assay_case *subject,
    const struct target_access *access, int64_t limit_ns, struct model_loading *loading)
{
    size_t count = 0;
    *loading = (struct model_loading){.server_s = -1};
    if (t->target == NULL || !model_moves_offered(json_get_text(t->target, "/protocol")) ||
        !will_run(t, subject))
        return;
    struct model_move *moves = calloc(MOVES_MAX, sizeof *moves);
    const char *model = json_get_text(t->model, "/id");
    if (moves == NULL || model == NULL)
        goto out;
    add_unloads(folder->run, json_get_text(t->target, "/name"), model, moves, &count);
    add_move(moves, &count, model, true);
    move_models(folder, t->target, access, limit_ns, moves, count);
    if (count > 0 && moves[count - 1].into)
        take_loading(&moves[count - 1], loading);
out:
    free(moves);
}

void lifecycle_end(struct run_folder *folder,
    const struct target_access *(*access)(void *arg, const char *target), void *arg)
{
    struct json_object *targets = json_get_array(folder->run, "/targets");
    size_t target_count = targets != NULL ? json_object_array_length(targets) : 0;
    struct model_move *moves = calloc(MOVES_MAX, sizeof *moves);
    stop_begin();
    for (size_t i = 0; moves != NULL && i < target_count && stop_asked() == 0; i++) {
        const struct json_object *target = json_object_array_get_idx(targets, i);
        const char *name = json_get_text(target, "/name");
        size_t count = 0;
        add_unloads(folder->run, name, NULL, moves, &count);
        if (count > 0)
            move_models(
                folder, target, access != NULL ? access(arg, name) : NULL, UNLOAD_LIMIT_NS, moves, count);
    }
    stop_end();
    free(moves);
}

/* ---- in the record ---- */

static bool set_load(const struct model_loading *loading, struct json_object *record)
{
    struct json_object *o = json_object_new_object();
    bool ok = o != NULL;
    if (loading->error[0] != '\0')
        ok = ok && json_set_text(o, "error", loading->error);
    else
        ok = ok && json_set_real(o, "load_s", (double)(loading->end_ns - loading->start_ns) / 1e9);
    if (loading->server_s >= 0)
        ok = ok && json_set_real(o, "server_s", loading->server_s);
    return json_set(record, "model_load", o) && ok;
}

bool lifecycle_into_record(
    const struct model_loading *loading, int64_t start_mono_ns, struct json_object *record)
{
    if (!loading->tried)
        return true;
    bool ok = set_load(loading, record) &&
              timeline_add(record, "model_load_start", (double)(loading->start_ns - start_mono_ns) / 1e9);
    if (loading->error[0] != '\0')
        return ok;
    return ok && timeline_add(record, "model_load_end", (double)(loading->end_ns - start_mono_ns) / 1e9);
}
