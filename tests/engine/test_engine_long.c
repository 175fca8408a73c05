/* A model that never stops, in q8_0: exact runs as long as measurements of decoding need them. */
#include "engine_server.h"
#include "model_chain.h"

#include <string.h>

static void an_answer_of_1500_tokens_is_the_known_words_to_the_last(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct model_chain_options model = model_chain_sizes[0].options;
    struct model_chain_expected expected;
    struct exchange x;
    struct error e = {0};
    model.seed = 5;
    ck_assert_int_eq(model_chain_expect(&model, 1500, &expected, &e), STATUS_OK);
    engine_ask(target, "Go on.", true, 1500, &x);
    ck_assert_uint_eq(x.answer.len, expected.answer.len);
    ck_assert_int_eq(
        memcmp(x.answer.data, expected.answer.data, x.answer.len), 0); /* too long to be printed */
    ck_assert_str_eq(x.finish_reason, "length");
    ck_assert_int_eq(x.tokens.completion, 1500);
    ck_assert_uint_eq(exchange_token_events(&x), 1500);
    exchange_fini(&x);
    model_chain_expected_fini(&expected);
    target_close(target);
}

static void a_prompt_of_2000_words_is_counted_and_leads_to_the_same_answer(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct model_chain_options model = model_chain_sizes[0].options;
    struct buf prompt = BUF_INIT(1 << 20), answer = BUF_INIT(4096);
    struct exchange x;
    model.seed = 5;
    for (size_t i = 0; i < 2000; i++)
        (void)buf_printf(&prompt, " %s", model_words[i % MODEL_WORD_COUNT]);
    ck_assert_int_eq(model_chain_answer(&model, 8, &answer), STATUS_OK);
    engine_ask(target, buf_text(&prompt), false, 8, &x);
    ck_assert_str_eq(buf_text(&x.answer), buf_text(&answer));
    ck_assert_int_gt(x.tokens.prompt, 2000);
    ck_assert_int_eq(x.tokens.prompt, engine_prompt_tokens(buf_text(&prompt)));
    exchange_fini(&x);
    buf_fini(&prompt);
    buf_fini(&answer);
    target_close(target);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_answer_of_1500_tokens_is_the_known_words_to_the_last),
        TESTKIT_TEST(a_prompt_of_2000_words_is_counted_and_leads_to_the_same_answer),
        {0},
    };
    return testkit_run("engine_long", tests);
}
