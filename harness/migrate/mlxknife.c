/* Records of mlx-knife, versions 0.1.0 to 0.2.2: one line per test. */
#include "migration.h"

#include "mlxknife_fields.h"
#include "mlxknife_put.h"
#include "old_files.h"
#include "old_time.h"

#include "clock.h"
#include "json.h"
#include "our_schemas.h"
#include "record.h"
#include "sha256.h"

#include <string.h>

static bool recognises(const struct json_object *first)
{
    const char *schema = old_schema_name(first);
    return schema != NULL && strcmp(schema, "mlx-knife-memory") != 0;
}

/* ---- what needs more than one field ---- */

static bool set_moment(struct mlx_lifting *l, const char *seconds, const char *unix_ns, int64_t ns)
{
    return (json_get(l->record, seconds) != NULL ||
               mlx_set_at(l->record, seconds, json_object_new_double((double)(ns / NS_PER_US) / 1e6))) &&
           mlx_set_at(l->record, unix_ns, json_object_new_int64(ns));
}

/* A documented moment, as it stands. False where it is not there or no moment. */
static bool stated_moment(
    struct mlx_lifting *l, const struct json_object *tree, const char *pointer, int64_t *ns, bool *ok)
{
    double seconds;
    if (json_get(tree, pointer) == NULL)
        return false;
    if (!json_get_real(tree, pointer, &seconds) || !old_time_of_seconds(seconds, ns)) {
        migration_lose(l->m, pointer, mlx_odd_type);
        return false;
    }
    *ok = *ok && mlx_set_at(l->record, pointer, json_object_get(json_get(tree, pointer)));
    return true;
}

static bool put_duration(struct mlx_lifting *l, const struct json_object *tree, double *duration_s)
{
    struct json_object *value = json_get(tree, "/duration");
    *duration_s = -1;
    if (value == NULL)
        return true;
    if (!mlx_is_amount(value) || json_object_get_double(value) > 1e9) {
        migration_lose(l->m, "/duration", mlx_odd_type);
        return true;
    }
    *duration_s = json_object_get_double(value);
    return mlx_set_at(l->record, "/duration", json_object_get(value));
}

/* timestamp is that of the end of the part that duration is of. What is computed from them is said to be. */
static bool put_times(struct mlx_lifting *l, const struct json_object *tree, int64_t timestamp_ns)
{
    int64_t start_ns = 0, end_ns = timestamp_ns;
    double duration_s;
    bool ok = put_duration(l, tree, &duration_s);
    bool ends = stated_moment(l, tree, "/test_end_ts", &end_ns, &ok);
    bool starts = stated_moment(l, tree, "/test_start_ts", &start_ns, &ok), derived = false;
    if (!ends)
        ok = ok && migration_set_derived(l->record, "test_end_ts", "timestamp");
    if (!starts && duration_s >= 0 && duration_s * 1e9 <= (double)timestamp_ns) {
        start_ns = timestamp_ns - clock_ns_of_seconds(duration_s);
        starts = derived = true;
    }
    ok = ok && set_moment(l, "/test_end_ts", "/end_unix_ns", end_ns);
    if (starts && start_ns > end_ns) {
        migration_note(l->m, l->line, "a test that began behind its end: its start is left out");
        (void)json_object_object_del(l->record, "test_start_ts");
        return ok;
    }
    if (derived)
        ok = ok && migration_set_derived(l->record, "test_start_ts", "timestamp - duration");
    return ok && (!starts || set_moment(l, "/test_start_ts", "/start_unix_ns", start_ns));
}

/* Two long names that differ only where they are cut are two tests: digits of the hash keep them apart. */
static struct json_object *distinct_name(struct json_object *name)
{
    enum { CUT_FROM = 240 };
    struct buf text = BUF_INIT(4096);
    char hex[65];
    struct json_object *safe = mlx_safe_text(name);
    if (safe == NULL || json_object_get_string_len(safe) <= CUT_FROM)
        return safe;
    sha256_hex(json_object_get_string(name), (size_t)json_object_get_string_len(name), hex);
    struct json_object *distinct = NULL;
    if (buf_printf(&text, "%s#%.8s", json_object_get_string(safe), hex) == STATUS_OK)
        distinct = json_object_new_string_len(buf_text(&text), (int)text.len);
    buf_fini(&text);
    json_object_put(safe);
    return distinct;
}

