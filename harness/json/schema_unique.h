/*
 * schema_unique.h - finds equal values among many in about linear time. Inside harness/json.
 *
 * Every function adds to *steps what it looked at, in values and in pieces of long texts.
 */
#ifndef ASSAY_SCHEMA_UNIQUE_H
#define ASSAY_SCHEMA_UNIQUE_H

#include "json.h"

struct schema;
struct value_set;

/* STATUS_OK with the indices of two equal items (json_deep_equal), STATUS_NOT_FOUND, STATUS_NO_MEMORY,
 * STATUS_LIMIT where comparing brought *steps above steps_max. */
enum status unique_find_pair(const struct json_object *array, size_t *first, size_t *second, long *steps,
    long steps_max) ASSAY_MUST_CHECK;

/* The items of an array, for set_has() to look among; memory of the schema, NULL without. */
struct value_set *set_new(struct schema *schema, const struct json_object *array);
bool set_has(const struct value_set *set, const struct json_object *array, const struct json_object *value,
    long *steps);

/* A value and all that is in it. */
size_t unique_count(const struct json_object *value);

#endif
