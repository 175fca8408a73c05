#include "schema_parts.h"

#include "schema_uri.h"
#include "schemas.h"

#include <stdlib.h>

static struct resource *find_resource(const struct compiler *c, const char *uri)
{
    return table_get(&c->schema->names, NULL, uri, strlen(uri));
}

const struct anchor *resolve_dynamic_anchor(
    const struct schema *s, const struct resource *resource, const char *name)
{
    const struct anchor *a = table_get(&s->names, resource, name, strlen(name));
    return a != NULL && a->dynamic ? a : NULL;
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
        const char *id = text_of_member(source->document, "$id");
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
        s = scan_document(c, document, uri, is_draft_07(node) ? VOCABULARY_DRAFT_07 : VOCABULARY_ALL, &root);
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
    return scan_below(c, from, pointer, json, target);
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
    *anchor = table_get(&c->schema->names, from, fragment, strlen(fragment));
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
    if (s == STATUS_OK)
        s = buf_append_char(&uri, '\0');
    if (s == STATUS_LIMIT)
        s = compile_refuse(c, node, keyword, "is too long");
    if (s != STATUS_OK)
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
