#include "drift.h"

#include "json.h"
#include "rng.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VALUES_MAX = 40 };

static bool drifts(const double *values, size_t n, bool higher)
{
    double x[VALUES_MAX];
    struct drift drift;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)i;
    drift_judge(x, values, n, higher, &drift);
    return drift.found;
}

static void a_rate_that_falls_steadily_drifts(void)
{
    static const double falls[] = {50, 49, 48.2, 47.1, 46, 45.2, 44.1, 43, 42.2, 41};
    static const double step[] = {50, 50.2, 49.9, 50.1, 50, 50.1, 49.9, 50, 50.2, 50};
    static const double outlier[] = {50, 50.1, 49.9, 50, 50.2, 50, 49.8, 50.1, 50, 20};
    static const double little[] = {50, 49.9, 49.8, 49.7, 49.6, 49.5, 49.4, 49.3, 49.2, 49.1};
    ck_assert(drifts(falls, 10, true));
    ck_assert(!drifts(falls, 10, false)); /* a time that falls gets better */
    ck_assert(!drifts(falls, 7, true));   /* too few */
    ck_assert(!drifts(step, 10, true));
    ck_assert(!drifts(outlier, 10, true));
    ck_assert(!drifts(little, 10, true)); /* sure, and of no weight */
}

static void a_time_that_rises_steadily_drifts(void)
{
    static const double rises[] = {1, 1.02, 1.05, 1.07, 1.1, 1.11, 1.14, 1.17, 1.19, 1.21};
    ck_assert(drifts(rises, 10, false));
    ck_assert(!drifts(rises, 10, true));
}

/* What scatters by 10 % and nothing else: how often it is accused, of 20 000 records. */
static void scatter_is_not_accused(void)
{
    struct rng rng;
    size_t drifting = 0, unfinished = 0;
    rng_seed(&rng, 42);
    for (int record = 0; record < 20000; record++) {
        double values[10];
        for (size_t i = 0; i < 10; i++)
            values[i] = rng_normal(&rng, 50, 5);
        drifting += drifts(values, 10, true);
        unfinished += drift_warmup_rest(values, 10, true) > 0;
    }
    ck_assert_msg(drifting <= 20, "%zu", drifting);
    ck_assert_msg(unfinished <= 20, "%zu", unfinished);
}

/* A few values have a small range by chance, a quick run's five above all. */
static void few_repeats_that_scatter_are_not_accused(void)
{
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t n = WARMUP_VALUES_MIN; n <= 9; n++) {
        size_t unfinished = 0;
        for (int record = 0; record < 20000; record++) {
            double values[9];
            for (size_t i = 0; i < n; i++)
                values[i] = rng_normal(&rng, 50, 8);
            unfinished += drift_warmup_rest(values, n, true) > 0;
        }
        ck_assert_msg(unfinished <= 30, "%zu of 20 000 with %zu repeats", unfinished, n);
    }
}

static void first_repeats_that_stand_out_are_the_warm_up(void)
{
    static const double one[] = {0.9, 0.5, 0.51, 0.49, 0.5, 0.5, 0.51, 0.5, 0.49, 0.5};
    static const double two[] = {0.9, 0.8, 0.51, 0.49, 0.5, 0.5, 0.51, 0.5, 0.49, 0.5};
    static const double late[] = {0.5, 0.9, 0.51, 0.49, 0.5, 0.5, 0.51, 0.5, 0.49, 0.5};
    static const double wide[] = {0.9, 0.5, 0.7, 0.49, 0.5, 0.6, 0.51, 0.5, 0.49, 0.5};
    static const double slight[] = {0.54, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    static const double rate[] = {30, 50, 50.2, 49.9, 50, 50, 50.1, 50, 49.8, 50};
    ck_assert(fabs(drift_warmup_rest(one, 10, false) - 0.8) < 1e-9);
    ck_assert(fabs(drift_warmup_rest(two, 10, false) - 0.6) < 1e-9);
    ck_assert(drift_warmup_rest(late, 10, false) == 0);
    ck_assert(drift_warmup_rest(wide, 10, false) == 0);
    ck_assert(drift_warmup_rest(slight, 10, false) == 0);
    ck_assert(fabs(drift_warmup_rest(rate, 10, true) - 0.4) < 1e-9);
    ck_assert(drift_warmup_rest(rate, 10, false) == 0); /* a first time that is shorter is no warm-up */
    ck_assert(drift_warmup_rest(one, 4, false) == 0);
    ck_assert(
        fabs(drift_warmup_rest(one, 5, false) - 0.8) < 0.01); /* five are enough for what is that clear */
}

static struct json_object *record_with(const char *performance)
{
    char text[2048];
    struct json_object *record = NULL;
    snprintf(text, sizeof text,
        "{\"performance\":{%s},\"system_health\":{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],"
        "\"sensors\":{}}}",
        performance);
    ck_assert_int_eq(json_parse(text, strlen(text), &record, NULL), STATUS_OK);
    ck_assert(drift_into_record(record));
    return record;
}

static void a_record_says_which_figure_speaks_against_it(void)
{
    struct json_object *record = record_with(
        "\"decode_tokens_per_s\":{\"better\":\"higher\",\"values\":[50,49,48.2,47.1,46,45.2,44.1,43,42.2,41]}"
        ","
        "\"ttft_s\":{\"better\":\"lower\",\"values\":[0.9,0.5,0.51,0.49,0.5,0.5,0.51,0.5,0.49,0.5]}");
    ck_assert_str_eq(json_get_text(record, "/system_health/verdict"), "degraded");
    ck_assert_str_eq(json_get_text(record, "/system_health/quality_flags/0"), "degraded_drift");
    ck_assert_str_eq(json_get_text(record, "/system_health/quality_flags/1"), "degraded_warmup");
    ck_assert_str_eq(json_get_text(record, "/system_health/sensors/rate_drift/reason"),
        "decode_tokens_per_s got worse by 13.9 % from the first third of the repeats to the last, steadily");
    ck_assert_str_eq(json_get_text(record, "/system_health/sensors/warmup_rest/reason"),
        "ttft_s of the first measured repeats is 80 % worse than that of the others: the warm-up was not "
        "over");
    json_object_put(record);
}

static void steady_figures_leave_a_record_clean(void)
{
    struct json_object *record = record_with("\"decode_tokens_per_s\":{\"better\":\"higher\",\"values\":[50,"
                                             "50.2,49.9,50.1,50,50.1,49.9,50,50.2,50]}");
    double share = -1;
    ck_assert_str_eq(json_get_text(record, "/system_health/quality_flags/0"), "clean");
    ck_assert(json_get_real(record, "/system_health/sensors/rate_drift/value", &share) && share < 0.05);
    json_object_put(record);
    record = record_with("\"wer\":{\"better\":\"lower\",\"values\":[0.1,0.1]}"); /* no rate at all */
    ck_assert_ptr_null(json_get_object(record, "/system_health/sensors/rate_drift"));
    json_object_put(record);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_rate_that_falls_steadily_drifts),
        TESTKIT_TEST(a_time_that_rises_steadily_drifts),
        TESTKIT_TEST(scatter_is_not_accused),
        TESTKIT_TEST(few_repeats_that_scatter_are_not_accused),
        TESTKIT_TEST(first_repeats_that_stand_out_are_the_warm_up),
        TESTKIT_TEST(a_record_says_which_figure_speaks_against_it),
        TESTKIT_TEST(steady_figures_leave_a_record_clean),
        {0},
    };
    return testkit_run("drift", tests);
}
