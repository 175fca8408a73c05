#include "our_schemas.h"
#include "schema.h"
#include "testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    if (json_parse(text, strlen(text), &tree, &why) != STATUS_OK)
        ck_abort_msg("%s: %s", text, error_text(&why));
    return tree;
}

static void append_faults(struct buf *out, const struct schema_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        buf_printf(out, "%s%s: %s", i > 0 ? " | " : "", report->faults[i].instance, report->faults[i].text);
}

/* What came of a case, in the words of schema_cases.txt. */
static void judge(const char *schema_text, const char *instance_text, struct buf *out)
{
    struct json_object *document = parse(schema_text), *instance = NULL;
    struct schema_options options = {.assert_formats = true};
    struct schema_report report = {0};
    struct schema *schema = NULL;
    struct error why = {0};
    if (json_parse(instance_text, strlen(instance_text), &instance, NULL) != STATUS_OK) {
        buf_append_text(out, "not json");
    } else if (schema_compile(document, &options, &schema, &why) != STATUS_OK) {
        buf_printf(out, "bad schema: %s: %s", why.pointer, why.text);
    } else {
        enum status s = schema_validate(schema, instance, &report);
        buf_append_text(out, s == STATUS_OK ? "valid" : s == STATUS_LIMIT ? "endless" : "");
        append_faults(out, &report);
    }
    schema_report_fini(&report);
    schema_free(schema);
    json_object_put(document);
    json_object_put(instance);
}

static char *next_line(char **at)
{
    char *line;
    while ((line = strsep(at, "\n")) != NULL && (line[0] == '\0' || line[0] == '#'))
        ;
    return line;
}

static void every_case_of_the_table_is_judged_as_it_says(void)
{
    struct buf table = testkit_read(testkit_path("tests/unit/json/schema_cases.txt"));
    char *at = table.data, *schema;
    int count = 0, wrong = 0;
    while ((schema = next_line(&at)) != NULL) {
        char *instance = next_line(&at), *expected = next_line(&at);
        ck_assert_msg(expected != NULL, "a case is cut short: %s", schema);
        struct buf found = BUF_INIT(1 << 16);
        judge(schema, instance, &found);
        if (strcmp(buf_text(&found), expected) != 0) {
            printf("%s\n%s\n%s\nfound: %s\n\n", schema, instance, expected, buf_text(&found));
            wrong++;
        }
        count++;
        buf_fini(&found);
    }
    buf_fini(&table);
    printf("%d cases\n", count);
    (void)fflush(stdout);
    ck_assert_int_ge(count, 100);
    ck_assert_int_eq(wrong, 0);
}

static void a_fault_names_the_keyword_by_uri_and_pointer(void)
{
    struct json_object *instance =
        parse("{\"schema_version\":\"1.0.0\",\"values\":{},\"unix_ns\":-1,\"mono_ns\":0}");
    struct schema_report report = {0};
    ck_assert_int_eq(schema_validate(schema_for("sample"), instance, &report), STATUS_INVALID);
    ck_assert_uint_eq(report.count, 1);
    ck_assert_str_eq(report.faults[0].instance, "/unix_ns");
    ck_assert_str_eq(report.faults[0].schema, "urn:assay:schema:sample:1.0.0#/$defs/count/minimum");
    ck_assert_str_eq(report.faults[0].text, "-1 is less than 0");
    schema_report_fini(&report);
    struct error why = {0};
    ck_assert_int_eq(schema_check(schema_for("sample"), instance, &why), STATUS_INVALID);
    ck_assert_str_eq(error_text(&why), "/unix_ns: -1 is less than 0");
    json_object_put(instance);
}

static void faults_are_collected_up_to_a_bound(void)
{
    struct json_object *document = parse("{\"items\":{\"type\":\"string\"}}");
    struct json_object *instance = parse("[1,2,3,4,5]");
    struct schema *schema;
    ck_assert_int_eq(schema_compile(document, NULL, &schema, NULL), STATUS_OK);
    struct schema_report report = {.max = 3};
    ck_assert_int_eq(schema_validate(schema, instance, &report), STATUS_INVALID);
    ck_assert(report.count == 3 && report.more);
    schema_report_fini(&report);
    report.max = 5;
    ck_assert_int_eq(schema_validate(schema, instance, &report), STATUS_INVALID);
    ck_assert(report.count == 5 && !report.more);
    schema_report_fini(&report);
    schema_free(schema);
    json_object_put(document);
    json_object_put(instance);
}

