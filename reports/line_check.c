#include "line_check.h"

#include "json.h"
#include "schema_reading.h"

enum status line_check(const char *kind, struct json_object *tree, struct error *e)
{
    return schema_check_for_reading(kind, tree, e);
}

const char *line_item_text(struct json_object *array, size_t index)
{
    struct json_object *item = json_object_array_get_idx(array, index);
    return json_object_is_type(item, json_type_string) ? json_object_get_string(item) : "";
}
