#include "json.h"
#include "testkit.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    if (json_parse(text, strlen(text), &tree, &why) != STATUS_OK)
        ck_abort_msg("%s: %s", text, error_text(&why));
    return tree;
}

static void assert_written(const struct json_object *tree, const char *expected)
{
    struct buf out = BUF_INIT(1 << 20);
    struct error why = {0};
    if (json_write(tree, &out, &why) != STATUS_OK)
        ck_abort_msg("%s", error_text(&why));
    ck_assert_str_eq(buf_text(&out), expected);
    buf_fini(&out);
}

static void what_is_parsed_is_written_back(void)
{
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"null", "null"},
        {" true\r\n\t", "true"},
        {"[ ]", "[]"},
        {"{ }", "{}"},
        {"{\"b\":1,\"a\":[2,{}]}", "{\"b\":1,\"a\":[2,{}]}"},
        {"\"\"", "\"\""},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\"\\u0000\\u001f\\u007f\"", "\"\\u0000\\u001f\x7f\""},
        {"\"\\u00e4\\u20AC\\ud83d\\udc32\"", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb2\""},
        {"{\"\":{\"~/\":0}}", "{\"\":{\"~/\":0}}"},
        {"0", "0"},
        {"-0", "0"},
        {"-1", "-1"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
        {"18446744073709551616", "1.8446744073709552e+19"},
        {"-9223372036854775809", "-9.223372036854776e+18"},
        {"1.0", "1.0"},
        {"-0.0", "-0.0"},
        {"1e2", "100.0"},
        {"1E+2", "100.0"},
        {"0.1", "0.1"},
        {"1e-7", "1e-07"},
        {"123456789012345678901234567890", "1.2345678901234568e+29"},
        {"1e-999", "0.0"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"5e-324", "5e-324"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *tree = parse(cases[i].text);
        assert_written(tree, cases[i].written);
        json_object_put(tree);
    }
}

