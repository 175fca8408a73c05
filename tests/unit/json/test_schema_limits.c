/* Schemas and documents that mean harm: each gets an answer, or is given up with a reason, in a bounded time. */
#include "schema.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 10000
#define FEW_STEPS 200000

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    if (json_parse(text, strlen(text), &tree, &why) != STATUS_OK)
        ck_abort_msg("%.200s: %s", text, error_text(&why));
    return tree;
}

static struct schema *compile(const char *text, long steps_max)
{
    struct schema_options options = {.steps_max = steps_max};
    struct json_object *document = parse(text);
    struct schema *schema = NULL;
    struct error why = {0};
    if (schema_compile(document, &options, &schema, &why) != STATUS_OK)
        ck_abort_msg("%.200s: %s", text, error_text(&why));
    json_object_put(document);
    return schema;
}

/* A text made of a piece again and again, %d its number, between a head and a tail. */
static char *repeat(const char *head, const char *piece, int count, const char *tail)
{
    struct buf b = BUF_INIT((size_t)256 << 20);
    buf_append_text(&b, head);
    for (int i = 0; i < count; i++)
        for (const char *c = piece; *c != '\0'; c++)
            if (c[0] == '%' && c[1] == 'd') {
                buf_printf(&b, "%d", i);
                c++;
            } else if (*c == ',' && c[1] == '\0' && i == count - 1) {
                break; /* no comma behind the last */
            } else {
                buf_append_char(&b, *c);
            }
    buf_append_text(&b, tail);
    ck_assert_int_eq(buf_status(&b), STATUS_OK);
    return buf_take(&b);
}

static enum status judge_within(long steps_max, const char *schema_text, const char *instance_text)
{
    struct schema *schema = compile(schema_text, steps_max);
    struct json_object *instance = parse(instance_text);
    struct schema_report report = {.max = 3};
    enum status s = schema_validate(schema, instance, &report);
    ck_assert(s == STATUS_OK || report.count > 0 || report.reason != NULL);
    ck_assert((s == STATUS_LIMIT) == (report.count == 0 && report.reason != NULL));
    schema_report_fini(&report);
    json_object_put(instance);
    schema_free(schema);
    return s;
}

static enum status judge(const char *schema_text, const char *instance_text)
{
    return judge_within(0, schema_text, instance_text);
}

static enum status refuse(const char *schema_text, const char *words)
{
    struct json_object *document = parse(schema_text);
    struct schema *schema = NULL;
    struct error why = {0};
    enum status s = schema_compile(document, NULL, &schema, &why);
    ck_assert_ptr_null(schema);
    ck_assert_int_eq(why.status, s);
    ck_assert_msg(strstr(error_text(&why), words) != NULL, "%s", error_text(&why));
    json_object_put(document);
    return s;
}

static void references_without_end_are_given_up(void)
{
    ck_assert_int_eq(judge("{\"$ref\":\"#\"}", "1"), STATUS_LIMIT);
    ck_assert_int_eq(judge("{\"allOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},"
                           "\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"}]}}}",
                         "{}"),
        STATUS_LIMIT);
    ck_assert_int_eq(judge("{\"$dynamicAnchor\":\"a\",\"$dynamicRef\":\"#a\"}", "1"), STATUS_LIMIT);
    ck_assert_int_eq(judge("{\"not\":{\"$ref\":\"#\"}}", "1"), STATUS_LIMIT);
    struct schema *schema = compile("{\"$ref\":\"#\"}", 0);
    struct error why = {0};
    ck_assert_int_eq(schema_check(schema, NULL, &why), STATUS_LIMIT);
    ck_assert_str_eq(error_text(&why), "validation was given up without an answer: schemas apply within one "
                                       "another without end, or too deep");
    schema_free(schema);
}

