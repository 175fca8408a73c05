#include "energy_trail.h"

#include "clock.h"
#include "testkit.h"

#include <math.h>

static struct energy_trail trail;

static void begin(enum energy_unit unit, double range_j)
{
    energy_trail_init(&trail, unit, range_j, NS_PER_S);
}

static int64_t ms(double t)
{
    return (int64_t)(t * 1e6);
}

static double joules(double from_ms, double to_ms)
{
    return energy_trail_between(&trail, ms(from_ms), ms(to_ms)).joules;
}

static double covered(double from_ms, double to_ms)
{
    return energy_trail_between(&trail, ms(from_ms), ms(to_ms)).covered_s;
}

static void must_be(double found, double wanted)
{
    ck_assert_msg(
        fabs(found - wanted) <= 1e-9 + 1e-9 * fabs(wanted), "%.12g instead of %.12g", found, wanted);
}

/* 10 W, read every 200 ms. */
static void a_counter_grows_evenly_between_two_readings(void)
{
    begin(ENERGY_JOULES, 0);
    for (int i = 0; i <= 20; i++)
        ck_assert(energy_trail_add(&trail, ms(200 * i), 1000 + 2.0 * i, false));
    must_be(joules(0, 4000), 40);
    must_be(joules(300, 1300), 10);
    must_be(joules(310, 330), 0.2);
    must_be(covered(310, 1310), 1);
    ck_assert(energy_trail_between(&trail, ms(300), ms(1300)).readings == 5);
    energy_trail_fini(&trail);
}

/* A ramp from 0 to 100 W: the trapezoid is exact, and so is the straight line within it. */
static void watts_are_a_straight_line_between_two_readings(void)
{
    begin(ENERGY_WATTS, 0);
    for (int i = 0; i <= 10; i++)
        ck_assert(energy_trail_add(&trail, ms(100 * i), 10.0 * i, false));
    must_be(joules(0, 1000), 50);
    must_be(joules(0, 250), 50 * 0.0625);
    must_be(joules(150, 850), 50 * (0.7225 - 0.0225));
    must_be(joules(510, 540), 50 * (0.54 * 0.54 - 0.51 * 0.51));
    energy_trail_fini(&trail);
}

/* Known in closed form: 30 + 20 sin(2 pi t / 3 s) watts over 6.1 s between samples. */
static void a_wave_sampled_five_times_a_second_is_within_a_percent(void)
{
    const double w = 2 * acos(-1) / 3, from = 1.03, to = 7.13;
    begin(ENERGY_WATTS, 0);
    for (int i = 0; i <= 50; i++)
        ck_assert(energy_trail_add(&trail, ms(200 * i), 30 + 20 * sin(w * 0.2 * i), false));
    double known = 30 * (to - from) - 20 / w * (cos(w * to) - cos(w * from));
    double found = joules(1000 * from, 1000 * to);
    ck_assert_msg(fabs(found / known - 1) < 0.01, "%g instead of %g", found, known);
    energy_trail_fini(&trail);
}

static void a_counter_that_wraps_around_goes_on(void)
{
    const double range = 262143.328850;
    begin(ENERGY_JOULES, range);
    for (int i = 0; i <= 30; i++)
        ck_assert(energy_trail_add(&trail, ms(200 * i), fmod(range - 100 + 12.0 * i, range), false));
    ck_assert_msg(fabs(joules(0, 6000) - 360) < 1e-6, "%g", joules(0, 6000));
    must_be(covered(0, 6000), 6);
    energy_trail_fini(&trail);
}

/* After a sleep that took the power away the counter begins at zero: half a range in 200 ms is no wrap-around. */
static void a_counter_that_begins_anew_leaves_a_gap(void)
{
    begin(ENERGY_JOULES, 262143.3);
    ck_assert(energy_trail_add(&trail, ms(0), 130000, false));
    ck_assert(energy_trail_add(&trail, ms(200), 130002, false));
    ck_assert(energy_trail_add(&trail, ms(400), 1, false));
    ck_assert(energy_trail_add(&trail, ms(600), 3, false));
    must_be(joules(0, 600), 4);
    must_be(covered(0, 600), 0.4);
    energy_trail_fini(&trail);
    begin(ENERGY_JOULES, 0); /* one that never wraps */
    ck_assert(energy_trail_add(&trail, ms(0), 10, false));
    ck_assert(energy_trail_add(&trail, ms(200), 2, false));
    must_be(covered(0, 200), 0);
    energy_trail_fini(&trail);
}

static void what_was_used_asleep_belongs_to_nobody(void)
{
    for (int unit = ENERGY_JOULES; unit <= ENERGY_WATTS; unit++) {
        begin((enum energy_unit)unit, 1000);
        for (int i = 0; i <= 10; i++)
            ck_assert(energy_trail_add(&trail, ms(200 * i), unit == ENERGY_WATTS ? 10 : 2.0 * i, i == 5));
        must_be(joules(0, 2000), 18);
        must_be(covered(0, 2000), 1.8);
        energy_trail_fini(&trail);
    }
}

static void readings_of_watts_too_far_apart_leave_a_gap(void)
{
    begin(ENERGY_WATTS, 0);
    static const int at[] = {0, 200, 400, 1900, 2100};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        ck_assert(energy_trail_add(&trail, ms(at[i]), 10, false));
    must_be(joules(0, 2100), 6);
    must_be(covered(0, 2100), 0.6);
    energy_trail_fini(&trail);
}