static void other_documents_come_from_the_registry_only(void)
{
    struct json_object *document = parse("{\"$ref\":\"http://a/b.json#/$defs/x\"}");
    struct json_object *other = parse("{\"$defs\":{\"x\":{\"$ref\":\"c.json\"}}}"),
                       *third = parse("{\"type\":\"null\"}");
    struct schema_source sources[] = {{"http://a/b.json", other}, {"http://a/c.json", third}};
    struct schema_options options = {.sources = sources, .source_count = 2};
    struct schema *schema = NULL;
    struct error why = {0};
    ck_assert_int_eq(schema_compile(document, &options, &schema, &why), STATUS_OK);
    ck_assert_int_eq(schema_validate(schema, NULL, NULL), STATUS_OK);
    ck_assert_int_eq(schema_validate(schema, other, NULL), STATUS_INVALID);
    schema_free(schema);
    options.source_count = 1;
    ck_assert_int_eq(schema_compile(document, &options, &schema, &why), STATUS_INVALID);
    ck_assert_ptr_null(schema);
    ck_assert(strstr(error_text(&why), "http://a/c.json") != NULL);
    json_object_put(document);
    json_object_put(other);
    json_object_put(third);
}

/* What a schema of draft 07 refers to is of draft 07 where it does not say otherwise. */
static void a_document_without_draft_is_of_that_of_its_reader(void)
{
    struct json_object *document = parse("{\"$ref\":\"http://a/pair.json\"}"),
                       *pair = parse("{\"items\":[{\"type\":\"null\"}]}"), *instance = parse("[1]");
    struct schema_source source = {"http://a/pair.json", pair};
    struct schema_options options = {.sources = &source, .source_count = 1, .draft = SCHEMA_DRAFT_07};
    struct schema *schema = NULL;
    ck_assert_int_eq(schema_compile(document, &options, &schema, NULL), STATUS_OK);
    ck_assert_int_eq(schema_validate(schema, instance, NULL), STATUS_INVALID);
    schema_free(schema);
    options.draft = SCHEMA_DRAFT_2020_12;
    ck_assert_int_eq(schema_compile(document, &options, &schema, NULL), STATUS_INVALID);
    json_object_put(document);
    json_object_put(pair);
    json_object_put(instance);
}

static void a_meta_schema_may_be_one_of_draft_07(void)
{
    struct json_object *document = parse("{\"$schema\":\"http://m/7\",\"items\":[{\"type\":\"null\"}]}"),
                       *meta = parse("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}"),
                       *instance = parse("[1]");
    struct schema_source source = {"http://m/7", meta};
    struct schema_options options = {.sources = &source, .source_count = 1};
    struct schema *schema = NULL;
    ck_assert_int_eq(schema_compile(document, &options, &schema, NULL), STATUS_OK);
    ck_assert_int_eq(schema_validate(schema, instance, NULL), STATUS_INVALID);
    schema_free(schema);
    json_object_put(document);
    json_object_put(meta);
    json_object_put(instance);
}

static void a_meta_schema_decides_which_keywords_count(void)
{
    struct json_object *document =
        parse("{\"$schema\":\"http://m/1\",\"minimum\":5,\"properties\":{\"a\":false}}");
    struct json_object *meta =
        parse("{\"$vocabulary\":{\"https://json-schema.org/draft/2020-12/vocab/core\":true,"
              "\"https://json-schema.org/draft/2020-12/vocab/applicator\":true}}");
    struct json_object *strange = parse("{\"$vocabulary\":{\"http://m/unknown\":true}}");
    struct schema_source source = {"http://m/1", meta};
    struct schema_options options = {.sources = &source, .source_count = 1};
    struct json_object *four = parse("4"), *object = parse("{\"a\":1}");
    struct schema *schema = NULL;
    struct error why = {0};
    ck_assert_int_eq(schema_compile(document, &options, &schema, &why), STATUS_OK);
    ck_assert_int_eq(schema_validate(schema, four, NULL), STATUS_OK);
    ck_assert_int_eq(schema_validate(schema, object, NULL), STATUS_INVALID);
    schema_free(schema);
    source.document = strange;
    ck_assert_int_eq(schema_compile(document, &options, &schema, &why), STATUS_INVALID);
    ck_assert(strstr(why.text, "http://m/unknown") != NULL);
    json_object_put(document);
    json_object_put(meta);
    json_object_put(strange);
    json_object_put(four);
    json_object_put(object);
}

/* 2^64 ways through 64 levels: the steps are bounded, and so is the time. */
static void a_schema_that_explodes_is_given_up(void)
{
    struct buf text = BUF_INIT(1 << 16);
    buf_append_text(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < 64; i++)
        buf_printf(&text, "\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},", i,
            i + 1, i + 1);
    buf_append_text(&text, "\"d64\":true}}");
    struct json_object *document = parse(buf_text(&text));
    struct schema_options options = {.steps_max = 100000};
    struct schema *schema;
    struct error why = {0};
    ck_assert_int_eq(schema_compile(document, &options, &schema, &why), STATUS_OK);
    ck_assert_int_eq(schema_check(schema, NULL, &why), STATUS_LIMIT);
    ck_assert_str_ne(why.text, "");
    schema_free(schema);
    json_object_put(document);
    buf_fini(&text);
}

