#include "schema_parts.h"

#include "schema_uri.h"
#include "schemas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct node **bucket_of(const struct compiler *c, const struct json_object *json)
{
    uintptr_t address = (uintptr_t)json;
    return (struct node **)&c->buckets[(address >> 4 ^ address >> 14) % NODE_BUCKETS];
}

struct node *resolve_find_node(const struct compiler *c, const struct json_object *json)
{
    struct node *node = json != NULL ? *bucket_of(c, json) : NULL;
    while (node != NULL && node->json != json)
        node = node->next_in_bucket;
    return node;
}

static const struct anchor *find_anchor(const struct resource *resource, const char *name)
{
    const struct anchor *a = resource->anchors;
    while (a != NULL && strcmp(a->name, name) != 0)
        a = a->next;
    return a;
}

const struct anchor *resolve_dynamic_anchor(const struct resource *resource, const char *name)
{
    const struct anchor *a = resource->anchors;
    while (a != NULL && (!a->dynamic || strcmp(a->name, name) != 0))
        a = a->next;
    return a;
}

static struct resource *find_resource(const struct compiler *c, const char *uri)
{
    struct resource *r = c->schema->resources;
    while (r != NULL && strcmp(r->uri, uri) != 0 && (r->alias == NULL || strcmp(r->alias, uri) != 0))
        r = r->next;
    return r;
}

/* The resource that a scanned object belongs to, and how the way there is written. */
struct scan {
    struct compiler *c;
    const char *document_uri;
    struct buf location;
    int depth;
};

static struct node *add_node(struct scan *scan, const struct json_object *json, struct resource *resource)
{
    struct schema *s = scan->c->schema;
    struct node *node = schema_alloc(s, sizeof *node);
    char *location = schema_copy_text(s, buf_text(&scan->location), scan->location.len);
    if (node == NULL || location == NULL)
        return NULL;
    struct node **bucket = bucket_of(scan->c, json);
    *node = (struct node){.json = json,
        .resource = resource,
        .document_uri = scan->document_uri,
        .location = location,
        .next_in_bucket = *bucket,
        .next = s->nodes};
    *bucket = node;
    s->nodes = node;
    return node;
}

static enum status add_anchor(struct scan *scan, struct node *node, const char *keyword, bool dynamic)
{
    struct json_object *value;
    if (!json_object_object_get_ex(node->json, keyword, &value))
        return STATUS_OK;
    if (!json_object_is_type(value, json_type_string))
        return compile_refuse(scan->c, node, keyword, "must be a string");
    const char *name = json_object_get_string(value);
    const struct anchor *other = find_anchor(node->resource, name);
    if (other != NULL && (other->node != node || other->dynamic == dynamic))
        return compile_refuse(scan->c, node, keyword, "\"%s\" is there twice", name);
    struct anchor *anchor = schema_alloc(scan->c->schema, sizeof *anchor);
    if (anchor == NULL)
        return compile_no_memory(scan->c);
    *anchor =
        (struct anchor){.name = name, .node = node, .dynamic = dynamic, .next = node->resource->anchors};
    node->resource->anchors = anchor;
    return STATUS_OK;
}

static enum status add_resource(struct compiler *c, const char *uri, struct resource **resource)
{
    struct resource *r = schema_alloc(c->schema, sizeof *r);
    char *copy = schema_copy_text(c->schema, uri, strcspn(uri, "#"));
    if (r == NULL || copy == NULL)
        return compile_no_memory(c);
    *r = (struct resource){.uri = copy, .vocabularies = VOCABULARY_ALL, .next = c->schema->resources};
    c->schema->resources = r;
    *resource = r;
    return STATUS_OK;
}

/* $id gives a document its name, and begins a resource of its own elsewhere. */
static enum status name_resource(struct scan *scan, struct node *node, const char *uri)
{
    struct resource *parent = node->resource, *resource;
    enum status s = add_resource(scan->c, uri, &resource);
    if (s != STATUS_OK)
        return s;
    resource->vocabularies = parent->vocabularies;
    resource->root = node;
    node->resource = resource;
    if (node == parent->root) {
        resource->alias = parent->uri;
        scan->c->schema->resources = resource;
        resource->next = parent->next; /* in place of the one without name, which was the newest */
        scan->document_uri = node->document_uri = resource->uri;
    }
    return STATUS_OK;
}

