#include "planned.h"

#include "json.h"

#include <string.h>

static const struct json_object *find_target(const struct json_object *run, const char *name)
{
    struct json_object *targets = json_get_array(run, "/targets");
    for (size_t i = 0; targets != NULL && i < json_object_array_length(targets); i++) {
        struct json_object *target = json_object_array_get_idx(targets, i);
        const char *has = json_get_text(target, "/name");
        if (has != NULL && strcmp(has, name) == 0)
            return target;
    }
    return NULL;
}

static const struct json_object *find_model(const struct json_object *run, const char *target, const char *id)
{
    struct json_object *models = json_get_array(run, "/models");
    for (size_t i = 0; models != NULL && i < json_object_array_length(models); i++) {
        struct json_object *entry = json_object_array_get_idx(models, i);
        const char *of = json_get_text(entry, "/target"), *has = json_get_text(entry, "/model/id");
        if (of != NULL && has != NULL && strcmp(of, target) == 0 && strcmp(has, id) == 0)
            return json_get_object(entry, "/model");
    }
    return NULL;
}

bool planned_at(const struct json_object *run, size_t index, struct planned *t)
{
    struct json_object *plan = json_get_array(run, "/plan");
    memset(t, 0, sizeof *t);
    if (plan == NULL || index >= json_object_array_length(plan))
        return false;
    const struct json_object *entry = json_object_array_get_idx(plan, index);
    const char *target = json_get_text(entry, "/target"), *model = json_get_text(entry, "/model");
    t->index = index;
    t->test = json_get_text(entry, "/test");
    t->case_id = json_get_text(entry, "/case");
    t->skip = json_get_text(entry, "/skip");
    t->target = target != NULL ? find_target(run, target) : NULL;
    t->model = target != NULL && model != NULL ? find_model(run, target, model) : NULL;
    return t->test != NULL && t->case_id != NULL;
}

bool planned_find(const struct json_object *run, const char *test, struct planned *t)
{
    for (size_t i = 0; planned_at(run, i, t); i++)
        if (strcmp(t->test, test) == 0)
            return true;
    return false;
}
