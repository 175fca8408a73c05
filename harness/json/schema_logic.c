#include "schema_groups.h"

#include <string.h>

static enum status compile_ref(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    struct node *target;
    const struct anchor *anchor;
    if (!json_object_is_type(value, json_type_string))
        return compile_refuse(c, node, rule->keyword->name, "must be a string");
    enum status s =
        resolve_reference(c, node, rule->keyword->name, json_object_get_string(value), &target, &anchor);
    if (s != STATUS_OK)
        return s;
    compile_enqueue(c, target);
    rule->u.dynamic.target = target;
    rule->u.dynamic.anchor = NULL;
    if (rule->keyword == &keyword_dynamic_ref && anchor != NULL && anchor->dynamic) {
        rule->u.dynamic.anchor = anchor->name;
        c->schema->dynamic = true;
    }
    return STATUS_OK;
}

static bool check_ref(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    return check_node(run, rule->u.target, at, seen);
}

/* The same dynamic anchor in the outermost resource of the way that was taken. */
static bool check_dynamic_ref(
    struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    const struct node *target = rule->u.dynamic.target;
    charge(run, run->scope_depth);
    for (size_t i = 0; rule->u.dynamic.anchor != NULL && i < run->scope_depth; i++) {
        const struct anchor *a = resolve_dynamic_anchor(run->schema, run->scope[i], rule->u.dynamic.anchor);
        if (a != NULL) {
            target = a->node;
            break;
        }
    }
    return check_node(run, target, at, seen);
}

static enum status compile_schemas(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    return compile_list(c, node, rule->keyword->name, value, &rule->u.list);
}

static bool check_all_of(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    bool fine = true;
    charge(run, rule->u.list.count);
    for (size_t i = 0; i < rule->u.list.count && (fine || run->report != NULL); i++)
        fine &= check_node(run, rule->u.list.items[i], at, seen);
    return fine;
}

/*
 * Nothing matched: the faults of the alternative that came nearest (fewest faults) say most, behind one
 * sentence that there was a choice.
 */
static bool refuse_all(struct run *run, const struct rule *rule, const struct place *at)
{
    struct schema_report *report = run->report, best = {0};
    if (report == NULL)
        return false;
    fault(
        run, rule->node, rule->keyword->name, at, "none of the %zu alternatives matches", rule->u.list.count);
    for (size_t i = 0; i < rule->u.list.count && run->status == STATUS_OK; i++) {
        struct schema_report tried = {0};
        run->report = &tried;
        (void)check_node(run, rule->u.list.items[i], at, NULL);
        bool better = tried.count > 0 && (best.count == 0 || tried.count < best.count);
        struct schema_report worse = better ? best : tried;
        best = better ? tried : best;
        schema_report_fini(&worse);
    }
    run->report = report;
    report_take(run, &best);
    return false;
}

static bool check_any_of(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    bool fine = false;
    charge(run, rule->u.list.count);
    for (size_t i = 0; i < rule->u.list.count && (!fine || seen != NULL); i++)
        fine |= check_quietly(run, rule->u.list.items[i], at, seen);
    return fine || refuse_all(run, rule, at);
}

static bool check_one_of(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    size_t matches[2], count = 0;
    charge(run, rule->u.list.count);
    for (size_t i = 0; i < rule->u.list.count && count < 2; i++)
        if (check_quietly(run, rule->u.list.items[i], at, seen))
            matches[count++] = i;
    if (count == 0)
        return refuse_all(run, rule, at);
    return count == 1 || fault(run, rule->node, "oneOf", at,
                             "alternatives %zu and %zu match, where only one may", matches[0], matches[1]);
}

static enum status compile_target(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    return compile_subschema(c, node, rule->keyword->name, value, &rule->u.target);
}

static bool check_not(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    (void)seen;
    return !check_quietly(run, rule->u.target, at, NULL) ||
           fault(run, rule->node, "not", at, "matches what it must not match");
}

static enum status compile_if(
    struct compiler *c, struct node *node, struct json_object *value, struct rule *rule)
{
    struct json_object *yes = compile_sibling(node, "then"), *no = compile_sibling(node, "else");
    enum status s = compile_subschema(c, node, "if", value, &rule->u.branch.test);
    if (s == STATUS_OK && yes != NULL)
        s = compile_subschema(c, node, "then", yes, &rule->u.branch.yes);
    if (s == STATUS_OK && no != NULL)
        s = compile_subschema(c, node, "else", no, &rule->u.branch.no);
    return s;
}

static bool check_if(struct run *run, const struct rule *rule, const struct place *at, struct seen *seen)
{
    if (rule->u.branch.yes == NULL && rule->u.branch.no == NULL && seen == NULL)
        return true;
    bool holds = check_quietly(run, rule->u.branch.test, at, seen);
    const struct node *then = holds ? rule->u.branch.yes : rule->u.branch.no;
    return then == NULL || check_node(run, then, at, seen);
}

#define LOGIC_KEYWORD(keyword, what_it_holds, compile_function, check_function)                              \
    {                                                                                                        \
        .name = (keyword), .vocabulary = VOCABULARY_APPLICATOR | VOCABULARY_DRAFT_07,                        \
        .holds = (what_it_holds), .applies = TYPE_ANY, .compile = (compile_function),                        \
        .check = (check_function)                                                                            \
    }

const struct keyword keyword_ref = {.name = "$ref",
    .vocabulary = VOCABULARY_CORE | VOCABULARY_DRAFT_07,
    .applies = TYPE_ANY,
    .compile = compile_ref,
    .check = check_ref};
const struct keyword keyword_dynamic_ref = {.name = "$dynamicRef",
    .vocabulary = VOCABULARY_CORE,
    .applies = TYPE_ANY,
    .compile = compile_ref,
    .check = check_dynamic_ref};
const struct keyword keyword_all_of =
    LOGIC_KEYWORD("allOf", HOLDS_SCHEMA_LIST, compile_schemas, check_all_of);
const struct keyword keyword_any_of =
    LOGIC_KEYWORD("anyOf", HOLDS_SCHEMA_LIST, compile_schemas, check_any_of);
const struct keyword keyword_one_of =
    LOGIC_KEYWORD("oneOf", HOLDS_SCHEMA_LIST, compile_schemas, check_one_of);
const struct keyword keyword_not = LOGIC_KEYWORD("not", HOLDS_SCHEMA, compile_target, check_not);
const struct keyword keyword_if = LOGIC_KEYWORD("if", HOLDS_SCHEMA, compile_if, check_if);
const struct keyword keyword_then = LOGIC_KEYWORD("then", HOLDS_SCHEMA, NULL, NULL);
const struct keyword keyword_else = LOGIC_KEYWORD("else", HOLDS_SCHEMA, NULL, NULL);

/* Schemas that only references lead to. */
const struct keyword keyword_defs = {
    .name = "$defs", .vocabulary = VOCABULARY_CORE, .holds = HOLDS_SCHEMA_MAP};
const struct keyword keyword_definitions = {
    .name = "definitions", .vocabulary = VOCABULARY_CORE | VOCABULARY_DRAFT_07, .holds = HOLDS_SCHEMA_MAP};
const struct keyword keyword_content_schema = {
    .name = "contentSchema", .vocabulary = VOCABULARY_NO_RULES, .holds = HOLDS_SCHEMA};
