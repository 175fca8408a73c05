/* A model that reasons before it answers: two texts, both known, in one count. */
#include "engine_server.h"
#include "model_chain.h"

static const char question[] = "What is the answer?";

static struct model_chain_options reasoning_model(void)
{
    struct model_chain_options o = model_chain_sizes[0].options;
    o.kind = MODEL_KIND_REASONING;
    o.reasoning_tokens = 8;
    o.answer_tokens = 12;
    return o;
}

/* 100: all of it; 15: within the answer; 5: within the reasoning. */
static void reasoning_and_answer_are_the_known_words_wherever_the_limit_falls(void)
{
    static const int64_t limits[] = {100, 15, 5};
    ENGINE_OPEN_OR_SKIP(target);
    const struct model_chain_options model = reasoning_model();
    for (size_t i = 0; i < 2 * sizeof limits / sizeof limits[0]; i++) {
        struct model_chain_expected expected;
        struct exchange x;
        struct error e = {0};
        ck_assert_int_eq(model_chain_expect(&model, (size_t)limits[i / 2], &expected, &e), STATUS_OK);
        engine_ask(target, question, i % 2 == 1, limits[i / 2], &x);
        ck_assert_str_eq(buf_text(&x.reasoning), buf_text(&expected.reasoning));
        ck_assert_str_eq(buf_text(&x.answer), buf_text(&expected.answer));
        ck_assert_str_eq(x.finish_reason, expected.stopped ? "stop" : "length");
        ck_assert_int_eq(x.tokens.completion, (int64_t)expected.completion_tokens);
        ck_assert_int_eq(x.tokens.prompt, engine_prompt_tokens(question));
        exchange_fini(&x);
        model_chain_expected_fini(&expected);
    }
    target_close(target);
}

static void the_first_token_is_reasoning_and_the_answer_comes_later(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct exchange x;
    engine_ask(target, question, true, 100, &x);
    ck_assert_int_gt(x.t_first_token_ns, 0);
    ck_assert_int_gt(x.t_first_answer_ns, x.t_first_token_ns);
    ck_assert_int_gt(x.t_last_token_ns, x.t_first_answer_ns);
    exchange_fini(&x);
    target_close(target);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(reasoning_and_answer_are_the_known_words_wherever_the_limit_falls),
        TESTKIT_TEST(the_first_token_is_reasoning_and_the_answer_comes_later),
        {0},
    };
    return testkit_run("engine_reasoning", tests);
}
