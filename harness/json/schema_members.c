#include "schema_groups.h"

#include <string.h>

static enum status compile_count(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    return compile_bound(c, node, rule->keyword->name, value, &rule->u.bound);
}

static bool check_min_properties(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    size_t count = (size_t)json_object_object_length(at->value);
    return count >= rule->u.bound ||
           fault(run, rule->node, "minProperties", at, "expected at least %llu members, found %zu",
               (unsigned long long)rule->u.bound, count);
}

static bool check_max_properties(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    size_t count = (size_t)json_object_object_length(at->value);
    return count <= rule->u.bound ||
           fault(run, rule->node, "maxProperties", at, "expected at most %llu members, found %zu",
               (unsigned long long)rule->u.bound, count);
}

static bool is_list_of_names(const struct json_object *value)
{
    if (!json_object_is_type(value, json_type_array))
        return false;
    for (size_t i = 0; i < json_object_array_length(value); i++)
        if (!json_object_is_type(json_object_array_get_idx(value, i), json_type_string))
            return false;
    return true;
}

static enum status compile_dependent_required(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (!json_object_is_type(value, json_type_object))
        return compile_refuse(c, node, rule->keyword->name, "must be an object");
    json_object_object_foreach(value, key, needs)
    {
        if (!is_list_of_names(needs))
            return compile_refuse(c, node, rule->keyword->name, "needs an array of strings for \"%s\"", key);
    }
    return STATUS_OK;
}

static bool check_needs(struct run *run, const struct rule *rule, const struct place *at, const char *key,
    const struct json_object *needs)
{
    bool fine = true;
    charge(run, json_object_array_length(needs));
    for (size_t i = 0; i < json_object_array_length(needs); i++) {
        const char *needed = json_object_get_string(json_object_array_get_idx(needs, i));
        if (!json_object_object_get_ex(at->value, needed, NULL))
            fine = fault(run, rule->node, rule->keyword->name, at,
                "the member \"%s\" is missing, which \"%s\" needs", text_show(needed, strlen(needed)).text,
                text_show(key, strlen(key)).text);
    }
    return fine;
}

static bool check_dependent_required(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    bool fine = true;
    charge(run, (size_t)json_object_object_length(rule->value));
    json_object_object_foreach(rule->value, key, needs)
    {
        if (json_object_object_get_ex(at->value, key, NULL))
            fine &= check_needs(run, rule, at, key, needs);
    }
    return fine;
}

/* Draft 07 had both in one: an array of names or a schema. */
static enum status compile_dependency(struct compiler *c, struct node *node, struct json_object *needs,
    const struct rule *rule, const struct node **target)
{
    bool names = rule->keyword == &keyword_dependencies && is_list_of_names(needs);
    return names ? STATUS_OK : compile_subschema(c, node, rule->keyword->name, needs, target);
}

static enum status compile_dependent_schemas(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (!json_object_is_type(value, json_type_object))
        return compile_refuse(c, node, rule->keyword->name, "must be an object");
    size_t count = (size_t)json_object_object_length(value), i = 0;
    rule->u.dependent.count = count;
    rule->u.dependent.keys = schema_alloc(c->schema, count * sizeof(char *));
    rule->u.dependent.nodes = schema_alloc(c->schema, count * sizeof(struct node *));
    if (rule->u.dependent.keys == NULL || rule->u.dependent.nodes == NULL)
        return compile_no_memory(c);
    json_object_object_foreach(value, key, subschema)
    {
        rule->u.dependent.keys[i] = key;
        enum status s = compile_dependency(c, node, subschema, rule, &rule->u.dependent.nodes[i++]);
        if (s != STATUS_OK)
            return s;
    }
    return STATUS_OK;
}

static bool check_dependent_schemas(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    bool fine = true;
    charge(run, rule->u.dependent.count);
    for (size_t i = 0; i < rule->u.dependent.count; i++)
        if (json_object_object_get_ex(at->value, rule->u.dependent.keys[i], NULL))
            fine &= check_node(run, rule->u.dependent.nodes[i], at, seen);
    return fine;
}

static bool check_dependencies(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    bool fine = true;
    size_t i = 0;
    charge(run, rule->u.dependent.count);
    json_object_object_foreach(rule->value, key, needs)
    {
        const struct node *target = rule->u.dependent.nodes[i++];
        if (!json_object_object_get_ex(at->value, key, NULL))
            continue;
        fine &= target != NULL ? check_node(run, target, at, seen) : check_needs(run, rule, at, key, needs);
    }
    return fine;
}

static enum status compile_unevaluated(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    node->tracks = true;
    return compile_subschema(c, node, "unevaluatedProperties", value, &rule->u.target);
}

static bool check_unevaluated(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    const struct node *target = rule->u.target;
    size_t index = 0;
    bool fine = true;
    charge(run, (size_t)json_object_object_length(at->value));
    for (struct lh_entry *e = json_object_get_object(at->value)->head; e != NULL;
         e = lh_entry_next(e), index++) {
        if (seen_has(seen, index))
            continue;
        struct place member = place_member(at, lh_entry_k(e), lh_entry_v(e));
        if (target->always_fails)
            fine = fault(run, rule->node, "unevaluatedProperties", &member, "unknown member \"%s\"",
                text_show(member.key, strlen(member.key)).text);
        else
            fine &= check_node(run, target, &member, NULL);
        if (!fine && run->report == NULL)
            return false;
    }
    seen_mark_all(seen);
    return fine;
}

const struct keyword keyword_min_properties = {.name = "minProperties",
    .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07,
    .looks_only = true,
    .applies = TYPE_OBJECT,
    .compile = compile_count,
    .check = check_min_properties};
const struct keyword keyword_max_properties = {.name = "maxProperties",
    .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07,
    .looks_only = true,
    .applies = TYPE_OBJECT,
    .compile = compile_count,
    .check = check_max_properties};
const struct keyword keyword_dependent_required = {.name = "dependentRequired",
    .vocabulary = VOCABULARY_VALIDATION,
    .applies = TYPE_OBJECT,
    .compile = compile_dependent_required,
    .check = check_dependent_required};
const struct keyword keyword_dependent_schemas = {.name = "dependentSchemas",
    .vocabulary = VOCABULARY_APPLICATOR,
    .holds = HOLDS_SCHEMA_MAP,
    .applies = TYPE_OBJECT,
    .compile = compile_dependent_schemas,
    .check = check_dependent_schemas};
const struct keyword keyword_dependencies = {.name = "dependencies",
    .vocabulary = VOCABULARY_DRAFT_07,
    .holds = HOLDS_SCHEMA_MAP,
    .applies = TYPE_OBJECT,
    .compile = compile_dependent_schemas,
    .check = check_dependencies};
const struct keyword keyword_unevaluated_properties = {.name = "unevaluatedProperties",
    .vocabulary = VOCABULARY_UNEVALUATED,
    .holds = HOLDS_SCHEMA,
    .applies = TYPE_OBJECT,
    .compile = compile_unevaluated,
    .check = check_unevaluated};
