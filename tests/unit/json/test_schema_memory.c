/* Each allocation in turn fails: there is an error that says so, nothing crashes, nothing leaks. */
#include "schema.h"
#include "testkit.h"

#include <stdlib.h>
#include <string.h>

/* The linker sends what the harness allocates here (see CMakeLists.txt); libraries keep their own. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static long until_failure = -1; /* allocations that still work; below 0: all do */

static bool fails(void)
{
    return until_failure >= 0 && until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    ck_assert_int_eq(json_parse(text, strlen(text), &tree, NULL), STATUS_OK);
    return tree;
}

static const struct {
    const char *schema, *instance;
} cases[] = {
    {"{\"$id\":\"http://a/b\",\"$defs\":{\"x\":{\"$id\":\"c\",\"$anchor\":\"d\",\"type\":\"integer\"}},"
     "\"properties\":{\"p\":{\"$ref\":\"c#d\"}},\"required\":[\"q\"]}",
        "{\"p\":\"x\"}"},
    {"{\"$schema\":\"http://json-schema.org/draft-07/"
     "schema#\",\"items\":[true],\"dependencies\":{\"a\":[\"b\"]},"
     "\"definitions\":{\"a\":{\"$id\":\"#a\",\"pattern\":\"^a+$\"}},\"additionalItems\":{\"$ref\":\"#a\"}}",
        "[1,\"b\"]"},
    {"{\"uniqueItems\":true,\"items\":{\"enum\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,\"x\"]}}",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,1]"},
    {"{\"anyOf\":[{\"properties\":{\"a\":true}},{\"patternProperties\":{\"^b\":{\"multipleOf\":0.5}}}],"
     "\"unevaluatedProperties\":false,\"propertyNames\":{\"maxLength\":1}}",
        "{\"b\":0.25,\"cc\":1}"},
    {"{\"oneOf\":[{\"const\":{\"a\":[1]}},{\"type\":\"null\"},{\"$ref\":\"https://json-schema.org/draft/"
     "2020-12/"
     "schema\"}]}",
        "{\"minimum\":\"1\"}"},
};

/* Compiles and validates with the allocation of that number failing; false: it was not reached. */
static bool fail_at(long number, struct json_object *document, struct json_object *instance)
{
    struct schema *schema = NULL;
    struct error why = {0};
    struct schema_report report = {0};
    until_failure = number;
    enum status s = schema_compile(document, NULL, &schema, &why);
    bool compiled = s == STATUS_OK;
    if (compiled)
        s = schema_validate(schema, instance, &report);
    bool reached = until_failure < 0;
    until_failure = -1;
    ck_assert((schema != NULL) == compiled);
    ck_assert_msg(compiled || why.text[0] != '\0', "allocation %ld failed without a word", number);
    ck_assert_msg(s == STATUS_NO_MEMORY || s == STATUS_INVALID, "%s: allocation %ld: %s",
        json_object_to_json_string(document), number, status_name(s));
    ck_assert_msg(
        compiled || s == STATUS_NO_MEMORY || reached, "allocation %ld: %s", number, error_text(&why));
    schema_report_fini(&report);
    schema_free(schema);
    return reached;
}

static void every_allocation_may_fail(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *document = parse(cases[i].schema), *instance = parse(cases[i].instance);
        long number = 0;
        while (fail_at(number, document, instance))
            number++;
        ck_assert_int_gt(number, 5);
        json_object_put(document);
        json_object_put(instance);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_allocation_may_fail),
        {0},
    };
    return testkit_run("JSON Schema, without memory", tests);
}
