#include "answer_text.h"

#include "testkit.h"

#include <string.h>

static void final_is(const char *answer, const char *expected)
{
    struct buf out = BUF_INIT(4096);
    ck_assert_int_eq(answer_final(answer, strlen(answer), &out), STATUS_OK);
    ck_assert_msg(
        strcmp(buf_text(&out), expected) == 0, "%s -> \"%s\", not \"%s\"", answer, buf_text(&out), expected);
    buf_fini(&out);
}

static void the_final_answer_is_found_in_the_chat_around_it(void)
{
    final_is("42", "42");
    final_is("  42.\n", "42");
    final_is("Let me think.\n\n**Answer:** `42`.\n", "42");
    final_is("First 12, then 30.\nThe answer is 42", "42");
    final_is("The answer is: 42", "42");
    final_is("The answer is 41. No: the answer is 42.", "42");
    final_is("Answer:\n\n  Paris\n", "Paris");
    final_is("We get \\boxed{\\frac{1}{2}} as said.", "\\frac{1}{2}");
    final_is("One line.\nLast line!", "Last line");
    final_is("\"quoted\"", "quoted");
    final_is("", "");
    final_is("\n\n \n", "");
    final_is("Answer:", "Answer");
}

static void code_is(const char *answer, const char *expected)
{
    struct buf out = BUF_INIT(4096);
    ck_assert_int_eq(answer_code(answer, strlen(answer), &out), STATUS_OK);
    ck_assert_str_eq(buf_text(&out), expected);
    buf_fini(&out);
}

static void code_is_what_stands_in_the_fence(void)
{
    code_is("Here:\n```json\n{\"a\": 1}\n```\nDone.", "{\"a\": 1}");
    code_is("~~~\nx\n~~~", "x");
    code_is("```\nnever closed", "never closed");
    code_is("Sure! {\"a\": {\"b\": 2}} is it.", "{\"a\": {\"b\": 2}}");
    code_is("The list [1, 2] it is.", "[1, 2]");
    code_is("plain", "plain");
    code_is("```", "");
}

static void words_sentences_and_lines_are_counted_as_a_reader_does(void)
{
    ck_assert_uint_eq(answer_words("Well - that's it, isn't it?"), 5);
    ck_assert_uint_eq(answer_words("  "), 0);
    ck_assert_uint_eq(answer_sentences("One. Two! Three? Four"), 4);
    ck_assert_uint_eq(answer_sentences("Pi is 3.14. \"Really?\" Yes."), 3);
    ck_assert_uint_eq(answer_sentences("..."), 0);
    ck_assert_uint_eq(answer_lines("a\n\n b\n"), 2);
}

static void words_are_found_whole_and_in_any_case(void)
{
    const char *text = "The cathedral, a Cat and the concat.";
    ck_assert_ptr_eq(answer_find_words(text, text, "cat"), strstr(text, "Cat "));
    ck_assert_ptr_null(answer_find_words(text, text, "dral"));
    ck_assert_ptr_nonnull(answer_find_words(text, text, "concat"));
    ck_assert_ptr_null(answer_find_words(text, text, ""));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_final_answer_is_found_in_the_chat_around_it),
        TESTKIT_TEST(code_is_what_stands_in_the_fence),
        TESTKIT_TEST(words_sentences_and_lines_are_counted_as_a_reader_does),
        TESTKIT_TEST(words_are_found_whole_and_in_any_case),
        {0},
    };
    return testkit_run("answer_text", tests);
}
