#include "schema_groups.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 64 /* more than there are keywords */

enum status compile_refuse(
    struct compiler *c, const struct node *node, const char *keyword, const char *format, ...)
{
    char why[600];
    struct buf pointer = BUF_INIT(1 << 16);
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    error_set(c->e, STATUS_INVALID, "%s %s", keyword, why);
    node_append_location(node, &pointer);
    json_pointer_append(&pointer, keyword);
    const char *file = node->document_uri[0] != '\0' ? node->document_uri : NULL;
    error_locate(c->e, file, 0, 0, buf_text(&pointer));
    buf_fini(&pointer);
    return STATUS_INVALID;
}

enum status compile_no_memory(struct compiler *c)
{
    return error_set(c->e, STATUS_NO_MEMORY, "out of memory");
}

void compile_enqueue(struct compiler *c, struct node *node)
{
    if (node->queued)
        return;
    node->queued = true;
    *c->queue_end = node;
    c->queue_end = &node->next_queued;
}

enum status compile_subschema(struct compiler *c, const struct node *parent, const char *keyword,
    const struct json_object *json, const struct node **node)
{
    struct node *found = resolve_find_node(c, json);
    if (found == NULL)
        return compile_refuse(c, parent, keyword, "must hold schemas: objects or booleans");
    compile_enqueue(c, found);
    *node = found;
    return STATUS_OK;
}

enum status compile_list(struct compiler *c, const struct node *parent, const char *keyword,
    const struct json_object *array, struct node_list *list)
{
    if (!json_object_is_type(array, json_type_array) || json_object_array_length(array) == 0)
        return compile_refuse(c, parent, keyword, "must be an array of at least one schema");
    list->count = json_object_array_length(array);
    list->items = schema_alloc(c->schema, list->count * sizeof(struct node *));
    if (list->items == NULL)
        return compile_no_memory(c);
    enum status s = STATUS_OK;
    for (size_t i = 0; i < list->count && s == STATUS_OK; i++)
        s = compile_subschema(c, parent, keyword, json_object_array_get_idx(array, i), &list->items[i]);
    return s;
}

enum status compile_bound(struct compiler *c, const struct node *node, const char *keyword,
    const struct json_object *value, uint64_t *bound)
{
    int64_t count;
    if (!json_get_int(value, "", &count) || count < 0)
        return compile_refuse(c, node, keyword, "must be an integer, 0 or more");
    *bound = (uint64_t)count;
    return STATUS_OK;
}

enum status compile_regex(struct compiler *c, const struct node *node, const char *keyword,
    const char *pattern, size_t len, const struct regex **regex)
{
    struct error why = {0};
    struct regex *made = table_get(&c->found, NULL, pattern, len);
    if (made != NULL) {
        *regex = made;
        return STATUS_OK;
    }
    enum status s = regex_compile(pattern, len, &c->pattern_bytes, &made, &why);
    if (s == STATUS_NO_MEMORY)
        return compile_no_memory(c);
    if (s != STATUS_OK) {
        compile_refuse(c, node, keyword, "\"%s\": %s", text_show(pattern, len).text, why.text);
        if (c->e != NULL)
            c->e->status = s;
        return s;
    }
    c->schema->regexes = regex_link(made, c->schema->regexes);
    *regex = made;
    s = table_put(&c->found, NULL, pattern, len, made);
    return s == STATUS_OK ? s : compile_no_memory(c);
}

struct json_object *compile_sibling(const struct node *node, const char *name)
{
    const struct keyword *keyword = schema_keyword_find(name);
    struct json_object *value = NULL;
    bool in_use = keyword != NULL && (keyword->vocabulary & node->resource->vocabularies) != 0;
    return in_use && json_object_object_get_ex(node->json, name, &value) ? value : NULL;
}

/* In draft 07 a $ref stands alone: whatever is beside it says nothing. */
static bool is_hidden(const struct node *node, const struct keyword *keyword)
{
    return is_draft_07(node) && keyword != &keyword_ref &&
           json_object_object_get_ex(node->json, "$ref", NULL);
}

static enum status compile_rule(struct compiler *c, struct node *node, const struct keyword *keyword,
    struct json_object *value, struct rule *rules, size_t *count)
{
    if (keyword->compile == NULL || (keyword->vocabulary & node->resource->vocabularies) == 0 ||
        is_hidden(node, keyword))
        return STATUS_OK;
    if (value == NULL && keyword != &keyword_const)
        return compile_refuse(c, node, keyword->name, "may not be null");
    struct rule *rule = &rules[*count];
    *rule = (struct rule){.check = keyword->check,
        .applies = keyword->applies,
        .keyword = keyword,
        .node = node,
        .value = value};
    enum status s = keyword->compile(c, node, value, rule);
    *count += s == STATUS_OK && rule->check != NULL;
    return s;
}

