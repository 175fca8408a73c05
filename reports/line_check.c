#include "line_check.h"

#include "json.h"
#include "our_schemas.h"

#include <string.h>

#define OUR_VERSION "1.0.0"

/* "1.2.0": the same major version as ours. */
static bool is_compatible(const char *version)
{
    size_t minor, patch;
    if (strncmp(version, "1.", 2) != 0)
        return false;
    minor = strspn(version + 2, "0123456789");
    if (!minor || version[2 + minor] != '.')
        return false;
    patch = strspn(version + 3 + minor, "0123456789");
    return patch && version[3 + minor + patch] == '\0';
}

enum status line_check(const char *kind, struct json_object *tree, struct error *e)
{
    const char *version = json_get_text(tree, "/schema_version");
    if (version && strcmp(version, OUR_VERSION) != 0 && is_compatible(version))
        return STATUS_OK;
    const struct schema *schema = schema_for(kind);
    return schema ? schema_check(schema, tree, e)
                  : error_set(e, STATUS_NO_MEMORY, "the schema \"%s\" cannot be used", kind);
}

const char *line_item_text(struct json_object *array, size_t index)
{
    struct json_object *item = json_object_array_get_idx(array, index);
    return json_object_is_type(item, json_type_string) ? json_object_get_string(item) : "";
}
