/* First line: a schema; the rest: an instance. Any schema compiles or is refused, any instance is judged. */
#include "schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void judge(const struct schema *schema, const struct json_object *instance)
{
    struct schema_report report = {.max = 8};
    struct json_object *found;
    enum status s = schema_validate(schema, instance, &report);
    require(s == schema_validate(schema, instance, NULL) || s == STATUS_LIMIT);
    require(s == STATUS_OK || s == STATUS_INVALID || s == STATUS_LIMIT);
    require(s != STATUS_INVALID || (report.count > 0 && report.count <= 8));
    for (size_t i = 0; i < report.count; i++) {
        require(json_find(instance, report.faults[i].instance, &found));
        require(report.faults[i].text[0] != '\0' && strchr(report.faults[i].schema, '#') != NULL);
    }
    schema_report_fini(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t schema_len = end != NULL ? (size_t)(end - data) : size;
    size_t instance_at = end != NULL ? schema_len + 1 : size;
    struct json_object *document = NULL, *instance = NULL;
    struct schema_options options = {.steps_max = 5000, .assert_formats = true};
    struct schema *schema = NULL;
    struct error why = {0};
    if (json_parse((const char *)data, schema_len, &document, NULL) != STATUS_OK)
        return 0;
    if (json_parse((const char *)data + instance_at, size - instance_at, &instance, NULL) != STATUS_OK)
        instance = NULL; /* judged as null */
    if (schema_compile(document, &options, &schema, &why) == STATUS_OK) {
        judge(schema, instance);
        judge(schema, document);
    } else {
        require(schema == NULL && why.text[0] != '\0');
    }
    schema_free(schema);
    json_object_put(document);
    json_object_put(instance);
    return 0;
}
