#include "exchange.h"

#include "clock.h"
#include "exchange_json.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

#define MS NS_PER_MS

/* An exchange sent at 100 ms, intended at 90 ms, with token events at the given moments. */
static struct exchange exchange_of(
    const int *token_ms, size_t count, int64_t completion, const char *finish_reason)
{
    static struct exchange_event events[64];
    struct exchange x;
    exchange_init(&x);
    x.t_intended_ns = 90 * MS;
    x.t_dequeued_ns = 95 * MS;
    x.t_sent_ns = 100 * MS;
    x.streamed = true;
    x.events = events;
    x.events[x.event_count++] = (struct exchange_event){.t_ns = 101 * MS, .kinds = EVENT_ROLE, .tokens = -1};
    for (size_t i = 0; i < count; i++)
        x.events[x.event_count++] = (struct exchange_event){
            .t_ns = token_ms[i] * MS, .kinds = EVENT_ANSWER, .text_bytes = 3, .tokens = -1};
    x.t_event1_ns = 101 * MS;
    if (count) {
        x.t_first_token_ns = x.t_first_answer_ns = token_ms[0] * MS;
        x.t_last_token_ns = token_ms[count - 1] * MS;
    }
    x.t_done_ns = 900 * MS;
    x.tokens.completion = completion;
    x.tokens.source = completion >= 0 ? TOKENS_SERVER_USAGE : TOKENS_NONE;
    snprintf(x.finish_reason, sizeof x.finish_reason, "%s", finish_reason);
    return x;
}

#define TOKENS_AT(...) (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int)

static void latencies_count_from_sent_and_response_from_intended(void)
{
    struct exchange x = exchange_of(TOKENS_AT(150, 200), 2, "stop");
    double s;
    ck_assert(exchange_ttfe_s(&x, &s));
    ck_assert_double_eq_tol(s, 0.001, 1e-12);
    ck_assert(exchange_ttft_s(&x, &s));
    ck_assert_double_eq_tol(s, 0.050, 1e-12);
    x.t_first_answer_ns = 200 * MS;
    ck_assert(exchange_ttfa_s(&x, &s));
    ck_assert_double_eq_tol(s, 0.100, 1e-12);
    ck_assert(exchange_latency_s(&x, &s));
    ck_assert_double_eq_tol(s, 0.800, 1e-12);
    ck_assert(exchange_response_s(&x, &s));
    ck_assert_double_eq_tol(s, 0.810, 1e-12);
}

static void a_moment_that_did_not_come_gives_no_figure(void)
{
    struct exchange x = exchange_of(TOKENS_AT(150, 200), 2, "stop");
    double s = -7;
    x.t_first_answer_ns = 0;
    ck_assert(!exchange_ttfa_s(&x, &s));
    x.t_sent_ns = 0;
    ck_assert(!exchange_ttft_s(&x, &s));
    ck_assert(!exchange_latency_s(&x, &s));
    ck_assert_double_eq(s, -7);
}

static void a_failed_exchange_has_first_times_only(void)
{
    struct exchange x = exchange_of(TOKENS_AT(150, 200, 250), 3, "");
    struct tpot tpot;
    double s;
    x.error = EXCHANGE_TRUNCATED;
    x.tokens.prompt = 10;
    ck_assert(exchange_ttft_s(&x, &s));
    ck_assert(!exchange_latency_s(&x, &s));
    ck_assert(!exchange_response_s(&x, &s));
    ck_assert(!exchange_tpot(&x, &tpot));
    ck_assert(!exchange_prefill_per_s(&x, &s));
    ck_assert(!exchange_decode_per_s(&x, &s));
}

static void gaps_are_between_token_events_only(void)
{
    struct exchange x = exchange_of(TOKENS_AT(150, 160, 200), 3, "stop");
    double gaps_s[8];
    x.events[2].kinds = EVENT_OTHER; /* the one at 160 ms */
    ck_assert_uint_eq(exchange_token_events(&x), 2);
    ck_assert_uint_eq(exchange_chunk_gaps(&x, gaps_s), 1);
    ck_assert_double_eq_tol(gaps_s[0], 0.050, 1e-12);
    x.event_count = 2;
    ck_assert_uint_eq(exchange_chunk_gaps(&x, gaps_s), 0);
}

