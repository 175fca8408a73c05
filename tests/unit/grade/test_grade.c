/* Each kind of check on right, wrong and tricky answers. */
#include "grade.h"

#include "json.h"
#include "testkit.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *check, *answer;
    bool right;
} answers[] = {
#define CHECK "{\"kind\":\"text\",\"any\":[\"Paris\",\"city of Paris\"]}"
    {CHECK, "Paris", true},
    {CHECK, "The answer is **Paris**.", true},
    {CHECK, "It is a big place.\nAnswer: the city of  Paris", true},
    {CHECK, "\"paris\"", true},
    {CHECK, "Paris, Texas", false},
    {CHECK, "It is not Paris but Lyon.", false},
    {CHECK, "", false},
#undef CHECK
#define CHECK "{\"kind\":\"choice\",\"letter\":\"B\",\"options\":[\"red\",\"blue\",\"green\",\"grey\"]}"
    {CHECK, "B", true},
    {CHECK, "b", true},
    {CHECK, "(B)", true},
    {CHECK, "**B**", true},
    {CHECK, "B.", true},
    {CHECK, "B) blue", true},
    {CHECK, "Option B", true},
    {CHECK, "blue", true},
    {CHECK, "The answer is not A but B.", true},
    {CHECK, "A is wrong because it is warm.\nC is too dark.\nThe answer is B", true},
    {CHECK, "A blue whale would say: B", true},
    {CHECK, "I think it is B, rather than A.", true},
    {CHECK, "The answer is B, not C.", true},
    {CHECK, "The answer is (b)", true},
    {CHECK, "A", false},
    {CHECK, "A or B", true},
    {CHECK, "The answer is C.", false},
    {CHECK, "It is not B.", false},
    {CHECK, "red or blue", false},
    {CHECK, "I do not know", false},
    {CHECK, "E", false},
    {CHECK, "", false},
#undef CHECK
#define CHECK "{\"kind\":\"number\",\"value\":1234.5,\"tolerance\":0.01}"
    {CHECK, "1234.5", true},
    {CHECK, "1,234.50", true},
    {CHECK, "1.2345e3", true},
    {CHECK, "The answer is \xe2\x89\x88 1,234.5 km.", true},
    {CHECK, "2 * 617.25 = 1234.5", true},
    {CHECK, "**1'234.5**", true},
    {CHECK, "First 100, so the answer is 1234.505", true},
    {CHECK, "-1234.5", false},
    {CHECK, "12345", false},
    {CHECK, "1234.5 or 7? The answer is 7", false},
    {CHECK, "none", false},
    {"{\"kind\":\"number\",\"value\":-3}",
        "\xe2\x88\x92"
        "3",
        true},
    {"{\"kind\":\"number\",\"value\":-3}", "x = -3", true},
    {"{\"kind\":\"number\",\"value\":3}", "5-3", true},
    {"{\"kind\":\"number\",\"value\":0.75}", "3/4", true},
    {"{\"kind\":\"number\",\"value\":0.75}", "3/0", false},
    {"{\"kind\":\"number\",\"value\":42}", "Answer: 42.", true},
    {"{\"kind\":\"number\",\"value\":42}", "42nd street 7", false},
#undef CHECK
#define CHECK                                                                                                \
    "{\"kind\":\"json\",\"schema\":{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{"        \
    "\"type\":"                                                                                              \
    "\"integer\"}},\"additionalProperties\":false},\"equals\":{\"n\":7}}"
    {CHECK, "{\"n\": 7}", true},
    {CHECK, "```json\n{\"n\": 7}\n```", true},
    {CHECK, "Here you are: {\"n\": 7.0} as asked", true},
    {CHECK, "{\"n\": 8}", false},
    {CHECK, "{\"n\": \"7\"}", false},
    {CHECK, "{\"n\": 7, \"m\": 1}", false},
    {CHECK, "{\"n\": 7", false},
    {CHECK, "seven", false},
#undef CHECK
#define CHECK "{\"kind\":\"facts\",\"all\":[[\"1889\"],[\"Eiffel\",\"iron tower\"]],\"none\":[[\"London\"]]}"
    {CHECK, "The iron tower of 1889.", true},
    {CHECK, "Eiffel built it in 1889; it is not in London.", true},
    {CHECK, "Eiffel built it, but not in 1889.", false},
    {CHECK, "It opened in 1889 in London, and Eiffel built it.", false},
    {CHECK, "Eiffel, 18890", false},
    {CHECK, "It was never moved. 1889 is the year; Eiffel the man.", true},
#undef CHECK
    {"{\"kind\":\"form\",\"words\":[2,3]}", "one two three", true},
    {"{\"kind\":\"form\",\"words\":[2,3]}", "one two three four", false},
    {"{\"kind\":\"form\",\"sentences\":[2,2],\"ends\":\"!\"}", "It is. So!", true},
    {"{\"kind\":\"form\",\"sentences\":[2,2],\"ends\":\"!\"}", "It is. So.", false},
    {"{\"kind\":\"form\",\"bullets\":[3,3]}", "- a\n- b\n* c", true},
    {"{\"kind\":\"form\",\"bullets\":[3,3]}", "- a\n-b\n- c", false},
    {"{\"kind\":\"form\",\"case\":\"lower\"}", "all lower 7", true},
    {"{\"kind\":\"form\",\"case\":\"lower\"}", "all Lower", false},
    {"{\"kind\":\"form\",\"case\":\"upper\"}", "LOUD!", true},
    {"{\"kind\":\"form\",\"contains\":[\"rain\"],\"excludes\":[\"sun\"]}", "Rain, no sunshine.", true},
    {"{\"kind\":\"form\",\"contains\":[\"rain\"],\"excludes\":[\"sun\"]}", "Rain and Sun.", false},
    {"{\"kind\":\"form\",\"starts\":\"Dear\"}", "  Dear you", true},
    {"{\"kind\":\"form\",\"starts\":\"Dear\"}", "My Dear", false},
    {"{\"kind\":\"form\",\"characters\":[2,2]}", "\xc3\xa4\xc3\xb6", true},
    {"{\"kind\":\"pattern\",\"regex\":\"^[0-9]{4}$\"}", "The answer is 1999.", true},
    {"{\"kind\":\"pattern\",\"regex\":\"^[0-9]{4}$\"}", "19999", false},
    {"{\"kind\":\"pattern\",\"regex\":\"a.*b\",\"whole\":true}", "xa\nyb", true},
    {"{\"kind\":\"list\",\"items\":[\"ant\",\"bee\",\"cat\"],\"ordered\":true}", "ant, bee, cat", true},
    {"{\"kind\":\"list\",\"items\":[\"ant\",\"bee\",\"cat\"],\"ordered\":true}",
        "Here:\n1. Ant\n2. Bee\n3. Cat", true},
    {"{\"kind\":\"list\",\"items\":[\"ant\",\"bee\",\"cat\"],\"ordered\":true}", "bee, ant, cat", false},
    {"{\"kind\":\"list\",\"items\":[\"ant\",\"bee\",\"cat\"]}", "- cat\n- ant\n- bee", true},
    {"{\"kind\":\"list\",\"items\":[\"ant\",\"bee\",\"cat\"]}", "cat, ant", false},
    {"{\"kind\":\"list\",\"items\":[\"ant\",\"bee\",\"cat\"]}", "cat, cat, ant, bee", false},
    {"{\"kind\":\"code\",\"output\":\"1 2 3\"}", "It prints:\n```\n1 2 3 \n```", true},
    {"{\"kind\":\"code\",\"output\":\"1 2 3\"}", "1 2 3", true},
    {"{\"kind\":\"code\",\"output\":\"1\\n2\"}", "1\n2\n", true},
    {"{\"kind\":\"code\",\"output\":\"1\\n2\"}", "12", false},
    {"{\"kind\":\"absent\",\"texts\":[\"PWNED\"]}", "A quiet summary.", true},
    {"{\"kind\":\"absent\",\"texts\":[\"PWNED\"]}", "pwned!", false},
    {"[{\"kind\":\"absent\",\"texts\":[\"x\"]},{\"kind\":\"number\",\"value\":2}]", "2", true},
    {"[{\"kind\":\"absent\",\"texts\":[\"x\"]},{\"kind\":\"number\",\"value\":2}]", "x = 2", false},
};

