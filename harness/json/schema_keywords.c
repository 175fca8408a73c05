#include "schema_parts.h"

#include "schema_groups.h"

#include <string.h>

/*
 * The order is that of the checks: what a person wants to hear first (the type), then what is cheap, then the
 * other schemas that apply to the same value, then unevaluated*, which needs to know what all of these have
 * evaluated.
 */
const struct keyword *const schema_keywords[] = {
    &keyword_type,
    &keyword_const,
    &keyword_enum,
    &keyword_minimum,
    &keyword_maximum,
    &keyword_exclusive_minimum,
    &keyword_exclusive_maximum,
    &keyword_multiple_of,
    &keyword_min_length,
    &keyword_max_length,
    &keyword_pattern,
    &keyword_format,
    &keyword_min_items,
    &keyword_max_items,
    &keyword_unique_items,
    &keyword_prefix_items,
    &keyword_items,
    &keyword_additional_items,
    &keyword_contains,
    &keyword_min_contains,
    &keyword_max_contains,
    &keyword_min_properties,
    &keyword_max_properties,
    &keyword_dependent_required,
    &keyword_required,
    &keyword_properties,
    &keyword_pattern_properties,
    &keyword_additional_properties,
    &keyword_property_names,
    &keyword_ref,
    &keyword_dynamic_ref,
    &keyword_all_of,
    &keyword_any_of,
    &keyword_one_of,
    &keyword_not,
    &keyword_if,
    &keyword_then,
    &keyword_else,
    &keyword_dependent_schemas,
    &keyword_dependencies,
    &keyword_unevaluated_items,
    &keyword_unevaluated_properties,
    &keyword_defs,
    &keyword_definitions,
    &keyword_content_schema,
    NULL,
};

size_t schema_keyword_index(const char *name)
{
    size_t i = 0;
    while (schema_keywords[i] != NULL && strcmp(schema_keywords[i]->name, name) != 0)
        i++;
    return i;
}

const struct keyword *schema_keyword_find(const char *name)
{
    return schema_keywords[schema_keyword_index(name)];
}
