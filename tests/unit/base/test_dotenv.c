/* .env files: what is read, what is refused, and that a refusal shows no secret. */
#include "testkit.h"

#include "dotenv.h"

#include <string.h>

static const struct {
    const char *text, *name, *value; /* value NULL: no such entry */
} rows[] = {
    {"A=1", "A", "1"},
    {"A = 1 ", "A", "1"},
    {"  export A=x\n", "A", "x"},
    {"exportA=2", "exportA", "2"},
    {"export=3", "export", "3"},
    {"A=", "A", ""},
    {"A=\"\"", "A", ""},
    {"A=b c # d", "A", "b c"},
    {"A=b#c", "A", "b#c"},
    {"A=#b", "A", ""},
    {"A='b # c' # d", "A", "b # c"},
    {"A='$HOME \\n'", "A", "$HOME \\n"},
    {"A=$HOME", "A", "$HOME"},
    {"A=\"a\\n\\t\\r\\\\\\\"\\$\"", "A", "a\n\t\r\\\"$"},
    {"A=1\nA=2\n", "A", "2"},
    {"A=1\r\nB=2\r\n", "B", "2"},
    {"# A=1\n\n \t\nB=2", "A", NULL},
    {"A=it's", "A", "it's"},
    {"_a9=z", "_a9", "z"},
    {"A=é", "A", "é"},
};

static void lines_are_read_as_they_stand(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dotenv env;
        struct error why = {0};
        ck_assert_msg(dotenv_parse(rows[i].text, strlen(rows[i].text), ".env", &env, &why) == STATUS_OK,
            "%s: %s", rows[i].text, error_text(&why));
        const struct dotenv_entry *entry = dotenv_find(&env, rows[i].name);
        ck_assert_msg((entry != NULL) == (rows[i].value != NULL), "%s", rows[i].text);
        if (entry)
            ck_assert_str_eq(entry->value, rows[i].value);
        dotenv_fini(&env);
    }
}

static void what_is_no_assignment_is_refused_without_showing_it(void)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"A=1\nsecret\n", ".env:2: NAME=value was expected"},
        {"1A=secret", ".env:1: NAME=value was expected"},
        {"A-B=secret", ".env:1: NAME=value was expected"},
        {"\n\nA='secret", ".env:3: the closing ' is missing"},
        {"A=\"secret", ".env:1: the closing \" is missing"},
        {"A=\"secret\\\"", ".env:1: the closing \" is missing"},
        {"A=\"\\x secret\"", ".env:1: only \\n \\t \\r \\\\ \\\" and \\$ may follow a backslash"},
        {"A='secret'secret", ".env:1: something stands behind the closing quote"},
        {"A=\xff", ".env: not UTF-8 text"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct dotenv env;
        struct error why = {0};
        ck_assert_int_eq(dotenv_parse(bad[i].text, strlen(bad[i].text), ".env", &env, &why), STATUS_INVALID);
        ck_assert_str_eq(error_text(&why), bad[i].message);
        ck_assert_uint_eq(env.count, 0);
    }
}

static void the_line_of_the_last_of_equal_names_is_kept(void)
{
    struct dotenv env;
    ck_assert_int_eq(dotenv_parse("A=1\nB=2\nA=3\n", 12, ".env", &env, NULL), STATUS_OK);
    ck_assert_uint_eq(env.count, 2);
    ck_assert_int_eq(dotenv_find(&env, "A")->line, 3);
    dotenv_fini(&env);
}

static void a_missing_file_is_not_found(void)
{
    struct dotenv env;
    struct error why = {0};
    ck_assert_int_eq(dotenv_read_file(testkit_tmp_path("none"), &env, &why), STATUS_NOT_FOUND);
    testkit_write(testkit_tmp_path(".env"), "A=1\n", 4);
    ck_assert_int_eq(dotenv_read_file(testkit_tmp_path(".env"), &env, &why), STATUS_OK);
    ck_assert_str_eq(dotenv_find(&env, "A")->value, "1");
    dotenv_fini(&env);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(lines_are_read_as_they_stand),
        TESTKIT_TEST(what_is_no_assignment_is_refused_without_showing_it),
        TESTKIT_TEST(the_line_of_the_last_of_equal_names_is_kept),
        TESTKIT_TEST(a_missing_file_is_not_found),
        {0},
    };
    return testkit_run("dotenv", tests);
}
