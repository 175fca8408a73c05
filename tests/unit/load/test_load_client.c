#include "load_trial.h"

#include "clock.h"
#include "load_test.h"
#include "testkit.h"
#include "tries.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct counts {
    size_t all, ok, cut_off, warm_up, reused, events_are_tokens;
    size_t of_thread[4];
};

static struct counts count(const struct load_trial *t)
{
    struct counts c = {0};
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&t->outcome, &at);) {
        const struct load_sample *s = at.sample;
        c.all++;
        c.ok += load_sample_ok(s);
        c.cut_off += (s->flags & LOAD_CUT_OFF) != 0;
        c.warm_up += (s->flags & LOAD_WARMUP) != 0;
        c.reused += (s->flags & LOAD_REUSED) != 0;
        c.events_are_tokens += (s->flags & LOAD_EVENTS_ARE_TOKENS) != 0;
        c.of_thread[s->thread & 3]++;
    }
    return c;
}

static void check_every_item(struct tries *tries)
{
    struct load_trial *t = load_trial_begin("sim-fast", 60, 6);
    bool asked[60] = {false};
    t->options.threads = 2;
    load_trial_run(t);
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&t->outcome, &at);) {
        const struct load_sample *s = at.sample;
        ck_assert(!asked[s->item]);
        asked[s->item] = true;
        ck_assert(s->t_intended_ns <= s->t_dequeued_ns && s->t_dequeued_ns <= s->t_sent_ns);
        ck_assert(s->t_sent_ns < s->t_first_token_ns);
        ck_assert(s->t_first_token_ns <= s->t_last_token_ns); /* what comes in one read has one time */
        ck_assert_int_eq(s->completion_tokens, 8);
        ck_assert_uint_eq(s->token_events, 8);
    }
    struct counts c = count(t);
    ck_assert_uint_eq(c.all, 60);
    ck_assert_uint_eq(c.ok, 60);
    ck_assert_uint_ge(c.reused, 54); /* each stream keeps its connection; two were there from the probe */
    ck_assert_uint_eq(c.events_are_tokens, 60);
    tries_judge(tries, c.of_thread[0] > 10 && c.of_thread[1] > 10, "one thread did all: %zu and %zu",
        c.of_thread[0], c.of_thread[1]);
    ck_assert_uint_eq(t->outcome.reports[0].gaps->total + t->outcome.reports[1].gaps->total, 60 * 7);
    ck_assert(t->outcome.simulated);
    load_trial_end(t);
}

static void every_item_is_asked_once(void)
{
    for (struct tries tries = {0}; tries_next(&tries);)
        check_every_item(&tries);
}

static void moments_are_kept_to(void)
{
    struct load_trial *t = load_trial_begin("sim-steady", 100, 0);
    for (size_t i = 0; i < 100; i++)
        t->plan.items[i].at_ns = (int64_t)i * 5 * NS_PER_MS;
    t->options.warmup_ns = 100 * NS_PER_MS;
    load_trial_run(t);
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&t->outcome, &at);) {
        ck_assert_int_eq(at.sample->t_intended_ns, t->outcome.t_start_ns + at.sample->item * 5 * NS_PER_MS);
        ck_assert(at.sample->t_sent_ns >= at.sample->t_intended_ns);
    }
    struct counts c = count(t);
    ck_assert_uint_eq(c.ok, 100); /* each takes 120 ms, so that about 24 are in flight */
    ck_assert_uint_eq(c.warm_up, 20);
    load_trial_end(t);
}

static void the_turns_of_a_conversation_follow_each_other(void)
{
    struct load_trial *t = load_trial_begin("sim-fast", 12, 2);
    int64_t done_ns[12] = {0}, sent_ns[12] = {0}, prompt[12] = {0};
    for (size_t i = 0; i < 12; i++) {
        t->plan.items[i].conversation = (uint32_t)(i / 3);
        t->plan.items[i].turn = (uint16_t)(i % 3);
        t->plan.items[i].pause_ns = i % 3 == 2 ? 30 * NS_PER_MS : 0;
    }
    t->plan.conversations = 4;
    load_trial_run(t);
    for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&t->outcome, &at);) {
        done_ns[at.sample->item] = at.sample->t_done_ns;
        sent_ns[at.sample->item] = at.sample->t_sent_ns;
        prompt[at.sample->item] = at.sample->prompt_tokens;
    }
    for (size_t i = 0; i < 12; i++)
        if (i % 3) {
            ck_assert_int_ge(sent_ns[i], done_ns[i - 1] + (i % 3 == 2 ? 30 * NS_PER_MS : 0));
            ck_assert_int_gt(prompt[i], prompt[i - 1]); /* what was said before is sent again */
        }
    ck_assert_uint_eq(count(t).ok, 12);
    load_trial_end(t);
}