static const struct {
    const char *why;
    int64_t completion;
    const char *finish_reason;
    bool tokens;
} counts[] = {
    {"one token per event", 4, "length", true},
    {"one more for the stop token", 5, "stop", true},
    {"one more, but it ended for its length", 5, "length", false},
    {"two more", 6, "stop", false},
    {"fewer than events", 3, "stop", false},
    {"not known", -1, "stop", false},
};

static void events_are_tokens_only_where_the_counts_agree(void)
{
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct exchange x =
            exchange_of(TOKENS_AT(100, 110, 120, 130), counts[i].completion, counts[i].finish_reason);
        ck_assert_msg(exchange_events_are_tokens(&x) == counts[i].tokens, "%s", counts[i].why);
    }
    struct exchange x = exchange_of(TOKENS_AT(100, 110, 120, 130), 4, "stop");
    x.events[2].tokens = 2; /* the server says otherwise of one event */
    ck_assert(!exchange_events_are_tokens(&x));
}

static void time_per_token_leaves_the_first_event_out(void)
{
    struct exchange x = exchange_of(TOKENS_AT(200, 300, 400, 500), 4, "length");
    struct tpot tpot;
    double per_s;
    ck_assert(exchange_tpot(&x, &tpot));
    ck_assert(tpot.k1_known);
    ck_assert_double_eq_tol(tpot.seconds, 0.100, 1e-12);
    ck_assert_double_eq(tpot.low_s, tpot.seconds);
    ck_assert_double_eq(tpot.high_s, tpot.seconds);
    ck_assert(exchange_decode_per_s(&x, &per_s));
    ck_assert_double_eq_tol(per_s, 10, 1e-9);
}

static void a_stop_token_that_was_never_sent_takes_no_time(void)
{
    struct exchange x = exchange_of(TOKENS_AT(200, 300, 400, 500), 5, "stop");
    struct tpot tpot;
    ck_assert(exchange_tpot(&x, &tpot));
    ck_assert(tpot.k1_known);
    ck_assert_double_eq_tol(tpot.seconds, 0.100, 1e-12); /* not 0.300 / 4 */
    x.tokens.completion = 6;                             /* then some events were several tokens */
    ck_assert(exchange_tpot(&x, &tpot));
    ck_assert(!tpot.k1_known);
    ck_assert_double_eq_tol(tpot.seconds, 0.300 / 5, 1e-12);
}

static void an_assumed_k1_comes_with_its_bounds(void)
{
    struct exchange x = exchange_of(TOKENS_AT(200, 300, 400, 500), 13, "length");
    struct tpot tpot;
    ck_assert(exchange_tpot(&x, &tpot));
    ck_assert(!tpot.k1_known);
    ck_assert_double_eq_tol(tpot.seconds, 0.300 / 12, 1e-12);
    ck_assert_double_eq_tol(tpot.low_s, 0.300 / 12, 1e-12);
    ck_assert_double_eq_tol(tpot.high_s, 0.300 / 3, 1e-12); /* k1 = 13 - 4 + 1 = 10 */
}

static void a_k1_that_the_server_says_is_known(void)
{
    struct exchange x = exchange_of(TOKENS_AT(200, 300, 400, 500), 13, "length");
    struct tpot tpot;
    x.events[1].tokens = 7;
    ck_assert(exchange_tpot(&x, &tpot));
    ck_assert(tpot.k1_known);
    ck_assert_double_eq_tol(tpot.seconds, 0.300 / 6, 1e-12);
    ck_assert_double_eq(tpot.high_s, tpot.seconds);
}

