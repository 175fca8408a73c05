#include "load_test.h"

#include "clock.h"
#include "sim.h"
#include "testkit.h"

#include <string.h>

/* Sixty requests on two streams of a simulator, with room for so many bytes of moments. */
static void run(int64_t raw_bytes_max, struct load_test *t)
{
    struct sim_process sim;
    struct error why = {0};
    ck_assert_msg(
        sim_spawn(&(struct sim_options){.seed = 1}, &sim, &why) == STATUS_OK, "%s", error_text(&why));
    struct load_choice choice = {.access = {.url = sim.url}, .protocol = "openai", .model = "sim-fast"};
    struct load_test_options o = {.plan = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = 2},
                                      .count = 60,
                                      .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 16},
                                      .output_tokens = {.kind = LENGTH_FIXED, .mean = 20},
                                      .seed = 1},
        .client = {.choices = &choice,
            .choice_count = 1,
            .drain_ns = 10 * NS_PER_S,
            .temperature = -1,
            .raw_bytes_max = raw_bytes_max}};
    ck_assert_msg(load_test_run(&o, t, &why) == STATUS_OK, "%s", error_text(&why));
    sim_stop(&sim);
    ck_assert_msg(t->has_window, "%s", t->no_window.text);
    ck_assert_uint_gt(t->source_count, 10);
}

static void moments_that_found_no_room_are_told(void)
{
    struct load_test t;
    run(500, &t);
    const struct load_reason *r = load_verdict_reason(&t.verdict, "times_dropped");
    ck_assert_uint_gt(t.times_dropped, 0);
    ck_assert_uint_lt(t.times_dropped, t.source_count);
    ck_assert_uint_eq(t.samples_lost, 0);
    ck_assert_ptr_nonnull(r);
    ck_assert_int_eq(r->fitness, LOAD_DEGRADED);
    ck_assert_double_eq_tol(r->measured, (double)t.times_dropped / (double)t.source_count, 1e-12);
    load_test_fini(&t);
}

static void with_room_for_all_nothing_is_told(void)
{
    struct load_test t;
    run(0, &t);
    ck_assert_uint_eq(t.times_dropped, 0);
    ck_assert_ptr_null(load_verdict_reason(&t.verdict, "times_dropped"));
    load_test_fini(&t);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(moments_that_found_no_room_are_told),
        TESTKIT_TEST(with_room_for_all_nothing_is_told),
        {0},
    };
    return testkit_run("load_test", tests);
}
