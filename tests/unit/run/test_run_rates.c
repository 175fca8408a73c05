#include "run_rates.h"

#include "json.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static struct run_folder open_folder(void)
{
    struct run_folder folder;
    struct error why = {0};
    ck_assert_msg(run_folder_create(testkit_tmp_path("runs"), "box", 1, &folder, &why) == STATUS_OK, "%s",
        error_text(&why));
    return folder;
}

static struct json_object *record_of(double rate)
{
    char text[512];
    struct json_object *record = NULL;
    snprintf(text, sizeof text,
        "{\"performance\":{\"decode_tokens_per_s\":{\"median\":%.17g}},"
        "\"system_health\":{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],\"sensors\":{}}}",
        rate);
    ck_assert_int_eq(json_parse(text, strlen(text), &record, NULL), STATUS_OK);
    return record;
}

/* One test of a run: recalls, judges, remembers. True if its record was accused. */
static bool one_test(const struct run_folder *folder, const char *model, int number, double rate)
{
    struct run_rates rates;
    struct json_object *record = record_of(rate);
    char test[32];
    snprintf(test, sizeof test, "case.%d[box/m]", number);
    rates_recall(folder, "box", model, &rates);
    ck_assert(rates_into_record(&rates, test, (INT64_C(1795220601) + 30 * number) * 1000000000, record));
    rates_remember(folder, "box", model, &rates);
    const char *flag = json_get_text(record, "/system_health/quality_flags/0");
    bool accused = strcmp(flag, "degraded_drift") == 0;
    ck_assert(accused || strcmp(flag, "clean") == 0);
    if (accused)
        ck_assert_ptr_nonnull(strstr(
            json_get_text(record, "/system_health/sensors/rate_drift_between/reason"), "of the model's "));
    json_object_put(record);
    return accused;
}

static void a_model_that_slows_down_from_test_to_test_drifts(void)
{
    struct run_folder folder = open_folder();
    int first = -1;
    for (int i = 0; i < 12; i++)
        if (one_test(&folder, "slowing", i, 50 - i + (i % 3) * 0.2) && first < 0)
            first = i;
    ck_assert_int_eq(first, 7); /* the eighth is the first that can say so */
    run_folder_fini(&folder);
}

static void one_that_differs_from_case_to_case_does_not(void)
{
    static const double rates[] = {50, 31, 47, 52, 18, 49, 50, 33, 51, 48, 20, 50, 46, 51};
    struct run_folder folder = open_folder();
    for (int i = 0; i < 14; i++) {
        ck_assert(!one_test(&folder, "mixed", i, rates[i]));
        ck_assert(!one_test(&folder, "steady", i, 50)); /* each model for itself */
    }
    run_folder_fini(&folder);
}

/* Measured again and again on a restless machine: the case, which is slow by itself, would stand for the last third. */
static void attempts_of_one_test_count_once(void)
{
    struct run_folder folder = open_folder();
    struct run_rates rates;
    for (int i = 0; i < 9; i++)
        (void)one_test(&folder, "again", i, 50 + i % 2);
    for (int attempt = 0; attempt < 8; attempt++)
        ck_assert(!one_test(&folder, "again", 9, 18));
    rates_recall(&folder, "box", "again", &rates);
    ck_assert_uint_eq(rates.count, 10);
    ck_assert(rates.items[9].per_s == 18);
    run_folder_fini(&folder);
}

static void only_the_latest_are_remembered(void)
{
    struct run_folder folder = open_folder();
    struct run_rates rates;
    for (int i = 0; i < RATES_MAX + 5; i++)
        (void)one_test(&folder, "long", i, 1000 + i);
    rates_recall(&folder, "box", "long", &rates);
    ck_assert_uint_eq(rates.count, RATES_MAX);
    ck_assert(rates.items[0].per_s == 1005 && rates.items[RATES_MAX - 1].per_s == 1000 + RATES_MAX + 4);
    run_folder_fini(&folder);
}

static void rubbish_in_its_file_is_nothing(void)
{
    static const char *const texts[] = {
        "", "[1,2]", "{\"box m\":7}", "{\"box m\":[[1],[\"a\",2,3],[1,2],[1,2,\"t\"],null]}"};
    struct run_folder folder = open_folder();
    struct run_rates rates;
    struct buf path = BUF_INIT(4096);
    ck_assert_int_eq(run_folder_path(&folder, "spool/rates.json", &path), STATUS_OK);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        testkit_write(buf_text(&path), texts[i], strlen(texts[i]));
        rates_recall(&folder, "box", "m", &rates);
        ck_assert_uint_eq(rates.count, 0);
    }
    buf_fini(&path);
    run_folder_fini(&folder);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_model_that_slows_down_from_test_to_test_drifts),
        TESTKIT_TEST(one_that_differs_from_case_to_case_does_not),
        TESTKIT_TEST(attempts_of_one_test_count_once),
        TESTKIT_TEST(only_the_latest_are_remembered),
        TESTKIT_TEST(rubbish_in_its_file_is_nothing),
        {0},
    };
    return testkit_run("run_rates", tests);
}