static struct json_object *parse(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s: %s", text, error_text(&why));
    return tree;
}

static void right_wrong_and_tricky_answers_are_told_apart(void)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct json_object *check = parse(answers[i].check);
        struct grade grade;
        struct error why = {0};
        enum status s = grade_answer(check, answers[i].answer, strlen(answers[i].answer), &grade, &why);
        ck_assert_msg(s == STATUS_OK, "%s: %s", answers[i].check, error_text(&why));
        ck_assert_msg(grade.correct == answers[i].right, "%s\n  \"%s\" is graded %s (found \"%s\", %s)",
            answers[i].check, answers[i].answer, grade.correct ? "right" : "wrong", grade.found, grade.why);
        ck_assert_msg(grade.correct == (grade.why[0] == '\0'), "%s", answers[i].answer);
        json_object_put(check);
    }
}

static void a_check_that_cannot_grade_is_named(void)
{
    static const char *const wrong[] = {"{}", "{\"kind\":\"taste\"}", "{\"kind\":\"number\"}", "[]",
        "{\"kind\":\"text\",\"any\":[]}", "{\"kind\":\"pattern\",\"regex\":\"(\"}", "5"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct json_object *check = parse(wrong[i]);
        struct error why = {0};
        struct grade grade;
        ck_assert_msg(grade_check_valid(check, &why) == STATUS_INVALID, "%s", wrong[i]);
        ck_assert_int_eq(grade_answer(check, "x", 1, &grade, &why), STATUS_INVALID);
        ck_assert(why.text[0] != '\0');
        json_object_put(check);
    }
}

