#include "think.h"

#include "exchange.h"
#include "testkit.h"

#include <string.h>

static const struct {
    const char *text, *answer, *reasoning;
} texts[] = {
    {"plain", "plain", ""},
    {"<think>why</think>because", "because", "why"},
    {" \n<think>why</think>because", "because", "why"},
    {"<think></think>because", "because", ""},
    {"<think>never closed", "", "never closed"},
    {"<think>a < b </thin </think>c", "c", "a < b </thin "},
    {"<think>a<</think>c", "c", "a<"},
    {"text <think>is text</think>", "text <think>is text</think>", ""},
    {"<thinking>x", "<thinking>x", ""},
    {"<thi", "<thi", ""},
    {"<think>x</thi", "", "x</thi"},
    {"  ", "  ", ""},
    {"<think>a</think>b<think>c</think>", "b<think>c</think>", "a"},
    {"", "", ""},
};

static void the_block_is_found_however_it_is_split(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t len = strlen(texts[i].text);
        for (size_t piece = 1; piece <= len + 1; piece++) {
            struct think think = {0};
            struct buf answer = BUF_INIT(1000), reasoning = BUF_INIT(1000);
            for (size_t at = 0; at < len; at += piece)
                think_push(
                    &think, texts[i].text + at, len - at < piece ? len - at : piece, &answer, &reasoning);
            think_finish(&think, &answer, &reasoning);
            ck_assert_str_eq(buf_text(&answer), texts[i].answer);
            ck_assert_str_eq(buf_text(&reasoning), texts[i].reasoning);
            buf_fini(&answer);
            buf_fini(&reasoning);
        }
    }
}

static void each_piece_says_what_it_carried(void)
{
    struct think think = {0};
    struct buf answer = BUF_INIT(1000), reasoning = BUF_INIT(1000);
    ck_assert_uint_eq(think_push(&think, "<th", 3, &answer, &reasoning), 0);
    ck_assert(think_is_undecided(&think));
    ck_assert_uint_eq(think_push(&think, "ink>", 4, &answer, &reasoning), EVENT_REASONING);
    ck_assert(!think_is_undecided(&think));
    ck_assert_uint_eq(think_push(&think, "so </th", 7, &answer, &reasoning), EVENT_REASONING);
    ck_assert_uint_eq(think_push(&think, "ink>yes", 7, &answer, &reasoning), EVENT_REASONING | EVENT_ANSWER);
    ck_assert_uint_eq(think_push(&think, "!", 1, &answer, &reasoning), EVENT_ANSWER);
    ck_assert_uint_eq(think_finish(&think, &answer, &reasoning), 0);
    buf_fini(&answer);
    buf_fini(&reasoning);
}

static void endless_white_space_is_an_answer(void)
{
    struct think think = {0};
    struct buf answer = BUF_INIT(1000), reasoning = BUF_INIT(1000);
    for (int i = 0; i < 200; i++)
        think_push(&think, "\n", 1, &answer, &reasoning);
    ck_assert(!think_is_undecided(&think));
    ck_assert_uint_eq(answer.len, 200);
    buf_fini(&answer);
    buf_fini(&reasoning);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_block_is_found_however_it_is_split),
        TESTKIT_TEST(each_piece_says_what_it_carried),
        TESTKIT_TEST(endless_white_space_is_an_answer),
        {0},
    };
    return testkit_run("think", tests);
}
