#include "record.h"

#include "clock.h"
#include "json.h"
#include "our_schemas.h"
#include "text.h"

#include <string.h>

static bool copy_member(struct json_object *to, const struct json_object *from, const char *key)
{
    struct json_object *value = NULL, *copy = NULL;
    if (!json_object_object_get_ex(from, key, &value))
        return true;
    if (value != NULL && json_object_deep_copy(value, &copy, NULL) != 0)
        return false;
    return value != NULL ? json_set(to, key, copy) : json_set_null(to, key);
}

static bool copy_members(
    struct json_object *to, const struct json_object *from, const char *const *keys, size_t count)
{
    bool ok = to != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = copy_member(to, from, keys[i]);
    return ok;
}

struct json_object *record_new(const struct json_object *intent)
{
    static const char *const keys[] = {
        "run_id", "attempt", "test", "suite", "case", "model", "target", "parameters", "identity"};
    struct json_object *record = json_object_new_object();
    if (json_set_text(record, "schema_version", RECORD_VERSION) &&
        copy_members(record, intent, keys, sizeof keys / sizeof keys[0]))
        return record;
    json_object_put(record);
    return NULL;
}

bool record_set_found(struct json_object *record, int64_t found_unix_ns)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(found_unix_ns, text);
    return json_set_text(record, "timestamp", text);
}

static double unix_seconds(int64_t ns)
{
    return (double)(ns / NS_PER_US) / 1e6;
}

bool record_set_times(
    struct json_object *record, int64_t start_unix_ns, int64_t end_unix_ns, int64_t duration_ns)
{
    return record_set_found(record, end_unix_ns) &&
           json_set_real(record, "test_start_ts", unix_seconds(start_unix_ns)) &&
           json_set_real(record, "test_end_ts", unix_seconds(end_unix_ns)) &&
           json_set_int(record, "start_unix_ns", start_unix_ns) &&
           json_set_int(record, "end_unix_ns", end_unix_ns) &&
           json_set_real(record, "duration", (double)duration_ns / 1e9);
}

static bool set_sanitised(struct json_object *object, const char *key, const char *text)
{
    struct buf clean = BUF_INIT(RECORD_TEXT_MAX * 2);
    bool ok = text_sanitise(&clean, text, strlen(text), RECORD_TEXT_MAX) == STATUS_OK;
    size_t len = text_utf8_cut(buf_text(&clean), clean.len, RECORD_TEXT_MAX);
    ok = ok && json_set_bytes(object, key, buf_text(&clean), len);
    buf_fini(&clean);
    return ok;
}

bool record_set_outcome(struct json_object *record, enum outcome outcome, const char *message)
{
    return json_set_text(record, "outcome", outcome_name(outcome)) &&
           (message == NULL || set_sanitised(record, "message", message));
}

bool record_set_skip_reason(struct json_object *record, const char *reason)
{
    return set_sanitised(record, "skip_reason", reason);
}

bool record_set_location(struct json_object *record, const char *file, int line)
{
    struct json_object *location = json_object_new_object();
    bool ok = json_set_text(location, "file", file) && json_set_int(location, "line", line);
    return json_set(record, "location", location) && ok;
}

bool record_set_note(struct json_object *record, const char *key, const char *value)
{
    struct json_object *metadata = json_get_object(record, "/metadata");
    if (metadata == NULL && !json_set(record, "metadata", metadata = json_object_new_object()))
        return false;
    return set_sanitised(metadata, key, value);
}

enum status record_validate(const struct json_object *record, struct error *e)
{
    const struct schema *schema = schema_for("record");
    if (schema == NULL)
        return error_set(e, STATUS_INTERNAL, "the schema of records is missing");
    return schema_check(schema, record, e);
}

struct json_object *record_health_unknown(void)
{
    struct json_object *health = json_object_new_object();
    bool ok = json_set_text(health, "verdict", "unknown") &&
              json_set(health, "quality_flags", json_object_new_array()) &&
              json_set(health, "sensors", json_object_new_object());
    if (ok)
        return health;
    json_object_put(health);
    return NULL;
}

/* Who, on what and when: what an invalid record is rebuilt from, step by step less. */
static const char *const sound_members[] = {"schema_version", "run_id", "attempt", "test", "suite", "case",
    "timestamp", "identity", "test_start_ts", "test_end_ts", "start_unix_ns", "end_unix_ns", "duration",
    "process", "phases", "system_health", "model", "target", "parameters"};

static struct json_object *rebuilt(const struct json_object *record, size_t members, const char *message)
{
    struct json_object *made = json_object_new_object();
    if (copy_members(made, record, sound_members, members) &&
        record_set_outcome(made, OUTCOME_HARNESS_ERROR, message))
        return made;
    json_object_put(made);
    return NULL;
}

enum status record_seal(struct json_object **record, struct error *e)
{
    struct error why = {0};
    if (record_validate(*record, &why) == STATUS_OK)
        return STATUS_OK;
    const char *was = json_get_text(*record, "/outcome");
    struct buf message = BUF_INIT(RECORD_TEXT_MAX);
    buf_printf(&message, "the record of outcome %s did not fit its schema: %s", was ? was : "unknown",
        error_text(&why));
    enum status s = STATUS_NO_MEMORY;
    size_t all = sizeof sound_members / sizeof sound_members[0];
    for (size_t members = all; members + 3 >= all && s != STATUS_INVALID; members--) {
        struct json_object *made = rebuilt(*record, members, buf_text(&message));
        if (made != NULL && record_validate(made, NULL) == STATUS_OK) {
            json_object_put(*record);
            *record = made;
            s = STATUS_INVALID;
        } else {
            json_object_put(made);
        }
    }
    enum status reported = error_set(e, s, "%s", buf_text(&message));
    buf_fini(&message);
    return reported;
}