/* A counter does go on, so that the sum over the gap is right; but nobody knows when within it. */
static void an_end_within_a_gap_of_a_counter_is_not_guessed(void)
{
    begin(ENERGY_JOULES, 0);
    static const int at[] = {0, 200, 2200, 2400};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        ck_assert(energy_trail_add(&trail, ms(at[i]), at[i] / 100.0, false));
    must_be(joules(0, 2400), 24);
    must_be(covered(0, 2400), 2.4);
    must_be(joules(0, 1000), 2);
    must_be(covered(0, 1000), 0.2);
    must_be(joules(1000, 2400), 2);
    must_be(joules(500, 1500), 0);
    must_be(covered(500, 1500), 0);
    energy_trail_fini(&trail);
}

static void a_source_that_vanishes_covers_what_it_told(void)
{
    begin(ENERGY_JOULES, 0);
    for (int i = 0; i <= 5; i++)
        ck_assert(energy_trail_add(&trail, ms(200 * i), 2.0 * i, false));
    must_be(covered(0, 2000), 1);
    must_be(joules(0, 2000), 10);
    must_be(covered(1500, 2000), 0);
    must_be(covered(-500, 100), 0.1);
    energy_trail_fini(&trail);
}

static void a_counter_that_stands_still_tells_nothing_new(void)
{
    begin(ENERGY_JOULES, 0);
    for (int i = 0; i <= 50; i++)
        ck_assert(energy_trail_add(&trail, ms(200 * i), 100 + i / 10, false));
    ck_assert(energy_trail_between(&trail, 0, ms(10000)).readings == 5);
    energy_trail_fini(&trail);
}

static void what_cannot_be_is_refused(void)
{
    begin(ENERGY_WATTS, 0);
    ck_assert(!energy_trail_add(&trail, 0, -1, false));
    ck_assert(!energy_trail_add(&trail, 0, NAN, false));
    ck_assert(!energy_trail_add(&trail, 0, INFINITY, false));
    must_be(joules(0, 1000), 0);
    ck_assert(energy_trail_add(&trail, ms(100), 5, false));
    ck_assert(energy_trail_add(&trail, ms(100), 500, false)); /* no time went by: left out */
    ck_assert(energy_trail_add(&trail, ms(300), 5, false));
    must_be(joules(0, 1000), 1);
    must_be(joules(300, 200), 0);
    energy_trail_fini(&trail);
}

/* Hours of it: the sums stay, and memory does not grow for ever. */
static void a_long_trail_is_thinned_out_and_its_sums_stay(void)
{
    const int n = 3 * ENERGY_POINTS_MAX;
    begin(ENERGY_WATTS, 0);
    for (int i = 0; i <= n; i++)
        ck_assert(energy_trail_add(&trail, ms(200.0 * i), i % 2 ? 20 : 10, false));
    ck_assert_uint_le(trail.count, ENERGY_POINTS_MAX);
    must_be(joules(0, 200.0 * n), 15 * 0.2 * n);
    must_be(covered(0, 200.0 * n), 0.2 * n);
    double part = joules(100000.3, 400000.7);
    ck_assert_msg(fabs(part / (15 * 300.0004) - 1) < 0.001, "%g", part);
    energy_trail_fini(&trail);
}

/* Nobody knows what was drawn in two seconds without a reading, however long the trail before them is. */
static void a_gap_behind_a_long_trail_is_one(void)
{
    const int n = 3 * ENERGY_POINTS_MAX;
    begin(ENERGY_WATTS, 0);
    for (int i = 0; i <= n; i++)
        ck_assert(energy_trail_add(&trail, ms(200.0 * i), 10, false));
    ck_assert(energy_trail_add(&trail, ms(200.0 * n + 2000), 10, false));
    must_be(joules(200.0 * n, 200.0 * n + 2000), 0);
    must_be(covered(200.0 * n, 200.0 * n + 2000), 0);
    energy_trail_clear(&trail);
    static const int at[] = {0, 200, 2200, 2400};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        ck_assert(energy_trail_add(&trail, ms(at[i]), 10, false));
    must_be(covered(1000, 1200), 0);
    must_be(joules(0, 2400), 4);
    energy_trail_fini(&trail);
}

static void without_two_readings_there_is_nothing(void)
{
    begin(ENERGY_JOULES, 0);
    must_be(covered(0, 1000), 0);
    ck_assert(energy_trail_add(&trail, 0, 1, false));
    must_be(covered(0, 1000), 0);
    energy_trail_clear(&trail);
    ck_assert(energy_trail_add(&trail, ms(500), 1, false));
    ck_assert(energy_trail_add(&trail, ms(600), 2, false));
    must_be(joules(0, 1000), 1);
    energy_trail_fini(&trail);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_counter_grows_evenly_between_two_readings),
        TESTKIT_TEST(watts_are_a_straight_line_between_two_readings),
        TESTKIT_TEST(a_wave_sampled_five_times_a_second_is_within_a_percent),
        TESTKIT_TEST(a_counter_that_wraps_around_goes_on),
        TESTKIT_TEST(a_counter_that_begins_anew_leaves_a_gap),
        TESTKIT_TEST(what_was_used_asleep_belongs_to_nobody),
        TESTKIT_TEST(readings_of_watts_too_far_apart_leave_a_gap),
        TESTKIT_TEST(an_end_within_a_gap_of_a_counter_is_not_guessed),
        TESTKIT_TEST(a_source_that_vanishes_covers_what_it_told),
        TESTKIT_TEST(a_counter_that_stands_still_tells_nothing_new),
        TESTKIT_TEST(what_cannot_be_is_refused),
        TESTKIT_TEST(a_long_trail_is_thinned_out_and_its_sums_stay),
        TESTKIT_TEST(a_gap_behind_a_long_trail_is_one),
        TESTKIT_TEST(without_two_readings_there_is_nothing),
        {0},
    };
    return testkit_run("energy_trail", tests);
}