static void what_is_not_json_is_refused_with_its_place(void)
{
    static const struct {
        const char *text;
        long line, column;
        const char *why;
    } cases[] = {
        {"", 1, 1, "ends too early"},
        {"  \n ", 2, 2, "ends too early"},
        {"NaN", 1, 1, "a value was expected"},
        {"Infinity", 1, 1, "a value was expected"},
        {"-Infinity", 1, 1, "a value was expected"},
        {"nul", 1, 1, "a value was expected"},
        {"True", 1, 1, "a value was expected"},
        {"truex", 1, 5, "something follows"},
        {"[1,]", 1, 4, "a value was expected"},
        {"[,1]", 1, 2, "a value was expected"},
        {"[1 2]", 1, 4, "a comma or ]"},
        {"{\"a\":1,}", 1, 8, "a key in double quotes"},
        {"{a:1}", 1, 2, "a key in double quotes"},
        {"{'a':1}", 1, 2, "a key in double quotes"},
        {"{\"a\" 1}", 1, 6, "a colon"},
        {"{\"a\":1 \"b\":2}", 1, 8, "a comma or }"},
        {"'a'", 1, 1, "a value was expected"},
        {"/* no */ 1", 1, 1, "a value was expected"},
        {"1 // no", 1, 3, "something follows"},
        {"1 2", 1, 3, "something follows"},
        {"{}x", 1, 3, "something follows"},
        {"{\"a\":1,\n \"b\":2, \"a\":3}", 2, 9, "twice"},
        {"{\"a\":1,\"\\u0061\":3}", 1, 8, "twice"},
        {"{\"\\u0000\":1}", 1, 2, "NUL"},
        {"\"a\nb\"", 1, 3, "control character"},
        {"\"a\tb\"", 1, 3, "control character"},
        {"\"a", 1, 3, "ends too early"},
        {"\"\\", 1, 3, "ends too early"},
        {"\"\\x41\"", 1, 2, "no such escape"},
        {"\"\\'\"", 1, 2, "no such escape"},
        {"\"\\u12g4\"", 1, 2, "four hexadecimal digits"},
        {"\"\\u12\"", 1, 2, "four hexadecimal digits"},
        {"\"\\ud800\"", 1, 2, "surrogate"},
        {"\"\\udc00\\ud800\"", 1, 2, "surrogate"},
        {"\"\\ud800\\u0041\"", 1, 2, "surrogate"},
        {"\"\xff\"", 1, 2, "UTF-8"},
        {"\"\xc3\xa4\xc0\x80\"", 1, 3, "UTF-8"},
        {"\"\xed\xa0\x80\"", 1, 2, "UTF-8"},
        {"\"\xe2\x82\"", 1, 2, "UTF-8"},
        {"\xef\xbb\xbf{}", 1, 1, "a value was expected"},
        {"01", 1, 1, "begin with 0"},
        {"-01", 1, 1, "begin with 0"},
        {"1.", 1, 3, "ends too early"},
        {"[1.]", 1, 4, "decimal point"},
        {".5", 1, 1, "a value was expected"},
        {"+1", 1, 1, "a value was expected"},
        {"-", 1, 2, "ends too early"},
        {"1e", 1, 3, "ends too early"},
        {"[1e+]", 1, 5, "exponent"},
        {"0x10", 1, 2, "something follows"},
        {"1e999", 1, 1, "too large"},
        {"[-1e999]", 1, 2, "too large"},
        {"[\"\xc3\xa4\", x]", 1, 7, "a value was expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *tree = NULL;
        struct error why = {0};
        enum status s = json_parse(cases[i].text, strlen(cases[i].text), &tree, &why);
        ck_assert_msg(s == STATUS_INVALID && tree == NULL, "%s", cases[i].text);
        ck_assert_msg(strstr(why.text, cases[i].why) != NULL, "%s: %s", cases[i].text, why.text);
        ck_assert_msg(why.line == cases[i].line && why.column == cases[i].column, "%s: %ld:%ld",
            cases[i].text, why.line, why.column);
    }
}

static void a_nul_byte_is_refused_wherever_it_stands(void)
{
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {{"1\0", 2}, {"\0", 1}, {"\"a\0b\"", 5}, {"[\0]", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *tree = NULL;
        ck_assert_int_eq(json_parse(cases[i].text, cases[i].len, &tree, NULL), STATUS_INVALID);
        ck_assert_ptr_null(tree);
    }
}

static void depth_is_bounded_at_128(void)
{
    char text[2 * JSON_DEPTH_MAX + 3];
    struct json_object *tree = NULL;
    struct error why = {0};
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    ck_assert_int_eq(json_parse(text, 2 * JSON_DEPTH_MAX, &tree, &why), STATUS_OK);
    struct buf out = BUF_INIT(1000);
    ck_assert_int_eq(json_write(tree, &out, &why), STATUS_OK);
    struct json_object *deeper = json_object_new_array();
    ck_assert(json_add(deeper, tree));
    ck_assert_int_eq(json_write(deeper, &out, &why), STATUS_LIMIT);
    json_object_put(deeper);
    buf_fini(&out);
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    ck_assert_int_eq(json_parse(text, 2 * JSON_DEPTH_MAX + 2, &tree, &why), STATUS_LIMIT);
    ck_assert_int_eq(why.column, JSON_DEPTH_MAX + 1);
}

static uint64_t next_bits(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void assert_reads_back(double value)
{
    struct buf text = BUF_INIT(64);
    ck_assert_int_eq(json_write_real(value, &text), STATUS_OK);
    struct json_object *tree = parse(buf_text(&text));
    double back = json_object_get_double(tree);
    ck_assert_msg(json_object_is_type(tree, json_type_double), "%s", buf_text(&text));
    ck_assert_msg(
        memcmp(&back, &value, sizeof value) == 0, "%a became %s, then %a", value, buf_text(&text), back);
    json_object_put(tree);
    buf_fini(&text);
}

/* What is written without printf's help is what printf writes. */
static void assert_as_printf(double value)
{
    struct buf text = BUF_INIT(64);
    char expected[64];
    int len = snprintf(expected, sizeof expected, "%.15g", value);
    if (strpbrk(expected, ".e") == NULL)
        snprintf(expected + len, sizeof expected - (size_t)len, ".0");
    ck_assert_int_eq(json_write_real(value, &text), STATUS_OK);
    ck_assert_str_eq(buf_text(&text), expected);
    buf_fini(&text);
}

static void decimals_of_up_to_15_digits_are_written_as_they_are(void)
{
    static const double powers[] = {1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    static const double edges[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 1e-4, 9.9e-5, 1e-5, 1e-6, 0.999999, 0.9999999,
        999999999.999999, 1e9, 999999999999999, 1e15, -1e15, 1e13 + 0.5, 123456.000001};
    uint64_t state = 20261122;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        assert_as_printf(edges[i]);
    for (int i = 0; i < 300000; i++) {
        uint64_t bits = next_bits(&state);
        double digits = (double)(bits % UINT64_C(1000000000000000) >> bits % 50);
        double value = digits / powers[bits >> 32 & 7];
        assert_as_printf(bits >> 63 ? -value : value);
    }
}

static void every_double_reads_back_as_itself(void)
{
    static const double edges[] = {0.0, -0.0, 1, 0.1, 1e15, 1e16, 1e17, 123456789012345.6, 1e21, 1e22, 1e23,
        DBL_MIN, DBL_MAX, -DBL_MAX, DBL_EPSILON, 5e-324, 2.2250738585072011e-308, 9007199254740993.0, 0x1p63,
        0x1p64, 1.0 / 3, 2.5e-3, 0.000123456789012345};
    uint64_t state = 20261121;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        assert_reads_back(edges[i]);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next_bits(&state);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            assert_reads_back(value);
        assert_reads_back((double)(bits >> 20) / 1e9); /* the like of our durations */
    }
}

/* Decimals with up to 15 digits take a way of their own, which must round as strtod does. */
static void short_decimals_are_read_as_strtod_reads_them(void)
{
    uint64_t state = 7;
    for (int i = 0; i < 100000; i++) {
        char text[64];
        uint64_t bits = next_bits(&state);
        int places = (int)(bits % 16);
        unsigned long long digits = (bits >> 8) % 1000000000000000ULL;
        unsigned long long power = 1;
        for (int j = 0; j < places; j++)
            power *= 10;
        snprintf(text, sizeof text, "%llu.%0*llu", digits / power, places > 0 ? places : 1, digits % power);
        struct json_object *tree = parse(text);
        ck_assert_msg(json_object_get_double(tree) == strtod(text, NULL), "%s", text);
        json_object_put(tree);
    }
}

static void no_locale_changes_what_is_read_and_written(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "C"};
    size_t i = 0;
    while (i < 4 && setlocale(LC_ALL, names[i]) == NULL)
        i++;
    struct json_object *tree = parse("[1.5,0.30000000000000004,1.25e-300,1234567.25]");
    ck_assert_double_eq(json_object_get_double(json_object_array_get_idx(tree, 0)), 1.5);
    assert_written(tree, "[1.5,0.30000000000000004,1.25e-300,1234567.25]");
    json_object_put(tree);
    if (i == 4)
        TESTKIT_SKIP("no locale with a decimal comma is installed");
}

static void nan_and_infinity_are_errors_that_name_the_place(void)
{
    static const double values[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        struct json_object *tree = json_object_new_object(), *list = json_object_new_array();
        ck_assert(!json_set_real(tree, "x", values[i]));
        ck_assert(!json_add_real(list, values[i]));
        ck_assert(json_add(list, json_object_new_double(values[i])));
        ck_assert(json_set(tree, "a/b", list));
        struct buf out = BUF_INIT(1000);
        struct error why = {0};
        ck_assert_int_eq(json_write(tree, &out, &why), STATUS_INVALID);
        ck_assert_str_eq(why.pointer, "/a~1b/0");
        json_object_put(tree);
        buf_fini(&out);
    }
}

static void bytes_that_are_not_utf8_become_replacement_characters(void)
{
    struct json_object *tree = json_object_new_object();
    ck_assert(json_set_bytes(tree, "x", "a\xff\xc3\xa4\xe2\x82z\0\x1b", 9));
    assert_written(tree, "{\"x\":\"a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbdz\\u0000\\u001b\"}");
    json_object_put(tree);
}

static void pretty_text_is_indented_and_ends_with_a_newline(void)
{
    struct json_object *tree = parse("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[]}");
    struct buf out = BUF_INIT(1000);
    ck_assert_int_eq(json_write_pretty(tree, &out, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&out),
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {},\n"
        "  \"d\": []\n}\n");
    json_object_put(tree);
    buf_fini(&out);
}

static void a_full_buffer_is_a_limit(void)
{
    struct json_object *tree = parse("[\"0123456789\"]");
    struct buf out = BUF_INIT(8);
    struct error why = {0};
    ck_assert_int_eq(json_write(tree, &out, &why), STATUS_LIMIT);
    ck_assert_str_ne(why.text, "");
    json_object_put(tree);
    buf_fini(&out);
}

static void pointers_lead_to_values(void)
{
    struct json_object *tree = parse("{\"a\":{\"b\":[10,\"x\",null,2.0,2.5,true]},\"\":1,\"m/n\":2,\"t~u\":3,"
                                     "\"big\":18446744073709551615}");
    int64_t n = 0;
    double real = 0;
    bool yes = false;
    struct json_object *value;
    ck_assert(json_get(tree, "") == tree);
    ck_assert(json_get_int(tree, "/a/b/0", &n) && n == 10);
    ck_assert_str_eq(json_get_text(tree, "/a/b/1"), "x");
    ck_assert(json_get(tree, "/a/b/2") == NULL && json_find(tree, "/a/b/2", &value) && value == NULL);
    ck_assert(json_get_int(tree, "/a/b/3", &n) && n == 2);
    ck_assert(!json_get_int(tree, "/a/b/4", &n) && json_get_real(tree, "/a/b/4", &real) && real == 2.5);
    ck_assert(json_get_bool(tree, "/a/b/5", &yes) && yes);
    ck_assert(json_get_int(tree, "/", &n) && n == 1);
    ck_assert(json_get_int(tree, "/m~1n", &n) && n == 2);
    ck_assert(json_get_int(tree, "/t~0u", &n) && n == 3);
    ck_assert(!json_get_int(tree, "/big", &n) && json_get_real(tree, "/big", &real) && real == 0x1p64);
    ck_assert(json_get_array(tree, "/a/b") != NULL && json_get_object(tree, "/a/b") == NULL);
    ck_assert(json_get_object(tree, "/a") != NULL && json_get_text(tree, "/a") == NULL);
    static const char *const nowhere[] = {
        "/a/b/6", "/a/b/-", "/a/b/01", "/a/b/x", "/a/c", "a", "/a/b/0/c", "/~2", "/a/b/99999999999999999999"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        ck_assert_msg(!json_find(tree, nowhere[i], &value), "%s", nowhere[i]);
    json_object_put(tree);
}

static void members_and_items_are_set(void)
{
    struct json_object *tree = json_object_new_object(), *list = json_object_new_array();
    bool ok = json_set_text(tree, "text", "a\"b");
    ok &= json_set_int(tree, "int", INT64_MIN);
    ok &= json_set_real(tree, "real", 2);
    ok &= json_set_bool(tree, "bool", false);
    ok &= json_set_null(tree, "null");
    ok &= json_add_text(list, "x") && json_add_int(list, 1) && json_add_real(list, 0.5);
    ok &= json_set(tree, "list", list);
    ok &= json_set_int(tree, "bool", 7);
    ck_assert(ok);
    ck_assert(!json_set(tree, "none", NULL));
    ck_assert(!json_set_int(NULL, "x", 1));
    ck_assert(!json_add(NULL, json_object_new_int(1)));
    assert_written(tree,
        "{\"text\":\"a\\\"b\",\"int\":-9223372036854775808,\"real\":2.0,\"bool\":7,\"null\":null,"
        "\"list\":[\"x\",1,0.5]}");
    json_object_put(tree);
}

static void equality_is_that_of_json_schema(void)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"0", "-0.0", true},
        {"1", "1.5", false},
        {"1", "\"1\"", false},
        {"0", "false", false},
        {"null", "null", true},
        {"null", "0", false},
        {"9007199254740993", "9007199254740992.0", false},
        {"9007199254740992", "9007199254740992.0", true},
        {"18446744073709551615", "18446744073709551615", true},
        {"18446744073709551615", "9223372036854775807", false},
        {"18446744073709551615", "18446744073709551616.0", false},
        {"9223372036854775807", "9223372036854775808.0", false},
        {"-1", "18446744073709551615", false},
        {"{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"a\":null}", "{\"b\":null}", false},
        {"[1,2]", "[2,1]", false},
        {"[]", "{}", false},
        {"\"a\\u0000b\"", "\"a\\u0000c\"", false},
        {"true", "true", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *a = parse(cases[i].a), *b = parse(cases[i].b);
        ck_assert_msg(json_deep_equal(a, b) == cases[i].equal, "%s %s", cases[i].a, cases[i].b);
        ck_assert_msg(json_deep_equal(b, a) == cases[i].equal, "%s %s", cases[i].b, cases[i].a);
        json_object_put(a);
        json_object_put(b);
    }
}

static void a_pointer_is_located_in_the_text(void)
{
    static const char text[] =
        "{\"a\": [1, [], {\"k\\\"]\": \"}\"},\n  {\"x\": {\"deep\": [[], [\n 7]]}}],\n \"\\u0062\" :"
        " true}";
    static const struct {
        const char *pointer;
        long line, column;
    } cases[] = {{"", 1, 1}, {"/a", 1, 7}, {"/a/0", 1, 8}, {"/a/1", 1, 11}, {"/a/2/k\"]", 1, 24},
        {"/a/3", 2, 3}, {"/a/3/x/deep/1/0", 3, 2}, {"/b", 4, 13}, {"/a/1/0", 0, 0}, {"/a/4", 0, 0},
        {"/c", 0, 0}, {"/a/3/x/y", 0, 0}, {"/b/0", 0, 0}, {"/a/3/x/deep/0/0", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        long line = 0, column = 0;
        bool found = json_locate(text, sizeof text - 1, cases[i].pointer, &line, &column);
        ck_assert_msg(found == (cases[i].line > 0), "%s", cases[i].pointer);
        ck_assert_msg(line == cases[i].line && column == cases[i].column, "%s: %ld:%ld", cases[i].pointer,
            line, column);
    }
}

static void a_file_is_read_and_named_in_its_error(void)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    const char *path = testkit_tmp_path("x.json");
    testkit_write(path, "{\"a\":\n1}\n", 9);
    ck_assert_int_eq(json_read_file(path, &tree, &why), STATUS_OK);
    assert_written(tree, "{\"a\":1}");
    json_object_put(tree);
    testkit_write(path, "{\"a\":\n1", 7);
    ck_assert_int_eq(json_read_file(path, &tree, &why), STATUS_INVALID);
    ck_assert_str_eq(why.file, path);
    ck_assert_int_eq(why.line, 2);
    struct error absent = {0};
    ck_assert_int_eq(json_read_file(testkit_tmp_path("none.json"), &tree, &absent), STATUS_NOT_FOUND);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(what_is_parsed_is_written_back),
        TESTKIT_TEST(what_is_not_json_is_refused_with_its_place),
        TESTKIT_TEST(a_nul_byte_is_refused_wherever_it_stands),
        TESTKIT_TEST(depth_is_bounded_at_128),
        TESTKIT_TEST(decimals_of_up_to_15_digits_are_written_as_they_are),
        TESTKIT_TEST(every_double_reads_back_as_itself),
        TESTKIT_TEST(short_decimals_are_read_as_strtod_reads_them),
        TESTKIT_TEST(no_locale_changes_what_is_read_and_written),
        TESTKIT_TEST(nan_and_infinity_are_errors_that_name_the_place),
        TESTKIT_TEST(bytes_that_are_not_utf8_become_replacement_characters),
        TESTKIT_TEST(pretty_text_is_indented_and_ends_with_a_newline),
        TESTKIT_TEST(a_full_buffer_is_a_limit),
        TESTKIT_TEST(pointers_lead_to_values),
        TESTKIT_TEST(members_and_items_are_set),
        TESTKIT_TEST(equality_is_that_of_json_schema),
        TESTKIT_TEST(a_pointer_is_located_in_the_text),
        TESTKIT_TEST(a_file_is_read_and_named_in_its_error),
        {0},
    };
    return testkit_run("json", tests);
}
