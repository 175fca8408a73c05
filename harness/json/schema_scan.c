#include "schema_parts.h"

#include "schema_uri.h"

#include <stdlib.h>

/* Finds the schemas in a document, and what gives them names: resources and anchors. */
struct scan {
    struct compiler *c;
    const char *document_uri;
    int depth;
};

/* The way from one node to the next below it. */
struct way {
    const struct node *above;
    const char *keyword; /* or a whole pointer */
    const char *key;     /* member of what the keyword holds; NULL: item or the schema itself */
    size_t item;         /* 1 + index, 0: no item */
};

struct node *resolve_find_node(const struct compiler *c, const struct json_object *json)
{
    return json != NULL ? table_get(&c->found, json, "", 0) : NULL;
}

static struct node *add_node(
    struct scan *scan, const struct json_object *json, struct resource *resource, struct way way)
{
    struct schema *s = scan->c->schema;
    struct node *node = schema_alloc(s, sizeof *node);
    if (node == NULL || table_put(&scan->c->found, json, "", 0, node) != STATUS_OK)
        return NULL;
    *node = (struct node){.json = json,
        .resource = resource,
        .document_uri = scan->document_uri,
        .above = way.above,
        .keyword = way.keyword,
        .key = way.key,
        .item = way.item,
        .next = s->nodes};
    s->nodes = node;
    return node;
}

void node_append_location(const struct node *node, struct buf *out)
{
    if (node->above != NULL)
        node_append_location(node->above, out);
    if (node->keyword != NULL && node->keyword[0] == '/')
        buf_append_text(out, node->keyword);
    else if (node->keyword != NULL)
        json_pointer_append(out, node->keyword);
    if (node->key != NULL)
        json_pointer_append(out, node->key);
    else if (node->item > 0)
        buf_printf(out, "/%zu", node->item - 1);
}

static enum status add_anchor(
    struct scan *scan, struct node *node, const char *keyword, const char *name, bool dynamic)
{
    struct schema *s = scan->c->schema;
    struct resource *owner = node->resource;
    const struct anchor *other = table_get(&s->names, owner, name, strlen(name));
    if (other != NULL && (other->node != node || other->dynamic == dynamic))
        return compile_refuse(scan->c, node, keyword, "\"%s\" is there twice", name);
    struct anchor *anchor = schema_alloc(s, sizeof *anchor);
    if (anchor == NULL || table_put(&s->names, owner, name, strlen(name), anchor) != STATUS_OK)
        return compile_no_memory(scan->c);
    *anchor = (struct anchor){.name = name, .node = node, .dynamic = dynamic, .next = owner->anchors};
    owner->anchors = anchor;
    return STATUS_OK;
}

static enum status add_anchor_of(struct scan *scan, struct node *node, const char *keyword, bool dynamic)
{
    struct json_object *value;
    if (is_draft_07(node) || !json_object_object_get_ex(node->json, keyword, &value))
        return STATUS_OK;
    if (!json_object_is_type(value, json_type_string))
        return compile_refuse(scan->c, node, keyword, "must be a string");
    return add_anchor(scan, node, keyword, json_object_get_string(value), dynamic);
}

static enum status add_resource(
    struct compiler *c, const char *uri, unsigned vocabularies, struct resource **resource)
{
    size_t len = strcspn(uri, "#");
    struct resource *r = schema_alloc(c->schema, sizeof *r);
    char *copy = schema_copy_text(c->schema, uri, len);
    if (r == NULL || copy == NULL || table_put(&c->schema->names, NULL, copy, len, r) != STATUS_OK)
        return compile_no_memory(c);
    *r = (struct resource){.uri = copy, .vocabularies = vocabularies, .next = c->schema->resources};
    c->schema->resources = r;
    *resource = r;
    return STATUS_OK;
}

/* What is found under the URI of one resource is another: the same, better known. */
static enum status rename_resource(struct compiler *c, const struct resource *from, struct resource *to)
{
    enum status s = table_put(&c->schema->names, NULL, from->uri, strlen(from->uri), to);
    return s == STATUS_OK ? s : compile_no_memory(c);
}

