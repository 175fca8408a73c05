#include "migration.h"

#include "migration_parts.h"

#include "clock.h"
#include "json.h"
#include "our_schemas.h"
#include "record.h"
#include "run_folder.h"
#include "sha256.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status no_memory(struct error *e)
{
    return error_set(e, STATUS_NO_MEMORY, "out of memory");
}

enum status migration_begin(struct migration *m, int64_t unix_ns, const char *host, struct error *e)
{
    if (m->run_id[0] != '\0')
        return STATUS_OK;
    char digits[5];
    snprintf(digits, sizeof digits, "%.4s", m->first.sha256);
    run_folder_name(m->run_id, sizeof m->run_id, unix_ns, host != NULL ? host : m->format->name,
        (unsigned)strtoul(digits, NULL, 16));
    if (!json_set_text(m->run, "run_id", m->run_id))
        return no_memory(e);
    return migrate_folder_begin(m, e);
}

struct json_object *migration_run(struct migration *m)
{
    return m->run;
}

/* ---- records ---- */

static bool set_safe(struct json_object *object, const char *key, const char *text)
{
    struct buf safe = BUF_INIT(1 << 16);
    bool ok = text_sanitise_line(&safe, text, strlen(text), 512) == STATUS_OK &&
              json_set_text(object, key, buf_text(&safe));
    buf_fini(&safe);
    return ok;
}

/* Where a record comes from. */
static struct json_object *origin(const struct migration *m, const struct migrate_value *value,
    const char *version, const struct json_object *original)
{
    struct json_object *o = json_object_new_object();
    bool ok = json_set_text(o, "from", m->format->name) &&
              (version == NULL || json_set_text(o, "version", version)) &&
              set_safe(o, "file", m->source->name) &&
              (value->line == 0 || json_set_int(o, "line", value->line)) &&
              json_set_text(o, "sha256", value->sha256) &&
              (value->nonfinite == NULL || json_set(o, "not_finite", json_object_get(value->nonfinite))) &&
              (original == NULL ||
                  json_set(o, "original", json_object_get((struct json_object *)(uintptr_t)original)));
    if (ok)
        return o;
    json_object_put(o);
    return NULL;
}

static bool keep_version(struct migration *m, const char *version)
{
    for (size_t i = 0; i < json_object_array_length(m->versions); i++)
        if (strcmp(json_object_get_string(json_object_array_get_idx(m->versions, i)), version) == 0)
            return true;
    return json_add_text(m->versions, version);
}

struct json_object *migration_record_new(struct migration *m, const struct migrate_value *value,
    const char *version, const struct json_object *original)
{
    struct json_object *record = json_object_new_object(), *metadata = json_object_new_object();
    bool ok = json_set_text(record, "schema_version", RECORD_VERSION) &&
              json_set_text(record, "run_id", m->run_id) &&
              json_set(record, "system_health", record_health_unknown()) &&
              json_set(metadata, "migrated", origin(m, value, version, original)) &&
              (version == NULL || keep_version(m, version));
    ok &= json_set(record, "metadata", metadata);
    if (ok)
        return record;
    json_object_put(record);
    return NULL;
}

bool migration_set_identity(struct migration *m, struct json_object *record, struct json_object *facts)
{
    struct json_object *basis = json_object_new_object();
    struct json_object *identity = json_object_new_object();
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    char hex[65] = "";
    bool ok = json_set(basis, "facts", facts) && json_set_text(basis, "migrated", m->format->name) &&
              json_write(basis, &text, NULL) == STATUS_OK;
    if (ok)
        sha256_hex(buf_text(&text), text.len, hex);
    ok = ok && json_set_text(identity, "workload", hex) &&
         json_set(identity, "subject", json_object_new_object());
    ok &= json_set(record, "identity", identity);
    buf_fini(&text);
    json_object_put(basis);
    return ok;
}

bool migration_set_derived(struct json_object *record, const char *member, const char *how)
{
    struct json_object *migrated = json_get_object(record, "/metadata/migrated");
    struct json_object *derived = json_get_object(migrated, "/derived");
    if (derived == NULL && (!json_set(migrated, "derived", json_object_new_object()) ||
                               (derived = json_get_object(migrated, "/derived")) == NULL))
        return false;
    return json_set_text(derived, member, how);
}

enum status migration_add_record(struct migration *m, struct json_object *record, struct error *e)
{
    const char *test = json_get_text(record, "/test");
    int64_t attempt = migrate_attempts_count(&m->attempts, test != NULL ? test : "");
    enum status s =
        record != NULL && attempt > 0 && json_set_int(record, "attempt", attempt) ? STATUS_OK : no_memory(e);
    if (s == STATUS_OK)
        s = record_validate(record, e);
    if (s == STATUS_OK)
        s = migrate_folder_add(m, &m->records, "benchmark.jsonl", record, e);
    if (s == STATUS_OK)
        m->result->records++;
    json_object_put(record);
    return s;
}

enum status migration_add_sample(struct migration *m, struct json_object *sample, struct error *e)
{
    enum status s =
        json_set_text(sample, "schema_version", RECORD_VERSION) && json_set_text(sample, "run_id", m->run_id)
            ? schema_check(schema_for("sample"), sample, e)
            : no_memory(e);
    if (s == STATUS_OK)
        s = migrate_folder_add(m, &m->samples, "samples.jsonl", sample, e);
    if (s == STATUS_OK)
        m->result->samples++;
    json_object_put(sample);
    return s;
}

/* ---- what is told ---- */

void migration_lose(struct migration *m, const char *pointer, const char *why)
{
    migration_lose_to(m, pointer, "original", why);
}

void migration_lose_to(struct migration *m, const char *pointer, const char *kept, const char *why)
{
    if (!migrate_tally_add(&m->losses, pointer, kept, why, 0))
        m->no_memory = true;
}

void migration_refuse(struct migration *m, long line, const char *why)
{
    m->result->refused++;
    if (!migrate_tally_add(&m->refused, why, NULL, NULL, line))
        m->no_memory = true;
}

void migration_note(struct migration *m, long line, const char *format, ...)
{
    struct buf text = BUF_INIT(4 * JSON_FILE_MAX); /* pointers are as long as keys of the original */
    va_list args;
    va_start(args, format);
    enum status s = buf_vprintf(&text, format, args);
    va_end(args);
    if (s != STATUS_OK || !migrate_tally_add(&m->notes, buf_text(&text), NULL, NULL, line))
        m->no_memory = true;
    buf_fini(&text);
}