static void what_outlasts_the_drain_is_cut_off(void)
{
    struct load_trial *t = load_trial_begin("sim-long", 4, 4);
    for (size_t i = 0; i < 4; i++)
        t->plan.items[i].output_tokens = 2000; /* one each 10 ms */
    t->options.drain_ns = 50 * NS_PER_MS;
    load_trial_run(t);
    struct counts c = count(t);
    ck_assert_uint_eq(c.all, 4);
    ck_assert_uint_eq(c.cut_off, 4);
    ck_assert_uint_eq(c.ok, 0);
    load_trial_end(t);
}

/* Nothing is begun behind the end; before it the three are asked again and again. */
static void time_ends_a_closed_loop_that_goes_round(void)
{
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct load_trial *t = load_trial_begin("sim-fast", 3, 2);
        t->plan.duration_ns = 300 * NS_PER_MS * tries_patience(&tries);
        t->plan.goes_round = true;
        load_trial_run(t);
        struct counts c = count(t);
        ck_assert_uint_eq(c.ok, c.all);
        for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&t->outcome, &at);)
            ck_assert_int_lt(at.sample->t_intended_ns, t->outcome.t_start_ns + t->plan.duration_ns);
        tries_judge(&tries, c.all > 9, "%zu requests only", c.all); /* some 100 of 6 ms each */
        load_trial_end(t);
    }
}

static void errors_are_kept_and_too_many_end_it(void)
{
    struct load_trial *t = load_trial_begin("sim-500", 5000, 4);
    t->options.abort_fraction = 0.5;
    load_trial_run(t);
    struct counts c = count(t);
    ck_assert(t->outcome.aborted);
    ck_assert_uint_ge(c.all, 100);
    ck_assert_uint_lt(c.all, 200);
    ck_assert_uint_eq(c.ok, 0);
    ck_assert(strstr(t->outcome.first_errors[EXCHANGE_HTTP_5XX], "500"));
    load_trial_end(t);
}

struct stopper {
    atomic_bool stop;
    int64_t after_ns;
};

static void *stop_soon(void *arg)
{
    struct stopper *stopper = arg;
    clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + stopper->after_ns);
    atomic_store(&stopper->stop, true);
    return NULL;
}

static struct counts run_until_stopped(struct load_trial *t, int64_t after_ns)
{
    struct stopper stopper = {.after_ns = after_ns};
    pthread_t thread;
    t->options.stop = &stopper.stop;
    ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, &stopper), 0);
    load_trial_run(t);
    pthread_join(thread, NULL);
    return count(t);
}

static void it_can_be_stopped(void)
{
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct load_trial *t = load_trial_begin("sim-steady", 100000, 8);
        struct counts c = run_until_stopped(t, 200 * NS_PER_MS * tries_patience(&tries));
        ck_assert(t->outcome.stopped);
        ck_assert_uint_le(c.cut_off, 8);
        ck_assert_uint_eq(c.ok + c.cut_off, c.all);
        ck_assert_uint_lt(c.all, 100000);
        /* 8, but for those that are between two requests at that moment, or have not begun on a slow machine */
        tries_judge(&tries, c.cut_off >= 1, "no request was cut off");
        load_trial_end(t);
    }
}

static void a_server_that_is_not_there_is_said(void)
{
    struct load_trial *t = load_trial_begin("sim-fast", 1, 1);
    struct error why = {0};
    t->choice.access.url = "http://127.0.0.1:1";
    t->options.threads = 3;
    ck_assert_int_eq(load_client_run(&t->options, &t->outcome, &why), STATUS_NOT_FOUND);
    load_trial_end(t);
}

/* Room for the moments of no answer: what is missing is counted, and the verdict says so. */
static void moments_that_were_not_kept_are_told(void)
{
    struct load_trial *t = load_trial_begin("sim-fast", 1, 1);
    struct load_test test;
    struct error why = {0};
    struct load_test_options o = {.plan = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = 2},
                                      .count = 40,
                                      .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 20},
                                      .output_tokens = {.kind = LENGTH_FIXED, .mean = 8}},
        .client = t->options};
    o.client.raw_bytes_max = 1;
    ck_assert_msg(load_test_run(&o, &test, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(test.has_window);
    ck_assert_uint_eq(test.times_dropped, 40);
    bool told = false;
    for (size_t i = 0; i < test.verdict.count; i++)
        told |= strcmp(test.verdict.reasons[i].name, "times_dropped") == 0;
    ck_assert(told);
    load_test_fini(&test);
    load_trial_end(t);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_item_is_asked_once),
        TESTKIT_TEST(moments_are_kept_to),
        TESTKIT_TEST(the_turns_of_a_conversation_follow_each_other),
        TESTKIT_TEST(what_outlasts_the_drain_is_cut_off),
        TESTKIT_TEST(time_ends_a_closed_loop_that_goes_round),
        TESTKIT_TEST(errors_are_kept_and_too_many_end_it),
        TESTKIT_TEST(it_can_be_stopped),
        TESTKIT_TEST(moments_that_were_not_kept_are_told),
        TESTKIT_TEST(a_server_that_is_not_there_is_said),
        {0},
    };
    return testkit_run("load_client", tests);
}