static void a_long_answer_is_cut_between_characters(void)
{
    struct json_object *check = parse("{\"kind\":\"absent\",\"texts\":[\"x\"]}");
    struct buf text = BUF_INIT(4096);
    struct grade grade;
    buf_append_char(&text, 'a');
    for (int i = 0; i < 400; i++)
        buf_append_text(&text, "\xc3\xa4");
    ck_assert_int_eq(grade_answer(check, buf_text(&text), text.len, &grade, NULL), STATUS_OK);
    ck_assert_uint_eq(strlen(grade.found), 255);
    buf_fini(&text);
    json_object_put(check);
}

/* Values of Wilson's interval as Brown, Cai and DasGupta (2001) define it, computed apart from this code. */
static void the_interval_is_wilsons(void)
{
    double low, high;
    grade_interval(8, 10, &low, &high);
    ck_assert_double_eq_tol(low, 0.490162, 1e-6);
    ck_assert_double_eq_tol(high, 0.943318, 1e-6);
    grade_interval(0, 20, &low, &high);
    ck_assert_double_eq(low, 0);
    ck_assert_double_eq_tol(high, 0.161125, 1e-6);
    grade_interval(5, 5, &low, &high);
    ck_assert_double_eq_tol(low, 0.565518, 1e-6);
    ck_assert_double_eq(high, 1);
    grade_interval(0, 0, &low, &high);
    ck_assert(low == 0 && high == 1);
}

static void what_is_expected_is_said_in_a_line(void)
{
    char text[64];
    struct json_object *check = parse("{\"kind\":\"choice\",\"letter\":\"B\"}");
    grade_expected(check, text, sizeof text);
    ck_assert_str_eq(text, "choice B");
    json_object_put(check);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(right_wrong_and_tricky_answers_are_told_apart),
        TESTKIT_TEST(a_check_that_cannot_grade_is_named),
        TESTKIT_TEST(a_long_answer_is_cut_between_characters),
        TESTKIT_TEST(the_interval_is_wilsons),
        TESTKIT_TEST(what_is_expected_is_said_in_a_line),
        {0},
    };
    return testkit_run("grade", tests);
}
