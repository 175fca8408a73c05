/* YAML as a way to write JSON. */
#include "testkit.h"

#include "our_schemas.h"
#include "yamldoc.h"

#include <string.h>

static const struct {
    const char *yaml, *json;
} typed[] = {
    {"4", "4"},
    {"4x", "\"4x\""},
    {"010", "10"},
    {"0o17", "15"},
    {"0xff", "255"},
    {"-7", "-7"},
    {"+7", "7"},
    {"-0", "0"},
    {"1e3", "1000.0"},
    {"1E-2", "0.01"},
    {".5", "0.5"},
    {"5.", "5.0"},
    {"+.5", "0.5"},
    {"-1.5e+2", "-150.0"},
    {"007.50", "7.5"},
    {"0.5abc", "\"0.5abc\""},
    {"1_000", "\"1_000\""},
    {"0x", "\"0x\""},
    {"0o8", "\"0o8\""},
    {"1e", "\"1e\""},
    {".", "\".\""},
    {"-", "[null]"},
    {"+", "\"+\""},
    {"yes", "\"yes\""},
    {"on", "\"on\""},
    {"True", "true"},
    {"FALSE", "false"},
    {"tRUE", "\"tRUE\""},
    {"~", "null"},
    {"NULL", "null"},
    {"", "null"},
    {"'4'", "\"4\""},
    {"\"true\"", "\"true\""},
    {"'~'", "\"~\""},
    {"12:30", "\"12:30\""},
    {"2001-01-01", "\"2001-01-01\""},
    {"|\n a\n b\n", "\"a\\nb\\n\""},
    {">\n a\n b\n", "\"a b\\n\""},
    {"9223372036854775807", "9223372036854775807"},
    {"[1, two, {x: 3}]", "[1,\"two\",{\"x\":3}]"},
    {"a: 1\nb:\n  - 2\n  - c: d\n", "{\"a\":1,\"b\":[2,{\"c\":\"d\"}]}"},
    {"a: &x [1]\nb: *x\n", "{\"a\":[1],\"b\":[1]}"},
    {"a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}"},
    {"\"\\u00e9\"", "\"é\""},
    {"# only a comment\n", "null"},
    {"--- 1\n...\n", "1"},
};

static void plain_scalars_have_the_types_of_yaml_1_2(void)
{
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        struct yamldoc doc;
        struct error why = {0};
        struct buf json = BUF_INIT(4096);
        enum status s = yamldoc_parse(typed[i].yaml, strlen(typed[i].yaml), "t", &doc, &why);
        ck_assert_msg(s == STATUS_OK, "%s: %s", typed[i].yaml, error_text(&why));
        ck_assert_int_eq(json_write(doc.tree, &json, &why), STATUS_OK);
        ck_assert_msg(strcmp(buf_text(&json), typed[i].json) == 0, "%s became %s, not %s", typed[i].yaml,
            buf_text(&json), typed[i].json);
        buf_fini(&json);
        yamldoc_fini(&doc);
    }
}

static const struct {
    const char *yaml;
    enum status status;
    const char *message;
} refused[] = {
    {"a: 1\nb: 2\na: 3\n", STATUS_INVALID, "t:3:1: the key stands here twice"},
    {"x:\n  a: 1\n  'a': 3\n", STATUS_INVALID, "t:3:3: /x: the key stands here twice"},
    {"a: .inf", STATUS_INVALID, "t:1:4: /a: .inf is no number that can be stored here"},
    {"a: -.NaN", STATUS_OK, NULL},
    {".nan", STATUS_INVALID, "t:1:1: .nan is no number that can be stored here"},
    {"9223372036854775808", STATUS_INVALID,
        "t:1:1: the integer 9223372036854775808 does not fit into 64 bits"},
    {"1e999", STATUS_INVALID, "t:1:1: the number 1e999 is beyond what a double holds"},
    {"a: !!str 1", STATUS_INVALID, "t:1:4: /a: tags are not understood here"},
    {"a: &x {b: 1}\nc:\n  <<: *x\n", STATUS_INVALID, "t:3:3: /c: merge keys (<<) are not understood here"},
    {"[1]: 2", STATUS_INVALID, "t:1:1: a key must be plain text"},
    {"a: *x", STATUS_INVALID, "t:1:4: /a: an alias without an anchor before it"},
    {"a: &x [*x]", STATUS_INVALID, "t:1:8: /a/0: an alias inside the value that it names"},
    {"1\n---\n2\n", STATUS_INVALID, "t:2:1: a second document begins here; one is allowed"},
    {"a: [1, 2", STATUS_INVALID, NULL},
    {"a: b: c", STATUS_INVALID, NULL},
    {"\ta: 1", STATUS_INVALID, NULL},
    {"a: \xff", STATUS_INVALID, NULL},
    {"\"\\ud800\"", STATUS_INVALID, NULL},
};

