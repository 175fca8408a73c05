/*
 * old_part.h - the record that one part of an old file becomes, where the file is one value with many parts.
 *
 *     struct old_part p;
 *     bool ok = old_part_begin(&p, m, value, tree, "/results/0", NULL) &&
 *               old_part_name(&p, "slm-bench", "test_01", "ollama", "phi3") &&
 *               old_members_take(m, members, p.tree, "/results/#", p.figures) &&
 *               old_part_note(&p, "what a reader must know") && ... outcome, timestamp, identity ...;
 *     s = old_part_end(&p, ok, e);      // the record is added, or dropped
 */
#ifndef ASSAY_OLD_PART_H
#define ASSAY_OLD_PART_H

#include "migration.h"
#include "old_members.h"

struct old_part {
    struct migration *m;
    struct json_object *tree;   /* the part; borrowed */
    struct json_object *record; /* owned until old_part_end() */
    struct json_object *migrated, *figures,
        *notes; /* of the record: metadata.migrated and two arrays in it */
};

/* pointer: to the part in the file. version may be NULL. False: no memory; old_part_end() is to be called all the
 * same. */
bool old_part_begin(struct old_part *p, struct migration *m, const struct migrate_value *value,
    struct json_object *tree, const char *pointer, const char *version);

/* test "suite.kind[target/model]", suite, case, target.name and model.id, all made fit to be shown. model
 * NULL: which it was is not known, "suite.kind[target]". */
bool old_part_name(
    struct old_part *p, const char *suite, const char *kind, const char *target, const char *model);
bool old_part_note(struct old_part *p, const char *text);

/* Validates and adds the record; ok false: no memory. */
enum status old_part_end(struct old_part *p, bool ok, struct error *e) ASSAY_MUST_CHECK;

/* A member of one line, at most 200 bytes, without what harms a terminal. */
bool old_set_line(struct json_object *object, const char *key, const char *text);

#endif