/* $id gives a document its name, and begins a resource of its own elsewhere. */
static enum status name_resource(struct scan *scan, struct node *node, const char *uri, unsigned vocabularies)
{
    struct resource *parent = node->resource, *resource;
    enum status s = add_resource(scan->c, uri, vocabularies, &resource);
    if (s != STATUS_OK)
        return s;
    resource->root = node;
    node->resource = resource;
    if (node != parent->root)
        return STATUS_OK;
    resource->next = parent->next; /* in place of the one without name, which was the newest */
    scan->document_uri = node->document_uri = resource->uri;
    return rename_resource(scan->c, parent, resource);
}

static enum status begin_resource(struct scan *scan, struct node *node, const char *id, unsigned vocabularies)
{
    struct buf uri = BUF_INIT(1 << 16);
    enum status s = schema_uri_resolve(node->resource->uri, id, &uri);
    if (s == STATUS_OK)
        s = name_resource(scan, node, buf_text(&uri), vocabularies);
    else if (s == STATUS_LIMIT)
        s = compile_refuse(scan->c, node, "$id", "is too long");
    else
        compile_no_memory(scan->c);
    buf_fini(&uri);
    return s;
}

/* In draft 07 the fragment of an $id is what an anchor is now, and one that is a fragment alone begins nothing.
 */
static enum status read_id(
    struct scan *scan, struct node *node, struct json_object *id, unsigned vocabularies)
{
    if (!json_object_is_type(id, json_type_string))
        return compile_refuse(scan->c, node, "$id", "must be a string");
    const char *text = json_object_get_string(id), *fragment = strchr(text, '#');
    bool names_place = fragment != NULL && fragment[1] != '\0', old = vocabularies == VOCABULARY_DRAFT_07;
    if (names_place && !old)
        return compile_refuse(scan->c, node, "$id", "may not have a fragment");
    enum status s = STATUS_OK;
    if (!names_place || fragment != text)
        s = begin_resource(scan, node, text, vocabularies);
    if (s == STATUS_OK && names_place)
        s = add_anchor(scan, node, "$id", fragment + 1, false);
    return s;
}

/* What $schema, $id and the anchors of a schema say. */
static enum status read_identity(struct scan *scan, struct node *node)
{
    struct json_object *id;
    bool is_root = node == node->resource->root;
    bool has_id = json_object_object_get_ex(node->json, "$id", &id);
    unsigned vocabularies = node->resource->vocabularies;
    enum status s = is_root || has_id ? vocabulary_of(scan->c, node, &vocabularies) : STATUS_OK;
    if (s == STATUS_OK && is_root)
        node->resource->vocabularies = vocabularies;
    if (vocabularies == VOCABULARY_DRAFT_07 && json_object_object_get_ex(node->json, "$ref", NULL))
        has_id = false; /* beside a $ref it says nothing */
    if (s == STATUS_OK && has_id)
        s = read_id(scan, node, id, vocabularies);
    if (s == STATUS_OK)
        s = add_anchor_of(scan, node, "$anchor", false);
    if (s == STATUS_OK)
        s = add_anchor_of(scan, node, "$dynamicAnchor", true);
    return s;
}

static enum status scan_schema(struct scan *scan, struct json_object *json, struct resource *resource,
    struct way way, struct node **made);

static enum status scan_many(struct scan *scan, struct json_object *json, struct node *node, struct way way)
{
    enum status s = STATUS_OK;
    if (json_object_is_type(json, json_type_object)) {
        json_object_object_foreach(json, key, value)
        {
            way.key = key;
            if (s == STATUS_OK)
                s = scan_schema(scan, value, node->resource, way, NULL);
        }
    } else if (json_object_is_type(json, json_type_array)) {
        for (way.item = 1; way.item <= json_object_array_length(json) && s == STATUS_OK; way.item++)
            s = scan_schema(scan, json_object_array_get_idx(json, way.item - 1), node->resource, way, NULL);
    }
    return s;
}

