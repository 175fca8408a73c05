/* Each kind of break is seen, and what may change is not taken for one. The schemas are made up. */
#include "schema_compat.h"

#include "testkit.h"

#include "json.h"

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

/* Two schemas in each set: "thing", which is compared, and "other", which it may name. */
static size_t breaks_between(const char *then_text, const char *now_text, struct buf *told)
{
    static const char other[] =
        "{\"$id\":\"urn:assay:schema:other:%s\",\"$defs\":{\"n\":{\"type\":\"integer\"}}}";
    char other_then[256], other_now[256];
    struct compat_set then = {.count = 0}, now = {.count = 0};
    snprintf(other_then, sizeof other_then, other, "1.0.0");
    snprintf(other_now, sizeof other_now, other, "1.1.0");
    struct json_object *trees[] = {parse(then_text), parse(now_text), parse(other_then), parse(other_now)};
    compat_set_add(&then, "thing", trees[0]);
    compat_set_add(&then, "other", trees[2]);
    compat_set_add(&now, "thing", trees[1]);
    compat_set_add(&now, "other", trees[3]);
    size_t breaks = schema_compat_breaks(&then, &now, told);
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        json_object_put(trees[i]);
    return breaks;
}

#define CLOSED "\"additionalProperties\":false"
#define OBJECT(members) "{\"type\":\"object\"," CLOSED "," members "}"
#define PROPERTIES(members) OBJECT("\"properties\":{" members "}")
#define OF_A(schema) PROPERTIES("\"a\":" schema)

