/* The models themselves: exact figures against each other, against known ones, and against what is drawn. */
#include "queue_model.h"

#include "clock.h"
#include "stats.h"
#include "testkit.h"

#include <math.h>
#include <stdlib.h>

static void waiting_for_one_worker_is_that_of_crommelin(void)
{
    /* Nobody waits with probability 1 - load; within one service (1 - load) e^(load x / service). */
    struct queue_mdc q = {.rate_per_s = 7, .service_s = 0.1, .workers = 1};
    ck_assert_double_eq_tol(queue_mdc_wait_within(&q, 0), 0.3, 1e-7);
    ck_assert_double_eq_tol(queue_mdc_wait_within(&q, 0.05), 0.3 * exp(0.35), 1e-7);
    ck_assert_double_eq_tol(queue_mdc_wait_within(&q, 3), 1, 1e-7);
}

static void what_is_drawn_waits_as_computed(void)
{
    static const struct queue_mdc queues[] = {{7, 0.1, 1}, {32, 0.1, 4}, {45, 0.1, 5}};
    for (size_t i = 0; i < 3; i++) {
        const struct queue_mdc *q = &queues[i];
        struct drawn d;
        queue_mdc_draw(q, NS_PER_S, 400000, 11 + i, &d);
        for (double wait_s = 0.01; wait_s < 0.35; wait_s += 0.08) {
            size_t within = 0;
            for (size_t s = 0; s < d.count; s++)
                within +=
                    (double)(d.samples[s].t_done_ns - d.samples[s].t_sent_ns) / 1e9 <= q->service_s + wait_s;
            ck_assert_double_eq_tol((double)within / (double)d.count, queue_mdc_wait_within(q, wait_s), 0.01);
        }
        drawn_fini(&d);
    }
}

static void the_highest_rate_is_where_the_share_is_just_reached(void)
{
    struct queue_mdc q = {.service_s = 0.1, .workers = 4};
    q.rate_per_s = queue_mdc_highest_rate(&q, 0.99, 0.1);
    ck_assert_double_eq_tol(queue_mdc_wait_within(&q, 0.1), 0.99, 1e-4);
    ck_assert_double_gt(q.rate_per_s, 20);
    ck_assert_double_lt(q.rate_per_s, 40);
}

static void a_batch_makes_the_tokens_that_its_steps_allow(void)
{
    static const struct queue_batch q = {
        .base_s = 0.008, .per_sequence_s = 0.001, .max_batch = 16, .tokens = 50};
    ck_assert_double_eq_tol(queue_batch_tokens_per_s(&q, 8), 500, 1e-9);
    ck_assert_double_eq_tol(queue_batch_tokens_per_s(&q, 99), queue_batch_tokens_per_s(&q, 16), 1e-9);
    ck_assert_double_eq_tol(queue_batch_streams_at_share(&q, 0.9), 2, 1e-9);
    struct drawn d;
    queue_batch_draw(&q, 24, NS_PER_S, 60, 1, &d);
    double seconds = 0, tokens = 0;
    for (size_t i = 0; i < d.count; i++) {
        double done = (double)(d.samples[i].t_done_ns - NS_PER_S) / 1e9;
        seconds = done > seconds ? done : seconds;
        tokens += d.samples[i].completion_tokens;
    }
    ck_assert_double_eq_tol(tokens / seconds, queue_batch_tokens_per_s(&q, 24), 12);
    drawn_fini(&d);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(waiting_for_one_worker_is_that_of_crommelin),
        TESTKIT_TEST(what_is_drawn_waits_as_computed),
        TESTKIT_TEST(the_highest_rate_is_where_the_share_is_just_reached),
        TESTKIT_TEST(a_batch_makes_the_tokens_that_its_steps_allow),
        {0},
    };
    return testkit_run("queue_model", tests);
}