/* "tests/live/test_server.py::TestChat::test_stream[model]": suite test_server, case TestChat.test_stream in it. */
static bool put_names(struct mlx_lifting *l, struct json_object *test)
{
    struct buf name = BUF_INIT(2 * JSON_FILE_MAX);
    const char *text = json_object_get_string(test), *file = text;
    const char *colons = strstr(text, "::"), *bracket = strchr(colons != NULL ? colons : text, '[');
    for (const char *c = text; colons != NULL && c < colons; c++)
        if (*c == '/')
            file = c + 1;
    size_t len = colons != NULL ? (size_t)(colons - file) : 0;
    len = len > 3 && strncmp(file + len - 3, ".py", 3) == 0 ? len - 3 : len;
    buf_append(&name, len > 0 ? file : "mlx-knife", len > 0 ? len : strlen("mlx-knife"));
    struct json_object *suite = json_object_new_string_len(name.data, (int)name.len);
    buf_append_char(&name, '.');
    for (const char *c = colons != NULL ? colons + 2 : text; *c != '\0' && c != bracket; c++) {
        bool parts = c[0] == ':' && c[1] == ':';
        buf_append_char(&name, parts ? '.' : *c);
        c += parts;
    }
    struct json_object *whole = json_object_new_string_len(buf_text(&name), (int)name.len);
    bool ok = buf_status(&name) == STATUS_OK && suite != NULL && whole != NULL &&
              mlx_set_at(l->record, "/test", distinct_name(test)) &&
              mlx_set_at(l->record, "/suite", mlx_safe_text(suite)) &&
              mlx_set_at(l->record, "/case", mlx_safe_text(whole));
    json_object_put(suite);
    json_object_put(whole);
    buf_fini(&name);
    return ok;
}

static bool put_outcome(struct mlx_lifting *l, const struct json_object *tree, const char *outcome)
{
    static const char silent[] = "the original does not say why";
    const char *reason = json_get_text(tree, "/metadata/skip_reason");
    if (strcmp(outcome, "skipped") == 0)
        return record_set_outcome(l->record, OUTCOME_SKIPPED, NULL) &&
               record_set_skip_reason(l->record, reason != NULL ? reason : silent);
    return strcmp(outcome, "failed") == 0 ? record_set_outcome(l->record, OUTCOME_FAILED, silent)
                                          : record_set_outcome(l->record, OUTCOME_PASSED, NULL);
}

/* A model needs its id, and of stop tokens all three things must be known: half of it stays in the original. */
static void drop_halves(struct mlx_lifting *l)
{
    static const struct {
        const char *group, *needs[3];
    } wholes[] = {{"model", {"id"}}, {"stop_tokens", {"configured", "detected", "leaked"}}};
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++) {
        struct json_object *group = NULL;
        bool whole = true, there = json_object_object_get_ex(l->record, wholes[i].group, &group);
        for (size_t k = 0; k < 3 && wholes[i].needs[k] != NULL; k++)
            whole = whole && json_object_object_get_ex(group, wholes[i].needs[k], NULL);
        if (!there || whole)
            continue;
        migration_lose(l->m, i == 0 ? "/model" : "/stop_tokens", "incomplete");
        json_object_object_del(l->record, wholes[i].group);
    }
}

static bool put_identity(struct mlx_lifting *l, const struct json_object *tree)
{
    struct json_object *facts = json_object_new_object();
    const char *version = json_get_text(tree, "/mlx_knife_version");
    struct json_object *hardware = json_get(tree, "/system/hardware_profile");
    bool ok = json_set_text(facts, "test", json_get_text(tree, "/test")) &&
              (hardware != NULL ? json_set(facts, "hardware", json_object_get(hardware))
                                : json_set_null(facts, "hardware"));
    return migration_set_identity(l->m, l->record, facts) && ok &&
           mlx_set_at(l->record, "/identity/subject/server", json_object_new_string("mlx-knife")) &&
           (version == NULL || mlx_set_at(l->record, "/identity/subject/server_version",
                                   mlx_safe_text(json_get(tree, "/mlx_knife_version"))));
}

/* ---- a line ---- */

struct noted {
    struct migration *m;
    long line;
};

static void note_deviation(const char *pointer, const char *text, void *arg)
{
    const struct noted *n = arg;
    migration_note(n->m, n->line, "%s: %s", pointer, text);
}

