/*
 * Holds writers and schemas against each other, field by field: every field of a schema is written by some
 * file of the run folders named on the command line, or stands in the list of those that nobody writes yet,
 * and not in both. That nothing else is written is what validation says, since the schemas are closed.
 *
 *     written_fields runs/one runs/two
 *
 * Prints each difference; exits with 1 if there is one.
 */
#include "buf.h"
#include "json.h"
#include "jsonl.h"
#include "schemas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 1024 };

/* What the schemas promise and nobody writes yet, with all that is below it: written, it must leave this
 * list. */
static const char *const promised[] = {"record /parameters/top_p", "record /parameters/streamed",
    "record /parameters/salted", "record /parameters/stop", "record /parameters/sweep_point",
    "run /parameters/top_p", "run /parameters/streamed", "run /parameters/salted", "run /parameters/stop",
    "run /parameters/concurrency", "run /parameters/rate_per_s", "run /parameters/sweep_point", NULL};

/* What depends on the machine, on the server, or on more samples than a test takes: tested where it is made.
 */
static const char *const depends[] = {"record /energy", "record /system_health/client",
    "record /system_health/server", "record /metadata/migrated", "run /migrated", "sample /energy/reason",
    "sample /energy/sources/[]", "run /idle", "record /client/reason", "record /parameters/rate_per_s",
    "run /machine", "run /assay/commit", "run /assay/suite", "run /models/[]/model",
    "run /targets/[]/server_version", "run /left_out", "run /plan/[]/skip", "record /model",
    "record /identity/subject", "record /performance/*/histogram", "record /performance/*/p999",
    "record /performance/*/p99", "record /process/signal", "record /system_health/sensors/*/flag",
    "record /system_health/sensors/*/reason", "run /sensors_unavailable", "record /cross_check/[]/cause",
    "record /model_load/server_s", "record /model_load/error", "run /model_events/[]/server_s",
    "run /model_events/[]/error", "exchange /connection", "exchange /native", "exchange /earlier_errors",
    "answer /tool_calls", "sample /machine", "sample /clock/error_s", "sample /group_limit_bytes",
    "sample /sensors/*/reason", "sample /ended/signal", "request /connect_s", "request /tls_s",
    "request /http_version", NULL};

struct field {
    char path[256]; /* "record /process/signal" */
    bool written;
};

static struct field fields[FIELDS_MAX];
static size_t field_count;
static struct json_object *documents[64]; /* of schema_files, in their order */

static struct field *field_of(const char *path)
{
    for (size_t i = 0; i < field_count; i++)
        if (strcmp(fields[i].path, path) == 0)
            return &fields[i];
    if (field_count == FIELDS_MAX)
        exit(4);
    struct field *f = &fields[field_count++];
    snprintf(f->path, sizeof f->path, "%s", path);
    return f;
}

/* Schema node and the document that its local references mean. */
struct node {
    struct json_object *document, *schema;
};

static struct json_object *document_of(const char *id, size_t len)
{
    for (size_t i = 0; schema_files[i].name; i++)
        if (strlen(schema_files[i].id) == len && memcmp(schema_files[i].id, id, len) == 0)
            return documents[i];
    return NULL;
}

static struct node resolve(struct node n)
{
    const char *ref = json_get_text(n.schema, "/$ref");
    if (!ref)
        return n;
    size_t len = strcspn(ref, "#");
    if (len > 0)
        n.document = document_of(ref, len);
    n.schema = json_get(n.document, ref[len] == '#' ? ref + len + 1 : "");
    return resolve(n);
}

/* The fields below a node, all of them or those that an instance has. Unless `mark`, they are only learned.
 */
static void walk(struct node n, const struct json_object *instance, bool mark, const char *path);

static void walk_member(struct node parent, struct json_object *schema, const struct json_object *instance,
    bool mark, const char *path, const char *name)
{
    char below[256];
    snprintf(below, sizeof below, "%s/%s", path, name);
    struct field *f = field_of(below);
    f->written |= mark;
    walk((struct node){parent.document, schema}, instance, mark, below);
}

static void walk_properties(struct node n, const struct json_object *instance, bool mark, const char *path)
{
    struct json_object *properties = json_get_object(n.schema, "/properties");
    struct json_object *rest = json_get_object(n.schema, "/additionalProperties");
    if (properties) {
        json_object_object_foreach(properties, name, schema)
        {
            struct json_object *member = NULL;
            bool there = mark && json_object_is_type(instance, json_type_object) &&
                         json_object_object_get_ex(instance, name, &member);
            if (there || !mark)
                walk_member(n, schema, member, mark, path, name);
        }
    }
    if (rest && !mark)
        walk_member(n, rest, NULL, false, path, "*");
    if (rest && mark && json_object_is_type(instance, json_type_object)) {
        json_object_object_foreach(instance, name, member)
        {
            char pointer[128];
            snprintf(pointer, sizeof pointer, "/properties/%s", name);
            if (!json_get(n.schema, pointer))
                walk_member(n, rest, member, true, path, "*");
        }
    }
}

