#include "our_schemas.h"

#include "schemas.h"

#include <pthread.h>
#include <string.h>

#define OURS_MAX 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct schema *compiled[OURS_MAX]; /* by position in schema_files */

static struct schema *compile_file(const struct schema_file *file)
{
    struct json_object *document;
    struct schema *schema = NULL;
    const struct schema_options options = {.assert_formats = true};
    if (json_parse(file->text, file->len, &document, NULL) == STATUS_OK &&
        schema_compile(document, &options, &schema, NULL) != STATUS_OK)
        schema = NULL;
    json_object_put(document);
    return schema;
}

const struct schema *schema_for(const char *name)
{
    size_t i = 0;
    while (schema_files[i].name != NULL && strcmp(schema_files[i].name, name) != 0)
        i++;
    if (schema_files[i].name == NULL || i >= OURS_MAX)
        return NULL;
    pthread_mutex_lock(&lock);
    if (compiled[i] == NULL)
        compiled[i] = compile_file(&schema_files[i]);
    const struct schema *schema = compiled[i];
    pthread_mutex_unlock(&lock);
    return schema;
}

const struct schema *schema_for_schemas_like(const struct json_object *document)
{
    static const struct {
        const char *uri, *name;
    } drafts[] = {{"https://json-schema.org/draft/2020-12/schema", "draft2020-12/schema"},
        {"http://json-schema.org/draft-07/schema", "draft-07/schema"}};
    const char *uri = json_get_text(document, "/$schema");
    if (uri == NULL)
        return schema_for(drafts[0].name);
    size_t len = strcspn(uri, "#");
    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++)
        if (strlen(drafts[i].uri) == len && memcmp(drafts[i].uri, uri, len) == 0 && strlen(uri + len) <= 1)
            return schema_for(drafts[i].name);
    return NULL;
}