static enum status scan_keyword(
    struct scan *scan, const struct keyword *keyword, struct json_object *value, struct node *node)
{
    struct way way = {.above = node, .keyword = keyword->name};
    bool is_list = json_object_is_type(value, json_type_array);
    if (keyword->holds == HOLDS_SCHEMA || (keyword->holds == HOLDS_SCHEMA_OR_LIST && !is_list))
        return scan_schema(scan, value, node->resource, way, NULL);
    return scan_many(scan, value, node, way);
}

/* What a draft does not know holds no schemas, what a vocabulary that is left out knows does. */
static enum status scan_members(struct scan *scan, struct node *node)
{
    unsigned known = is_draft_07(node) ? VOCABULARY_DRAFT_07 : VOCABULARY_ALL;
    enum status s = STATUS_OK;
    json_object_object_foreach(node->json, key, value)
    {
        const struct keyword *keyword = schema_keyword_find(key);
        if (s == STATUS_OK && keyword != NULL && keyword->holds != HOLDS_NO_SCHEMA &&
            (keyword->vocabulary & known) != 0)
            s = scan_keyword(scan, keyword, value, node);
    }
    return s;
}

/* What is no schema is left out here, and refused when a keyword wants it compiled. */
static enum status scan_schema(struct scan *scan, struct json_object *json, struct resource *resource,
    struct way way, struct node **made)
{
    bool is_object = json_object_is_type(json, json_type_object);
    if ((!is_object && !json_object_is_type(json, json_type_boolean)) ||
        resolve_find_node(scan->c, json) != NULL)
        return STATUS_OK;
    struct node *node = add_node(scan, json, resource, way);
    if (node == NULL)
        return compile_no_memory(scan->c);
    if (made != NULL)
        *made = node;
    if (resource->root == NULL)
        resource->root = node;
    if (!is_object)
        return STATUS_OK;
    if (scan->depth++ > JSON_DEPTH_MAX)
        return error_set(scan->c->e, STATUS_LIMIT, "the schema is nested too deep");
    enum status s = read_identity(scan, node);
    if (s == STATUS_OK)
        s = scan_members(scan, node);
    scan->depth--;
    return s;
}

static enum status keep_document(struct compiler *c, struct json_object *document)
{
    struct schema *s = c->schema;
    struct json_object **more = realloc(s->documents, (s->document_count + 1) * sizeof *more);
    if (more == NULL)
        return compile_no_memory(c);
    s->documents = more;
    s->documents[s->document_count++] = json_object_get(document);
    return STATUS_OK;
}

enum status scan_document(struct compiler *c, struct json_object *document, const char *uri,
    unsigned vocabularies, struct node **root)
{
    struct scan scan = {.c = c};
    struct resource *resource;
    *root = NULL;
    enum status s = keep_document(c, document);
    if (s == STATUS_OK)
        s = add_resource(c, uri, vocabularies, &resource);
    if (s != STATUS_OK)
        return s;
    scan.document_uri = resource->uri;
    s = scan_schema(&scan, document, resource, (struct way){0}, root);
    if (s != STATUS_OK || *root != NULL)
        return s;
    *root = resolve_find_node(c, document);
    if (*root == NULL)
        return error_set(c->e, STATUS_INVALID, "a schema must be an object or a boolean");
    c->schema->resources = resource->next; /* the document is known by another name */
    return rename_resource(c, resource, (*root)->resource);
}

enum status scan_below(struct compiler *c, const struct resource *from, const char *pointer,
    struct json_object *json, struct node **node)
{
    struct scan scan = {.c = c, .document_uri = from->root->document_uri};
    const char *copy = schema_copy_text(c->schema, pointer, strlen(pointer));
    if (copy == NULL)
        return compile_no_memory(c);
    struct way way = {.above = from->root, .keyword = copy};
    return scan_schema(&scan, json, from->root->resource, way, node);
}