static enum status begin_resource(struct scan *scan, struct node *node, struct json_object *id)
{
    if (!json_object_is_type(id, json_type_string))
        return compile_refuse(scan->c, node, "$id", "must be a string");
    const char *fragment = strchr(json_object_get_string(id), '#');
    if (fragment != NULL && fragment[1] != '\0')
        return compile_refuse(scan->c, node, "$id", "may not have a fragment");
    struct buf uri = BUF_INIT(1 << 16);
    enum status s = schema_uri_resolve(node->resource->uri, json_object_get_string(id), &uri);
    if (s == STATUS_OK)
        s = name_resource(scan, node, buf_text(&uri));
    else
        s = compile_refuse(scan->c, node, "$id", "is too long");
    buf_fini(&uri);
    return s;
}

static enum status scan_schema(
    struct scan *scan, struct json_object *json, struct resource *resource, struct node **made);

static enum status scan_below(
    struct scan *scan, const char *token, struct json_object *json, struct resource *resource)
{
    size_t before = scan->location.len;
    if (json_pointer_append(&scan->location, token) != STATUS_OK)
        return compile_no_memory(scan->c);
    enum status s = scan_schema(scan, json, resource, NULL);
    scan->location.len = before;
    if (scan->location.data != NULL)
        scan->location.data[before] = '\0';
    return s;
}

static enum status scan_many(struct scan *scan, struct json_object *json, struct resource *resource)
{
    enum status s = STATUS_OK;
    if (json_object_is_type(json, json_type_object)) {
        json_object_object_foreach(json, key, value)
        {
            if (s == STATUS_OK)
                s = scan_below(scan, key, value, resource);
        }
    } else if (json_object_is_type(json, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(json) && s == STATUS_OK; i++) {
            char token[24];
            snprintf(token, sizeof token, "%zu", i);
            s = scan_below(scan, token, json_object_array_get_idx(json, i), resource);
        }
    }
    return s;
}

static enum status scan_keyword(
    struct scan *scan, const struct keyword *keyword, struct json_object *value, struct resource *resource)
{
    if (keyword->holds == HOLDS_SCHEMA)
        return scan_below(scan, keyword->name, value, resource);
    size_t before = scan->location.len;
    if (json_pointer_append(&scan->location, keyword->name) != STATUS_OK)
        return compile_no_memory(scan->c);
    enum status s = scan_many(scan, value, resource);
    scan->location.len = before;
    if (scan->location.data != NULL)
        scan->location.data[before] = '\0';
    return s;
}

static enum status scan_members(struct scan *scan, struct node *node)
{
    enum status s = STATUS_OK;
    json_object_object_foreach(node->json, key, value)
    {
        const struct keyword *keyword = schema_keyword_find(key);
        if (s == STATUS_OK && keyword != NULL && keyword->holds != HOLDS_NO_SCHEMA)
            s = scan_keyword(scan, keyword, value, node->resource);
    }
    return s;
}

