#include "old_part.h"

#include "buf.h"
#include "json.h"
#include "sha256.h"
#include "text.h"

#include <string.h>

enum { LINE_BYTES = 200, ORIGINAL_BYTES = 1 << 20 };

bool old_set_line(struct json_object *object, const char *key, const char *text)
{
    struct buf safe = BUF_INIT(8 * LINE_BYTES + 256);
    bool ok = text_sanitise_line(&safe, text, strlen(text), LINE_BYTES) == STATUS_OK &&
              json_set_text(object, key, safe.len > 0 ? buf_text(&safe) : "unknown");
    buf_fini(&safe);
    return ok;
}

/* The whole part, unless it is so long that lines of records would be. */
static bool keep_original(struct old_part *p)
{
    struct buf text = BUF_INIT(ORIGINAL_BYTES);
    struct error ignored;
    bool fits = json_write(p->tree, &text, &ignored) == STATUS_OK;
    buf_fini(&text);
    if (fits)
        return json_set(p->migrated, "original", json_object_get(p->tree));
    migration_note(p->m, 0, "parts of over 1 MiB are not repeated in their records");
    return true;
}

bool old_part_begin(struct old_part *p, struct migration *m, const struct migrate_value *value,
    struct json_object *tree, const char *pointer, const char *version)
{
    *p = (struct old_part){.m = m, .tree = tree};
    p->record = migration_record_new(m, value, version, NULL);
    p->migrated = json_get_object(p->record, "/metadata/migrated");
    if (p->migrated == NULL || !old_set_line(p->migrated, "pointer", pointer) ||
        !json_set(p->migrated, "figures", json_object_new_array()) ||
        !json_set(p->migrated, "notes", json_object_new_array()))
        return false;
    p->figures = json_get_array(p->migrated, "/figures");
    p->notes = json_get_array(p->migrated, "/notes");
    return keep_original(p);
}

static bool set_object_with(struct json_object *record, const char *key, const char *member, const char *text)
{
    struct json_object *object = json_object_new_object();
    bool ok = old_set_line(object, member, text);
    return json_set(record, key, object) && ok;
}

/* Two long names that differ only where they are cut are two tests: digits of the hash keep them apart. */
static bool set_test(struct json_object *record, const char *name)
{
    char hex[65];
    if (!old_set_line(record, "test", name))
        return false;
    const char *safe = json_get_text(record, "/test");
    if (safe == NULL || strlen(safe) < LINE_BYTES - 16)
        return safe != NULL;
    struct buf text = BUF_INIT(8 * LINE_BYTES + 256);
    sha256_hex(name, strlen(name), hex);
    bool ok = buf_printf(&text, "%s#%.8s", safe, hex) == STATUS_OK &&
              json_set_text(record, "test", buf_text(&text));
    buf_fini(&text);
    return ok;
}

bool old_part_name(
    struct old_part *p, const char *suite, const char *kind, const char *target, const char *model)
{
    struct buf test = BUF_INIT((size_t)1 << 26), name = BUF_INIT((size_t)1 << 26);
    buf_printf(&name, "%s.%s", suite, kind);
    buf_printf(
        &test, "%s[%s%s%s]", buf_text(&name), target, model != NULL ? "/" : "", model != NULL ? model : "");
    bool ok = buf_status(&name) == STATUS_OK && buf_status(&test) == STATUS_OK &&
              set_test(p->record, buf_text(&test)) && json_set_text(p->record, "suite", suite) &&
              old_set_line(p->record, "case", buf_text(&name)) &&
              set_object_with(p->record, "target", "name", target) &&
              (model == NULL || set_object_with(p->record, "model", "id", model));
    buf_fini(&name);
    buf_fini(&test);
    return ok;
}

bool old_part_note(struct old_part *p, const char *text)
{
    return json_add_text(p->notes, text);
}

enum status old_part_end(struct old_part *p, bool ok, struct error *e)
{
    struct json_object *record = p->record;
    p->record = NULL;
    if (!ok) {
        json_object_put(record);
        return error_set(e, STATUS_NO_MEMORY, "no memory for a record");
    }
    if (json_object_array_length(p->figures) == 0)
        json_object_object_del(p->migrated, "figures");
    if (json_object_array_length(p->notes) == 0)
        json_object_object_del(p->migrated, "notes");
    return migration_add_record(p->m, record, e);
}