static const struct {
    const char *then, *now;
    const char *told; /* the break */
} breaking[] = {
    {PROPERTIES("\"a\":{},\"b\":{}"), PROPERTIES("\"a\":{}"), "thing : \"b\" is gone"},
    {PROPERTIES("\"a\":{}"), PROPERTIES("\"b\":{}"), "\"a\" is gone"},
    {PROPERTIES("\"a\":{}"), OBJECT("\"properties\":{\"a\":{}},\"required\":[\"a\"]"),
        "\"a\" is required now"},
    {OBJECT("\"properties\":{\"a\":{}},\"required\":[\"a\"]"), PROPERTIES("\"a\":{}"),
        "\"a\" is no longer required"},
    {OF_A("{\"type\":[\"integer\",\"null\"]}"), OF_A("{\"type\":\"integer\"}"), "thing /a: fewer types"},
    {OF_A("{\"type\":\"number\"}"), OF_A("{\"type\":\"integer\"}"), "thing /a: fewer types"},
    {OF_A("{}"), OF_A("{\"type\":\"integer\"}"), "fewer types"},
    {OF_A("{\"type\":\"string\"}"), OF_A("{\"type\":\"integer\"}"), "fewer types"},
    {OF_A("{\"type\":\"integer\"}"), OF_A("{\"type\":\"number\"}"), "other types than readers know"},
    {OF_A("{\"type\":\"string\"}"), OF_A("{\"type\":[\"string\",\"null\"]}"),
        "other types than readers know"},
    {OF_A("{\"type\":\"string\"}"), OF_A("{}"), "other types than readers know"},
    {OF_A("{\"enum\":[\"x\",\"y\"]}"), OF_A("{\"enum\":[\"x\",\"z\"]}"), "\"y\" is no longer allowed"},
    {OF_A("{\"const\":\"1.0.0\"}"), OF_A("{\"const\":\"1.1.0\"}"), "\"1.0.0\" is no longer allowed"},
    {OF_A("{\"type\":\"string\"}"), OF_A("{\"type\":\"string\",\"enum\":[\"x\"]}"), "only certain values"},
    {OF_A("{\"minimum\":0}"), OF_A("{\"minimum\":1}"), "minimum 1 is stricter"},
    {OF_A("{}"), OF_A("{\"maximum\":9}"), "maximum 9 is stricter"},
    {OF_A("{\"exclusiveMaximum\":2.5}"), OF_A("{\"exclusiveMaximum\":2}"), "exclusiveMaximum 2 is stricter"},
    {OF_A("{\"exclusiveMinimum\":2}"), OF_A("{\"exclusiveMinimum\":3}"), "exclusiveMinimum 3 is stricter"},
    {OF_A("{\"maxLength\":512}"), OF_A("{\"maxLength\":511}"), "maxLength 511"},
    {OF_A("{}"), OF_A("{\"minLength\":1}"), "minLength 1"},
    {OF_A("{}"), OF_A("{\"minItems\":1}"), "minItems 1"},
    {OF_A("{\"maxItems\":2}"), OF_A("{\"maxItems\":1}"), "maxItems 1"},
    {OF_A("{}"), OF_A("{\"maxProperties\":1}"), "maxProperties 1"},
    {OF_A("{}"), OF_A("{\"minProperties\":1}"), "minProperties 1"},
    {OF_A("{}"), OF_A("{\"pattern\":\"^a\"}"), "pattern is new"},
    {OF_A("{\"pattern\":\"^a\"}"), OF_A("{\"pattern\":\"^b\"}"), "pattern is another"},
    {OF_A("{}"), OF_A("{\"format\":\"date-time\"}"), "format is new"},
    {OF_A("{}"), OF_A("{\"uniqueItems\":true}"), "uniqueItems is new"},
    {OF_A("{}"), OF_A("{\"multipleOf\":2}"), "multipleOf is new"},
    {OF_A("{}"), OF_A("{\"not\":{\"const\":1}}"), "not is new"},
    {OF_A("{\"contains\":{\"const\":1}}"), OF_A("{\"contains\":{\"const\":2}}"), "contains is another"},
    {OF_A("{\"type\":\"object\"}"), OF_A("{\"type\":\"object\"," CLOSED "}"),
        "thing /a/*: what could be there"},
    {OF_A("{\"additionalProperties\":{\"type\":\"integer\"}}"), OF_A("{" CLOSED "}"),
        "may not be there any more"},
    {OF_A("{\"additionalProperties\":{\"type\":[\"integer\",\"null\"]}}"),
        OF_A("{\"additionalProperties\":{\"type\":\"integer\"}}"), "thing /a/*: fewer types"},
    {OF_A("{\"type\":\"object\"}"),
        OF_A("{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}}}"),
        "\"x\" could be anything before"},
    {OF_A("{}"), OF_A("{\"propertyNames\":{\"maxLength\":3}}"), "thing /a/(name): maxLength 3"},
    {OF_A("{\"items\":{\"type\":\"string\"}}"), OF_A("{\"items\":{\"type\":\"string\",\"maxLength\":1}}"),
        "thing /a/[]: maxLength 1"},
    {OF_A("{\"items\":{}}"), OF_A("{\"items\":false}"), "thing /a/[]: what could be there"},
    {OF_A("{}"), OF_A("false"), "what could be there"},
    {OF_A("true"), OF_A("{\"maximum\":1}"), "maximum 1"},
    {OF_A("{\"oneOf\":[{\"const\":1},{\"const\":2}]}"), OF_A("{\"oneOf\":[{\"const\":1}]}"),
        "alternative of oneOf is gone"},
    {OF_A("{\"anyOf\":[{\"minimum\":1}]}"), OF_A("{\"anyOf\":[{\"minimum\":2}]}"), "minimum 2"},
    {OF_A("{}"), OF_A("{\"anyOf\":[{\"minimum\":2}]}"), "anyOf is new"},
    {OF_A("{}"), OF_A("{\"allOf\":[{\"minimum\":2}]}"), "allOf asks for more"},
    {OF_A("{\"allOf\":[{\"minimum\":2}]}"), OF_A("{\"allOf\":[{\"minimum\":3}]}"), "minimum 3"},
    {OF_A("{}"), OF_A("{\"if\":{\"const\":1},\"then\":{\"minimum\":2}}"), "minimum 2"},
    {OF_A("{\"if\":{\"const\":1},\"then\":{}}"), OF_A("{\"if\":{\"const\":2},\"then\":{}}"),
        "condition (if) is another"},
    {OF_A("{\"if\":{\"const\":1},\"else\":{}}"),
        OF_A("{\"if\":{\"const\":1},\"else\":{\"required\":[\"x\"]}}"), "\"x\" is required now"},
    {OF_A("{}"), OF_A("{\"dependentRequired\":{\"x\":[\"y\"]}}"), "dependentRequired is new"},
    {OF_A("{}"), OF_A("{\"prefixItems\":[{\"const\":1}]}"), "prefixItems asks for more"},
    {OF_A("{}"), OF_A("{\"mustRhyme\":true}"), "\"mustRhyme\" is not known here"},
    {OF_A("{\"$ref\":\"urn:assay:schema:other:1.0.0#/$defs/n\"}"), OF_A("{\"type\":\"string\"}"),
        "thing /a: fewer types"},
    {OF_A("{\"type\":\"integer\"}"),
        "{\"type\":\"object\"," CLOSED ",\"properties\":{\"a\":{\"$ref\":\"#/$defs/a\"}},"
        "\"$defs\":{\"a\":{\"type\":\"integer\",\"minimum\":0}}}",
        "thing /a: minimum 0"},
    {OF_A("{}"), OF_A("{\"$ref\":\"#/$defs/nowhere\"}"), "a reference leads nowhere"},
    {OF_A("{\"minimum\":1}"), OF_A("{\"minimum\":1,\"$ref\":\"urn:assay:schema:other:1.1.0#/$defs/n\"}"),
        "it refers to"},
    {"{\"$defs\":{\"l\":{\"properties\":{\"next\":{\"$ref\":\"#/$defs/l\"}}}},\"$ref\":\"#/$defs/l\"}",
        "{\"$defs\":{\"l\":{\"properties\":{\"next\":{\"$ref\":\"#/$defs/l\"}},\"required\":[\"next\"]}},"
        "\"$ref\":\"#/$defs/l\"}",
        "\"next\" is required now"},
};

