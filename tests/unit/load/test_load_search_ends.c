/* How searches end, what they say then, and what they do where runs cannot be judged. */
#include "load_search.h"

#include "knee.h"
#include "rng.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct load_search_answer constant(
    enum trial_outcome below, enum trial_outcome above, double limit, struct load_search_options o)
{
    struct load_search s;
    ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
    for (struct load_trial t; load_search_next(&s, &t);)
        load_search_report(
            &s, (struct trial_report){.outcome = t.load <= limit ? below : above, .seconds = 1});
    return load_search_conclude(&s);
}

static void every_search_ends_and_says_how(void)
{
    struct load_search_options o = {.kind = SEARCH_HIGHEST, .lowest = 2, .highest = 64, .whole = true};
    struct load_search_answer a = constant(TRIAL_HELD, TRIAL_HELD, 64, o);
    ck_assert_int_eq(a.end, SEARCH_ALL_HELD);
    ck_assert_double_eq(a.low, 64);
    a = constant(TRIAL_BROKE, TRIAL_BROKE, 64, o);
    ck_assert_int_eq(a.end, SEARCH_NONE_HELD);
    ck_assert_double_eq(a.high, 2);
    ck_assert_int_eq(a.runs, 2);
    a = constant(TRIAL_HELD, TRIAL_INVALID, 20, o);
    ck_assert_int_eq(a.end, SEARCH_CLIENT_LIMIT);
    ck_assert_double_eq(a.low, 20);
    ck_assert(!a.has_high);
    ck_assert(a.has_not_judged);
    ck_assert_double_eq(a.not_judged, 21);
    a = constant(TRIAL_CANNOT_SAY, TRIAL_BROKE, 20, o);
    ck_assert_int_eq(a.end, SEARCH_UNDECIDED); /* but as near as with runs that could be judged */
    ck_assert_double_eq(a.low, 20);
    ck_assert_double_eq(a.high, 21);
    o.runs_max = 4;
    ck_assert_int_eq(constant(TRIAL_HELD, TRIAL_BROKE, 20, o).end, SEARCH_EXHAUSTED);
    o.runs_max = 0;
    o.seconds_max = 3;
    a = constant(TRIAL_HELD, TRIAL_BROKE, 20, o);
    ck_assert_int_eq(a.end, SEARCH_EXHAUSTED);
    ck_assert_int_eq(a.runs, 3);
    o.seconds_max = 0;
    o.first = 50; /* downwards first */
    o.all = true;
    a = constant(TRIAL_HELD, TRIAL_BROKE, 20, o);
    ck_assert_int_eq(a.end, SEARCH_FOUND);
    ck_assert_double_eq(a.low, 20);
    ck_assert_double_eq(a.high, 21);
    o.highest = 2;
    o.first = 0;
    ck_assert_int_eq(constant(TRIAL_HELD, TRIAL_BROKE, 20, o).end, SEARCH_ALL_HELD);
    o.kind = SEARCH_SWEEP;
    ck_assert_int_eq(constant(TRIAL_INVALID, TRIAL_BROKE, 20, o).end, SEARCH_CLIENT_LIMIT);
    ck_assert_int_eq(constant(TRIAL_CANNOT_SAY, TRIAL_BROKE, 2, o).end, SEARCH_ALL_HELD);
}

/* What the client makes of loads up to `able`, on a server that holds up to `holds`. */
static struct load_search search_with(double able, double holds, struct load_search_options o)
{
    struct load_search s;
    ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
    for (struct load_trial t; load_search_next(&s, &t);)
        load_search_report(&s, (struct trial_report){.seconds = 1,
                                   .throughput = t.load,
                                   .latency_s = 1,
                                   .outcome = t.load > able    ? TRIAL_INVALID
                                              : t.load > holds ? TRIAL_BROKE
                                                               : TRIAL_HELD});
    return s;
}

static void check_words(const struct load_search *s, const char *expected)
{
    struct buf text = BUF_INIT(4096);
    ck_assert_int_eq(load_search_describe(s, "streams", &text), STATUS_OK);
    ck_assert_str_eq(buf_text(&text), expected);
    buf_fini(&text);
}

#define CANNOT "hold is not known, because this client cannot make the load: more threads, or another machine"

/* Whether the server holds what its client cannot make nobody knows: it is no load that broke. */
static void at_the_clients_limit_only_what_is_known_is_said(void)
{
    struct load_search_options o = {.kind = SEARCH_HIGHEST, .lowest = 1, .highest = 64, .whole = true};
    struct load_search s = search_with(20, 1000, o);
    ck_assert_int_eq(s.end, SEARCH_CLIENT_LIMIT);
    check_words(&s, "The highest load that holds is at least 20 streams, after 14 runs in 14 s; whether 21 "
                    "streams " CANNOT ".\n");
    s = search_with(0, 1000, o);
    ck_assert_int_eq(s.end, SEARCH_CLIENT_LIMIT);
    ck_assert(!load_search_conclude(&s).has_low && !load_search_conclude(&s).has_high);
    check_words(
        &s, "The highest load that holds is not known, after 2 runs in 2 s; whether 1 streams " CANNOT ".\n");
    o.kind = SEARCH_SWEEP;
    s = search_with(20, 1000, o);
    check_words(&s, "The sweep went up to 32 streams, after 7 runs in 7 s; whether 32 streams " CANNOT ".\n");
    ck_assert(!load_search_conclude(&s).has_high);
    s = search_with(1000, 20, o);
    ck_assert(load_search_conclude(&s).has_high && !load_search_conclude(&s).has_not_judged);
}

