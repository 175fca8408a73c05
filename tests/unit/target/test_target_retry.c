/* Calls that are made again, made together, or ended before their time. */
#include "target_bench.h"

#include "target.h"
#include "canned_server.h"
#include "clock.h"
#include "loop.h"
#include "testkit.h"
#include "tries.h"

static const struct canned_reply busy_twice[] = {
    {.text = "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"},
    {.text = "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nslow"},
    {.text = STREAM_HEAD SAY("a") STOP DONE, .end = CANNED_CLOSE},
};

static void retries_are_counted_and_hide_no_error(void)
{
    struct target_bench b;
    target_bench_init(&b, busy_twice, 3, (struct target_options){0});
    target_bench_chat(&b, 3);
    ck_assert_msg(b.x.error == EXCHANGE_OK, "%s", b.x.error_text);
    ck_assert_int_eq(b.x.attempts, 3);
    ck_assert_int_eq(b.x.earlier_count, 2);
    ck_assert_int_eq(b.x.earlier[0], EXCHANGE_HTTP_5XX);
    ck_assert_int_eq(b.x.earlier[1], EXCHANGE_RATE_LIMITED);
    ck_assert_uint_eq(b.x.body.len, 0); /* nothing of the attempts before */
    ck_assert_int_ge(b.x.t_sent_ns - b.x.t_intended_ns, 250 * NS_PER_MS);
    target_bench_fini(&b);
}

static void retries_end_where_they_are_spent(void)
{
    struct target_bench b;
    target_bench_init(&b, busy_twice, 2, (struct target_options){0});
    target_bench_chat(&b, 1);
    ck_assert_int_eq(b.x.error, EXCHANGE_RATE_LIMITED);
    ck_assert_int_eq(b.x.attempts, 2);
    ck_assert_int_eq(b.x.earlier_count, 1);
    ck_assert_int_eq(b.x.retry_after_ns, 0);
    target_bench_fini(&b);
}

static void what_a_retry_cannot_mend_is_not_retried(void)
{
    static const struct canned_reply replies[] = {
        {.text = "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"},
        {.text = "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"},
    };
    struct target_bench b;
    target_bench_init(&b, replies, 2, (struct target_options){0});
    target_bench_chat(&b, 3);
    ck_assert_int_eq(b.x.error, EXCHANGE_HTTP_4XX);
    ck_assert_int_eq(b.x.attempts, 1);
    target_bench_chat(&b, 3); /* an hour is longer than we wait */
    ck_assert_int_eq(b.x.error, EXCHANGE_RATE_LIMITED);
    ck_assert_int_eq(b.x.attempts, 1);
    ck_assert_int_eq(b.x.retry_after_ns, 3600 * NS_PER_S);
    target_bench_fini(&b);
}

struct crowd {
    struct loop *loop;
    int left;
};

static void crowd_done(struct exchange *x, void *arg)
{
    struct crowd *crowd = arg;
    (void)x;
    if (--crowd->left == 0)
        loop_stop(crowd->loop);
}

static void check_many_at_once(struct tries *tries)
{
    enum { COUNT = 40 };
    static struct exchange xs[COUNT];
    struct canned_reply reply = {.text = STREAM_HEAD SAY("a") SAY("b") STOP DONE,
        .pause_ms = 100 * tries_patience(tries),
        .end = CANNED_CLOSE};
    struct target_bench b;
    target_bench_init(&b, &reply, 1, (struct target_options){0});
    struct crowd crowd = {.loop = target_loop(b.target), .left = COUNT};
    struct chat_request request = target_bench_request();
    int64_t t0_ns = loop_now_ns();
    for (int i = 0; i < COUNT; i++) {
        exchange_init(&xs[i]);
        ck_assert_ptr_nonnull(target_chat_start(b.target, &request, &xs[i], crowd_done, &crowd));
    }
    ck_assert_int_eq(loop_run(crowd.loop), STATUS_OK);
    ck_assert_int_eq(crowd.left, 0);
    int64_t took_ns = loop_now_ns() - t0_ns;
    tries_judge(tries, took_ns < COUNT * reply.pause_ms * NS_PER_MS / 2, "one after the other: %lld ms",
        (long long)(took_ns / NS_PER_MS));
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(xs[i].error, EXCHANGE_OK);
        ck_assert_str_eq(buf_text(&xs[i].answer), "ab");
        exchange_fini(&xs[i]);
    }
    target_bench_fini(&b);
}

static void one_target_runs_many_exchanges_at_once(void)
{
    for (struct tries tries = {0}; tries_next(&tries);)
        check_many_at_once(&tries);
}

static void cancelling_ends_a_stream_and_a_wait_for_a_retry(void)
{
    static const struct canned_reply stream = {.text = STREAM_HEAD SAY("a"), .end = CANNED_HOLD};
    static const struct canned_reply busy = {
        .text = "HTTP/1.1 503 No\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n"};
    for (int waiting = 0; waiting < 2; waiting++) {
        struct target_bench b;
        target_bench_init(&b, waiting ? &busy : &stream, 1, (struct target_options){0});
        struct crowd crowd = {.loop = target_loop(b.target), .left = 1};
        struct chat_request request = target_bench_request();
        request.max_retries = 1;
        struct target_call *call = target_chat_start(b.target, &request, &b.x, crowd_done, &crowd);
        while (!b.x.t_first_token_ns && b.x.error == EXCHANGE_OK)
            loop_run_once(crowd.loop, NS_PER_S);
        target_call_cancel(call);
        ck_assert_int_eq(crowd.left, 1);
        while (crowd.left)
            loop_run(crowd.loop);
        ck_assert_int_eq(b.x.error, EXCHANGE_CANCELLED);
        ck_assert_int_eq(b.x.attempts, 1);
        ck_assert_int_eq(b.x.earlier_count, waiting); /* cancelling hides no error */
        ck_assert_int_eq(b.x.earlier[0], waiting ? EXCHANGE_RATE_LIMITED : EXCHANGE_OK);
        ck_assert_uint_eq(exchange_token_events(&b.x), waiting ? 0 : 1);
        target_bench_fini(&b);
    }
}

static void closing_a_target_ends_what_is_in_flight(void)
{
    static const struct canned_reply stream = {.text = STREAM_HEAD SAY("a"), .end = CANNED_HOLD};
    struct target_bench b;
    target_bench_init(&b, &stream, 1, (struct target_options){0});
    struct crowd crowd = {.loop = target_loop(b.target), .left = 1};
    struct chat_request request = target_bench_request();
    ck_assert_ptr_nonnull(target_chat_start(b.target, &request, &b.x, crowd_done, &crowd));
    for (int i = 0; i < 1000 && !b.x.t_first_token_ns; i++)
        loop_run_once(crowd.loop, NS_PER_MS);
    target_close(b.target);
    b.target = NULL;
    ck_assert_int_eq(crowd.left, 0);
    ck_assert_int_eq(b.x.error, EXCHANGE_CANCELLED);
    target_bench_fini(&b);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(retries_are_counted_and_hide_no_error),
        TESTKIT_TEST(retries_end_where_they_are_spent),
        TESTKIT_TEST(what_a_retry_cannot_mend_is_not_retried),
        TESTKIT_TEST(one_target_runs_many_exchanges_at_once),
        TESTKIT_TEST(cancelling_ends_a_stream_and_a_wait_for_a_retry),
        TESTKIT_TEST(closing_a_target_ends_what_is_in_flight),
        {0},
    };
    return testkit_run("target_retry", tests);
}