static void each_kind_of_break_is_seen(void)
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof breaking / sizeof *breaking; i++) {
        struct buf told = BUF_INIT(1 << 16);
        size_t breaks = breaks_between(breaking[i].then, breaking[i].now, &told);
        if (breaks == 0 || strstr(buf_text(&told), breaking[i].told) == NULL) {
            printf("%s\n%s\n  %zu breaks, not \"%s\": %s\n", breaking[i].then, breaking[i].now, breaks,
                breaking[i].told, buf_text(&told));
            wrong++;
        }
        buf_fini(&told);
    }
    (void)fflush(stdout);
    ck_assert_int_eq(wrong, 0);
}

static const struct {
    const char *then, *now;
} harmless[] = {
    {PROPERTIES("\"a\":{}"), PROPERTIES("\"a\":{},\"b\":{\"type\":\"string\"}")},
    {OF_A("{\"enum\":[\"x\"]}"), OF_A("{\"enum\":[\"x\",\"y\"]}")},
    {OF_A("{\"enum\":[\"x\",\"y\"]}"), OF_A("{\"type\":\"string\"}")},
    {OF_A("{\"const\":\"1.0.0\"}"), OF_A("{\"enum\":[\"1.0.0\",\"1.1.0\"]}")},
    {OF_A("{\"minimum\":1,\"maxLength\":3}"), OF_A("{\"minimum\":0,\"maxLength\":4}")},
    {OF_A("{\"minimum\":1,\"pattern\":\"^a\",\"uniqueItems\":true}"), OF_A("{}")},
    {OF_A("{}"), OF_A("{\"uniqueItems\":false}")},
    {OF_A("{" CLOSED "}"), OF_A("{\"properties\":{\"x\":{\"type\":\"string\"}}," CLOSED "}")},
    {OF_A("{" CLOSED "}"), OF_A("{}")},
    {OF_A("{\"oneOf\":[{\"const\":1}]}"), OF_A("{\"oneOf\":[{\"const\":2},{\"const\":1}]}")},
    {OF_A("{\"allOf\":[{\"minimum\":2},{\"maximum\":3}]}"), OF_A("{\"allOf\":[{\"maximum\":3}]}")},
    {OF_A("{\"description\":\"one\"}"), OF_A("{\"description\":\"another\",\"deprecated\":true}")},
    {OF_A("{\"type\":\"integer\"}"), OF_A("{\"$ref\":\"urn:assay:schema:other:1.1.0#/$defs/n\"}")},
    {OF_A("{\"$ref\":\"urn:assay:schema:other:1.0.0#/$defs/n\"}"),
        OF_A("{\"$ref\":\"urn:assay:schema:other:1.1.0#/$defs/n\",\"description\":\"a number\"}")},
    {"{\"$id\":\"urn:assay:schema:thing:1.0.0\"}", "{\"$id\":\"urn:assay:schema:thing:1.1.0\"}"},
    {OF_A("{\"if\":{\"const\":1},\"then\":{\"minimum\":2}}"),
        OF_A("{\"if\":{\"const\":1},\"then\":{\"minimum\":1}}")},
    {OF_A("false"), OF_A("{\"type\":\"string\"}")},
    {"{\"$defs\":{\"l\":{\"properties\":{\"next\":{\"$ref\":\"#/$defs/l\"}}}},\"$ref\":\"#/$defs/l\"}",
        "{\"$defs\":{\"l\":{\"properties\":{\"next\":{\"$ref\":\"#/$defs/l\"}}}},\"$ref\":\"#/$defs/l\"}"},
};

static void what_may_change_is_no_break(void)
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        struct buf told = BUF_INIT(1 << 16);
        if (breaks_between(harmless[i].then, harmless[i].now, &told) > 0) {
            printf("%s\n%s\n  %s\n", harmless[i].then, harmless[i].now, buf_text(&told));
            wrong++;
        }
        buf_fini(&told);
    }
    (void)fflush(stdout);
    ck_assert_int_eq(wrong, 0);
}

static void a_schema_that_is_gone_is_a_break_and_a_new_one_is_none(void)
{
    struct compat_set one = {.count = 0}, two = {.count = 0};
    struct json_object *tree = parse("{}");
    struct buf told = BUF_INIT(1 << 16);
    compat_set_add(&one, "a", tree);
    compat_set_add(&two, "a", tree);
    compat_set_add(&two, "b", tree);
    ck_assert_uint_eq(schema_compat_breaks(&one, &two, &told), 0);
    ck_assert_uint_eq(schema_compat_breaks(&two, &one, &told), 1);
    ck_assert_str_eq(buf_text(&told), "b : the schema is gone\n");
    buf_fini(&told);
    json_object_put(tree);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_kind_of_break_is_seen),
        TESTKIT_TEST(what_may_change_is_no_break),
        TESTKIT_TEST(a_schema_that_is_gone_is_a_break_and_a_new_one_is_none),
        {0},
    };
    return testkit_run("schema_compat", tests);
}
