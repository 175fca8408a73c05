#include "schema_parts.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct place *at)
{
    return at->types == TYPE_OBJECT ? (size_t)json_object_object_length(at->value)
                                    : json_object_array_length(at->value);
}

static bool check_rules(struct run *run, const struct node *node, const struct place *at, struct seen *seen)
{
    bool fine = true;
    for (size_t i = run->report == NULL ? node->first_rule : 0; i < node->rule_count; i++) {
        const struct rule *rule = &node->rules[i];
        if ((rule->applies & at->types) != 0 && !rule->check(run, rule, at, seen)) {
            fine = false;
            if (run->report == NULL)
                break;
        }
    }
    return fine;
}

/* A node with unevaluated* of its own knows only what was evaluated below itself. */
static bool check_tracked(
    struct run *run, const struct node *node, const struct place *at, struct seen *outer)
{
    struct seen seen;
    if (!seen_init(run, &seen, size_of(at)))
        return false;
    bool fine = check_rules(run, node, at, &seen);
    if (fine && outer != NULL)
        seen_merge(outer, &seen);
    seen_fini(&seen);
    return fine;
}

/* A resource that was entered stays in the dynamic scope until its node is done. */
static bool enter_scope(struct run *run, const struct node *node)
{
    if (!run->schema->dynamic || (run->scope_depth > 0 && run->scope[run->scope_depth - 1] == node->resource))
        return false;
    run->scope[run->scope_depth++] = node->resource;
    return true;
}

bool check_node(struct run *run, const struct node *node, const struct place *at, struct seen *seen)
{
    if (node->same_as != NULL)
        node = node->same_as;
    if (run->report == NULL && (node->types & at->types) == 0)
        return false;
    if (run->report == NULL && node->asks_type_only)
        return true; /* most nodes ask for a type and nothing else */
    if (node->always_fails)
        return fault(run, node, "", at, "nothing is allowed here");
    if (run->depth == SCHEMA_DEPTH_MAX)
        give_up(run, STATUS_LIMIT, "schemas apply within one another without end, or too deep");
    if (++run->steps > run->schema->steps_max)
        give_up(run, STATUS_LIMIT, "the schema and this document take too many steps");
    if (run->status != STATUS_OK)
        return false;
    run->depth++;
    bool entered = enter_scope(run, node);
    bool tracks = node->tracks && (at->types & (TYPE_OBJECT | TYPE_ARRAY)) != 0;
    bool fine = tracks ? check_tracked(run, node, at, seen) : check_rules(run, node, at, seen);
    run->scope_depth -= entered;
    run->depth--;
    return fine;
}

bool check_quietly(struct run *run, const struct node *node, const struct place *at, struct seen *seen)
{
    struct schema_report *report = run->report;
    struct seen own, *used = NULL;
    run->report = NULL;
    if (seen != NULL && seen_init(run, &own, seen->count))
        used = &own;
    bool fine = check_node(run, node, at, used);
    if (used != NULL) {
        if (fine)
            seen_merge(seen, used);
        seen_fini(used);
    }
    run->report = report;
    return fine;
}

static enum status run_once(
    const struct schema *schema, const struct place *at, struct schema_report *report, const char **reason)
{
    struct run run;
    memset(&run, 0, offsetof(struct run, scope));
    run.schema = schema;
    run.report = report;
    bool fine = check_node(&run, schema->root, at, NULL);
    regex_run_fini(&run.regex);
    *reason = run.reason;
    if (run.status != STATUS_OK)
        return run.status;
    return fine ? STATUS_OK : STATUS_INVALID;
}

enum status schema_validate(
    const struct schema *schema, const struct json_object *instance, struct schema_report *report)
{
    struct place root = {.value = instance, .types = place_types(instance)};
    const char *reason;
    enum status s = run_once(schema, &root, NULL, &reason);
    if (s == STATUS_INVALID && report != NULL)
        s = run_once(schema, &root, report, &reason); /* faults are looked for only where there are some */
    if (s == STATUS_LIMIT && report != NULL) {
        report->more |= report->count > 0;
        report->reason = reason;
        s = report->count > 0 ? STATUS_INVALID : s; /* those that were found in time are faults */
    }
    return s;
}

enum status schema_check(const struct schema *schema, const struct json_object *instance, struct error *e)
{
    struct schema_report report = {.max = 1};
    enum status s = schema_validate(schema, instance, &report);
    if (s == STATUS_INVALID && report.count > 0) {
        error_set(e, s, "%s", report.faults[0].text);
        error_locate(e, NULL, 0, 0, report.faults[0].instance);
    } else if (s == STATUS_LIMIT) {
        error_set(e, s, "validation was given up without an answer: %s", report.reason);
    } else if (s != STATUS_OK) {
        error_set(e, s, "out of memory");
    }
    schema_report_fini(&report);
    return s;
}
