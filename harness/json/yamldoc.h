/*
 * yamldoc.h - YAML as a way to write JSON: libyaml's events become a json-c tree, and every value remembers
 * its place.
 *
 * Scalars are typed as the core schema of YAML 1.2 (chapter 10.3) says, by full match: `4x` is a string,
 * `010` is 10, `0o17` 15, `0xff` 255, `yes` a string, `~` and nothing null. Refused, with line and column:
 * duplicate keys, keys that are not scalars, tags, merge keys (<<), more than one document, .inf and .nan,
 * integers beyond 64 bits, invalid UTF-8, depth beyond JSON_DEPTH_MAX, and more than YAMLDOC_NODES_MAX values
 * after aliases are resolved.
 *
 *     struct yamldoc doc;
 *     if (yamldoc_read_file("assay.yaml", &doc, &why) != STATUS_OK) ...    // "assay.yaml:4:18: ..."
 *     if (schema_check(schema_for("config"), doc.tree, &why) != STATUS_OK)
 *         yamldoc_locate(&doc, &why);                        // adds line and column of why.pointer
 *     yamldoc_fini(&doc);
 */
#ifndef ASSAY_YAMLDOC_H
#define ASSAY_YAMLDOC_H

#include "json.h"

#define YAMLDOC_BYTES_MAX ((size_t)16 << 20)
#define YAMLDOC_NODES_MAX 100000

struct yamldoc_place {
    char *pointer; /* of the value, owned */
    long line, column;
};

struct yamldoc {
    struct json_object *tree; /* NULL for an empty document and for null */
    char name[256];           /* of the file, for messages */
    struct yamldoc_place *places;
    size_t place_count, place_cap;
};

/* name is for messages. STATUS_INVALID, STATUS_LIMIT, STATUS_NO_MEMORY; doc is empty then. */
enum status yamldoc_parse(
    const char *text, size_t len, const char *name, struct yamldoc *doc, struct error *e) ASSAY_MUST_CHECK;
/* "-" is stdin. Also STATUS_NOT_FOUND, STATUS_IO. */
enum status yamldoc_read_file(const char *path, struct yamldoc *doc, struct error *e) ASSAY_MUST_CHECK;
void yamldoc_fini(struct yamldoc *doc); /* also of a zeroed one */

/* Line and column of a value, or of the nearest one around it; false where the document is empty. */
bool yamldoc_place_of(const struct yamldoc *doc, const char *pointer, long *line, long *column);

/* Adds the file, line and column of e->pointer to e. */
void yamldoc_locate(const struct yamldoc *doc, struct error *e);

#endif
