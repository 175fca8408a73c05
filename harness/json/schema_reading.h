/*
 * schema_reading.h - how a program of this version reads files of ours that another version wrote.
 *
 *     if (schema_check_for_reading("record", tree, &why) != STATUS_OK) ...     // "a newer assay wrote this ..."
 *
 * A file says its version in schema_version. What we write ourselves is judged by the closed schema. A later 1.x may
 * have more members and more words in its lists than we know: it is judged by the open schema, which asks only for the
 * members and types that we know. Another major version is refused with a sentence. docs/versions.md is the promise
 * behind it. Any thread may call this.
 */
#ifndef ASSAY_SCHEMA_READING_H
#define ASSAY_SCHEMA_READING_H

#include "schema.h"

enum schema_age {
    SCHEMA_AGE_OURS,  /* this version's or an earlier 1.x, or it does not say */
    SCHEMA_AGE_LATER, /* a later 1.x */
    SCHEMA_AGE_OTHER, /* another major version, or no version at all that we understand */
};

/* name: of one of our schemas ("record", "run", ...). */
enum schema_age schema_age_of(const char *name, const struct json_object *tree);

/* "1.0.0": of one of our schemas; "" where there is none of that name. */
const char *schema_version_of(const char *name, char *version, size_t size);

/*
 * Our schema with nothing closed in it: members, types and conditions stay, and lists of words, bounds, patterns and
 * `additionalProperties: false` go. NULL: no such name, or no memory.
 */
const struct schema *schema_open_for(const char *name);

/* STATUS_INVALID with the first fault, or why this version cannot read it. */
enum status schema_check_for_reading(
    const char *name, const struct json_object *tree, struct error *e) ASSAY_MUST_CHECK;

/* STATUS_INVALID where a newer assay wrote this: what we do not understand whole we do not write again. */
enum status schema_check_for_writing_again(
    const char *name, const struct json_object *tree, struct error *e) ASSAY_MUST_CHECK;

#endif
