#include "schema_groups.h"

#include "schema_unique.h"

static enum status compile_count(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    return compile_bound(c, node, rule->keyword->name, value, &rule->u.bound);
}

static bool check_min_items(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    size_t count = json_object_array_length(at->value);
    return count >= rule->u.bound ||
           fault(run, rule->node, "minItems", at, "expected at least %llu items, found %zu",
               (unsigned long long)rule->u.bound, count);
}

static bool check_max_items(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    size_t count = json_object_array_length(at->value);
    return count <= rule->u.bound ||
           fault(run, rule->node, "maxItems", at, "expected at most %llu items, found %zu",
               (unsigned long long)rule->u.bound, count);
}

static enum status compile_unique(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (!json_object_is_type(value, json_type_boolean))
        return compile_refuse(c, node, "uniqueItems", "must be a boolean");
    if (!json_object_get_boolean(value))
        rule->check = NULL;
    return STATUS_OK;
}

static bool check_unique(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    size_t first, second;
    enum status s = unique_find_pair(at->value, &first, &second, &run->steps, run->schema->steps_max);
    if (s == STATUS_NOT_FOUND)
        return true;
    if (s != STATUS_OK)
        return give_up(run, s, "comparing items with one another takes too many steps");
    return fault(run, rule->node, "uniqueItems", at, "items %zu and %zu are equal", first, second);
}

/* Draft 07: items is one schema for all, or an array of them with additionalItems for the rest. */
static enum status compile_items_07(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    rule->u.items.rest_keyword = "items";
    if (!json_object_is_type(value, json_type_array))
        return compile_subschema(c, node, "items", value, &rule->u.items.rest);
    struct json_object *rest = compile_sibling(node, "additionalItems");
    enum status s = compile_list(c, node, "items", value, &rule->u.items.prefix);
    rule->u.items.rest_keyword = "additionalItems";
    if (s == STATUS_OK && rest != NULL)
        s = compile_subschema(c, node, "additionalItems", rest, &rule->u.items.rest);
    return s;
}

/* prefixItems and items make one rule: whichever stands first in the table of keywords builds it. */
static enum status compile_items(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    if (is_draft_07(node))
        return compile_items_07(c, node, value, rule);
    struct json_object *prefix = compile_sibling(node, "prefixItems"), *rest = compile_sibling(node, "items");
    enum status s = STATUS_OK;
    if (prefix != NULL && value != prefix) {
        rule->check = NULL;
        return STATUS_OK;
    }
    rule->u.items.rest_keyword = "items";
    if (rule->keyword == &keyword_prefix_items)
        s = compile_list(c, node, "prefixItems", value, &rule->u.items.prefix);
    if (s == STATUS_OK && (rest != NULL || rule->keyword == &keyword_items))
        s = compile_subschema(c, node, "items", rest, &rule->u.items.rest);
    return s;
}

static bool check_item(
    struct run *run, const struct rule *rule, const struct place *at, size_t index, const struct node *node)
{
    if (run->report == NULL)
        return check_quickly(run, node, at, NULL, index, json_object_array_get_idx(at->value, index));
    struct place item = place_item(at, index);
    size_t prefixed = rule->u.items.prefix.count;
    if (node->always_fails && index >= prefixed)
        return fault(run, rule->node, rule->u.items.rest_keyword, &item,
            "expected at most %zu items, found %zu", prefixed, json_object_array_length(at->value));
    return check_node(run, node, &item, NULL);
}

static bool check_items(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    size_t count = json_object_array_length(at->value), prefixed = rule->u.items.prefix.count;
    size_t end = rule->u.items.rest != NULL || count < prefixed ? count : prefixed;
    bool fine = true;
    charge(run, end);
    for (size_t i = 0; i < end && (fine || run->report != NULL); i++) {
        fine &=
            check_item(run, rule, at, i, i < prefixed ? rule->u.items.prefix.items[i] : rule->u.items.rest);
        if (seen != NULL)
            seen_mark(seen, i);
    }
    return fine;
}