static void walk_items(struct node n, const struct json_object *instance, bool mark, const char *path)
{
    struct json_object *items = json_get_object(n.schema, "/items");
    char below[256];
    snprintf(below, sizeof below, "%s/[]", path);
    if (!items)
        return;
    if (!mark)
        walk((struct node){n.document, items}, NULL, false, below);
    else if (json_object_is_type(instance, json_type_array))
        for (size_t i = 0; i < json_object_array_length(instance); i++)
            walk((struct node){n.document, items}, json_object_array_get_idx(instance, i), true, below);
}

static void walk(struct node n, const struct json_object *instance, bool mark, const char *path)
{
    n = resolve(n);
    walk_properties(n, instance, mark, path);
    walk_items(n, instance, mark, path);
    static const char *const branches[] = {"/then", "/else"};
    for (size_t i = 0; i < sizeof branches / sizeof *branches; i++)
        if (json_get_object(n.schema, branches[i]))
            walk((struct node){n.document, json_get_object(n.schema, branches[i])}, instance, mark, path);
    struct json_object *choices = json_get_array(n.schema, "/oneOf");
    for (size_t i = 0; choices && i < json_object_array_length(choices); i++)
        walk((struct node){n.document, json_object_array_get_idx(choices, i)}, instance, mark, path);
}

static struct node schema_node(const char *name)
{
    for (size_t i = 0; schema_files[i].name; i++)
        if (strcmp(schema_files[i].name, name) == 0)
            return (struct node){documents[i], documents[i]};
    fprintf(stderr, "there is no schema %s\n", name);
    exit(4);
}

static void mark_file(const char *folder, const char *file, const char *schema)
{
    char path[1024], root[64];
    struct error why = {0};
    struct jsonl *lines;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(root, sizeof root, "%s ", schema);
    if (strcmp(file, "run.json") == 0) {
        struct json_object *tree = NULL;
        if (json_read_file(path, &tree, &why) != STATUS_OK)
            exit(4);
        walk(schema_node(schema), tree, true, root);
        json_object_put(tree);
        return;
    }
    if (jsonl_open(path, &lines, &why) != STATUS_OK)
        return; /* a run without exchanges has no such file */
    for (struct jsonl_line line; jsonl_next(lines, &line);)
        walk(schema_node(schema), line.tree, true, root);
    if (jsonl_close(lines, &why) != STATUS_OK)
        exit(4);
}

/* True for "record /load" and everything below it. */
static bool is_listed(const char *path, const char *const *list)
{
    for (size_t i = 0; list[i]; i++) {
        size_t len = strlen(list[i]);
        if (strncmp(list[i], path, len) == 0 && (path[len] == '\0' || path[len] == '/'))
            return true;
    }
    return false;
}

/* Prints and counts what differs. */
static int compare(void)
{
    int differences = 0;
    for (size_t i = 0; i < field_count; i++) {
        const struct field *f = &fields[i];
        bool listed = is_listed(f->path, promised);
        if (f->written == listed && !is_listed(f->path, depends)) {
            printf(f->written ? "%s is written now: take it off the list\n" : "nobody writes %s\n", f->path);
            differences++;
        }
    }
    printf("%zu fields, %d differences\n", field_count, differences);
    return differences;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *file, *schema;
    } files[] = {{"run.json", "run"}, {"benchmark.jsonl", "record"}, {"exchanges.jsonl", "exchange"},
        {"answers.jsonl", "answer"}, {"grades.jsonl", "regrade"}, {"samples.jsonl", "sample"},
        {"server_samples.jsonl", "sample"}, {"requests.jsonl", "request"}};
    for (size_t i = 0; schema_files[i].name; i++)
        if (json_parse(schema_files[i].text, schema_files[i].len, &documents[i], NULL) != STATUS_OK)
            return 4;
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        char root[64];
        snprintf(root, sizeof root, "%s ", files[k].schema);
        walk(schema_node(files[k].schema), NULL, false, root);
        for (int i = 1; i < argc; i++)
            mark_file(argv[i], files[k].file, files[k].schema);
    }
    int differences = compare();
    for (size_t i = 0; schema_files[i].name; i++)
        json_object_put(documents[i]);
    return differences > 0;
}
