/*
 * old_files.h - how lines of mlx-knife's files are judged: as leniently as their own validator does.
 *
 * Their validator is Python's: it reads NaN and Infinity, knows no formats and lets unknown members of nested objects
 * pass. So such a line is valid by the newest schema, and what deviates from its version's documentation is a note.
 *
 *     struct json_object *tree, *nonfinite;
 *     if (old_json_parse(text, len, &tree, &nonfinite, &why) == STATUS_OK) {
 *         const char *schema = old_schema_name(tree);              // "mlx-knife-0.2.2"; NULL: none of these files
 *         if (schema && schema_validate(schema_for(schema), tree, &report) == STATUS_OK)
 *             ok = old_notes(schema, tree, nonfinite, tell, out);  // "/system_health/swap_used_mb": "not in the ..."
 *     }
 */
#ifndef ASSAY_OLD_FILES_H
#define ASSAY_OLD_FILES_H

#include "status.h"

#include <stddef.h>

struct json_object;

/*
 * json_parse() of what Python's json writes: NaN, Infinity and -Infinity too. Such members and items are taken out
 * of the tree (items of arrays become null) and told in *nonfinite: pointer to text, NULL where there is none. Both
 * are the caller's.
 */
enum status old_json_parse(const char *text, size_t len, struct json_object **tree,
    struct json_object **nonfinite, struct error *e) ASSAY_MUST_CHECK;

/*
 * The schema of a value's kind, by its members. Records of all versions are judged by the newest schema, as their own
 * validator does it: what a version did not have yet is a note. NULL: neither record nor memory line of mlx-knife.
 */
const char *old_schema_name(const struct json_object *tree);

/* Calls note for every deviation that their validator lets pass. False: no memory. */
bool old_notes(const char *schema_name, const struct json_object *tree, const struct json_object *nonfinite,
    void (*note)(const char *pointer, const char *text, void *arg), void *arg);

#endif
