#include "set_load.h"

#include "json.h"
#include "set_cache.h"
#include "set_fetch.h"
#include "set_ref.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Raised when tasks are made of rows in another way: what was cached before is fetched anew. */
#define SET_FORM_VERSION 1

/* Other rows, other wording or another place are another set. Rows that are not spread are the first of those that a
 * larger number has, but the digest of the tasks says what was run: so the number is part of it too. */
static enum status make_key(
    const struct set_request *r, const struct set_ref *ref, int64_t count, struct buf *key, struct error *e)
{
    buf_printf(key, "%s n%" PRId64 " v%d", ref->text, count, SET_FORM_VERSION);
    if (strcmp(r->rows_url, SET_ROWS_URL) != 0 || strcmp(r->hub_url, SET_HUB_URL) != 0)
        buf_printf(key, " %s %s", r->rows_url, r->hub_url);
    return buf_status(key) == STATUS_OK ? STATUS_OK : error_set(e, STATUS_LIMIT, "the name is too long");
}

static struct json_object *begin_manifest(const struct set_request *r, const struct set_ref *ref)
{
    const struct clock *clock = r->clock ? r->clock : clock_system();
    struct json_object *manifest = json_object_new_object();
    char moment[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_wall_ns(clock), moment);
    if (json_set_text(manifest, "schema_version", "1.0.0") &&
        json_set_int(manifest, "form", SET_FORM_VERSION) && json_set_text(manifest, "name", ref->text) &&
        json_set_text(manifest, "origin", ref->known.file ? r->hub_url : r->rows_url) &&
        json_set_text(manifest, "fetched", moment))
        return manifest;
    json_object_put(manifest);
    return NULL;
}

/* A cache that cannot be written costs the next run another download, and this one nothing. */
static enum status fetch_and_keep(const struct set_request *r, struct set_ref *ref, int64_t count,
    const char *folder, const char *key, struct buf *tasks, struct set_loaded *set, struct error *e)
{
    struct error why = {0};
    set->fetched = true;
    set->manifest = begin_manifest(r, ref);
    enum status s = set->manifest ? set_fetch(r, ref, count, set->manifest, tasks, e)
                                  : error_set(e, STATUS_NO_MEMORY, "no memory for what is known of a set");
    if (s == STATUS_OK && set_cache_keep(folder, key, set->manifest, tasks, &why) != STATUS_OK)
        snprintf(set->warning, sizeof set->warning, "the set could not be kept for the next time: %s",
            error_text(&why));
    return s;
}

static enum status find_or_fetch(const struct set_request *r, struct set_ref *ref, int64_t count,
    const char *folder, const char *key, struct buf *tasks, struct set_loaded *set, struct error *e)
{
    struct error why = {0};
    enum status s = set_cache_find(folder, key, &set->manifest, tasks, &why);
    if (s == STATUS_OK)
        return s;
    if (s != STATUS_NOT_FOUND)
        snprintf(set->warning, sizeof set->warning, "the cache is damaged: %s", error_text(&why));
    if (r->offline)
        return error_set(e, STATUS_UNAVAILABLE,
            "%s (%" PRId64 " rows) is not in %s, and nothing may be fetched%s%s", ref->text, count, folder,
            set->warning[0] ? ": " : "", set->warning);
    char damage[sizeof set->warning];
    snprintf(damage, sizeof damage, "%s", set->warning);
    s = fetch_and_keep(r, ref, count, folder, key, tasks, set, e);
    if (!set->warning[0])
        snprintf(set->warning, sizeof set->warning, "%s", damage);
    return s;
}

enum status set_load(
    const struct set_request *request, struct buf *tasks, struct set_loaded *set, struct error *e)
{
    struct set_ref ref;
    struct buf folder = BUF_INIT(1 << 16), key = BUF_INIT(4096);
    *set = (struct set_loaded){0};
    enum status s = set_ref_parse(request->name, &ref, e);
    int64_t count = request->count > 0 ? request->count : ref.known.count;
    if (s == STATUS_OK && count > SET_ROWS_MAX)
        s = error_set(e, STATUS_USAGE, "at most %d rows of a set", SET_ROWS_MAX);
    if (s == STATUS_OK)
        s = request->folder ? buf_append_text(&folder, request->folder) : set_cache_folder(&folder, e);
    if (s == STATUS_OK)
        s = make_key(request, &ref, count, &key, e);
    if (s == STATUS_OK)
        s = find_or_fetch(request, &ref, count, buf_text(&folder), buf_text(&key), tasks, set, e);
    buf_fini(&folder);
    buf_fini(&key);
    if (s != STATUS_OK) {
        set_loaded_fini(set);
        buf_clear(tasks);
    }
    return s;
}

void set_loaded_fini(struct set_loaded *set)
{
    json_object_put(set->manifest);
    set->manifest = NULL;
}