/* 2^40 applications, or few of them with much to do in each. */
static void a_schema_that_doubles_is_given_up(void)
{
    static const char *const leaves[] = {"{\"minimum\":0}", "{\"type\":[\"array\",\"number\"],\"const\":1}",
        "{\"pattern\":\"x\"}", "{\"maxLength\":1}"};
    for (size_t k = 0; k < sizeof leaves / sizeof *leaves; k++) {
        struct buf tail = BUF_INIT(1 << 12);
        buf_printf(&tail, ",\"d40\":%s}}", leaves[k]);
        struct buf text = BUF_INIT(1 << 16);
        buf_append_text(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{\"z\":true");
        for (int i = 0; i < 40; i++)
            buf_printf(&text, ",\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]}",
                i, i + 1, i + 1);
        buf_append_text(&text, buf_text(&tail));
        struct json_object *document = parse(buf_text(&text)), *instance = parse(k < 2 ? "1" : "\"x\"");
        struct schema_options options = {.steps_max = FEW_STEPS};
        struct schema *schema = NULL;
        ck_assert_int_eq(schema_compile(document, &options, &schema, NULL), STATUS_OK);
        ck_assert_int_eq(schema_validate(schema, instance, NULL), STATUS_LIMIT);
        schema_free(schema);
        json_object_put(instance);
        json_object_put(document);
        buf_fini(&text);
        buf_fini(&tail);
    }
}

/* Each application is cheap to ask for and long to do: what it looks at is counted. */
static void work_within_one_step_is_counted(void)
{
    char *many_true = repeat("{\"items\":{\"allOf\":[", "true,", 5000, "]}}");
    char *many_ones = repeat("[", "1,", 5000, "]");
    ck_assert_int_eq(judge_within(FEW_STEPS, many_true, many_ones), STATUS_LIMIT);
    char *members = repeat("{\"items\":{\"dependentRequired\":{", "\"a%d\":[],", 5000, "}}}");
    char *objects = repeat("[", "{},", 5000, "]");
    ck_assert_int_eq(judge_within(FEW_STEPS, members, objects), STATUS_LIMIT);
    free(many_true);
    free(many_ones);
    free(members);
    free(objects);
}

static void patterns_that_backtrack_are_given_up(void)
{
    static const char *const patterns[] = {
        "^(a+)+$", "^(a|aa|a?a)*\\\\1*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){12}[bc]"};
    char *text = repeat("\"", "a", 400, "!\"");
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        char schema[128];
        snprintf(schema, sizeof schema, "{\"pattern\":\"%s\"}", patterns[i]);
        enum status s = judge(schema, text);
        ck_assert_msg(s == STATUS_LIMIT, "%s: %s", patterns[i], status_name(s));
    }
    free(text);
}

/* Backtracking has nothing to do with these: each place of a long text is the start of a long way. */
static void patterns_that_are_slow_on_long_texts_are_given_up(void)
{
    static const char *const patterns[] = {"[ab]*[xy]", "^(a?[ab]*[xy]|[ab])*$", "a.*b.*[cd]"};
    char *text = repeat("\"", "ab", 100000, "\"");
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        char schema[128];
        snprintf(schema, sizeof schema, "{\"pattern\":\"%s\"}", patterns[i]);
        enum status s = judge(schema, text);
        ck_assert_msg(s == STATUS_LIMIT, "%s: %s", patterns[i], status_name(s));
    }
    ck_assert_int_eq(judge("{\"pattern\":\"^[ab]+$\"}", text), STATUS_OK);
    ck_assert_int_eq(judge("{\"pattern\":\"^[a-z]*c\"}", text), STATUS_INVALID);
    ck_assert_int_eq(judge("{\"pattern\":\"ba\"}", text), STATUS_OK);
    free(text);
    text = repeat("\"", "YWJj", 50000, "YQ==\"");
    ck_assert_int_eq(
        judge("{\"pattern\":\"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$\"}", text),
        STATUS_OK);
    free(text);
}

/* Many short texts that are slow together. */
static void what_patterns_take_is_summed_up(void)
{
    char *text = repeat("[", "\"aaaaaaaaaaaaaaaaaaaa!\",", 2000, "]");
    ck_assert_int_eq(judge("{\"items\":{\"not\":{\"pattern\":\"^(a+)+$\"}}}", text), STATUS_LIMIT);
    free(text);
}

