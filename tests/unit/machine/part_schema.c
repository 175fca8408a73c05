#include "part_schema.h"

#include "schema.h"
#include "schemas.h"
#include "testkit.h"

enum { SOURCES_MAX = 64 };

/* Kept until the test ends: compiling costs far more than checking. */
static const struct schema *compiled(const char *reference)
{
    static struct schema *kept;
    static const char *kept_reference;
    struct schema_source sources[SOURCES_MAX];
    struct schema_options options = {.sources = sources};
    struct error why = {0};
    if (kept && kept_reference == reference)
        return kept;
    schema_free(kept);
    struct json_object *document = json_object_new_object();
    for (const struct schema_file *f = schema_files; f->name && options.source_count < SOURCES_MAX; f++) {
        struct schema_source *source = &sources[options.source_count++];
        source->uri = f->id;
        ck_assert_int_eq(json_parse(f->text, f->len, &source->document, &why), STATUS_OK);
    }
    ck_assert(json_set_text(document, "$ref", reference));
    ck_assert_msg(schema_compile(document, &options, &kept, &why) == STATUS_OK, "%s", error_text(&why));
    kept_reference = reference;
    json_object_put(document);
    for (size_t i = 0; i < options.source_count; i++)
        json_object_put(sources[i].document);
    return kept;
}

void part_schema_check(const char *reference, const struct json_object *value)
{
    struct error why = {0};
    ck_assert_msg(
        schema_check(compiled(reference), value, &why) == STATUS_OK, "%s: %s", reference, error_text(&why));
}