static void what_is_not_plain_data_is_refused_with_its_place(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct yamldoc doc;
        struct error why = {0};
        enum status s = yamldoc_parse(refused[i].yaml, strlen(refused[i].yaml), "t", &doc, &why);
        ck_assert_msg(s == refused[i].status, "%s: status %s", refused[i].yaml, status_name(s));
        if (refused[i].message)
            ck_assert_str_eq(error_text(&why), refused[i].message);
        yamldoc_fini(&doc);
    }
}

/* Nine levels of ten aliases each would be a billion values. */
static void aliases_of_aliases_cannot_explode(void)
{
    struct buf text = BUF_INIT(1 << 16);
    struct yamldoc doc;
    struct error why = {0};
    buf_append_text(&text, "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        buf_printf(&text, "l%d: &l%d [", i, i);
        for (int k = 0; k < 10; k++)
            buf_printf(&text, "%s*l%d", k ? ", " : "", i - 1);
        buf_append_text(&text, "]\n");
    }
    ck_assert_int_eq(yamldoc_parse(buf_text(&text), text.len, "t", &doc, &why), STATUS_LIMIT);
    buf_fini(&text);
}

static void depth_is_bounded(void)
{
    struct buf text = BUF_INIT(1 << 16);
    struct yamldoc doc;
    struct error why = {0};
    for (int i = 0; i < 5000; i++)
        buf_append_char(&text, '[');
    ck_assert_int_ne(yamldoc_parse(buf_text(&text), text.len, "t", &doc, &why), STATUS_OK);
    buf_fini(&text);
}

static void a_fault_against_the_schema_gets_line_and_column(void)
{
    static const char text[] =
        "targets:\n  - url: http://127.0.0.1:8080\n  - url: http://127.0.0.1:1234\n    protocol: ollama2\n";
    struct yamldoc doc;
    struct error why = {0};
    ck_assert_int_eq(yamldoc_parse(text, sizeof text - 1, "assay.yaml", &doc, &why), STATUS_OK);
    ck_assert_int_eq(schema_check(schema_for("config"), doc.tree, &why), STATUS_INVALID);
    yamldoc_locate(&doc, &why);
    ck_assert_msg(
        strncmp(error_text(&why), "assay.yaml:4:15: /targets/1/protocol: ", 38) == 0, "%s", error_text(&why));
    yamldoc_fini(&doc);
}

static void a_missing_member_is_located_at_what_lacks_it(void)
{
    static const char text[] = "targets:\n  - name: x\n";
    struct yamldoc doc;
    struct error why = {0};
    ck_assert_int_eq(yamldoc_parse(text, sizeof text - 1, "assay.yaml", &doc, &why), STATUS_OK);
    ck_assert_int_eq(schema_check(schema_for("config"), doc.tree, &why), STATUS_INVALID);
    yamldoc_locate(&doc, &why);
    ck_assert_msg(strncmp(error_text(&why), "assay.yaml:2:5: /targets/0: ", 28) == 0, "%s", error_text(&why));
    yamldoc_fini(&doc);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(plain_scalars_have_the_types_of_yaml_1_2),
        TESTKIT_TEST(what_is_not_plain_data_is_refused_with_its_place),
        TESTKIT_TEST(aliases_of_aliases_cannot_explode),
        TESTKIT_TEST(depth_is_bounded),
        TESTKIT_TEST(a_fault_against_the_schema_gets_line_and_column),
        TESTKIT_TEST(a_missing_member_is_located_at_what_lacks_it),
        {0},
    };
    return testkit_run("yamldoc", tests);
}
