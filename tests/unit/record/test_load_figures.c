#include "load_figures.h"

#include "json.h"
#include "testkit.h"

#include <string.h>

static struct json_object *parsed(const char *text)
{
    struct json_object *tree = NULL;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    return tree;
}

static const char fit[] =
    "{\"arrivals\":\"closed\",\"unit\":\"streams\",\"asked\":4,\"achieved\":4,\"in_flight_mean\":4,"
    "\"window\":[1,12],"
    "\"state\":\"steady\",\"excluded\":7,\"objectives\":\"ttft_p99<2s\",\"requests\":{\"begun\":40,\"ok\":38,"
    "\"failed\":1,\"cut_off\":1},\"errors\":{\"http_5xx\":1},\"tokens\":{\"prompt\":400,\"completion\":380,"
    "\"source\":\"server_native\"},\"client\":{\"fitness\":\"ok\",\"cpu_share\":0.1,\"lateness_p99_s\":0.001,"
    "\"calibration\":\"none\"}}";
static const char stalled[] =
    "{\"arrivals\":\"closed\",\"unit\":\"streams\",\"asked\":4,\"achieved\":3,\"in_flight_mean\":3,"
    "\"window\":[2,12],"
    "\"state\":\"drifting\",\"excluded\":8,\"objectives\":\"ttft_p99<2s\",\"requests\":{\"begun\":20,\"ok\":"
    "18,"
    "\"failed\":2,\"cut_off\":0},\"errors\":{\"http_5xx\":1,\"timeout_idle\":1},\"tokens\":{\"prompt\":200,"
    "\"source\":\"server_native\"},\"client\":{\"fitness\":\"degraded\",\"reason\":\"no token came for 900 "
    "ms\","
    "\"cpu_share\":0.2,\"lateness_p99_s\":0.002,\"calibration\":\"none\"}}";
static const char late[] =
    "{\"arrivals\":\"closed\",\"unit\":\"streams\",\"asked\":4,\"achieved\":4,\"in_flight_mean\":4,"
    "\"window\":[1,12],"
    "\"state\":\"steady\",\"excluded\":7,\"requests\":{\"begun\":40,\"ok\":40,\"failed\":0,\"cut_off\":0},"
    "\"errors\":{},"
    "\"tokens\":{},\"client\":{\"fitness\":\"invalid\",\"reason\":\"the client's loop was late (p99)\","
    "\"figure\":\"loop_lag_p99_s\",\"figure_fitness\":\"invalid\",\"unit\":\"s\",\"measured\":0.5,\"bound\":"
    "0.02,"
    "\"cpu_share\":0.99,\"calibration\":\"none\"}}";

/* Of entries only what they say of the client. */
static const char behind[] =
    "{\"client\":{\"fitness\":\"degraded\",\"reason\":\"the client's own "
    "error\",\"figure\":\"calibrated_error\","
    "\"figure_fitness\":\"degraded\",\"unit\":\"s\",\"measured\":0.003,\"bound\":0.002}}";
static const char lossy[] = "{\"client\":{\"fitness\":\"degraded\",\"reason\":\"samples could not be "
                            "kept\",\"figure\":\"samples_lost\","
                            "\"figure_fitness\":\"degraded\",\"unit\":\"count\",\"measured\":7,\"bound\":0}}";
static const char simulator_late[] =
    "{\"client\":{\"fitness\":\"invalid\",\"reason\":\"the server is a simulator and was late\"}}";

/* The record of repeats with these entries. */
static struct json_object *record_of(const char *const *entries, size_t count)
{
    struct load_figures *f = load_figures_new();
    struct json_object *record =
        parsed("{\"system_health\":{\"verdict\":\"clean\",\"quality_flags\":[\"clean\"],\"sensors\":{}}}");
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = parsed(entries[i]);
        ck_assert(load_figures_add(f, entry));
        json_object_put(entry);
    }
    ck_assert(load_figures_into_record(f, record));
    load_figures_free(f);
    return record;
}

static double number(const struct json_object *tree, const char *pointer)
{
    double value = -1;
    ck_assert_msg(json_get_real(tree, pointer, &value), "there is no %s", pointer);
    return value;
}

static void text_is(const struct json_object *tree, const char *pointer, const char *expected)
{
    const char *text = json_get_text(tree, pointer);
    ck_assert_msg(text && strcmp(text, expected) == 0, "%s is %s", pointer, text ? text : "absent");
}

static void repeats_are_summed_up(void)
{
    struct json_object *record = record_of((const char *const[]){fit, stalled}, 2);
    ck_assert(number(record, "/load/requests/begun") == 60);
    ck_assert(number(record, "/load/requests/failed") == 3);
    ck_assert(number(record, "/load/achieved") == 3.5);
    ck_assert(number(record, "/load/measured_s") == 21);
    ck_assert(number(record, "/load/window/0") == 2); /* the shortest */
    ck_assert(number(record, "/load/excluded") == 15);
    ck_assert(number(record, "/load/states/drifting") == 1);
    ck_assert(number(record, "/errors/http_5xx") == 2);
    ck_assert(number(record, "/errors/timeout_idle") == 1);
    json_object_put(record);
}

static void a_count_that_one_repeat_lacks_is_absent(void)
{
    struct json_object *record = record_of((const char *const[]){fit, stalled}, 2);
    ck_assert(number(record, "/tokens/prompt/n") == 600);
    text_is(record, "/tokens/prompt/source", "server_native");
    ck_assert_ptr_null(json_get(record, "/tokens/completion"));
    json_object_put(record);
}

