/*
 * planned.h - one test of the plan in run.json, with the target and the model that it names.
 *
 *     struct planned t;
 *     for (size_t i = 0; planned_at(run, i, &t); i++)
 *         printf("%s\n", t.test);
 *
 * Everything is borrowed from the tree.
 */
#ifndef ASSAY_PLANNED_H
#define ASSAY_PLANNED_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct planned {
    size_t index;
    const char *test, *case_id;
    const char *skip;                         /* why it is not to be run; NULL where it is */
    const struct json_object *target, *model; /* as in the record; NULL where none is involved */
};

bool planned_at(const struct json_object *run, size_t index, struct planned *t); /* false behind the last */
bool planned_find(const struct json_object *run, const char *test, struct planned *t);

#endif
