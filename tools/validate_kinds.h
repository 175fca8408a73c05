/*
 * validate_kinds.h - which schema a file is held against: a row per kind of file, found by the file's name, else by the
 * shape of its first value.
 *
 * A new kind is a row in validate_kinds.c. Kinds that tell their version line by line have schema_of; those whose
 * readers take more than the schema or than JSON allows say so with parse, weigh and note: what they let pass is a
 * note, no fault.
 *
 *     const struct validate_kind *kind = validate_kind_of_name("runs/latest/samples.jsonl.zst");    // kind->schema
 *     if (kind == NULL)
 *         kind = validate_kind_of_value(tree);
 */
#ifndef ASSAY_VALIDATE_KINDS_H
#define ASSAY_VALIDATE_KINDS_H

#include "schema.h"

enum validate_severity {
    VALIDATE_FAULT,
    VALIDATE_NOTE,    /* valid, and yet worth a word */
    VALIDATE_NOTHING, /* not worth one */
};

/* Text about the value at a pointer. */
typedef void validate_note_fn(const char *pointer, const char *text, void *arg);

struct validate_kind {
    const char *schema;   /* of schema_for(); "junit": the XML Schema of JUnit reports */
    const char *names[3]; /* ends of the names of its files; one that begins with a letter is a whole name */
    const char *members[2]; /* an object with both of them is of this kind; NULL: not told by its shape */
    bool surer; /* than a file's name: its shape decides even where the name says something else */

    /* Each may be NULL. */
    /* Asked for every value: the schema of its version; NULL: it is not of this kind. Stands for members, too. */
    const char *(*schema_of)(const struct json_object *value);
    /* For text that is no JSON, where its readers take it. *aside, which may stay NULL, is handed to note. */
    enum status (*parse)(
        const char *text, size_t len, struct json_object **tree, struct json_object **aside, struct error *e);
    /* What this fault of a value weighs. */
    enum validate_severity (*weigh)(const struct json_object *value, const struct schema_fault *fault);
    /* Calls tell for what deviates and is no fault. False: no memory. */
    bool (*note)(const char *schema, const struct json_object *value, const struct json_object *aside,
        validate_note_fn *tell, void *arg);
};

/* NULL: the name does not say. ".gz" and ".zst" at its end do not count. */
const struct validate_kind *validate_kind_of_name(const char *path);

/* NULL: the shape does not say. */
const struct validate_kind *validate_kind_of_value(const struct json_object *value);

/* The kind that is surer than a file's name and of which every value tells its version: this one does. NULL: not so. */
const struct validate_kind *validate_kind_told_by(const struct json_object *value);

/* The kind whose schema has this name, or that of another version of it; NULL: there is none. */
const struct validate_kind *validate_kind_of_schema(const char *schema);

/* A kind that takes text which is no JSON: its tree, and of which kind it is. NULL: none does. */
const struct validate_kind *validate_kind_of_text(
    const char *text, size_t len, struct json_object **tree, struct json_object **aside);

/* The file's name ends like that, ".gz" and ".zst" left out. */
bool validate_name_ends(const char *path, const char *end);

#endif