static void patterns_that_are_too_large_are_refused(void)
{
    ck_assert_int_eq(refuse("{\"pattern\":\"((a{1000}){1000}){1000}\"}", "asks for too much"), STATUS_LIMIT);
    ck_assert_int_eq(
        refuse("{\"patternProperties\":{\"(((x{60}){60}){60}){60}\":true}}", "/patternProperties"),
        STATUS_LIMIT);
    char *deep = repeat("{\"pattern\":\"", "(", 200, "\"}");
    ck_assert_int_eq(refuse(deep, "asks for too much"), STATUS_LIMIT);
    free(deep);
    char *longest = repeat("{\"pattern\":\"", "abcdefgh", 10000, "\"}");
    ck_assert_int_eq(refuse(longest, "longer than"), STATUS_LIMIT);
    free(longest);
    char *many = repeat("{\"allOf\":[", "{\"pattern\":\"%d(a{400}){1500}\"},", 4000, "]}");
    ck_assert_int_eq(refuse(many, "take more than"), STATUS_LIMIT);
    free(many);
}

static void a_pattern_of_names_is_refused_where_it_stands(void)
{
    ck_assert_int_eq(refuse("{\"properties\":{\"a\":{\"propertyNames\":{\"pattern\":\"(\"}}}}",
                         "/properties/a/propertyNames/pattern: "),
        STATUS_INVALID);
    ck_assert_int_eq(
        refuse("{\"patternProperties\":{\"[z-a]\":true}}", "not valid at its character"), STATUS_INVALID);
    ck_assert_int_eq(judge("{\"propertyNames\":{\"pattern\":\"^(a+)+$\"}}",
                         "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\":1}"),
        STATUS_LIMIT);
}

static void many_items_are_compared_quickly(void)
{
    char *numbers = repeat("[", "9223372036854%d,", MANY, "]");
    ck_assert_int_eq(judge("{\"uniqueItems\":true}", numbers), STATUS_OK);
    char *objects = repeat("[", "{\"a\":[%d,{\"b\":null}]},", MANY, ",{\"a\":[0,{\"b\":null}]}]");
    ck_assert_int_eq(judge("{\"uniqueItems\":true}", objects), STATUS_INVALID);
    free(numbers);
    free(objects);
}

/* Whole numbers above 2^53, of which many are the same double. */
static void numbers_beyond_doubles_are_told_apart(void)
{
    struct json_object *array = json_object_new_array();
    for (int i = 0; i < MANY; i++)
        ck_assert(json_add_int(array, INT64_MAX - i));
    struct schema *schema = compile("{\"uniqueItems\":true}", 0);
    ck_assert_int_eq(schema_validate(schema, array, NULL), STATUS_OK);
    ck_assert(json_add_int(array, INT64_MAX - 77));
    ck_assert_int_eq(schema_validate(schema, array, NULL), STATUS_INVALID);
    schema_free(schema);
    json_object_put(array);
    ck_assert_int_eq(judge("{\"uniqueItems\":true}",
                         "[1,2,3,4,5,6,7,8,9,10,11,12,13,9223372036854775808,9223372036854775808.0]"),
        STATUS_INVALID);
    ck_assert_int_eq(
        judge("{\"uniqueItems\":true}", "[1,2,3,4,5,6,7,8,9,10,11,12,13,0,-0.0]"), STATUS_INVALID);
    ck_assert_int_eq(
        judge("{\"uniqueItems\":true}", "[1,2,3,4,5,6,7,8,9,10,11,12,13,-7,-7.0]"), STATUS_INVALID);
}

static void many_alternatives_are_found_quickly(void)
{
    char *schema = repeat("{\"items\":{\"enum\":[", "\"word%d\",[%d],", MANY, ",null]}}");
    char *right = repeat("[", "\"word%d\",[%d],", MANY, "]");
    char *wrong = repeat("[", "\"word%d\",", MANY, ",[1,2]]");
    ck_assert_int_eq(judge(schema, right), STATUS_OK);
    ck_assert_int_eq(judge(schema, wrong), STATUS_INVALID);
    free(schema);
    free(right);
    free(wrong);
    char *numbers = repeat("{\"enum\":[", "%d,", 100, "]}");
    ck_assert_int_eq(judge(numbers, "7.0"), STATUS_OK);
    ck_assert_int_eq(judge(numbers, "7.5"), STATUS_INVALID);
    free(numbers);
}