static void one_token_event_has_no_time_per_token(void)
{
    struct tpot tpot;
    struct exchange x = exchange_of(TOKENS_AT(200), 1, "length");
    ck_assert(!exchange_tpot(&x, &tpot));
    x = exchange_of(TOKENS_AT(200), 256, "length");
    ck_assert(!exchange_tpot(&x, &tpot));
    x = exchange_of(TOKENS_AT(200, 300), -1, "length");
    ck_assert(!exchange_tpot(&x, &tpot));
    x = exchange_of(TOKENS_AT(200, 300), 2, "length");
    x.events[1].tokens = 2; /* n <= k1 */
    ck_assert(!exchange_tpot(&x, &tpot));
}

static void prefill_counts_what_was_computed(void)
{
    struct exchange x = exchange_of(TOKENS_AT(350), 1, "length");
    double per_s;
    ck_assert(!exchange_prefill_per_s(&x, &per_s)); /* prompt unknown */
    x.tokens.prompt = 100;
    ck_assert(exchange_prefill_per_s(&x, &per_s));
    ck_assert_double_eq_tol(per_s, 400, 1e-9);
    x.tokens.cached = 75;
    ck_assert(exchange_prefill_per_s(&x, &per_s));
    ck_assert_double_eq_tol(per_s, 100, 1e-9);
    x.tokens.cached = 100;
    ck_assert(!exchange_prefill_per_s(&x, &per_s));
}

static void a_reset_exchange_keeps_nothing_but_its_memory(void)
{
    struct exchange x;
    exchange_init(&x);
    buf_append_text(&x.answer, "text");
    x.error = EXCHANGE_EMPTY;
    x.tokens.prompt = 3;
    x.native.source = "s";
    x.earlier_count = 2;
    const char *memory = x.answer.data;
    exchange_reset(&x);
    ck_assert_int_eq(x.error, EXCHANGE_OK);
    ck_assert_uint_eq(x.answer.len, 0);
    ck_assert_ptr_eq(x.answer.data, memory);
    ck_assert_int_eq(x.tokens.prompt, -1);
    ck_assert_int_eq(x.tokens.agrees, -1);
    ck_assert_int_eq(x.retry_after_ns, -1);
    ck_assert_ptr_null(x.native.source);
    ck_assert_double_lt(x.native.prompt_s, 0);
    ck_assert_int_eq(x.earlier_count, 0);
    exchange_fini(&x);
}

static void every_error_has_a_name_of_its_own(void)
{
    for (int i = 0; i < EXCHANGE_ERROR_COUNT; i++) {
        ck_assert_ptr_nonnull(exchange_error_name((enum exchange_error)i));
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(
                exchange_error_name((enum exchange_error)i), exchange_error_name((enum exchange_error)k));
    }
    ck_assert_str_eq(exchange_error_name(EXCHANGE_TIMEOUT_FIRST_TOKEN), "timeout_first_token");
    ck_assert_str_eq(token_source_name(TOKENS_SERVER_NATIVE), "server_native");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(latencies_count_from_sent_and_response_from_intended),
        TESTKIT_TEST(a_moment_that_did_not_come_gives_no_figure),
        TESTKIT_TEST(a_failed_exchange_has_first_times_only),
        TESTKIT_TEST(gaps_are_between_token_events_only),
        TESTKIT_TEST(events_are_tokens_only_where_the_counts_agree),
        TESTKIT_TEST(time_per_token_leaves_the_first_event_out),
        TESTKIT_TEST(a_stop_token_that_was_never_sent_takes_no_time),
        TESTKIT_TEST(an_assumed_k1_comes_with_its_bounds),
        TESTKIT_TEST(a_k1_that_the_server_says_is_known),
        TESTKIT_TEST(one_token_event_has_no_time_per_token),
        TESTKIT_TEST(prefill_counts_what_was_computed),
        TESTKIT_TEST(a_reset_exchange_keeps_nothing_but_its_memory),
        TESTKIT_TEST(every_error_has_a_name_of_its_own),
        {0},
    };
    return testkit_run("exchange_metrics", tests);
}
