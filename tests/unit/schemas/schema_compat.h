/*
 * schema_compat.h - does a set of schemas keep the promises of an earlier one (docs/versions.md)?
 *
 *     struct compat_set then = {.count = 0}, now = {.count = 0};
 *     compat_set_add(&then, "record", old_document); ...
 *     struct buf told = BUF_INIT(1 << 20);
 *     if (schema_compat_breaks(&then, &now, &told) > 0) fputs(buf_text(&told), stdout);
 *     // "record /outcome: \"passed\" is no longer allowed"
 *
 * Kept is what files of then and readers of then rely on: what was valid is valid, a member keeps its name and type,
 * and what was always there is always there. Members that may be absent, further words of a list and wider bounds are
 * fine. What this comparer cannot decide (another pattern, another condition) is a break: a person has to look.
 * References are followed within the set, by $id.
 */
#ifndef ASSAY_SCHEMA_COMPAT_H
#define ASSAY_SCHEMA_COMPAT_H

#include "buf.h"

struct json_object;

#define COMPAT_SCHEMAS_MAX 64

struct compat_set {
    struct {
        char name[64];                /* "record" */
        struct json_object *document; /* borrowed */
    } schemas[COMPAT_SCHEMAS_MAX];
    size_t count;
};

void compat_set_add(struct compat_set *set, const char *name, struct json_object *document);

/* Appends a line for each break and returns how many there are. */
size_t schema_compat_breaks(const struct compat_set *then, const struct compat_set *now, struct buf *told);

#endif
