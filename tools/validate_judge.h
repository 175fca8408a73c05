/* validate_judge.h - one file on its way through validation: what it is, and what is told of it. Inside validate.c. */
#ifndef ASSAY_VALIDATE_JUDGE_H
#define ASSAY_VALIDATE_JUDGE_H

#include "validate.h"
#include "validate_notes.h"

struct yamldoc;

struct judged {
    struct validation *v;
    const char *path;
    const struct validate_kind *by_name; /* what the file's name says; NULL: nothing */
    const struct validate_kind *kind;    /* NULL until the first value has shown it */
    const struct validate_kind *teller; /* values of the file told by themselves that they are of this kind */
    const char *schema_name;
    const struct schema *schema;
    size_t faults;
    struct validate_notes notes;
    bool no_memory;
};

/* How the line of a fault is found: one of these. */
struct places {
    long line;                  /* the value is this line */
    const struct buf *text;     /* the value is this text */
    const struct yamldoc *yaml; /* the value was written as YAML */
};

/* A fault that no schema says: kind, and why with its place. */
void judge_tell(struct judged *j, const char *kind, const struct error *why);
void judge_note(struct judged *j, const char *kind, long line, const char *text);

/* Tells all notes, and forgets them. */
void judge_tell_notes(struct judged *j);

/*
 * Holds a value against its schema. aside: what its kind's own parser kept beside the tree, or NULL. STATUS_OK: valid
 * or not. STATUS_USAGE: which schema cannot be told. STATUS_NO_MEMORY, STATUS_INTERNAL.
 */
enum status judge_value(struct judged *j, const struct json_object *tree, const struct json_object *aside,
    const struct places *places, struct error *e) ASSAY_MUST_CHECK;

#endif
