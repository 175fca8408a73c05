#include "clock.h"

#include "testkit.h"

#include <math.h>

static void moments_are_written_as_rfc3339_in_utc(void)
{
    static const struct {
        int64_t wall_ns;
        const char *text;
    } moments[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {INT64_C(1795218365123456789), "2026-11-20T23:46:05.123Z"},
        {INT64_C(1709164800) * NS_PER_S, "2024-02-29T00:00:00.000Z"},
        {NS_PER_MS - 1, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-NS_PER_S, "1969-12-31T23:59:59.000Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145Z"},
    };
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        char text[CLOCK_RFC3339_SIZE];
        clock_format_rfc3339(moments[i].wall_ns, text);
        ck_assert_str_eq(text, moments[i].text);
    }
}

static void a_virtual_clock_moves_only_when_told(void)
{
    struct clock_virtual v;
    clock_virtual_init(&v, 5 * NS_PER_S);
    int64_t t0 = clock_mono_ns(&v.clock), b0 = clock_boot_ns(&v.clock);
    ck_assert_int_gt(t0, 0);
    ck_assert_int_eq(clock_mono_ns(&v.clock), t0);
    clock_virtual_advance(&v, 7);
    ck_assert_int_eq(clock_mono_ns(&v.clock), t0 + 7);
    ck_assert_int_eq(clock_boot_ns(&v.clock), b0 + 7);
    ck_assert_int_eq(clock_wall_ns(&v.clock), 5 * NS_PER_S + 7);
}

static void sleeping_on_a_virtual_clock_takes_no_time_but_moves_it(void)
{
    struct clock_virtual v;
    clock_virtual_init(&v, 0);
    int64_t t0 = clock_mono_ns(&v.clock), real = clock_mono_ns(clock_system());
    clock_sleep_until(&v.clock, t0 + 3600 * NS_PER_S);
    ck_assert_int_eq(clock_mono_ns(&v.clock), t0 + 3600 * NS_PER_S);
    clock_sleep_until(&v.clock, t0);
    ck_assert_int_eq(clock_mono_ns(&v.clock), t0 + 3600 * NS_PER_S);
    ck_assert_int_lt(clock_mono_ns(clock_system()) - real, 10 * NS_PER_S);
}

static void the_system_clock_sleeps_at_least_as_long_as_asked(void)
{
    const struct clock *c = clock_system();
    int64_t until = clock_mono_ns(c) + 5 * NS_PER_MS;
    clock_sleep_until(c, until);
    ck_assert_int_ge(clock_mono_ns(c), until);
    clock_sleep_until(c, 0);
    clock_sleep_until(c, -5);
}

static void the_system_clocks_tell_plausible_times(void)
{
    const struct clock *c = clock_system();
    ck_assert_int_gt(clock_wall_ns(c), INT64_C(1700000000) * NS_PER_S);
    ck_assert_int_ge(clock_boot_ns(c), clock_mono_ns(c) - NS_PER_S);
    int64_t a = clock_mono_ns(c), b = clock_mono_ns(c);
    ck_assert_int_ge(b, a);
}

static void seconds_become_a_deadline_whatever_they_are(void)
{
    ck_assert_int_eq(clock_ns_of_seconds(1.5), 1500 * NS_PER_MS);
    ck_assert_int_eq(clock_ns_of_seconds(0), 0);
    ck_assert_int_eq(clock_ns_of_seconds(-3), 0);
    ck_assert_int_eq(clock_ns_of_seconds(NAN), 0);
    ck_assert_int_eq(clock_ns_of_seconds(1e300), clock_ns_of_seconds(INFINITY));
    ck_assert_int_gt(clock_mono_ns(clock_system()) + clock_ns_of_seconds(INFINITY), 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(moments_are_written_as_rfc3339_in_utc),
        TESTKIT_TEST(a_virtual_clock_moves_only_when_told),
        TESTKIT_TEST(sleeping_on_a_virtual_clock_takes_no_time_but_moves_it),
        TESTKIT_TEST(the_system_clock_sleeps_at_least_as_long_as_asked),
        TESTKIT_TEST(seconds_become_a_deadline_whatever_they_are),
        TESTKIT_TEST(the_system_clocks_tell_plausible_times),
        {0},
    };
    return testkit_run("clock", tests);
}