static enum status compile_contains(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    struct json_object *least = compile_sibling(node, "minContains"),
                       *most = compile_sibling(node, "maxContains");
    rule->u.contains.least = 1;
    rule->u.contains.most = UINT64_MAX;
    enum status s = compile_subschema(c, node, "contains", value, &rule->u.contains.target);
    if (s == STATUS_OK && least != NULL)
        s = compile_bound(c, node, "minContains", least, &rule->u.contains.least);
    if (s == STATUS_OK && most != NULL)
        s = compile_bound(c, node, "maxContains", most, &rule->u.contains.most);
    return s;
}

static bool check_contains(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    size_t count = json_object_array_length(at->value), found = 0;
    charge(run, count);
    for (size_t i = 0; i < count && run->status == STATUS_OK; i++) {
        struct place item = place_item(at, i);
        if (!check_quietly(run, rule->u.contains.target, &item, NULL))
            continue;
        found++;
        if (seen != NULL)
            seen_mark(seen, i);
    }
    if (found < rule->u.contains.least)
        return fault(run, rule->node, rule->u.contains.least == 1 ? "contains" : "minContains", at,
            "expected at least %llu items that match \"contains\", found %zu",
            (unsigned long long)rule->u.contains.least, found);
    if (found > rule->u.contains.most)
        return fault(run, rule->node, "maxContains", at,
            "expected at most %llu items that match \"contains\", found %zu",
            (unsigned long long)rule->u.contains.most, found);
    return true;
}

static enum status compile_unevaluated(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    node->tracks = true;
    return compile_subschema(c, node, "unevaluatedItems", value, &rule->u.target);
}

static bool check_unevaluated(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    const struct node *target = rule->u.target;
    size_t count = json_object_array_length(at->value);
    bool fine = true;
    charge(run, count);
    for (size_t i = 0; i < count && (fine || run->report != NULL); i++) {
        if (seen_has(seen, i))
            continue;
        struct place item = place_item(at, i);
        if (target->always_fails)
            fine = fault(run, rule->node, "unevaluatedItems", &item, "unknown item");
        else
            fine &= check_node(run, target, &item, NULL);
    }
    seen_mark_all(seen);
    return fine;
}

const struct keyword keyword_min_items = {.name = "minItems",
    .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07,
    .looks_only = true,
    .applies = TYPE_ARRAY,
    .compile = compile_count,
    .check = check_min_items};
const struct keyword keyword_max_items = {.name = "maxItems",
    .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07,
    .looks_only = true,
    .applies = TYPE_ARRAY,
    .compile = compile_count,
    .check = check_max_items};
const struct keyword keyword_unique_items = {.name = "uniqueItems",
    .vocabulary = VOCABULARY_VALIDATION | VOCABULARY_DRAFT_07,
    .applies = TYPE_ARRAY,
    .compile = compile_unique,
    .check = check_unique};
const struct keyword keyword_prefix_items = {.name = "prefixItems",
    .vocabulary = VOCABULARY_APPLICATOR,
    .holds = HOLDS_SCHEMA_LIST,
    .applies = TYPE_ARRAY,
    .compile = compile_items,
    .check = check_items};
const struct keyword keyword_items = {.name = "items",
    .vocabulary = VOCABULARY_APPLICATOR | VOCABULARY_DRAFT_07,
    .holds = HOLDS_SCHEMA_OR_LIST,
    .applies = TYPE_ARRAY,
    .compile = compile_items,
    .check = check_items};
const struct keyword keyword_additional_items = {
    .name = "additionalItems", .vocabulary = VOCABULARY_DRAFT_07, .holds = HOLDS_SCHEMA};
const struct keyword keyword_contains = {.name = "contains",
    .vocabulary = VOCABULARY_APPLICATOR | VOCABULARY_DRAFT_07,
    .holds = HOLDS_SCHEMA,
    .applies = TYPE_ARRAY,
    .compile = compile_contains,
    .check = check_contains};
const struct keyword keyword_min_contains = {.name = "minContains", .vocabulary = VOCABULARY_VALIDATION};
const struct keyword keyword_max_contains = {.name = "maxContains", .vocabulary = VOCABULARY_VALIDATION};
const struct keyword keyword_unevaluated_items = {.name = "unevaluatedItems",
    .vocabulary = VOCABULARY_UNEVALUATED,
    .holds = HOLDS_SCHEMA,
    .applies = TYPE_ARRAY,
    .compile = compile_unevaluated,
    .check = check_unevaluated};
