/* SLM-Bench: results/run_EPOCH_MODEL.json and comparison_EPOCH.json, each one value. */
#include "slm_parts.h"

#include "old_part.h"
#include "old_time.h"

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define SUITE "slm-bench"
#define SERVER "ollama" /* that program speaks to no other */

static bool is_run(const struct json_object *first)
{
    return json_get_object(first, "/summary/config") != NULL && json_get_array(first, "/results") != NULL;
}

static bool is_comparison(const struct json_object *first)
{
    return json_get_array(first, "/meta/models_compared") != NULL &&
           json_get_array(first, "/summaries") != NULL;
}

/* The very first version: a list of answers, without a moment. */
static bool is_answers(const struct json_object *first)
{
    return json_get_text(first, "/0/answer") != NULL && json_get(first, "/0/duration_seconds") != NULL;
}

static bool recognises(const struct json_object *first)
{
    return is_run(first) || is_comparison(first) || is_answers(first);
}

/* ---- what records have in common ---- */

static enum status moment_of(
    const struct json_object *summary, const char *where, int64_t *unix_ns, struct error *e)
{
    double seconds;
    if (json_get_real(summary, "/timestamp", &seconds) && old_time_of_seconds(seconds, unix_ns))
        return STATUS_OK;
    return error_set(e, STATUS_INVALID,
        "%s/timestamp: seconds since 1970 were expected: a record cannot be without a moment", where);
}

