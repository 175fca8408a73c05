/*
 * What a real engine says, against what is known: llama.cpp's server with the chain model, whose text and
 * token counts are known before it is asked.
 */
#include "engine_server.h"
#include "model_chain.h"
#include "target.h"
#include "testkit.h"

#include <string.h>

enum { ANSWER_WORDS = 24 }; /* as the fixture's model was made: tests/engine/CMakeLists.txt */

static const struct model_chain_options *chain(void)
{
    static struct model_chain_options o;
    o = model_chain_sizes[0].options;
    o.answer_tokens = ANSWER_WORDS;
    return &o;
}

static const struct chat_message question = {"user", "Say what the server measured, in your own words."};

static struct chat_request greedy(bool stream, int64_t max_tokens)
{
    return (struct chat_request){.model = "chain",
        .messages = &question,
        .message_count = 1,
        .max_tokens = max_tokens,
        .temperature = 0,
        .seed = -1,
        .stream = stream,
        .want_usage = stream};
}

static void assert_answer(const struct exchange *x, size_t words, int64_t tokens, const char *finish)
{
    struct buf expected = BUF_INIT(1 << 16);
    ck_assert_int_eq(model_chain_answer(chain(), words, &expected), STATUS_OK);
    ck_assert_msg(x->error == EXCHANGE_OK, "%s: %s", exchange_error_name(x->error), x->error_text);
    ck_assert_str_eq(buf_text(&x->answer), buf_text(&expected));
    ck_assert_str_eq(x->finish_reason, finish);
    ck_assert_int_eq(x->tokens.completion, tokens);
    ck_assert_int_eq(x->tokens.prompt, engine_prompt_tokens(question.content));
    ck_assert_int_eq(x->tokens.source, TOKENS_SERVER_USAGE);
    buf_fini(&expected);
}

static void ask(struct target *target, const struct chat_request *request, size_t words, int64_t tokens,
    const char *finish)
{
    struct exchange x;
    exchange_init(&x);
    target_chat(target, request, &x);
    assert_answer(&x, words, tokens, finish);
    exchange_fini(&x);
}

/* The end-of-turn token is counted by the server and not shown: one token more than words. */
static void streamed_and_unstreamed_answers_are_the_known_words(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    for (int stream = 0; stream < 2; stream++) {
        struct chat_request whole = greedy(stream, 100), cut = greedy(stream, 7);
        ask(target, &whole, ANSWER_WORDS, ANSWER_WORDS + 1, "stop");
        ask(target, &cut, 7, 7, "length");
    }
    target_close(target);
}

static void a_stream_is_one_event_per_token_in_order_of_time(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct chat_request request = greedy(true, 100);
    struct exchange x;
    exchange_init(&x);
    target_chat(target, &request, &x);
    ck_assert_msg(x.error == EXCHANGE_OK, "%s", x.error_text);
    ck_assert_uint_eq(exchange_token_events(&x), ANSWER_WORDS);
    ck_assert(exchange_events_are_tokens(&x));
    ck_assert_int_le(x.t_sent_ns, x.t_headers_ns);
    ck_assert_int_le(x.t_headers_ns, x.t_event1_ns);
    ck_assert_int_le(x.t_event1_ns, x.t_first_token_ns);
    ck_assert_int_lt(x.t_first_token_ns, x.t_last_token_ns);
    ck_assert_int_le(x.t_last_token_ns, x.t_done_ns);
    ck_assert_uint_ne(x.events[0].kinds & EVENT_ROLE, 0);
    ck_assert_int_eq(x.tokens.agrees, 1);
    ck_assert_ptr_nonnull(x.native.source);
    ck_assert_int_eq(x.native.decode_n, ANSWER_WORDS + 1);
    exchange_fini(&x);
    target_close(target);
}

static void a_stop_sequence_ends_the_answer_before_it(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct buf four = BUF_INIT(4096);
    ck_assert_int_eq(model_chain_answer(chain(), 4, &four), STATUS_OK);
    const char *stop[] = {strrchr(buf_text(&four), ' '), NULL};
    for (int stream = 0; stream < 2; stream++) {
        struct chat_request request = greedy(stream, 100);
        request.stop = stop;
        ask(target, &request, 3, 4, "stop");
    }
    buf_fini(&four);
    target_close(target);
}

static void temperature_one_says_the_same(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    for (int64_t seed = 0; seed < 5; seed++) {
        struct chat_request request = greedy(true, 100);
        request.temperature = 1;
        request.seed = seed;
        ask(target, &request, ANSWER_WORDS, ANSWER_WORDS + 1, "stop");
    }
    target_close(target);
}

static void the_model_is_listed_as_the_file_says(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct model_list models = {0};
    struct model_vocab *v = model_vocab_new();
    struct error e = {0};
    ck_assert_msg(target_list_models(target, &models, &e) == STATUS_OK, "%s", error_text(&e));
    ck_assert_uint_eq(models.count, 1);
    ck_assert_str_eq(models.items[0].id, "chain");
    ck_assert_int_eq(models.items[0].parameters, (int64_t)model_chain_parameters(chain(), v));
    ck_assert_str_eq(target_info(target)->server, "llama.cpp");
    ck_assert(!target_info(target)->simulated);
    model_vocab_free(v);
    model_list_fini(&models);
    target_close(target);
}

/* A single-model llama.cpp ignores the model's name (200); this is known and recorded, not hidden. */
static void an_unknown_model_is_answered_all_the_same(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct chat_request request = greedy(false, 3);
    request.model = "no-such-model";
    ask(target, &request, 3, 3, "length");
    target_close(target);
}

static void malformed_json_is_refused_with_400(void)
{
    static const char body[] = "{\"messages\": [";
    ENGINE_OPEN_OR_SKIP(target);
    struct exchange x;
    exchange_init(&x);
    target_raw(target, "POST", "/chat/completions", "application/json", body, strlen(body), &x);
    ck_assert_int_eq(x.http_status, 400);
    ck_assert_int_eq(x.error, EXCHANGE_HTTP_4XX);
    exchange_fini(&x);
    target_close(target);
}

static void a_prompt_beyond_the_context_is_refused_with_400(void)
{
    ENGINE_OPEN_OR_SKIP(target);
    struct buf prompt = BUF_INIT(1 << 20);
    for (int i = 0; i < 10000; i++)
        (void)buf_append_text(&prompt, " the");
    const struct chat_message m = {"user", buf_text(&prompt)};
    struct chat_request request = greedy(true, 3);
    request.messages = &m;
    struct exchange x;
    exchange_init(&x);
    target_chat(target, &request, &x);
    ck_assert_int_eq(x.http_status, 400);
    ck_assert_int_eq(x.error, EXCHANGE_HTTP_4XX);
    ck_assert_msg(strstr(x.error_text, "context") != NULL, "%s", x.error_text);
    exchange_fini(&x);
    buf_fini(&prompt);
    target_close(target);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(streamed_and_unstreamed_answers_are_the_known_words),
        TESTKIT_TEST(a_stream_is_one_event_per_token_in_order_of_time),
        TESTKIT_TEST(a_stop_sequence_ends_the_answer_before_it),
        TESTKIT_TEST(temperature_one_says_the_same),
        TESTKIT_TEST(the_model_is_listed_as_the_file_says),
        TESTKIT_TEST(an_unknown_model_is_answered_all_the_same),
        TESTKIT_TEST(malformed_json_is_refused_with_400),
        TESTKIT_TEST(a_prompt_beyond_the_context_is_refused_with_400),
        {0},
    };
    return testkit_run("llamacpp", tests);
}
