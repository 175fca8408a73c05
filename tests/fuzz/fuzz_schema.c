/*
 * First line: a schema; the rest: an instance, which is also the document urn:other that the schema may refer to. Any
 * schema compiles or is refused, as one of either draft; any instance is judged.
 */
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
    require(s == STATUS_OK || s == STATUS_INVALID || (s == STATUS_LIMIT && report.reason != NULL));
    require(s != STATUS_INVALID || (report.count > 0 && report.count <= 8));
    for (size_t i = 0; i < report.count; i++) {
        require(json_find(instance, report.faults[i].instance, &found));
        require(report.faults[i].text[0] != '\0' && strchr(report.faults[i].schema, '#') != NULL);
    }
    schema_report_fini(&report);
}

static void try_draft(struct json_object *document, struct json_object *instance, enum schema_draft draft)
{
    struct schema_source other = {"urn:other", instance};
    struct schema_options options = {
        .steps_max = 5000, .assert_formats = true, .draft = draft, .sources = &other, .source_count = 1};
    struct schema *schema = NULL;
    struct error why = {0};
    enum status s = schema_compile(document, &options, &schema, &why);
    if (s == STATUS_OK) {
        judge(schema, instance);
        judge(schema, document);
    } else {
        require(schema == NULL && why.text[0] != '\0' && why.status == s);
        require(s == STATUS_INVALID || s == STATUS_LIMIT);
    }
    schema_free(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t schema_len = end != NULL ? (size_t)(end - data) : size;
    size_t instance_at = end != NULL ? schema_len + 1 : size;
    struct json_object *document = NULL, *instance = NULL;
    if (json_parse((const char *)data, schema_len, &document, NULL) != STATUS_OK)
        return 0;
    if (json_parse((const char *)data + instance_at, size - instance_at, &instance, NULL) != STATUS_OK)
        instance = NULL; /* judged as null */
    try_draft(document, instance, SCHEMA_DRAFT_2020_12);
    try_draft(document, instance, SCHEMA_DRAFT_07);
    json_object_put(document);
    json_object_put(instance);
    return 0;
}