/* The rules of a node, in the order of the table of keywords. */
static enum status compile_rules(struct compiler *c, struct node *node, struct rule *rules, size_t *count)
{
    struct json_object *values[RULES_MAX];
    bool there[RULES_MAX] = {false};
    json_object_object_foreach(node->json, key, value)
    {
        size_t i = schema_keyword_index(key);
        if (schema_keywords[i] == NULL)
            continue;
        there[i] = true;
        values[i] = value;
    }
    enum status s = STATUS_OK;
    for (size_t i = 0; schema_keywords[i] != NULL && s == STATUS_OK; i++)
        if (there[i])
            s = compile_rule(c, node, schema_keywords[i], values[i], rules, count);
    return s;
}

static enum status compile_node(struct compiler *c, struct node *node)
{
    struct rule rules[RULES_MAX];
    size_t count = 0;
    if (json_object_is_type(node->json, json_type_boolean)) {
        node->always_fails = !json_object_get_boolean(node->json);
        node->types = node->always_fails ? 0 : TYPE_ANY;
        node->asks_type_only = true;
        return STATUS_OK;
    }
    enum status s = compile_rules(c, node, rules, &count);
    if (s != STATUS_OK)
        return s;
    node->rules = schema_alloc(c->schema, count * sizeof *rules);
    if (node->rules == NULL)
        return compile_no_memory(c);
    memcpy(node->rules, rules, count * sizeof *rules);
    node->rule_count = count;
    node->first_rule = count > 0 && rules[0].keyword == schema_keywords[0];
    node->types = node->first_rule > 0 ? rules[0].u.types : TYPE_ANY;
    node->asks_type_only = node->first_rule == count;
    node->looks_only = true;
    for (size_t i = 0; i < count; i++)
        node->looks_only &= rules[i].keyword->looks_only;
    return STATUS_OK;
}

static enum status compile_queued(struct compiler *c)
{
    enum status s = STATUS_OK;
    while (c->queue != NULL && s == STATUS_OK) {
        struct node *node = c->queue;
        c->queue = node->next_queued;
        if (c->queue == NULL)
            c->queue_end = &c->queue;
        s = compile_node(c, node);
    }
    return s;
}

/* A $dynamicRef may lead to any of them, also where no reference names it. */
static bool enqueue_dynamic_anchors(struct compiler *c)
{
    for (struct resource *r = c->schema->resources; c->schema->dynamic && r != NULL; r = r->next)
        for (struct anchor *a = r->anchors; a != NULL; a = a->next)
            if (a->dynamic)
                compile_enqueue(c, a->node);
    return c->queue != NULL;
}

/* A node with no rule but a $ref is passed over, which saves a step wherever it is used. */
static void take_short_cuts(struct schema *s)
{
    for (struct node *n = s->nodes; n != NULL && !s->dynamic; n = n->next) {
        const struct node *end = n;
        int steps = 0;
        while (end->rule_count == 1 && end->rules[0].keyword == &keyword_ref && steps++ < 32)
            end = end->rules[0].u.target;
        if (end == n || steps >= 32)
            continue;
        n->same_as = end;
        n->types = end->types;
        n->asks_type_only = end->asks_type_only;
        n->looks_only = end->looks_only;
        n->rules = end->rules;
        n->rule_count = end->rule_count;
        n->first_rule = end->first_rule;
    }
}

static enum status compile_all(struct compiler *c, struct json_object *document)
{
    const char *uri = c->options->uri != NULL ? c->options->uri : "";
    unsigned vocabularies = c->options->draft == SCHEMA_DRAFT_07 ? VOCABULARY_DRAFT_07 : VOCABULARY_ALL;
    enum status s = scan_document(c, document, uri, vocabularies, &c->schema->root);
    if (s == STATUS_OK)
        compile_enqueue(c, c->schema->root);
    while (s == STATUS_OK && (c->queue != NULL || enqueue_dynamic_anchors(c)))
        s = compile_queued(c);
    return s;
}

enum status schema_compile(struct json_object *document, const struct schema_options *options,
    struct schema **schema, struct error *e)
{
    static const struct schema_options none;
    struct compiler c = {.options = options != NULL ? options : &none, .e = e};
    c.queue_end = &c.queue;
    *schema = NULL;
    c.schema = calloc(1, sizeof *c.schema);
    if (c.schema == NULL)
        return compile_no_memory(&c);
    c.schema->assert_formats = c.options->assert_formats;
    c.schema->steps_max = c.options->steps_max > 0 ? c.options->steps_max : SCHEMA_STEPS_MAX;
    table_init(&c.schema->names);
    table_init(&c.found);
    enum status s = compile_all(&c, document);
    table_fini(&c.found);
    if (s != STATUS_OK) {
        schema_free(c.schema);
        return s;
    }
    take_short_cuts(c.schema);
    *schema = c.schema;
    return STATUS_OK;
}
