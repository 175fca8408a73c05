#include "migrate_tally.h"

#include "json.h"
#include "text.h"

#include <string.h>

enum { TEXT_MAX = 512 };

static const char beyond[] = "(more than can be listed)";

/* What makes an entry another one. */
struct counted {
    const char *what, *kept, *reason;
    long line;
};

static bool same_text(const struct json_object *entry, const char *pointer, const char *text)
{
    const char *listed = json_get_text(entry, pointer);
    return listed != NULL && text != NULL ? strcmp(listed, text) == 0 : listed == text;
}

static bool is_entry(const struct migrate_tally *tally, size_t i, const struct counted *c)
{
    char pointer[64] = "/";
    strncat(pointer, tally->key, sizeof pointer - 2);
    const struct json_object *entry = json_object_array_get_idx(tally->list, i);
    return same_text(entry, pointer, c->what) && same_text(entry, "/kept", c->kept) &&
           same_text(entry, "/reason", strcmp(tally->key, "reason") == 0 ? c->what : c->reason);
}

/* Lines of a file are alike: what is counted next is mostly what was counted behind this one before. */
static bool find(struct migrate_tally *tally, const struct counted *c)
{
    size_t count = json_object_array_length(tally->list);
    for (size_t i = 0; i < count; i++) {
        size_t likely = (tally->at + 1 + i) % count;
        if (is_entry(tally, likely, c)) {
            tally->at = likely;
            return true;
        }
    }
    return false;
}

static bool add_entry(struct migrate_tally *tally, const struct counted *c)
{
    struct json_object *entry = json_object_new_object();
    bool ok = json_set_text(entry, tally->key, c->what) && json_set_int(entry, "count", 0) &&
              (c->kept == NULL || json_set_text(entry, "kept", c->kept)) &&
              (c->reason == NULL || json_set_text(entry, "reason", c->reason)) &&
              (c->line <= 0 || json_set_int(entry, "first_line", c->line));
    tally->at = json_object_array_length(tally->list);
    return json_add(tally->list, entry) && ok;
}

static bool count_one_more(struct migrate_tally *tally)
{
    struct json_object *entry = json_object_array_get_idx(tally->list, tally->at);
    int64_t count = 0;
    (void)json_get_int(entry, "/count", &count);
    return json_set_int(entry, "count", count + 1);
}

static bool add_safe(struct migrate_tally *tally, const struct counted *c)
{
    if (find(tally, c))
        return count_one_more(tally);
    struct counted entry = *c;
    if (json_object_array_length(tally->list) >= tally->max)
        entry = (struct counted){.what = beyond, .kept = c->kept};
    return (find(tally, &entry) || add_entry(tally, &entry)) && count_one_more(tally);
}

bool migrate_tally_add(
    struct migrate_tally *tally, const char *what, const char *kept, const char *reason, long line)
{
    struct buf safe_what = BUF_INIT(1 << 16), safe_reason = BUF_INIT(1 << 16);
    if (tally->list == NULL)
        tally->list = json_object_new_array();
    bool ok =
        tally->list != NULL && text_sanitise_line(&safe_what, what, strlen(what), TEXT_MAX) == STATUS_OK &&
        (reason == NULL || text_sanitise_line(&safe_reason, reason, strlen(reason), TEXT_MAX) == STATUS_OK);
    const struct counted c = {
        buf_text(&safe_what), kept, reason != NULL ? buf_text(&safe_reason) : NULL, line};
    ok = ok && add_safe(tally, &c);
    buf_fini(&safe_what);
    buf_fini(&safe_reason);
    return ok;
}

struct json_object *migrate_tally_take(struct migrate_tally *tally)
{
    struct json_object *list = tally->list != NULL ? tally->list : json_object_new_array();
    tally->list = NULL;
    return list;
}

void migrate_tally_fini(struct migrate_tally *tally)
{
    json_object_put(tally->list);
    tally->list = NULL;
}
