/* schema_groups.h - every keyword, by the file that knows it. Inside harness/json. */
#ifndef ASSAY_SCHEMA_GROUPS_H
#define ASSAY_SCHEMA_GROUPS_H

#include "schema_parts.h"

/* schema_value.c */
extern const struct keyword keyword_type, keyword_const, keyword_enum, keyword_min_length, keyword_max_length,
    keyword_pattern;

/* schema_format.c */
extern const struct keyword keyword_format;

/* schema_number.c */
extern const struct keyword keyword_minimum, keyword_maximum, keyword_exclusive_minimum,
    keyword_exclusive_maximum, keyword_multiple_of;

/* schema_array.c */
extern const struct keyword keyword_min_items, keyword_max_items, keyword_unique_items, keyword_prefix_items,
    keyword_items, keyword_additional_items, keyword_contains, keyword_min_contains, keyword_max_contains,
    keyword_unevaluated_items;

/* schema_object.c, schema_members.c */
extern const struct keyword keyword_required, keyword_properties, keyword_pattern_properties,
    keyword_additional_properties, keyword_property_names;
extern const struct keyword keyword_min_properties, keyword_max_properties, keyword_dependent_required,
    keyword_dependent_schemas, keyword_dependencies, keyword_unevaluated_properties;

/* schema_logic.c */
extern const struct keyword keyword_ref, keyword_dynamic_ref, keyword_all_of, keyword_any_of, keyword_one_of,
    keyword_not, keyword_if, keyword_then, keyword_else, keyword_defs, keyword_definitions,
    keyword_content_schema;

#endif