static bool set_moment(struct old_part *p, int64_t unix_ns)
{
    char moment[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(unix_ns, moment);
    return json_set_text(p->record, "timestamp", moment) &&
           migration_set_derived(
               p->record, "timestamp", "when that program summed up the model's items, behind the last one");
}

/* Settings that `parameters` has a place for, but not for these values; null says nothing. */
static void lose_odd_config(struct migration *m, const struct json_object *config, const char *prefix)
{
    char pointer[64];
    int64_t n;
    double temperature;
    const bool odd[] = {!json_get_int(config, "/max_tokens", &n) || n <= 0,
        !json_get_real(config, "/temperature", &temperature) || temperature < 0,
        !json_get_int(config, "/max_retries", &n) || n < 0};
    static const char *const names[] = {"/max_tokens", "/temperature", "/max_retries"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(pointer, sizeof pointer, "%s/config%s", prefix, names[i]);
        if (odd[i] && json_get(config, names[i]) != NULL)
            migration_lose(m, pointer, "no such number");
    }
}

static bool set_parameters(struct old_part *p, const struct json_object *config)
{
    struct json_object *parameters = json_object_new_object();
    int64_t n;
    double temperature;
    bool ok = true;
    if (json_get_int(config, "/max_tokens", &n) && n > 0)
        ok = json_set_int(parameters, "max_tokens", n);
    if (json_get_real(config, "/temperature", &temperature) && temperature >= 0)
        ok = json_set_real(parameters, "temperature", temperature) && ok;
    if (json_get_int(config, "/max_retries", &n) && n >= 0)
        ok = json_set_int(parameters, "max_retries", n) && ok;
    return json_set(p->record, "parameters", parameters) && ok;
}

static bool set_identity(struct old_part *p, const struct json_object *config)
{
    static const char *const members[] = {"/id", "/category", "/prompt"};
    struct json_object *facts = json_object_new_object(), *copy = json_get_object(config, "");
    bool ok = copy == NULL || json_set(facts, "config", json_object_get(copy));
    for (size_t i = 0; i < sizeof members / sizeof *members && ok; i++) {
        struct json_object *value = json_get(p->tree, members[i]);
        ok = value == NULL || json_set(facts, members[i], json_object_get(value));
    }
    return migration_set_identity(p->m, p->record, facts) && ok;
}

static bool set_message(struct old_part *p, const char *text)
{
    struct buf safe = BUF_INIT(1 << 16);
    bool ok = text_sanitise(&safe, text, strlen(text), 2048) == STATUS_OK &&
              json_set_text(p->record, "message", buf_text(&safe));
    buf_fini(&safe);
    return ok;
}

/* ---- one item ---- */

struct slm_run {
    struct migration *m;
    const struct migrate_value *value;
    struct json_object *summary, *config;
    struct json_object *names; /* owned; {"test_01/phi3": true}: the items until now */
    int64_t unix_ns;
};

static bool item_passed(const struct json_object *item)
{
    const char *status = json_get_text(item, "/metrics/status");
    return status != NULL && strcmp(status, "success") == 0;
}

static bool set_item_outcome(struct old_part *p)
{
    const char *error = json_get_text(p->tree, "/metrics/error");
    if (item_passed(p->tree))
        return json_set_text(p->record, "outcome", "passed") &&
               old_part_note(p,
                   "passed: a request succeeded; that program judged no answer, and how many attempts it "
                   "took is not known");
    return json_set_text(p->record, "outcome", "error") &&
           set_message(p, error != NULL && error[0] != '\0' ? error : "that program gives no reason");
}

/* A time of 0 stands where none was taken. */
static void drop_zero(struct old_part *p, const char *name, const char *pointer)
{
    struct json_object *figure = old_members_figure(p->figures, name);
    double value;
    if (figure == NULL || !json_get_real(figure, "/values/0", &value) || value > 0)
        return;
    migration_lose(p->m, pointer, "a zero in the place of what was not measured");
    for (size_t i = 0; i < json_object_array_length(p->figures); i++)
        if (json_object_array_get_idx(p->figures, i) == figure)
            json_object_array_del_idx(p->figures, i, 1);
}

static bool set_item_figures(struct old_part *p)
{
    if (!item_passed(p->tree))
        return old_members_take(p->m, slm_failed_members, p->tree, "/results/#", NULL);
    if (!old_members_take(p->m, slm_item_members, p->tree, "/results/#", p->figures))
        return false;
    drop_zero(p, "ttft", "/results/*/metrics/ttft");
    drop_zero(p, "duration", "/results/*/metrics/duration");
    return true;
}

/* That program asks each item once: a name that is there again is another item, and no second attempt. */
static bool distinguish(const struct slm_run *run, struct buf *kind, const char *model, size_t index)
{
    struct buf name = BUF_INIT((size_t)1 << 26);
    struct json_object *seen = json_object_new_boolean(true);
    bool ok =
        buf_printf(&name, "%s/%s", buf_text(kind), model != NULL ? model : "") == STATUS_OK && seen != NULL;
    if (ok && json_object_object_get_ex(run->names, buf_text(&name), NULL))
        ok = buf_printf(kind, ".item_%zu", index + 1) == STATUS_OK;
    else if (ok)
        ok = json_set(run->names, buf_text(&name), json_object_get(seen));
    json_object_put(seen);
    buf_fini(&name);
    return ok;
}

static bool name_item(const struct slm_run *run, struct old_part *p, size_t index)
{
    struct buf kind = BUF_INIT((size_t)1 << 26);
    struct json_object *id = json_get(p->tree, "/id");
    const char *model = json_get_text(p->tree, "/model");
    bool named = json_object_is_type(id, json_type_int) ||
                 (json_object_is_type(id, json_type_string) && json_object_get_string_len(id) > 0);
    if (model == NULL)
        model = json_get_text(run->summary, "/model");
    if (named)
        buf_append_text(&kind, json_object_get_string(id));
    else
        buf_printf(&kind, "item_%zu", index + 1);
    if (!named && id != NULL)
        migration_lose(run->m, "/results/*/id", "neither a text nor a whole number");
    bool ok = buf_status(&kind) == STATUS_OK && distinguish(run, &kind, model, index) &&
              old_part_name(p, SUITE, buf_text(&kind), SERVER, model);
    buf_fini(&kind);
    return ok;
}

static enum status lift_item(
    const struct slm_run *run, struct json_object *item, size_t index, struct error *e)
{
    char pointer[64];
    struct old_part p;
    (void)snprintf(pointer, sizeof pointer, "/results/%zu", index);
    if (json_get_object(item, "/metrics") == NULL) {
        char why[96];
        (void)snprintf(why, sizeof why, "%s has no metrics", pointer);
        migration_refuse(run->m, 0, why);
        return STATUS_OK;
    }
    bool ok = old_part_begin(&p, run->m, run->value, item, pointer, NULL) && name_item(run, &p, index) &&
              set_moment(&p, run->unix_ns) && set_parameters(&p, run->config) &&
              set_identity(&p, run->config) && set_item_figures(&p) && set_item_outcome(&p);
    return old_part_end(&p, ok, e);
}

/* ---- files ---- */

/* A member of run.json's /migrated/original. */
static bool keep(struct migration *m, const char *key, struct json_object *part)
{
    struct json_object *run = migration_run(m), *migrated = json_get_object(run, "/migrated");
    if (migrated == NULL) {
        migrated = json_object_new_object();
        if (!json_set(migrated, "original", json_object_new_object()) ||
            !json_set(run, "migrated", json_object_get(migrated))) {
            json_object_put(migrated);
            return false;
        }
        json_object_put(migrated); /* the run owns it */
    }
    return json_set(json_get_object(migrated, "/original"), key, json_object_get(part));
}

static enum status lift_run(struct migration *m, const struct migrate_value *value, struct error *e)
{
    struct json_object *results = json_get_array(value->tree, "/results");
    struct slm_run run = {.m = m,
        .value = value,
        .summary = json_get_object(value->tree, "/summary"),
        .config = json_get_object(value->tree, "/summary/config"),
        .names = json_object_new_object()};
    enum status s = moment_of(run.summary, "/summary", &run.unix_ns, e);
    if (s == STATUS_OK)
        s = migration_begin(m, run.unix_ns, NULL, e);
    if (s == STATUS_OK && !(keep(m, "summary", run.summary) &&
                              old_members_take(m, slm_summary_members, run.summary, "/summary", NULL)))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    if (s == STATUS_OK)
        lose_odd_config(m, run.config, "/summary");
    for (size_t i = 0; i < json_object_array_length(results) && s == STATUS_OK; i++)
        s = lift_item(&run, json_object_array_get_idx(results, i), i, e);
    json_object_put(run.names);
    return s;
}

static bool set_summary_outcome(struct old_part *p)
{
    int64_t failed, total;
    char text[128];
    if (!json_get_int(p->tree, "/failed", &failed) || !json_get_int(p->tree, "/total_items", &total))
        return json_set_text(p->record, "outcome", "error") &&
               set_message(p, "how many items succeeded is not known");
    if (failed == 0 && total > 0)
        return json_set_text(p->record, "outcome", "passed") &&
               old_part_note(p, "passed: every item had an answer; that program judged none");
    (void)snprintf(
        text, sizeof text, "%lld of %lld items had no answer", (long long)failed, (long long)total);
    return json_set_text(p->record, "outcome", "failed") && set_message(p, text);
}

static enum status lift_summary(struct migration *m, const struct migrate_value *value,
    struct json_object *summary, size_t index, struct error *e)
{
    char pointer[64];
    struct old_part p;
    int64_t unix_ns;
    const char *model = json_get_text(summary, "/model");
    struct json_object *config = json_get_object(summary, "/config");
    (void)snprintf(pointer, sizeof pointer, "/summaries/%zu", index);
    enum status s = moment_of(summary, pointer, &unix_ns, e);
    if (s == STATUS_OK)
        s = migration_begin(m, unix_ns, NULL, e);
    if (s != STATUS_OK)
        return s;
    lose_odd_config(m, config, "/summaries/*");
    bool ok = old_part_begin(&p, m, value, summary, pointer, NULL) &&
              old_part_name(&p, SUITE, "summary", SERVER, model) && set_moment(&p, unix_ns) &&
              set_parameters(&p, config) && set_identity(&p, config) &&
              old_members_take(m, slm_compared_members, summary, "/summaries/#", p.figures) &&
              set_summary_outcome(&p);
    return old_part_end(&p, ok, e);
}

/* What stands beside the summaries. */
static bool keep_rest(struct migration *m, struct json_object *comparison)
{
    struct json_object *rest = json_object_new_object();
    bool ok = true;
    json_object_object_foreach(comparison, key, value)
    {
        if (strcmp(key, "summaries") != 0 && value != NULL)
            ok = ok && json_set(rest, key, json_object_get(value)) && keep(m, key, value);
    }
    ok = ok && old_members_take(m, slm_comparison_members, rest, "", NULL);
    json_object_put(rest);
    return ok;
}

static enum status lift_comparison(struct migration *m, const struct migrate_value *value, struct error *e)
{
    struct json_object *summaries = json_get_array(value->tree, "/summaries");
    enum status s = STATUS_OK;
    for (size_t i = 0; i < json_object_array_length(summaries) && s == STATUS_OK; i++) {
        struct error why = {0};
        s = lift_summary(m, value, json_object_array_get_idx(summaries, i), i, &why);
        if (s == STATUS_INVALID) { /* the others and what stands beside them go on */
            migration_refuse(m, 0, why.text);
            s = STATUS_OK;
        } else if (s != STATUS_OK && e != NULL) {
            *e = why;
        }
    }
    if (s == STATUS_OK && !keep_rest(m, json_get_object(value->tree, "")))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    if (s == STATUS_OK)
        migration_note(m, 0,
            "a comparison holds sums over items only: the run_*.json files of the same models say more");
    return s;
}

static enum status lift(struct migration *m, const struct migrate_value *value, struct error *e)
{
    if (is_run(value->tree))
        return lift_run(m, value, e);
    if (is_comparison(value->tree))
        return lift_comparison(m, value, e);
    if (is_answers(value->tree))
        return error_set(e, STATUS_INVALID,
            "a list of answers of the first version of SLM-Bench: it does not say when they came, and a "
            "record cannot be "
            "without a moment");
    return error_set(
        e, STATUS_INVALID, "neither summary and results nor a comparison: no result of SLM-Bench");
}

const struct migrate_format migrate_slm = {
    .name = "slm-bench",
    .summary = "SLM-Bench: results/run_EPOCH_MODEL.json, comparison_EPOCH.json",
    .recognises = recognises,
    .lift = lift,
};
