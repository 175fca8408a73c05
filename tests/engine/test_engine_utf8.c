/* A model whose characters are several tokens: what arrives is whole characters, what is counted is tokens. */
#include "engine_server.h"
#include "model_chain.h"
#include "text.h"

#include <string.h>

static const char question[] = "Say something in every alphabet.";

static struct model_chain_options utf8_model(void)
{
    struct model_chain_options o = model_chain_sizes[0].options;
    o.kind = MODEL_KIND_UTF8;
    o.answer_tokens = 80;
    return o;
}

static void streamed_and_unstreamed_answers_are_the_known_characters(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    const struct model_chain_options model = utf8_model();
    struct model_chain_expected expected;
    struct error e = {0};
    ck_assert_int_eq(model_chain_expect(&model, 200, &expected, &e), STATUS_OK);
    for (int stream = 0; stream < 2; stream++) {
        struct exchange x;
        engine_ask(target, question, stream, 200, &x);
        ck_assert_str_eq(buf_text(&x.answer), buf_text(&expected.answer));
        ck_assert_str_eq(x.finish_reason, "stop");
        ck_assert_int_eq(x.tokens.completion, (int64_t)expected.completion_tokens);
        ck_assert_int_eq(x.tokens.prompt, engine_prompt_tokens(question));
        exchange_fini(&x);
    }
    model_chain_expected_fini(&expected);
    target_close(target);
}

/* 80 tokens: 32 words and 20 characters of 48 bytes. */
static void a_stream_has_an_event_per_character_and_says_that_events_are_not_tokens(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct exchange x;
    engine_ask(target, question, true, 200, &x);
    ck_assert_uint_eq(exchange_token_events(&x), 32 + 20);
    ck_assert(!exchange_events_are_tokens(&x));
    exchange_fini(&x);
    target_close(target);
}

/* The first character is tokens 2 to 5: a limit of 3 falls within it. */
static void a_limit_within_a_character_leaves_valid_text_and_a_true_count(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    const struct model_chain_options model = utf8_model();
    struct buf word = BUF_INIT(64);
    ck_assert_int_eq(model_chain_answer(&model, 1, &word), STATUS_OK);
    for (int stream = 0; stream < 2; stream++) {
        struct exchange x;
        engine_ask(target, question, stream, 3, &x);
        ck_assert_int_eq(x.tokens.completion, 3);
        ck_assert_str_eq(x.finish_reason, "length");
        ck_assert(text_utf8_valid(buf_text(&x.answer), x.answer.len));
        ck_assert_int_eq(strncmp(buf_text(&x.answer), buf_text(&word), word.len), 0);
        exchange_fini(&x);
    }
    buf_fini(&word);
    target_close(target);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(streamed_and_unstreamed_answers_are_the_known_characters),
        TESTKIT_TEST(a_stream_has_an_event_per_character_and_says_that_events_are_not_tokens),
        TESTKIT_TEST(a_limit_within_a_character_leaves_valid_text_and_a_true_count),
        {0},
    };
    return testkit_run("engine_utf8", tests);
}
