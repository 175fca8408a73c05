/*
 * old_members.h - the members of a part of an old file, walked by a table of what becomes of each.
 *
 * Pointers are relative to the part, with # for the index of an item; * stands for any text. The first row that fits
 * counts. A member that no row knows is told as lost too, so nothing disappears in silence.
 *
 *     static const struct old_member members[] = {
 *         {"/model/runs/#/rps", OLD_FIGURE, "rows/s", "rows / time of one call of the library"},
 *         {"/task", OLD_TYPED, NULL, NULL},
 *         {"/model/dtype", OLD_KEPT, NULL, "a record has no such member"},
 *         {NULL, OLD_KEPT, NULL, NULL},
 *     };
 *     struct json_object *figures = json_object_new_array();
 *     ok = old_members_take(m, members, part, "/tasks/#", figures);
 */
#ifndef ASSAY_OLD_MEMBERS_H
#define ASSAY_OLD_MEMBERS_H

#include <stdbool.h>

struct json_object;
struct migration;

enum old_home {
    OLD_TYPED,  /* a typed member of the record or of run.json holds it */
    OLD_FIGURE, /* a number by a definition that is not ours: metadata.migrated.figures */
    OLD_KEPT,   /* stands in metadata.original only */
};

struct old_member {
    const char *pointer; /* NULL behind the last row */
    enum old_home home;
    const char *unit; /* of a figure */
    const char *text; /* the definition of a figure; of what is kept, why there is no other home for it */
};

/*
 * Adds to figures (an array) what the table calls so, values in the order of the part, null left out; tells the rest
 * with migration_lose() under prefix. figures may be NULL: there are none. False: no memory.
 */
bool old_members_take(struct migration *m, const struct old_member *members, struct json_object *part,
    const char *prefix, struct json_object *figures);

/* The figure of a name among figures, borrowed; NULL: there is none. */
struct json_object *old_members_figure(struct json_object *figures, const char *name);

#endif
