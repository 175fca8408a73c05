/* One exchange each whose truth is known, with what a server might say of it. */
#include "cross_check.h"

#include "clock.h"
#include "testkit.h"

#include <string.h>

#define MS NS_PER_MS

static struct exchange_event events[64];

/* Ten tokens, the first after 100 ms, then one each 10 ms; done at 200 ms. Prompt of 50 tokens. */
static struct exchange ten_tokens(void)
{
    struct exchange x;
    exchange_init(&x);
    x.streamed = true;
    x.t_intended_ns = x.t_sent_ns = 1000 * MS;
    x.events = events;
    for (int i = 0; i < 10; i++)
        x.events[x.event_count++] = (struct exchange_event){
            .t_ns = (1100 + 10 * i) * MS, .kinds = EVENT_ANSWER, .text_bytes = 3, .tokens = -1};
    x.t_event1_ns = x.t_first_token_ns = x.t_first_answer_ns = 1100 * MS;
    x.t_last_token_ns = 1190 * MS;
    x.t_done_ns = 1200 * MS;
    x.finish_reason[0] = 'l';
    x.tokens = (struct exchange_tokens){.prompt = 50,
        .completion = 10,
        .reasoning = -1,
        .cached = -1,
        .source = TOKENS_SERVER_USAGE,
        .agrees = -1};
    return x;
}

static struct exchange said(double prompt_s, double decode_s)
{
    struct exchange x = ten_tokens();
    x.native.source = "timings";
    x.native.prompt_s = prompt_s;
    x.native.decode_s = decode_s;
    x.native.prompt_n = 50;
    x.native.decode_n = 10;
    return x;
}

static struct cross_pair pairs[CROSS_PAIRS_MAX];

static const struct cross_pair *pair_of(const struct exchange *x, const char *metric)
{
    size_t count = cross_check(x, &cross_limits_usual, pairs);
    ck_assert_uint_le(count, CROSS_PAIRS_MAX);
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].metric, metric) == 0)
            return &pairs[i];
    return NULL;
}

static void differs(const struct exchange *x, const char *metric, const char *cause)
{
    const struct cross_pair *pair = pair_of(x, metric);
    ck_assert_msg(pair && pair->differs, "%s %s", metric, pair ? "agrees" : "is not compared");
    ck_assert_msg(pair->cause && strstr(pair->cause, cause), "%s", pair->cause ? pair->cause : "no cause");
}

static void agrees(const struct exchange *x, const char *metric)
{
    const struct cross_pair *pair = pair_of(x, metric);
    ck_assert_msg(pair && !pair->differs, "%s %s", metric, pair ? "differs" : "is not compared");
}

static void figures_that_fit_agree(void)
{
    struct exchange x = said(0.098, 0.0905);
    agrees(&x, "ttft_s");
    agrees(&x, "decode_tokens_per_s");
    agrees(&x, "prefill_tokens_per_s");
    ck_assert_double_eq_tol(pair_of(&x, "decode_tokens_per_s")->client, 100, 0.01);
    ck_assert_double_eq_tol(pair_of(&x, "decode_tokens_per_s")->server, 9 / 0.0905, 0.01);
    agrees(&x, "prompt_tokens");
}

static void both_limits_have_to_be_exceeded(void)
{
    struct exchange x = said(0.0965, 0.090); /* 3.5 ms of 96.5: 3.6 % */
    agrees(&x, "ttft_s");
    x.native.prompt_s = 0.093; /* 7 ms and 7.5 % */
    differs(&x, "ttft_s", "waiting before the prompt");
    struct cross_limits wide = {.share = 0.05, .slack_s = 0.010};
    ck_assert_uint_gt(cross_check(&x, &wide, pairs), 0);
    ck_assert(!pairs[0].differs);
}

static void a_queue_shows_in_the_time_to_first_token(void)
{
    struct exchange x = said(0.030, 0.090);
    differs(&x, "ttft_s", "queue");
    differs(&x, "prefill_tokens_per_s", "holds more than the prompt");
    agrees(&x, "decode_tokens_per_s");
}

static void loading_belongs_to_the_time_to_first_token(void)
{
    struct exchange x = said(0.030, 0.090);
    x.native.load_s = 0.069;
    agrees(&x, "ttft_s");
}

static void an_answer_in_bursts_is_told_from_a_fast_model(void)
{
    struct exchange x = said(0.098, 0.900);
    differs(&x, "decode_tokens_per_s", "in bursts");
    x = said(0.098, 0.030);
    differs(&x, "decode_tokens_per_s", "took longer than the model");
}

static void several_tokens_per_event_are_a_cause(void)
{
    struct exchange x = said(0.098, 0.210);
    x.tokens.completion = x.native.decode_n = 40; /* four per event: k1 is not known */
    x.native.decode_s = 0.135;
    differs(&x, "decode_tokens_per_s", "several tokens per event");
}

