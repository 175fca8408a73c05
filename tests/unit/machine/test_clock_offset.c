#include "clock_offset.h"

#include "clock.h"
#include "testkit.h"

#include <string.h>

#define NOW (INT64_C(1795220601) * NS_PER_S + 123456789)

/* A server whose clock is ahead by so much dates an answer that takes round_ns and is read in its middle. */
static void ask(struct clock_bounds *b, int64_t at_ns, int64_t ahead_ns, int64_t round_ns)
{
    int64_t theirs_ns = at_ns + round_ns / 2 + ahead_ns;
    clock_bounds_note(b, at_ns, at_ns + round_ns, theirs_ns / NS_PER_S, 0);
}

static void a_dozen_answers_tell_the_offset_to_a_millisecond(void)
{
    static const int64_t offsets[] = {
        0, 1, -1, 250 * NS_PER_MS, -999999999, 3600 * NS_PER_S + 300 * NS_PER_MS, -86400 * NS_PER_S - 7};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        struct clock_bounds b = {0};
        int64_t now_ns = NOW;
        for (int k = 0; k < 12; k++) {
            int64_t next_ns = clock_bounds_next_ns(&b, now_ns);
            ck_assert(next_ns >= now_ns && next_ns <= now_ns + NS_PER_S);
            ask(&b, next_ns, offsets[i], 200 * NS_PER_US);
            now_ns = next_ns + NS_PER_MS;
        }
        struct clock_offset o = clock_offset_estimate(&(struct clock_facts){.dates = &b});
        ck_assert_str_eq(o.method, "dates");
        int64_t off_ns = o.ahead_ns - offsets[i];
        ck_assert_msg(
            off_ns <= o.error_ns && -off_ns <= o.error_ns, "%zu: off by %lld", i, (long long)off_ns);
        ck_assert_msg(o.error_ns < NS_PER_MS, "%zu: within %lld", i, (long long)o.error_ns);
    }
}

static void a_slow_answer_makes_it_less_sure_and_never_wrong(void)
{
    struct clock_bounds b = {0};
    int64_t now_ns = NOW;
    for (int k = 0; k < 8; k++) {
        now_ns = clock_bounds_next_ns(&b, now_ns);
        ask(&b, now_ns, 5 * NS_PER_S, 400 * NS_PER_MS);
        now_ns += NS_PER_S;
    }
    struct clock_offset o = clock_offset_estimate(&(struct clock_facts){.dates = &b});
    ck_assert(o.error_ns >= 200 * NS_PER_MS && o.error_ns <= 500 * NS_PER_MS);
    ck_assert(o.ahead_ns - o.error_ns <= 5 * NS_PER_S && o.ahead_ns + o.error_ns >= 5 * NS_PER_S);
}

static void a_stale_date_and_a_contradiction_widen_the_bounds(void)
{
    struct clock_bounds b = {0};
    clock_bounds_note(&b, NOW, NOW, NOW / NS_PER_S, NS_PER_S);
    ck_assert_int_eq(b.high_ns - b.low_ns, 2 * NS_PER_S);
    clock_bounds_note(&b, NOW, NOW, NOW / NS_PER_S + 100, 0);
    ck_assert(b.low_ns < 0 && b.high_ns > 100 * NS_PER_S);
}

static void what_is_known_decides_how_it_is_estimated(void)
{
    struct clock_bounds dates = {.low_ns = -10 * NS_PER_MS, .high_ns = 30 * NS_PER_MS, .answers = 3};
    struct clock_sync kept = {.known = true, .kept = true, .error_s = 0.004}, adrift = {.known = true};
    const struct {
        struct clock_facts facts;
        const char *method;
        int64_t ahead_ms, error_ms;
    } rows[] = {
        {{.same_machine = true, .dates = &dates}, "same_machine", 0, 0},
        {{.dates = &dates, .ours = kept, .theirs = adrift}, "dates", 10, 20},
        {{.dates = &dates, .ours = kept, .theirs = kept}, "dates_and_ntp", 0, 8},
        {{.ours = kept, .theirs = kept}, "ntp", 0, 8},
        {{.ours = kept, .theirs = adrift}, "assumed", 0, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct clock_offset o = clock_offset_estimate(&rows[i].facts);
        ck_assert_str_eq(o.method, rows[i].method);
        ck_assert_int_eq((o.ahead_ns + NS_PER_MS / 2) / NS_PER_MS, rows[i].ahead_ms);
        if (rows[i].error_ms < 0)
            ck_assert_int_eq(o.error_ns, -1);
        else
            ck_assert_int_eq(o.error_ns / NS_PER_MS, rows[i].error_ms);
    }
    dates = (struct clock_bounds){.low_ns = 5 * NS_PER_S, .high_ns = 6 * NS_PER_S, .answers = 1};
    struct clock_offset o =
        clock_offset_estimate(&(struct clock_facts){.dates = &dates, .ours = kept, .theirs = kept});
    ck_assert_str_eq(o.method, "dates"); /* what was seen counts more than what is claimed */
}

static void what_was_found_is_less_sure_of_times_long_ago(void)
{
    struct clock_bounds dates = {.low_ns = -10 * NS_PER_MS, .high_ns = 30 * NS_PER_MS, .answers = 3};
    struct clock_sync kept = {.known = true, .kept = true, .error_s = 0.004};
    struct clock_facts facts = {.dates = &dates, .age_ns = 1000 * NS_PER_S};
    ck_assert_int_eq(clock_offset_estimate(&facts).error_ns, 120 * NS_PER_MS);
    facts.jump_ns = NS_PER_S;
    ck_assert_int_eq(clock_offset_estimate(&facts).error_ns, 1120 * NS_PER_MS);
    facts.ours = facts.theirs = kept;
    facts.jump_ns = 0;
    ck_assert_int_eq(clock_offset_estimate(&facts).error_ns / NS_PER_MS, 8);
    facts.same_machine = true;
    facts.jump_ns = NS_PER_S;
    ck_assert_int_eq(clock_offset_estimate(&facts).error_ns, 0);
    facts = (struct clock_facts){.age_ns = 1000 * NS_PER_S};
    ck_assert_int_eq(clock_offset_estimate(&facts).error_ns, -1);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_dozen_answers_tell_the_offset_to_a_millisecond),
        TESTKIT_TEST(a_slow_answer_makes_it_less_sure_and_never_wrong),
        TESTKIT_TEST(a_stale_date_and_a_contradiction_widen_the_bounds),
        TESTKIT_TEST(what_is_known_decides_how_it_is_estimated),
        TESTKIT_TEST(what_was_found_is_less_sure_of_times_long_ago),
        {0},
    };
    return testkit_run("clock_offset", tests);
}
