#include "steady.h"

#include "clock.h"
#include "queue_model.h"
#include "testkit.h"

#include <stdlib.h>
#include <string.h>

#define T0 (100 * NS_PER_S)

static struct steady judge(const struct drawn *d, const struct steady_limits *limits)
{
    struct load_array array = {.samples = d->samples, .count = d->count};
    struct load_source source = load_source_of_array(&array);
    struct steady steady;
    struct error why = {0};
    ck_assert_msg(steady_find(&source, limits, &steady, &why) == STATUS_OK, "%s", error_text(&why));
    return steady;
}

static struct steady_limits open_from(const struct drawn *d, int64_t warmup_ns)
{
    int64_t last_ns = d->samples[d->count - 1].t_intended_ns;
    return (struct steady_limits){.open = true,
        .t_start_ns = T0,
        .not_before_ns = T0 + warmup_ns,
        .not_after_ns = last_ns,
        .t_end_ns = last_ns + NS_PER_S};
}

static const struct queue_batch engine = {
    .base_s = 0.008, .per_sequence_s = 0.001, .max_batch = 64, .tokens = 100, .noise = 0.05};

static void a_closed_loop_is_measured_while_95_percent_are_in_flight(void)
{
    /* Three streams of one request each, half a second apart, and one stream that comes late. */
    struct load_sample samples[20] = {{0}};
    for (size_t i = 0; i < 20; i++) {
        samples[i].t_sent_ns = T0 + (int64_t)i * NS_PER_S / 2;
        samples[i].t_done_ns = samples[i].t_sent_ns + 15 * NS_PER_S;
    }
    struct drawn d = {.samples = samples, .count = 20};
    struct steady_limits limits = {.streams = 20,
        .t_start_ns = T0,
        .not_before_ns = T0 + NS_PER_S,
        .not_after_ns = T0 + 60 * NS_PER_S,
        .t_end_ns = T0 + 60 * NS_PER_S};
    struct steady s = judge(&d, &limits);
    /* 19 of 20 are there from the 19th start, at 9 s, until the second end, at 15.5 s. */
    ck_assert_int_eq(s.from_ns - T0, 9 * NS_PER_S);
    ck_assert_int_eq(s.to_ns - T0, 31 * NS_PER_S / 2);
    ck_assert(!s.never_full);
    ck_assert(s.too_short);
    ck_assert_double_eq_tol(s.full_share, 1, 1e-9);
    ck_assert_double_eq_tol(s.in_flight_mean, (0.5 * 19 + 5.5 * 20 + 0.5 * 19) / 6.5, 1e-9);
    ck_assert_uint_eq(s.in_flight_max, 20);
    ck_assert_uint_eq(s.before, 18);
    ck_assert_uint_eq(s.in, 2);
    ck_assert_uint_eq(s.after, 0);
    ck_assert_int_eq(s.state, STEADY_UNKNOWN);
}

static void streams_that_end_together_do_not_end_the_window(void)
{
    struct drawn d;
    queue_batch_draw(&engine, 32, T0, 60, 3, &d);
    struct steady_limits limits = {.streams = 32,
        .t_start_ns = T0,
        .not_before_ns = T0 + 5 * NS_PER_S,
        .not_after_ns = T0 + 60 * NS_PER_S,
        .t_end_ns = T0 + 64 * NS_PER_S};
    struct steady s = judge(&d, &limits);
    ck_assert_int_eq(s.state, STEADY_YES);
    ck_assert_int_eq(s.from_ns, limits.not_before_ns);
    ck_assert_int_eq(s.to_ns, limits.not_after_ns);
    ck_assert(!s.too_short && !s.never_full);
    ck_assert_double_gt(s.full_share, 0.99);
    ck_assert_uint_eq(s.before + s.in + s.after, d.count);
    drawn_fini(&d);
}

static void a_loop_that_never_has_its_streams_says_so(void)
{
    struct drawn d;
    queue_batch_draw(&engine, 20, T0, 60, 3, &d);
    struct steady_limits limits = {.streams = 32,
        .t_start_ns = T0,
        .not_before_ns = T0,
        .not_after_ns = T0 + 60 * NS_PER_S,
        .t_end_ns = T0 + 60 * NS_PER_S};
    struct steady s = judge(&d, &limits);
    struct buf text = BUF_INIT(4096);
    ck_assert(s.never_full);
    ck_assert_uint_eq(s.in_flight_max, 20);
    ck_assert_int_eq(steady_describe(&s, &limits, &text), STATUS_OK);
    ck_assert_msg(
        strstr(text.data, "never 31 of the 32 streams in flight (most 20)") != NULL, "%s", text.data);
    buf_fini(&text);
    drawn_fini(&d);
}

