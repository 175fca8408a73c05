#include "timeline.h"

#include "json.h"

static struct json_object *moment(const char *event, double t_s)
{
    struct json_object *item = json_object_new_object();
    if (json_set_text(item, "event", event) && json_set_real(item, "t_s", t_s))
        return item;
    json_object_put(item);
    return NULL;
}

static bool is_later(const struct json_object *item, double t_s)
{
    double at = 0;
    return json_get_real(item, "/t_s", &at) && at > t_s;
}

bool timeline_add(struct json_object *record, const char *event, double t_s)
{
    struct json_object *old = json_get_array(record, "/timeline"), *all = json_object_new_array();
    struct json_object *added = moment(event, t_s);
    size_t count = old ? json_object_array_length(old) : 0, i = 0;
    bool ok = all != NULL && added != NULL;
    for (; ok && i < count && !is_later(json_object_array_get_idx(old, i), t_s); i++)
        ok = json_add(all, json_object_get(json_object_array_get_idx(old, i)));
    ok = json_add(all, added) && ok;
    for (; ok && i < count; i++)
        ok = json_add(all, json_object_get(json_object_array_get_idx(old, i)));
    return json_set(record, "timeline", all) && ok;
}