/* What is no schema is left out here, and refused when a keyword wants it compiled. */
static enum status scan_schema(
    struct scan *scan, struct json_object *json, struct resource *resource, struct node **made)
{
    bool is_object = json_object_is_type(json, json_type_object);
    struct json_object *id;
    if ((!is_object && !json_object_is_type(json, json_type_boolean)) ||
        resolve_find_node(scan->c, json) != NULL)
        return STATUS_OK;
    struct node *node = add_node(scan, json, resource);
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
    enum status s = STATUS_OK;
    if (json_object_object_get_ex(json, "$id", &id))
        s = begin_resource(scan, node, id);
    if (s == STATUS_OK && node == node->resource->root)
        s = vocabulary_of(scan->c, node, &node->resource->vocabularies);
    if (s == STATUS_OK)
        s = add_anchor(scan, node, "$anchor", false);
    if (s == STATUS_OK)
        s = add_anchor(scan, node, "$dynamicAnchor", true);
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

enum status resolve_document(
    struct compiler *c, struct json_object *document, const char *uri, struct node **root)
{
    struct scan scan = {.c = c, .location = BUF_INIT(1 << 16)};
    struct resource *resource;
    *root = NULL;
    enum status s = keep_document(c, document);
    if (s == STATUS_OK)
        s = add_resource(c, uri, &resource);
    if (s != STATUS_OK)
        return s;
    scan.document_uri = resource->uri;
    s = scan_schema(&scan, document, resource, root);
    buf_fini(&scan.location);
    if (s == STATUS_OK && *root == NULL) {
        c->schema->resources = resource->next; /* the document is known by another name */
        *root = resolve_find_node(c, document);
        if (*root == NULL)
            s = error_set(c->e, STATUS_INVALID, "a schema must be an object or a boolean");
    }
    return s;
}

/* The text up to '#' is the same, fragments being empty. */
static bool same_uri(const char *a, const char *b)
{
    size_t len = a != NULL ? strcspn(a, "#") : 0;
    return a != NULL && strcspn(b, "#") == len && strncmp(a, b, len) == 0;
}

enum status resolve_find_document(struct compiler *c, const char *uri, struct json_object **document)
{
    *document = NULL;
    for (size_t i = 0; i < c->options->source_count; i++) {
        const struct schema_source *source = &c->options->sources[i];
        const char *id = json_get_text(source->document, "/$id");
        if (same_uri(source->uri, uri) || same_uri(id, uri)) {
            *document = json_object_get(source->document);
            return STATUS_OK;
        }
    }
    for (const struct schema_file *file = schema_files; file->name != NULL; file++)
        if (same_uri(file->id, uri))
            return json_parse(file->text, file->len, document, c->e);
    return STATUS_NOT_FOUND;
}

static enum status load_resource(struct compiler *c, const struct node *node, const char *keyword,
    const char *uri, struct resource **resource)
{
    struct json_object *document;
    struct node *root;
    enum status s = resolve_find_document(c, uri, &document);
    if (s == STATUS_NOT_FOUND)
        return compile_refuse(
            c, node, keyword, "names \"%s\", which is not at hand: nothing is fetched", uri);
    if (s == STATUS_OK)
        s = resolve_document(c, document, uri, &root);
    json_object_put(document);
    *resource = s == STATUS_OK ? find_resource(c, uri) : NULL;
    if (s == STATUS_OK && *resource == NULL)
        *resource = root->resource;
    return s;
}

/* A pointer may lead into what no keyword calls a schema; that is scanned now. */
static enum status follow_pointer(struct compiler *c, const struct node *node, const char *keyword,
    const struct resource *from, const char *pointer, struct node **target)
{
    struct json_object *json = NULL;
    if (!json_find(from->root->json, pointer, &json) ||
        (!json_object_is_type(json, json_type_object) && !json_object_is_type(json, json_type_boolean)))
        return compile_refuse(c, node, keyword, "points to \"%s\", where there is no schema", pointer);
    *target = resolve_find_node(c, json);
    if (*target != NULL)
        return STATUS_OK;
    struct scan scan = {.c = c, .document_uri = from->root->document_uri, .location = BUF_INIT(1 << 16)};
    buf_append_text(&scan.location, from->root->location);
    buf_append_text(&scan.location, pointer);
    enum status s = scan_schema(&scan, json, from->root->resource, target);
    buf_fini(&scan.location);
    return s;
}

static enum status follow_fragment(struct compiler *c, const struct node *node, const char *keyword,
    const struct resource *from, const char *fragment, struct node **target, const struct anchor **anchor)
{
    if (fragment[0] == '\0') {
        *target = from->root;
        return STATUS_OK;
    }
    if (fragment[0] == '/')
        return follow_pointer(c, node, keyword, from, fragment, target);
    *anchor = find_anchor(from, fragment);
    if (*anchor == NULL)
        return compile_refuse(c, node, keyword, "names the anchor \"%s\", which is not there", fragment);
    *target = (*anchor)->node;
    return STATUS_OK;
}

enum status resolve_reference(struct compiler *c, const struct node *node, const char *keyword,
    const char *reference, struct node **target, const struct anchor **anchor)
{
    struct buf uri = BUF_INIT(1 << 16), fragment = BUF_INIT(1 << 16);
    enum status s = schema_uri_resolve(node->resource->uri, reference, &uri);
    *anchor = NULL;
    if (s != STATUS_OK)
        goto out;
    buf_append_char(&uri, '\0');
    if (buf_status(&uri) != STATUS_OK)
        goto out;
    char *hash = strchr(uri.data, '#');
    if (hash != NULL)
        *hash++ = '\0';
    if (hash != NULL && !schema_uri_decode(hash, &fragment)) {
        s = compile_refuse(c, node, keyword, "is not a valid URI reference");
        goto out;
    }
    struct resource *from = find_resource(c, uri.data);
    if (from == NULL)
        s = load_resource(c, node, keyword, uri.data, &from);
    if (s == STATUS_OK)
        s = follow_fragment(c, node, keyword, from, buf_text(&fragment), target, anchor);
out:
    if (s == STATUS_NO_MEMORY)
        compile_no_memory(c);
    buf_fini(&uri);
    buf_fini(&fragment);
    return s;
}
