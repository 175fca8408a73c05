/*
 * Every schema of ours against its examples: schemas/examples/<name>/valid/X.json is an instance,
 * schemas/examples/<name>/invalid/X.json is {"error": ..., "instance": ...}, where some fault must begin with
 * the error.
 */
#include "fs.h"
#include "our_schemas.h"
#include "schemas.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static const char *const ours[] = {"answer", "calibration", "capture", "config", "exchange", "intent", "load",
    "mlx-knife-0.1.0", "mlx-knife-0.2.0", "mlx-knife-0.2.1", "mlx-knife-0.2.2", "mlx-knife-memory", "record",
    "regrade", "request", "run", "sample", "scenario", "set", "task", "truth", "validation"};
#define OURS (sizeof ours / sizeof *ours)
#define DRAFTS 9 /* files of the drafts of JSON Schema */

struct examples {
    const char *folder;
    const struct schema *schema;
    int count, wrong;
};

static struct json_object *read_example(const struct examples *examples, const char *name)
{
    char path[1024];
    struct json_object *tree = NULL;
    struct error why = {0};
    snprintf(path, sizeof path, "%s/%s", examples->folder, name);
    if (json_read_file(path, &tree, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    return tree;
}

static int visit_valid(const char *name, void *arg)
{
    struct examples *examples = arg;
    struct json_object *instance = read_example(examples, name);
    struct error why = {0};
    if (schema_check(examples->schema, instance, &why) != STATUS_OK) {
        printf("%s/%s: %s\n", examples->folder, name, error_text(&why));
        examples->wrong++;
    }
    examples->count++;
    json_object_put(instance);
    return 0;
}

static bool some_fault_begins_with(const struct schema_report *report, const char *error)
{
    char told[2048];
    for (size_t i = 0; i < report->count; i++) {
        snprintf(told, sizeof told, "%s: %s", report->faults[i].instance, report->faults[i].text);
        if (strncmp(told, error, strlen(error)) == 0)
            return true;
    }
    return false;
}

static int visit_invalid(const char *name, void *arg)
{
    struct examples *examples = arg;
    struct json_object *example = read_example(examples, name);
    const char *error = json_get_text(example, "/error");
    struct schema_report report = {0};
    ck_assert_msg(error != NULL, "%s/%s has no error", examples->folder, name);
    enum status s = schema_validate(examples->schema, json_get(example, "/instance"), &report);
    if (s != STATUS_INVALID || !some_fault_begins_with(&report, error)) {
        printf("%s/%s: %s\n  expected %s\n", examples->folder, name, status_name(s), error);
        for (size_t i = 0; i < report.count; i++)
            printf("  found    %s: %s\n", report.faults[i].instance, report.faults[i].text);
        examples->wrong++;
    }
    examples->count++;
    schema_report_fini(&report);
    json_object_put(example);
    return 0;
}

static void judge_examples(const char *kind, int (*visit)(const char *, void *), int least)
{
    int wrong = 0;
    for (size_t i = 0; i < OURS; i++) {
        char folder[256];
        snprintf(folder, sizeof folder, "schemas/examples/%s/%s", ours[i], kind);
        struct examples examples = {.folder = testkit_path(folder), .schema = schema_for(ours[i])};
        ck_assert_msg(examples.schema != NULL, "%s", ours[i]);
        ck_assert_int_eq(fs_list(examples.folder, visit, &examples, NULL), STATUS_OK);
        ck_assert_msg(examples.count >= least, "%s has %d examples", folder, examples.count);
        wrong += examples.wrong;
    }
    (void)fflush(stdout);
    ck_assert_int_eq(wrong, 0);
}

static void valid_examples_are_valid(void)
{
    judge_examples("valid", visit_valid, 2);
}

static void invalid_examples_fail_with_the_error_they_name(void)
{
    judge_examples("invalid", visit_invalid, 5);
}

static struct json_object *parse_file(const struct schema_file *file)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    if (json_parse(file->text, file->len, &tree, &why) != STATUS_OK)
        ck_abort_msg("%s: %s", file->name, error_text(&why));
    return tree;
}

static void every_schema_is_a_schema_of_its_draft(void)
{
    int count = 0;
    for (const struct schema_file *file = schema_files; file->name != NULL; file++, count++) {
        struct json_object *tree = parse_file(file);
        struct error why = {0};
        ck_assert_str_eq(json_get_text(tree, "/$id"), file->id);
        if (schema_check(schema_for_schemas_like(tree), tree, &why) != STATUS_OK)
            ck_abort_msg("%s: %s", file->name, error_text(&why));
        json_object_put(tree);
    }
    ck_assert_int_eq(count, (int)OURS + DRAFTS);
    struct json_object *bad = NULL;
    ck_assert_int_eq(json_parse("{\"items\":{\"minimum\":\"1\"}}", 25, &bad, NULL), STATUS_OK);
    ck_assert_int_eq(schema_check(schema_for("draft2020-12/schema"), bad, NULL), STATUS_INVALID);
    json_object_put(bad);
}

/*
 * An object with listed members is closed; only metadata is open, and maps say what their values are. Of an
 * object with alternatives, each of them is.
 */
static void assert_closed(const struct json_object *tree, const char *name, const char *where)
{
    if (json_object_is_type(tree, json_type_object)) {
        const char *type = json_get_text(tree, "/type");
        bool closed = json_get(tree, "/additionalProperties") != NULL ||
                      json_get(tree, "/unevaluatedProperties") != NULL;
        bool alternatives = json_get(tree, "/oneOf") != NULL || json_get(tree, "/then") != NULL;
        bool is_object = type != NULL && strcmp(type, "object") == 0 && !alternatives;
        ck_assert_msg(!is_object || closed || strcmp(where, "metadata") == 0, "%s: %s is open", name, where);
        json_object_object_foreach(tree, key, value)
        {
            assert_closed(value, name, key);
        }
    } else if (json_object_is_type(tree, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(tree); i++)
            assert_closed(json_object_array_get_idx(tree, i), name, where);
    }
}

static void our_schemas_are_closed_at_every_level(void)
{
    for (const struct schema_file *file = schema_files; file->name != NULL; file++) {
        bool of_others = strncmp(file->name, "draft", 5) == 0 || strncmp(file->name, "mlx-knife-", 10) == 0;
        if (of_others)
            continue;
        struct json_object *tree = parse_file(file);
        assert_closed(tree, file->name, "");
        json_object_put(tree);
    }
}

static void a_schema_is_held_against_its_own_draft(void)
{
    static const struct {
        const char *text, *name;
    } cases[] = {{"{}", "draft2020-12/schema"}, {"true", "draft2020-12/schema"},
        {"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"}", "draft2020-12/schema"},
        {"{\"$schema\":\"http://json-schema.org/draft-07/schema\"}", "draft-07/schema"},
        {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", "draft-07/schema"},
        {"{\"$schema\":\"http://json-schema.org/draft-07/schema#x\"}", "none"},
        {"{\"$schema\":\"http://json-schema.org/draft-04/schema#\"}", "none"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *tree = NULL;
        ck_assert_int_eq(json_parse(cases[i].text, strlen(cases[i].text), &tree, NULL), STATUS_OK);
        ck_assert_ptr_eq(schema_for_schemas_like(tree), schema_for(cases[i].name));
        json_object_put(tree);
    }
}

static void an_unknown_name_has_no_schema(void)
{
    ck_assert_ptr_null(schema_for("diary"));
    ck_assert_ptr_eq(schema_for("record"), schema_for("record"));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(valid_examples_are_valid),
        TESTKIT_TEST(invalid_examples_fail_with_the_error_they_name),
        TESTKIT_TEST(every_schema_is_a_schema_of_its_draft),
        TESTKIT_TEST(a_schema_is_held_against_its_own_draft),
        TESTKIT_TEST(our_schemas_are_closed_at_every_level),
        TESTKIT_TEST(an_unknown_name_has_no_schema),
        {0},
    };
    return testkit_run("schemas", tests);
}
