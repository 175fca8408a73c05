#include "evidence.h"

#include "tally.h"

#include "testkit.h"

#include "json.h"

#include <string.h>

static struct json_object *record_with(const char *verdict, const char *flags)
{
    struct json_object *tree = NULL;
    struct buf text = BUF_INIT(1024);
    struct error why = {0};
    buf_printf(&text, "{\"system_health\":{\"verdict\":\"%s\",\"quality_flags\":[%s],\"sensors\":{}}}",
        verdict, flags);
    ck_assert_msg(json_parse(buf_text(&text), text.len, &tree, &why) == STATUS_OK, "%s", error_text(&why));
    buf_fini(&text);
    return tree;
}

static const struct evidence doubt = {.sensor = "cross_check",
    .flag = "degraded_cross_check",
    .unit = "1",
    .scope = "server",
    .value = 0.5,
    .threshold = 0.05,
    .raised = true,
    .reason = "they differ"};

static void health_is(struct json_object *record, const char *verdict, const char *flags)
{
    struct buf text = BUF_INIT(1024);
    ck_assert_str_eq(json_get_text(record, "/system_health/verdict"), verdict);
    ck_assert_int_eq(json_write(json_get(record, "/system_health/quality_flags"), &text, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&text), flags);
    buf_fini(&text);
    json_object_put(record);
}

static void a_raised_flag_takes_the_place_of_clean(void)
{
    struct json_object *record = record_with("clean", "\"clean\"");
    ck_assert(record_add_evidence(record, &doubt));
    ck_assert_str_eq(
        json_get_text(record, "/system_health/sensors/cross_check/flag"), "degraded_cross_check");
    ck_assert_str_eq(json_get_text(record, "/system_health/sensors/cross_check/reason"), "they differ");
    health_is(record, "degraded", "[\"degraded_cross_check\"]");
}

static void what_is_not_raised_is_a_sensor_and_no_flag(void)
{
    struct json_object *record = record_with("clean", "\"clean\"");
    struct evidence fine = doubt;
    fine.raised = false;
    ck_assert(record_add_evidence(record, &fine));
    ck_assert_ptr_null(json_get(record, "/system_health/sensors/cross_check/flag"));
    health_is(record, "clean", "[\"clean\"]");
}

static void worse_verdicts_and_other_flags_stay(void)
{
    struct json_object *record = record_with("invalid", "\"degraded_swap\"");
    ck_assert(record_add_evidence(record, &doubt) && record_add_evidence(record, &doubt));
    health_is(record, "invalid", "[\"degraded_swap\",\"degraded_cross_check\"]");
    record = record_with("unknown", "");
    ck_assert(record_add_evidence(record, &doubt));
    health_is(record, "degraded", "[\"degraded_cross_check\"]");
}

static void answers_of_two_models_are_doubted(void)
{
    struct tally *t = tally_new();
    static const char *const models[] = {"a", "a", "b", "a"};
    for (size_t i = 0; i < 4; i++) {
        struct json_object *one = json_object_new_object();
        ck_assert(json_set_bool(one, "ok", true) && json_set_text(one, "model", models[i]));
        ck_assert(tally_add(t, one));
        json_object_put(one);
        struct json_object *record = record_with("clean", "\"clean\"");
        ck_assert(tally_into_record(t, 0, record));
        health_is(record, i < 2 ? "clean" : "degraded", i < 2 ? "[\"clean\"]" : "[\"degraded_cross_check\"]");
    }
    tally_free(t);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_raised_flag_takes_the_place_of_clean),
        TESTKIT_TEST(what_is_not_raised_is_a_sensor_and_no_flag),
        TESTKIT_TEST(answers_of_two_models_are_doubted),
        TESTKIT_TEST(worse_verdicts_and_other_flags_stay),
        {0},
    };
    return testkit_run("evidence", tests);
}