/* As lenient as the validator of that time; what even that refuses is noted, and lifted as far as it makes sense. */
static enum status note_deviations(struct migration *m, const struct migrate_value *value, struct error *e)
{
    const char *name = old_schema_name(value->tree);
    struct noted noted = {m, value->line};
    struct error why = {0};
    if (name == NULL)
        return STATUS_OK;
    enum status s = schema_for(name) != NULL ? schema_check(schema_for(name), value->tree, &why) : STATUS_OK;
    if (s == STATUS_INVALID)
        migration_note(
            m, value->line, "not valid by the schema of its version: %s: %s", why.pointer, why.text);
    else if (s != STATUS_OK)
        return error_set(e, s, "%s", why.text);
    return old_notes(name, value->tree, NULL, note_deviation, &noted)
               ? STATUS_OK
               : error_set(e, STATUS_NO_MEMORY, "out of memory");
}

/* What there is no record without. */
static enum status check_essentials(
    const struct json_object *tree, int64_t *timestamp_ns, bool *zoned, struct error *e)
{
    const char *version = json_get_text(tree, "/schema_version"), *test = json_get_text(tree, "/test");
    const char *outcome = json_get_text(tree, "/outcome");
    if (!json_object_is_type(tree, json_type_object) || version == NULL)
        return error_set(e, STATUS_INVALID, "no record of mlx-knife: it has no schema_version");
    if (mlx_version_of(tree) == MLX_NEVER)
        return error_set(e, STATUS_INVALID,
            "version %.32s of mlx-knife's records is not known here: there are 0.1.0, 0.2.0, 0.2.1 and 0.2.2",
            version);
    if (test == NULL || test[0] == '\0')
        return error_set(e, STATUS_INVALID, "a record without the name of its test");
    if (outcome == NULL ||
        (strcmp(outcome, "passed") != 0 && strcmp(outcome, "failed") != 0 && strcmp(outcome, "skipped") != 0))
        return error_set(e, STATUS_INVALID, "a record whose outcome is none of passed, failed and skipped");
    if (!old_time_parse(json_get_text(tree, "/timestamp"), timestamp_ns, zoned))
        return error_set(e, STATUS_INVALID, "a record whose timestamp is no date and time");
    return STATUS_OK;
}

static bool fill(struct mlx_lifting *l, const struct json_object *tree, int64_t timestamp_ns, bool zoned)
{
    struct buf pointer = BUF_INIT(2 * JSON_FILE_MAX);
    char moment[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(timestamp_ns, moment);
    bool ok = l->record != NULL && put_names(l, json_get(tree, "/test")) &&
              json_set_text(l->record, "timestamp", moment) &&
              (zoned || migration_set_derived(l->record, "timestamp",
                            "taken as UTC, as its documentation advises: the original names no zone")) &&
              put_times(l, tree, timestamp_ns) && put_outcome(l, tree, json_get_text(tree, "/outcome")) &&
              put_identity(l, tree) && mlx_put_members(l, (struct json_object *)(uintptr_t)tree, &pointer);
    if (ok)
        drop_halves(l);
    buf_fini(&pointer);
    return ok;
}

static enum status lift(struct migration *m, const struct migrate_value *value, struct error *e)
{
    int64_t timestamp_ns, first_ns;
    bool zoned;
    enum status s = check_essentials(value->tree, &timestamp_ns, &zoned, e);
    if (s == STATUS_OK)
        s = note_deviations(m, value, e);
    if (s != STATUS_OK)
        return s;
    double duration_s = 0;
    (void)json_get_real(value->tree, "/duration", &duration_s);
    first_ns = timestamp_ns - clock_ns_of_seconds(duration_s);
    s = migration_begin(m, first_ns > 0 ? first_ns : timestamp_ns, NULL, e);
    if (s != STATUS_OK)
        return s;
    struct mlx_lifting l = {.m = m,
        .record = migration_record_new(m, value, json_get_text(value->tree, "/schema_version"), value->tree),
        .line = value->line};
    if (fill(&l, value->tree, timestamp_ns, zoned))
        return migration_add_record(m, l.record, e);
    json_object_put(l.record);
    return error_set(e, STATUS_NO_MEMORY, "out of memory");
}

const struct migrate_format migrate_mlx_knife = {
    .name = "mlx-knife",
    .summary = "records of mlx-knife, 0.1.0 to 0.2.2",
    .recognises = recognises,
    .lift = lift,
};