static void a_pattern_that_backtracks_without_end_is_given_up(void)
{
    struct json_object *document = parse("{\"pattern\":\"^(a|aa|a?a)*\\\\1*$\"}");
    struct json_object *instance =
        parse("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"");
    struct schema *schema;
    ck_assert_int_eq(schema_compile(document, NULL, &schema, NULL), STATUS_OK);
    ck_assert_int_eq(schema_validate(schema, instance, NULL), STATUS_LIMIT);
    schema_free(schema);
    json_object_put(document);
    json_object_put(instance);
}

static bool matches(const char *pattern, const char *text)
{
    struct json_object *document = json_object_new_object(), *instance = json_object_new_string(text);
    struct schema *schema = NULL;
    struct error why = {0};
    ck_assert(json_set_text(document, "pattern", pattern));
    if (schema_compile(document, NULL, &schema, &why) != STATUS_OK)
        ck_abort_msg("%s: %s", pattern, error_text(&why));
    enum status s = schema_validate(schema, instance, NULL);
    schema_free(schema);
    json_object_put(document);
    json_object_put(instance);
    ck_assert(s == STATUS_OK || s == STATUS_INVALID);
    return s == STATUS_OK;
}

/* In parentheses a pattern is always PCRE2's, without them it may be a chain of sets. */
static void plain_patterns_match_what_the_library_matches(void)
{
    static const char *const patterns[] = {"^a$", "^$", "^a*$", "^[ab]{2}$", "^[ab]{0,2}c?$", "^a?a$",
        "^a?b+c*$", "^[a-b-]+$", "^[-a]b{1,}$", "^a\\.b$", "^[.]*a$", "^[a.c]{1,2}b?c$", "^a{2,3}b$",
        "^[b-c]a*[b]$", "^\\-a$", "^a{0}b$", "^[^a]$", "^(a|b)$", "^a.c$", "^a+?b$", "^[ab]*b$", "^a{,2}$",
        "^a-{2}$", "^ab", "a$"};
    static const char letters[] = "abc.-{2,}";
    enum { LETTERS = sizeof letters - 1, LENGTH_MAX = 3 };
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        char grouped[64];
        snprintf(grouped, sizeof grouped, "(?:%s)", patterns[p]);
        for (int number = 0; number < (LETTERS + 1) * (LETTERS + 1) * (LETTERS + 1);
             number += 1 + number / 200) {
            char text[LENGTH_MAX + 1] = "";
            int rest = number;
            for (int i = 0; i < LENGTH_MAX && rest > 0; i++, rest /= LETTERS + 1)
                text[i] = rest % (LETTERS + 1) > 0 ? letters[rest % (LETTERS + 1) - 1] : 'a';
            ck_assert_msg(
                matches(patterns[p], text) == matches(grouped, text), "%s, \"%s\"", patterns[p], text);
        }
    }
    ck_assert(matches("^[0-9a-f]{4}$", "09af") && !matches("^[0-9a-f]{4}$", "09AF"));
    ck_assert(!matches("^[a-z]+$", "\xc3\xa9") && !matches("^a$", "a\n"));
}

#define THREADS 4

static void *validate_many(void *arg)
{
    const struct schema *schema = schema_for("sample");
    long *wrong = arg;
    for (int i = 0; i < 500; i++) {
        struct json_object *good =
            parse("{\"schema_version\":\"1.0.0\",\"unix_ns\":1,\"mono_ns\":2,\"values\":{\"a\":1}}");
        struct json_object *bad =
            parse("{\"schema_version\":\"1.0.0\",\"unix_ns\":1,\"mono_ns\":2,\"values\":{\"A\":1}}");
        struct schema_report report = {0};
        *wrong += schema_validate(schema, good, NULL) != STATUS_OK;
        *wrong += schema_validate(schema, bad, &report) != STATUS_INVALID || report.count != 1;
        schema_report_fini(&report);
        json_object_put(good);
        json_object_put(bad);
    }
    return NULL;
}

static void one_schema_serves_many_threads(void)
{
    pthread_t threads[THREADS];
    long wrong[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, validate_many, &wrong[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_int_eq(wrong[i], 0);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_case_of_the_table_is_judged_as_it_says),
        TESTKIT_TEST(a_fault_names_the_keyword_by_uri_and_pointer),
        TESTKIT_TEST(faults_are_collected_up_to_a_bound),
        TESTKIT_TEST(other_documents_come_from_the_registry_only),
        TESTKIT_TEST(a_document_without_draft_is_of_that_of_its_reader),
        TESTKIT_TEST(a_meta_schema_may_be_one_of_draft_07),
        TESTKIT_TEST(a_meta_schema_decides_which_keywords_count),
        TESTKIT_TEST(a_schema_that_explodes_is_given_up),
        TESTKIT_TEST(a_pattern_that_backtracks_without_end_is_given_up),
        TESTKIT_TEST(plain_patterns_match_what_the_library_matches),
        TESTKIT_TEST(one_schema_serves_many_threads),
        {0},
    };
    return testkit_run("JSON Schema", tests);
}