static void a_huge_constant_is_compared(void)
{
    char *list = repeat("[", "{\"a\":%d},", MANY, "]"), *other = repeat("[", "{\"a\":%d},", MANY, ",0]");
    char *schema = repeat("{\"const\":[", "{\"a\":%d},", MANY, "]}");
    ck_assert_int_eq(judge(schema, list), STATUS_OK);
    ck_assert_int_eq(judge(schema, other), STATUS_INVALID);
    free(list);
    free(other);
    free(schema);
}

static void many_members_are_looked_up_quickly(void)
{
    char *object = repeat("{", "\"name%d\":%d,", MANY, "}");
    char *schema = repeat(
        "{\"additionalProperties\":false,\"properties\":{", "\"name%d\":{\"type\":\"integer\"},", MANY, "}}");
    ck_assert_int_eq(judge(schema, object), STATUS_OK);
    ck_assert_int_eq(judge(schema, "{\"name7\":\"x\"}"), STATUS_INVALID);
    free(schema);
    schema = repeat("{\"required\":[", "\"name%d\",", MANY, "]}");
    ck_assert_int_eq(judge(schema, object), STATUS_OK);
    ck_assert_int_eq(judge(schema, "{\"name7\":\"x\"}"), STATUS_INVALID);
    free(schema);
    ck_assert_int_eq(
        judge("{\"propertyNames\":{\"maxLength\":20},\"maxProperties\":100000}", object), STATUS_OK);
    free(object);
}

static void unevaluated_members_of_a_wide_object_are_found(void)
{
    char *object = repeat("{", "\"a%d\":1,", MANY, ",\"b\":1}");
    char *schema = repeat("{\"anyOf\":[",
        "{\"patternProperties\":{\"^a\":{\"type\":\"integer\"},\"z%d\":true},\"minProperties\":%d},", 20,
        "],\"unevaluatedProperties\":false}");
    ck_assert_int_eq(judge(schema, object), STATUS_INVALID);
    free(schema);
    free(object);
    char *array = repeat("[", "1,", MANY, "]");
    ck_assert_int_eq(judge("{\"contains\":{\"const\":1},\"unevaluatedItems\":false}", array), STATUS_OK);
    ck_assert_int_eq(judge("{\"prefixItems\":[true],\"unevaluatedItems\":false}", array), STATUS_INVALID);
    free(array);
}

static void a_deep_document_is_judged_to_its_bottom(void)
{
    char *left = repeat("", "[", 120, ""), *right = repeat("1", "]", 120, ""),
         *wrong = repeat("\"x\"", "]", 120, "");
    struct buf good = BUF_INIT(1 << 12), bad = BUF_INIT(1 << 12);
    buf_printf(&good, "%s%s", left, right);
    buf_printf(&bad, "%s%s", left, wrong);
    static const char
        schema[] = "{\"type\":[\"array\",\"integer\"],\"items\":{\"$ref\":\"#\"}}",
        endless[] = "{\"items\":{\"allOf\":[{\"allOf\":[{\"allOf\":[{\"allOf\":[{\"$ref\":\"#\"}]}]}]}]}}";
    ck_assert_int_eq(judge(schema, buf_text(&good)), STATUS_OK);
    ck_assert_int_eq(judge(schema, buf_text(&bad)), STATUS_INVALID);
    ck_assert_int_eq(judge(endless, buf_text(&good)), STATUS_LIMIT);
    buf_fini(&good);
    buf_fini(&bad);
    free(left);
    free(right);
    free(wrong);
}

