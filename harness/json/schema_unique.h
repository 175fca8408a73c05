/* schema_unique.h - finds equal items of an array in about linear time. Inside harness/json. */
#ifndef ASSAY_SCHEMA_UNIQUE_H
#define ASSAY_SCHEMA_UNIQUE_H

#include "json.h"

/* STATUS_OK with the indices of two equal items (json_deep_equal), STATUS_NOT_FOUND, STATUS_NO_MEMORY. */
enum status unique_find_pair(const struct json_object *array, size_t *first, size_t *second) ASSAY_MUST_CHECK;

#endif