static void a_cached_prompt_explains_a_prefill_that_is_too_fast(void)
{
    struct exchange x = said(0.098, 0.090);
    x.native.prompt_n = 1;
    x.native.prefill_per_s = 10;
    differs(&x, "prefill_tokens_per_s", "cached prompt");
    differs(&x, "prompt_tokens", "cached prompt");
    x.native.cached_n = 49;
    x.tokens.cached = 49;
    agrees(&x, "prompt_tokens");
}

/* A template's few tokens are always cached; what waited did not wait for them. */
static void tokens_that_are_known_to_be_cached_explain_no_slow_prefill(void)
{
    struct exchange x = said(0.098, 0.090);
    x.tokens.cached = x.native.cached_n = 3;
    x.native.prompt_n = x.tokens.prompt - 3;
    x.native.prefill_per_s = 5000;
    differs(&x, "prefill_tokens_per_s", "holds more than the prompt");
}

static void a_stop_token_is_no_difference_and_named_all_the_same(void)
{
    struct exchange x = said(0.098, 0.090);
    x.native.decode_n = 11;
    agrees(&x, "completion_tokens");
    ck_assert_ptr_nonnull(strstr(pair_of(&x, "completion_tokens")->cause, "stop token"));
}

static void counts_that_cannot_be_are_found_without_native_figures(void)
{
    struct exchange x = ten_tokens();
    ck_assert_uint_eq(cross_check(&x, &cross_limits_usual, pairs), 0);
    x.tokens.completion = 4; /* and ten events came */
    differs(&x, "completion_tokens", "the count is wrong");
    x = ten_tokens();
    x.tokenized = 17;
    differs(&x, "completion_tokens", "fewer tokens are counted than the text has");
    x.tokenized = 10;
    agrees(&x, "completion_tokens");
}

static void events_that_say_their_tokens_are_counted(void)
{
    struct exchange x = ten_tokens();
    for (size_t i = 0; i < x.event_count; i++)
        x.events[i].tokens = 4;
    x.tokens.completion = 40;
    agrees(&x, "completion_tokens");
    x.tokens.completion = 10;
    differs(&x, "completion_tokens", "the count is wrong");
}

static void the_whole_is_compared_where_the_server_says_it(void)
{
    struct exchange x = said(0.098, 0.090);
    ck_assert_ptr_null(pair_of(&x, "latency_s"));
    x.native.total_s = 0.199;
    agrees(&x, "latency_s");
    x.native.total_s = 0.120;
    differs(&x, "latency_s", "outside of the server's own time");
}

static void a_failed_exchange_and_a_silent_server_are_not_compared(void)
{
    struct exchange x = said(0.5, 0.5);
    x.error = EXCHANGE_TRUNCATED;
    ck_assert_uint_eq(cross_check(&x, &cross_limits_usual, pairs), 0);
    x = ten_tokens();
    x.native.source = "timings";
    x.tokens.source = TOKENS_NONE;
    ck_assert_uint_eq(cross_check(&x, &cross_limits_usual, pairs), 0);
}

static void the_difference_is_relative_to_the_server(void)
{
    ck_assert_double_eq_tol(cross_difference(1.2, 1.0), 0.2, 1e-12);
    ck_assert_double_eq_tol(cross_difference(0.5, 1.0), -0.5, 1e-12);
    ck_assert_double_eq(cross_difference(0, 0), 0);
    ck_assert_double_eq(cross_difference(3, 0), 1);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(figures_that_fit_agree),
        TESTKIT_TEST(both_limits_have_to_be_exceeded),
        TESTKIT_TEST(a_queue_shows_in_the_time_to_first_token),
        TESTKIT_TEST(loading_belongs_to_the_time_to_first_token),
        TESTKIT_TEST(an_answer_in_bursts_is_told_from_a_fast_model),
        TESTKIT_TEST(several_tokens_per_event_are_a_cause),
        TESTKIT_TEST(a_cached_prompt_explains_a_prefill_that_is_too_fast),
        TESTKIT_TEST(tokens_that_are_known_to_be_cached_explain_no_slow_prefill),
        TESTKIT_TEST(a_stop_token_is_no_difference_and_named_all_the_same),
        TESTKIT_TEST(counts_that_cannot_be_are_found_without_native_figures),
        TESTKIT_TEST(events_that_say_their_tokens_are_counted),
        TESTKIT_TEST(the_whole_is_compared_where_the_server_says_it),
        TESTKIT_TEST(a_failed_exchange_and_a_silent_server_are_not_compared),
        TESTKIT_TEST(the_difference_is_relative_to_the_server),
        {0},
    };
    return testkit_run("cross_check", tests);
}