static void a_fit_client_leaves_the_machine_clean(void)
{
    struct json_object *record = record_of((const char *const[]){fit, fit}, 2);
    text_is(record, "/client/verdict", "valid");
    ck_assert_ptr_null(json_get(record, "/client/reason"));
    text_is(record, "/system_health/verdict", "clean");
    json_object_put(record);
}

static void the_client_is_as_its_worst_repeat(void)
{
    struct json_object *record = record_of((const char *const[]){fit, late, stalled}, 3);
    text_is(record, "/client/verdict", "invalid");
    text_is(record, "/client/reason", "in 2 of 3 repeats; the worst: the client's loop was late (p99)");
    ck_assert(number(record, "/client/cpu_share") == 0.99);
    ck_assert(number(record, "/client/lateness_p99_s") == 0.002);
    json_object_put(record);
}

static void what_an_invalid_client_measured_is_invalid(void)
{
    struct json_object *record = record_of((const char *const[]){late}, 1);
    text_is(record, "/system_health/verdict", "invalid");
    text_is(record, "/system_health/quality_flags/0", "degraded_client_late");
    text_is(record, "/system_health/sensors/load_client/unit", "s");
    text_is(record, "/system_health/sensors/load_client/scope", "client");
    ck_assert(number(record, "/system_health/sensors/load_client/value") == 0.5);
    ck_assert(number(record, "/system_health/sensors/load_client/threshold") == 0.02);
    json_object_put(record);
}

/* Its reason is there to be read; the machine that measured it was fit. */
static void a_server_that_stalls_is_no_late_client(void)
{
    struct json_object *record = record_of((const char *const[]){stalled}, 1);
    text_is(record, "/client/verdict", "degraded");
    text_is(record, "/client/reason", "no token came for 900 ms");
    text_is(record, "/system_health/verdict", "clean");
    json_object_put(record);
}

/* In whatever order they come. */
static void one_repeat_that_stalls_hides_no_late_client(void)
{
    struct json_object *record = record_of((const char *const[]){stalled, behind}, 2);
    text_is(record, "/client/reason", "in 2 of 2 repeats; the worst: the client's own error");
    text_is(record, "/system_health/verdict", "degraded");
    text_is(record, "/system_health/quality_flags/0", "degraded_client_late");
    json_object_put(record);
}

/* The verdict is that of the worst repeat, the flag that of the client alone. */
static void a_simulator_that_is_late_hides_no_late_client(void)
{
    struct json_object *record = record_of((const char *const[]){simulator_late, behind}, 2);
    text_is(record, "/client/verdict", "invalid");
    text_is(record, "/client/reason", "in 2 of 2 repeats; the worst: the server is a simulator and was late");
    text_is(record, "/system_health/verdict", "degraded");
    text_is(record, "/system_health/sensors/load_client/reason", "the client's own error");
    json_object_put(record);
}

static void a_figure_has_the_unit_that_it_came_with(void)
{
    struct json_object *of_seconds = record_of((const char *const[]){behind}, 1);
    struct json_object *of_samples = record_of((const char *const[]){lossy}, 1);
    text_is(of_seconds, "/system_health/sensors/load_client/unit", "s");
    text_is(of_samples, "/system_health/sensors/load_client/unit", "count");
    json_object_put(of_seconds);
    json_object_put(of_samples);
}

/* A test that its own client spoilt has no figures: those of the others are what they were without it. */
static void what_has_no_figures_says_what_the_client_was_alone(void)
{
    static const char spoilt[] =
        "{\"client\":{\"fitness\":\"invalid\",\"reason\":\"descriptors were used up\",\"figure\":"
        "\"descriptors_share\",\"figure_fitness\":\"invalid\",\"unit\":\"1\",\"measured\":3,\"bound\":1}}";
    struct json_object *record = record_of((const char *const[]){spoilt}, 1);
    ck_assert_ptr_null(json_get(record, "/load"));
    text_is(record, "/client/verdict", "invalid");
    text_is(record, "/client/reason", "descriptors were used up");
    text_is(record, "/system_health/verdict", "invalid");
    json_object_put(record);
    record = record_of((const char *const[]){spoilt, fit}, 2);
    text_is(record, "/client/verdict", "invalid");
    text_is(record, "/load/arrivals", "closed");
    ck_assert(number(record, "/load/window/1") == 12);
    ck_assert(number(record, "/tokens/prompt/n") == 400);
    json_object_put(record);
}

static void without_a_load_test_nothing_is_said(void)
{
    struct json_object *record = record_of(NULL, 0);
    ck_assert_int_eq(json_object_object_length(record), 1);
    json_object_put(record);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(repeats_are_summed_up),
        TESTKIT_TEST(a_count_that_one_repeat_lacks_is_absent),
        TESTKIT_TEST(a_fit_client_leaves_the_machine_clean),
        TESTKIT_TEST(the_client_is_as_its_worst_repeat),
        TESTKIT_TEST(what_an_invalid_client_measured_is_invalid),
        TESTKIT_TEST(a_server_that_stalls_is_no_late_client),
        TESTKIT_TEST(one_repeat_that_stalls_hides_no_late_client),
        TESTKIT_TEST(a_simulator_that_is_late_hides_no_late_client),
        TESTKIT_TEST(a_figure_has_the_unit_that_it_came_with),
        TESTKIT_TEST(what_has_no_figures_says_what_the_client_was_alone),
        TESTKIT_TEST(without_a_load_test_nothing_is_said),
        {0},
    };
    return testkit_run("load_figures", tests);
}