static int count_state(double load, enum steady_state state, int of)
{
    int found = 0;
    for (int i = 0; i < of; i++) {
        struct queue_mdc q = {.rate_per_s = load * 40, .service_s = 0.1, .workers = 4};
        struct drawn d;
        queue_mdc_draw(&q, T0, (size_t)(q.rate_per_s * 70), 1000 + (uint64_t)i, &d);
        struct steady_limits limits = open_from(&d, 10 * NS_PER_S);
        found += judge(&d, &limits).state == state;
        drawn_fini(&d);
    }
    return found;
}

static void a_queue_that_keeps_up_is_steady(void)
{
    ck_assert_int_ge(count_state(0.5, STEADY_YES, 100), 97);
    ck_assert_int_ge(count_state(0.8, STEADY_YES, 100), 90);
    ck_assert_int_le(count_state(0.8, STEADY_SATURATED, 100), 2);
    ck_assert_int_le(count_state(0.95, STEADY_SATURATED, 100), 5);
}

static void a_queue_that_is_asked_too_much_is_saturated(void)
{
    ck_assert_int_ge(count_state(1.1, STEADY_SATURATED, 50), 47);
    ck_assert_int_eq(count_state(1.5, STEADY_SATURATED, 50), 50);
    struct queue_mdc q = {.rate_per_s = 60, .service_s = 0.1, .workers = 4};
    struct drawn d;
    queue_mdc_draw(&q, T0, 3000, 4, &d);
    struct steady_limits limits = open_from(&d, NS_PER_S);
    struct steady s = judge(&d, &limits);
    struct buf text = BUF_INIT(4096);
    ck_assert_int_eq(steady_describe(&s, &limits, &text), STATUS_OK);
    ck_assert_msg(strstr(text.data, "Requests piled up") && strstr(text.data, "Time to first token rose by"),
        "%s", text.data);
    buf_fini(&text);
    drawn_fini(&d);
}

static void a_server_that_slows_down_drifts(void)
{
    struct drawn d;
    queue_batch_draw(&engine, 16, T0, 60, 3, &d);
    for (size_t i = 0; i < d.count; i++) {
        struct load_sample *s = &d.samples[i];
        s->t_first_token_ns += (s->t_sent_ns - T0) / 200;
    }
    struct steady_limits limits = {.streams = 16,
        .t_start_ns = T0,
        .not_before_ns = T0,
        .not_after_ns = T0 + 60 * NS_PER_S,
        .t_end_ns = T0 + 62 * NS_PER_S};
    ck_assert_int_eq(judge(&d, &limits).state, STEADY_DRIFTING);
    drawn_fini(&d);
}

static void a_test_without_a_measured_part_has_no_window(void)
{
    struct load_array array = {0};
    struct load_source source = load_source_of_array(&array);
    struct steady_limits limits = {.streams = 1, .not_before_ns = 5, .not_after_ns = 5};
    struct steady steady;
    struct error why = {0};
    ck_assert_int_eq(steady_find(&source, &limits, &steady, &why), STATUS_INVALID);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "a longer test, or a shorter warm-up"));
    limits.not_after_ns = 6;
    ck_assert_int_eq(steady_find(&source, &limits, &steady, &why), STATUS_OK);
    ck_assert_int_eq(steady.state, STEADY_UNKNOWN);
    ck_assert(steady.never_full && steady.too_short);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_closed_loop_is_measured_while_95_percent_are_in_flight),
        TESTKIT_TEST(streams_that_end_together_do_not_end_the_window),
        TESTKIT_TEST(a_loop_that_never_has_its_streams_says_so),
        TESTKIT_TEST(a_queue_that_keeps_up_is_steady),
        TESTKIT_TEST(a_queue_that_is_asked_too_much_is_saturated),
        TESTKIT_TEST(a_server_that_slows_down_drifts),
        TESTKIT_TEST(a_test_without_a_measured_part_has_no_window),
        {0},
    };
    return testkit_run("steady", tests);
}
