#include "schema_file.h"

#include "our_schemas.h"
#include "schema_uri.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { URI_MAX = 8192, REFERENCE_DEPTH_MAX = JSON_DEPTH_MAX };

/* One document that was read, and what it is known by. */
struct document {
    char *uri, *path;
    struct json_object *tree;
};

struct loading {
    struct document documents[SCHEMA_FILES_MAX];
    size_t count;
    struct error *e;
};

static enum status no_memory(struct loading *l)
{
    return error_set(l->e, STATUS_NO_MEMORY, "out of memory");
}

static bool is_known(const struct loading *l, const char *uri)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->documents[i].uri, uri) == 0)
            return true;
    return false;
}

static enum status add_document(struct loading *l, const char *uri, const char *path)
{
    struct json_object *tree;
    if (l->count == SCHEMA_FILES_MAX)
        return error_set(l->e, STATUS_LIMIT, "the schema refers to more than %d files", SCHEMA_FILES_MAX);
    enum status s = json_read_file(path, &tree, l->e);
    if (s != STATUS_OK)
        return s;
    struct document *d = &l->documents[l->count++];
    *d = (struct document){.uri = strdup(uri), .path = strdup(path), .tree = tree};
    return d->uri != NULL && d->path != NULL ? STATUS_OK : no_memory(l);
}

static bool has_scheme(const char *reference)
{
    size_t len = strspn(reference, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return len > 0 && reference[len] == ':';
}

/* Where the file of a reference would be, seen from the file that it stands in. False: it names none. */
static bool path_of(const char *from, const char *reference, struct buf *path)
{
    struct buf plain = BUF_INIT(URI_MAX);
    buf_append(&plain, reference, strcspn(reference, "#?"));
    const char *text = buf_text(&plain);
    bool ok = plain.len > 0;
    if (strncmp(text, "file://", 7) == 0)
        text += 7;
    else if (has_scheme(text) || strncmp(text, "//", 2) == 0)
        ok = false;
    const char *slash = strrchr(from, '/');
    if (ok && text[0] != '/' && slash != NULL)
        buf_append(path, from, (size_t)(slash - from) + 1);
    ok = ok && schema_uri_decode(text, path) && buf_status(path) == STATUS_OK &&
         buf_status(&plain) == STATUS_OK;
    buf_fini(&plain);
    return ok;
}

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* What is not there is left to the validator, which says who refers to it. */
static enum status follow(struct loading *l, const char *from, const char *base, const char *reference)
{
    struct buf path = BUF_INIT(PATH_MAX), uri = BUF_INIT(URI_MAX);
    enum status s = STATUS_OK;
    if (path_of(from, reference, &path) && is_file(buf_text(&path)) &&
        schema_uri_resolve(base, reference, &uri) == STATUS_OK) {
        uri.len = strcspn(buf_text(&uri), "#");
        uri.data[uri.len] = '\0';
        if (!is_known(l, buf_text(&uri)))
            s = add_document(l, buf_text(&uri), buf_text(&path));
    }
    buf_fini(&path);
    buf_fini(&uri);
    return s;
}

static enum status scan(
    struct loading *l, const char *from, const char *base, struct json_object *tree, int depth);

static enum status scan_object(
    struct loading *l, const char *from, const char *base, struct json_object *tree, int depth)
{
    static const char *const references[] = {"$ref", "$dynamicRef", "$schema"};
    struct buf own = BUF_INIT(URI_MAX);
    const char *id = json_get_text(tree, "/$id");
    enum status s = STATUS_OK;
    if (id != NULL && schema_uri_resolve(base, id, &own) == STATUS_OK)
        base = buf_text(&own);
    for (size_t i = 0; s == STATUS_OK && i < sizeof references / sizeof *references; i++) {
        struct json_object *value;
        if (json_object_object_get_ex(tree, references[i], &value) &&
            json_object_is_type(value, json_type_string))
            s = follow(l, from, base, json_object_get_string(value));
    }
    json_object_object_foreach(tree, key, member)
    {
        (void)key;
        if (s == STATUS_OK)
            s = scan(l, from, base, member, depth + 1);
    }
    buf_fini(&own);
    return s;
}

static enum status scan(
    struct loading *l, const char *from, const char *base, struct json_object *tree, int depth)
{
    enum status s = STATUS_OK;
    if (depth > REFERENCE_DEPTH_MAX)
        return s;
    if (json_object_is_type(tree, json_type_object))
        return scan_object(l, from, base, tree, depth);
    size_t count = json_object_is_type(tree, json_type_array) ? json_object_array_length(tree) : 0;
    for (size_t i = 0; s == STATUS_OK && i < count; i++)
        s = scan(l, from, base, json_object_array_get_idx(tree, i), depth + 1);
    return s;
}

/* file:///folder/a%20name.json */
static void append_file_uri(struct buf *uri, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    buf_append_text(uri, "file://");
    for (; *path != '\0'; path++) {
        if (strchr(plain, *path) != NULL)
            buf_append_char(uri, *path);
        else
            buf_printf(uri, "%%%02X", (unsigned)(unsigned char)*path);
    }
}

/* The list grows while it is walked: each file that is found is looked through in its turn. */
static enum status load_all(struct loading *l, const char *path)
{
    struct buf uri = BUF_INIT(URI_MAX);
    char *absolute = realpath(path, NULL);
    append_file_uri(&uri, absolute != NULL ? absolute : path);
    enum status s = buf_status(&uri) == STATUS_OK ? add_document(l, buf_text(&uri), path) : no_memory(l);
    for (size_t i = 0; s == STATUS_OK && i < l->count; i++)
        s = scan(l, l->documents[i].path, l->documents[i].uri, l->documents[i].tree, 0);
    free(absolute);
    buf_fini(&uri);
    return s;
}

static enum status compile(struct loading *l, struct schema **schema)
{
    struct schema_source sources[SCHEMA_FILES_MAX];
    struct json_object *root = l->documents[0].tree;
    for (size_t i = 1; i < l->count; i++)
        sources[i - 1] = (struct schema_source){l->documents[i].uri, l->documents[i].tree};
    struct schema_options options = {
        .sources = sources, .source_count = l->count - 1, .uri = l->documents[0].uri, .assert_formats = true};
    const struct schema *of_draft = schema_for_schemas_like(root);
    enum status s = of_draft != NULL ? schema_check(of_draft, root, l->e) : STATUS_OK;
    return s == STATUS_OK ? schema_compile(root, &options, schema, l->e) : s;
}

enum status schema_file_load(const char *path, struct schema **schema, struct error *e)
{
    *schema = NULL;
    struct loading *l = calloc(1, sizeof *l);
    if (l == NULL)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    l->e = e;
    enum status s = load_all(l, path);
    if (s == STATUS_OK)
        s = compile(l, schema);
    if (s != STATUS_OK)
        error_locate(e, path, 0, 0, NULL);
    for (size_t i = 0; i < l->count; i++) {
        free(l->documents[i].uri);
        free(l->documents[i].path);
        json_object_put(l->documents[i].tree);
    }
    free(l);
    return s;
}