/* A load that broke above one that the client could not make still bounds the answer, and nothing is estimated. */
static void a_load_that_broke_above_the_clients_limit_still_bounds(void)
{
    struct load_search s;
    struct load_search_options o = {
        .kind = SEARCH_HIGHEST, .lowest = 16, .highest = 32, .width = 0.5, .whole = true};
    ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
    s.count = 3;
    s.points[0] = (struct load_point){.load = 16, .held = 2, .runs = 2};
    s.points[1] = (struct load_point){.load = 23, .invalid = 2};
    s.points[2] = (struct load_point){.load = 32, .broke = 2, .runs = 2};
    struct load_trial t;
    ck_assert(!load_search_next(&s, &t));
    struct load_search_answer a = load_search_conclude(&s);
    ck_assert_int_eq(a.end, SEARCH_CLIENT_LIMIT);
    ck_assert(a.has_low && a.has_high && a.has_not_judged);
    ck_assert_double_eq(a.low, 16);
    ck_assert_double_eq(a.not_judged, 23);
    ck_assert_double_eq(a.high, 32);
    ck_assert_double_eq(a.estimate, 0);
    check_words(&s, "The highest load that holds is between 16 and 32 streams (100 %), after 0 runs in 0 s; "
                    "whether 23 streams " CANNOT ".\n");
}

static void runs_that_cannot_be_judged_are_made_longer(void)
{
    struct load_search s;
    struct load_trial t;
    struct load_search_options o = {.kind = SEARCH_HIGHEST, .lowest = 1, .highest = 1};
    ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
    for (int wanted = 1; wanted <= 4; wanted *= 2) {
        ck_assert(load_search_next(&s, &t));
        ck_assert_int_eq(t.lengthen, wanted);
        load_search_report(&s, (struct trial_report){.outcome = TRIAL_CANNOT_SAY});
    }
    ck_assert(!load_search_next(&s, &t));
    ck_assert_int_eq(s.end, SEARCH_UNDECIDED);
}

/* A run that somebody else disturbed is repeated, and the search goes on. */
static void one_run_that_the_client_could_not_make_ends_nothing(void)
{
    for (int disturbed = 0; disturbed < 14; disturbed++) {
        struct load_search s;
        struct load_search_options o = {.kind = SEARCH_HIGHEST, .lowest = 1, .highest = 1000, .whole = true};
        ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
        for (struct load_trial t; load_search_next(&s, &t);)
            load_search_report(&s, (struct trial_report){.outcome = s.runs == disturbed ? TRIAL_INVALID
                                                                    : t.load <= 100     ? TRIAL_HELD
                                                                                        : TRIAL_BROKE});
        struct load_search_answer a = load_search_conclude(&s);
        ck_assert_int_eq(a.end, SEARCH_FOUND);
        ck_assert_double_le(a.low, 100);
        ck_assert_double_gt(a.high, 100);
    }
}

/* Below 20 nothing can be judged, as where few streams make few requests: the answer is above. */
static void a_search_goes_on_where_low_loads_cannot_be_judged(void)
{
    struct load_search s;
    struct load_search_options o = {.kind = SEARCH_HIGHEST, .lowest = 1, .highest = 1000, .whole = true};
    ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
    for (struct load_trial t; load_search_next(&s, &t);)
        load_search_report(&s, (struct trial_report){.outcome = t.load < 20     ? TRIAL_CANNOT_SAY
                                                                : t.load <= 100 ? TRIAL_HELD
                                                                                : TRIAL_BROKE});
    struct load_search_answer a = load_search_conclude(&s);
    ck_assert_int_eq(a.end, SEARCH_FOUND);
    ck_assert_double_le(a.low, 100);
    ck_assert_double_ge(a.low, 96);
    ck_assert_int_le(s.runs, 16);
}