/* Their names and the ways to them are kept once, not once for each. */
static void many_resources_and_anchors_are_resolved(void)
{
    char *schema = repeat("{\"$id\":\"http://a/b\",\"$defs\":{",
        "\"d%d\":{\"$id\":\"c%d\",\"$anchor\":\"x\",\"type\":\"integer\"},", 5000,
        "},\"allOf\":[{\"$ref\":\"c4999#x\"}]}");
    ck_assert_int_eq(judge(schema, "1"), STATUS_OK);
    ck_assert_int_eq(judge(schema, "\"x\""), STATUS_INVALID);
    free(schema);
    schema = repeat("{\"$defs\":{", "\"d%d\":{\"$anchor\":\"x%d\",\"allOf\":[{\"$ref\":\"#x0\"}]},", 5000,
        "},\"$ref\":\"#x4999\"}");
    ck_assert_int_eq(judge(schema, "1"), STATUS_LIMIT); /* the first refers to itself */
    free(schema);
    char *key = repeat("", "k", 30000, "");
    struct buf text = BUF_INIT(1 << 24);
    buf_printf(&text, "{\"properties\":{\"%s\":{\"allOf\":[", key);
    for (int i = 0; i < MANY; i++)
        buf_append_text(&text, "{\"minimum\":1},");
    buf_printf(&text, "{\"maximum\":0}]}}}");
    struct buf instance = BUF_INIT(1 << 20);
    buf_printf(&instance, "{\"%s\":1}", key);
    ck_assert_int_eq(judge(buf_text(&text), buf_text(&instance)), STATUS_INVALID);
    buf_fini(&text);
    buf_fini(&instance);
    free(key);
}

/* Whatever its length, a reference is refused with a word; what it resolves to has room for 65 536 bytes. */
static void a_reference_without_end_is_refused(void)
{
    static const char base[] = "urn:x:";
    for (int len = 65534; len <= 65540; len++) {
        struct buf text = BUF_INIT(1 << 20);
        struct json_object *document = NULL;
        struct schema *schema = NULL;
        struct error why = {0};
        buf_printf(&text, "{\"items\":{\"$ref\":\"%s%0*d\"}}", base, len - (int)strlen(base), 0);
        ck_assert_int_eq(json_parse(buf_text(&text), text.len, &document, NULL), STATUS_OK);
        ck_assert_int_eq(schema_compile(document, NULL, &schema, &why), STATUS_INVALID);
        ck_assert_msg(strstr(error_text(&why), "/items/$ref") != NULL, "%s", error_text(&why));
        schema_free(schema);
        json_object_put(document);
        buf_fini(&text);
    }
}

static void a_schema_that_is_nested_too_deep_is_refused(void)
{
    char *text = repeat("", "{\"not\":", 127, "1");
    char *close = repeat("", "}", 127, "");
    struct buf schema = BUF_INIT(1 << 16);
    buf_printf(&schema, "%s%s", text, close);
    ck_assert_int_eq(refuse(buf_text(&schema), "must hold schemas"), STATUS_INVALID);
    buf_fini(&schema);
    free(text);
    free(close);
    struct json_object *tree = json_object_new_object();
    for (int i = 0; i < 1000; i++) {
        struct json_object *outer = json_object_new_object();
        ck_assert(json_set(outer, "not", tree));
        tree = outer;
    }
    struct schema *made = NULL;
    struct error why = {0};
    ck_assert_int_eq(schema_compile(tree, NULL, &made, &why), STATUS_LIMIT);
    ck_assert_str_eq(error_text(&why), "the schema is nested too deep");
    json_object_put(tree);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(references_without_end_are_given_up),
        TESTKIT_TEST(a_schema_that_doubles_is_given_up),
        TESTKIT_TEST(work_within_one_step_is_counted),
        TESTKIT_TEST(patterns_that_backtrack_are_given_up),
        TESTKIT_TEST(patterns_that_are_slow_on_long_texts_are_given_up),
        TESTKIT_TEST(what_patterns_take_is_summed_up),
        TESTKIT_TEST(patterns_that_are_too_large_are_refused),
        TESTKIT_TEST(a_pattern_of_names_is_refused_where_it_stands),
        TESTKIT_TEST(many_items_are_compared_quickly),
        TESTKIT_TEST(numbers_beyond_doubles_are_told_apart),
        TESTKIT_TEST(many_alternatives_are_found_quickly),
        TESTKIT_TEST(a_huge_constant_is_compared),
        TESTKIT_TEST(many_members_are_looked_up_quickly),
        TESTKIT_TEST(unevaluated_members_of_a_wide_object_are_found),
        TESTKIT_TEST(a_deep_document_is_judged_to_its_bottom),
        TESTKIT_TEST(many_resources_and_anchors_are_resolved),
        TESTKIT_TEST(a_reference_without_end_is_refused),
        TESTKIT_TEST(a_schema_that_is_nested_too_deep_is_refused),
        {0},
    };
    return testkit_run("JSON Schema, bounds", tests);
}