/* A server that breaks at 30 to 40 only, as where batches of that size happen to be slow. */
static void a_hole_below_the_highest_load_is_said(void)
{
    struct load_search s;
    struct load_search_options o = {
        .kind = SEARCH_HIGHEST, .lowest = 10, .highest = 80, .whole = true, .first = 35};
    ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
    s.points[0] = (struct load_point){.load = 60, .held = 1, .runs = 1};
    s.count = 1;
    s.points[1] = s.points[0];
    s.points[0] = (struct load_point){.load = 35, .broke = 1, .runs = 1};
    s.count = 2;
    for (struct load_trial t; load_search_next(&s, &t);)
        load_search_report(
            &s, (struct trial_report){.outcome = t.load >= 30 && t.load <= 40 ? TRIAL_BROKE : TRIAL_HELD});
    ck_assert_int_eq(s.end, SEARCH_FOUND);
    ck_assert(s.not_monotone);
    ck_assert_double_eq(load_search_conclude(&s).low, 29);
    struct buf text = BUF_INIT(4096);
    ck_assert_int_eq(load_search_describe(&s, "streams", &text), STATUS_OK);
    ck_assert_msg(
        strstr(text.data, "between 29 and 30 streams") && strstr(text.data, "disturbs"), "%s", text.data);
    buf_fini(&text);
}

static void bounds_that_make_no_search_are_refused(void)
{
    static const struct load_search_options refused[] = {
        {.lowest = 0, .highest = 5},
        {.lowest = 5, .highest = 4},
        {.lowest = 1, .highest = (double)INFINITY},
        {.lowest = 1, .highest = 5, .factor = 1},
        {.lowest = 1, .highest = 5, .first = 9},
        {.lowest = 1, .highest = 5, .share = 1},
        {.lowest = 1.2, .highest = 1.8, .whole = true},
        {.lowest = (double)NAN, .highest = 5},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct load_search s;
        ck_assert_int_eq(load_search_init(&s, &refused[i], NULL), STATUS_USAGE);
    }
}

/* Per stream 0.5 % less with each: 90 % at 23. One run in ten loses 5 %, as of an engine whose streams got out of
 * step. */
static void disturbed_runs_do_not_move_a_knee(void)
{
    struct load_search_options o = {.kind = SEARCH_KNEE, .lowest = 1, .highest = 256, .whole = true};
    struct rng rng;
    int right = 0;
    rng_seed(&rng, 3);
    for (int i = 0; i < 200; i++) {
        struct load_search s;
        struct knee knee;
        ck_assert_int_eq(load_search_init(&s, &o, NULL), STATUS_OK);
        for (struct load_trial t; load_search_next(&s, &t);) {
            double lost = rng_uniform(&rng) < 0.1 ? 0.05 : 0, error = 0.002 * (rng_uniform(&rng) - 0.5);
            double each = (1 - lost + error) / (1 + 0.005051 * (t.load - 1));
            load_search_report(&s, (struct trial_report){.throughput = t.load * each, .seconds = 1});
        }
        right += knee_by_share(s.points, s.count, 0.9, &knee) && fabs(knee.load - 23) <= 0.05 * 23;
    }
    printf("%d of 200 knees within 5 %%\n", right);
    ck_assert_int_ge(right, 180);
}

static void a_straight_line_has_no_knee(void)
{
    struct load_point points[4] = {{.load = 1, .throughput = 10, .runs = 1, .latency_s = 1}};
    struct knee knee;
    for (int i = 1; i < 4; i++) {
        points[i] = points[i - 1];
        points[i].load *= 2;
        points[i].throughput *= 2;
    }
    ck_assert(!knee_by_share(points, 4, 0.9, &knee));
    ck_assert(!knee_by_power(points, 4, &knee));
    ck_assert(!knee_by_share(points, 1, 0.9, &knee));
    points[1].throughput /= 2; /* one bad run */
    ck_assert(!knee_by_share(points, 4, 0.9, &knee));
    points[3].throughput /= 2; /* share 0.5 at 8, 1 at 4: 0.9 at 4 * 2^0.2 */
    ck_assert(knee_by_share(points, 4, 0.9, &knee));
    ck_assert_double_eq_tol(knee.load, 4 * pow(2, 0.2), 1e-9);
    ck_assert_double_eq(knee.low, 4);
    ck_assert_double_eq(knee.high, 8);
    points[3].runs = 0; /* the client could not make it */
    ck_assert(!knee_by_share(points, 4, 0.9, &knee));
    points[1].throughput = points[2].throughput = 20;
    ck_assert(knee_by_share(points, 4, 0.9, &knee));
    ck_assert_double_eq(knee.high, 4);
    points[3].runs = 1;
    points[2].throughput = 0;
    ck_assert(!knee_by_share(points, 4, 0.9, &knee));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_search_ends_and_says_how),
        TESTKIT_TEST(at_the_clients_limit_only_what_is_known_is_said),
        TESTKIT_TEST(a_load_that_broke_above_the_clients_limit_still_bounds),
        TESTKIT_TEST(runs_that_cannot_be_judged_are_made_longer),
        TESTKIT_TEST(one_run_that_the_client_could_not_make_ends_nothing),
        TESTKIT_TEST(a_search_goes_on_where_low_loads_cannot_be_judged),
        TESTKIT_TEST(a_hole_below_the_highest_load_is_said),
        TESTKIT_TEST(bounds_that_make_no_search_are_refused),
        TESTKIT_TEST(disturbed_runs_do_not_move_a_knee),
        TESTKIT_TEST(a_straight_line_has_no_knee),
        {0},
    };
    return testkit_run("load_search_ends", tests);
}
