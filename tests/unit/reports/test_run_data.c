#include "health.h"
#include "run_data.h"

#include "made_run.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static void the_last_attempt_of_a_test_counts_and_all_are_kept(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", "{\"attempt\": 3}");
    made_run_add(&made, "chat.short[sim/tiny]", "failed", "{\"attempt\": 1}");
    made_run_add(&made, "chat.short[sim/tiny]", "timeout", "{\"attempt\": 2}");
    made_run_load(&made, &data);
    ck_assert_uint_eq(data.test_count, 1);
    ck_assert_uint_eq(data.tests[0].attempt_count, 3);
    ck_assert_str_eq(data.tests[0].attempts[0].outcome->name, "failed");
    ck_assert_str_eq(data.tests[0].attempts[1].outcome->name, "timeout");
    ck_assert_str_eq(data.tests[0].last->outcome->name, "passed");
    ck_assert_uint_eq(run_data_count(&data, "passed"), 1);
    ck_assert_uint_eq(run_data_count(&data, "failed"), 0);
    run_data_fini(&data);
}

static void add_absent(struct made_run *made, const char *text)
{
    struct json_object *list;
    struct error why = {0};
    ck_assert_int_eq(json_parse(text, strlen(text), &list, &why), STATUS_OK);
    ck_assert(json_set(made->run, "sensors_unavailable", list));
}

static const char absent[] =
    "{\"gpu_power\": {\"status\": \"unavailable\", \"scope\": \"host\", \"reason\": \"no GPU in sight\"},"
    " \"load_1m\": {\"status\": \"unavailable\", \"scope\": \"host\", \"reason\": \"not to be read here\"}}";

#define LOAD_0 "\"load_1m\": {\"status\": \"ok\", \"scope\": \"host\", \"value\": 0}"
#define ELSEWHERE "\"server_is_local\": {\"status\": \"ok\", \"scope\": \"server\", \"value\": 0}"

static struct json_object *sensor_of(const struct run_data *data, size_t test, const char *name)
{
    struct json_object *sensor = NULL;
    struct json_object *sensors = json_get_object(data->tests[test].last->record, "/system_health/sensors");
    json_object_object_get_ex(sensors, name, &sensor);
    return sensor;
}

static void sensors_that_the_run_says_are_absent_come_back_into_each_record(void)
{
    struct made_run made;
    struct run_data data;
    double value = 1;
    made_run_begin(&made);
    add_absent(&made, absent);
    made_run_add(&made, "chat.a[sim/tiny]", "passed", "{" MADE_HEALTH("clean", "\"clean\"", LOAD_0) "}");
    made_run_add(&made, "chat.b[sim/tiny]", "passed", "{" MADE_HEALTH("clean", "\"clean\"", ELSEWHERE) "}");
    made_run_add(&made, "chat.c[sim/tiny]", "passed", "{" MADE_HEALTH("unknown", "", "") "}");
    made_run_add(&made, "chat.d[sim/tiny]", "passed",
        "{\"run_id\": \"2026-11-20T234605Z-box-ffff\"," MADE_HEALTH("clean", "\"clean\"", LOAD_0) "}");
    made_run_load(&made, &data);
    ck_assert_str_eq(json_get_text(sensor_of(&data, 0, "gpu_power"), "/reason"), "no GPU in sight");
    ck_assert_str_eq(json_get_text(sensor_of(&data, 0, "gpu_power"), "/scope"), "host");
    /* what the record says wins: a zero that was read is another thing than nothing read */
    ck_assert(json_get_real(sensor_of(&data, 0, "load_1m"), "/value", &value) && value == 0);
    ck_assert_str_eq(json_get_text(sensor_of(&data, 1, "load_1m"), "/status"), "unavailable");
    ck_assert_str_eq(json_get_text(sensor_of(&data, 1, "load_1m"), "/scope"), "client");
    ck_assert_ptr_null(sensor_of(&data, 2, "gpu_power")); /* nothing was watched there */
    ck_assert_ptr_null(sensor_of(&data, 3, "gpu_power")); /* a record of another run */
    run_data_fini(&data);
}

static void tests_stand_in_the_order_of_the_plan(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_plan(&made, "chat.b[sim/tiny]");
    made_run_plan(&made, "chat.a[sim/tiny]");
    made_run_add(&made, "chat.a[sim/tiny]", "passed", NULL);
    made_run_add(&made, "chat.b[sim/tiny]", "passed", NULL);
    made_run_load(&made, &data);
    ck_assert_str_eq(data.tests[0].name, "chat.b[sim/tiny]");
    ck_assert_str_eq(data.tests[1].name, "chat.a[sim/tiny]");
    ck_assert_ptr_eq(run_data_find(&data, "chat.a[sim/tiny]"), &data.tests[1]);
    ck_assert_ptr_null(run_data_find(&data, "chat.c"));
    run_data_fini(&data);
}

static void a_planned_test_without_record_has_no_last_attempt(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_plan(&made, "chat.short[sim/tiny]");
    made_run_load(&made, &data);
    ck_assert_uint_eq(data.test_count, 1);
    ck_assert(data.tests[0].planned);
    ck_assert_ptr_null(data.tests[0].last);
    ck_assert_str_eq(data.tests[0].suite, "chat");
    ck_assert_str_eq(health_verdict(&data.tests[0]), "none");
    run_data_fini(&data);
}

/* Lines that are not records, and what the problem must say. */
static void lines_that_are_not_records_are_problems(void)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"{\"schema_version\": \"1.0.0\", \"test\"", "torn"},
        {"not json\n", "a value was expected"},
        {"[]\n", "expected"},
        {"{}\n", "schema_version"},
        {"{\"schema_version\": \"2.0.0\"}\n", "a newer assay wrote this (schema_version 2.0.0)"},
        {"{\"schema_version\": \"1.1.0\"}\n", "is missing"},
        {"{\"schema_version\": \"1.1.0\", \"test\": 3}\n", "expected a string"},
        {"{\"a\": 1, \"a\": 2}\n", "twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made_run made;
        struct run_data data;
        made_run_begin(&made);
        made_run_add(&made, "chat.short[sim/tiny]", "passed", NULL);
        made_run_line(&made, cases[i].line);
        made_run_load(&made, &data);
        ck_assert_uint_eq(data.attempt_count, 1);
        ck_assert_msg(data.problem_count == 1, "%s is no problem", cases[i].line);
        ck_assert_int_eq(data.problems[0].line, 2);
        ck_assert_msg(strstr(data.problems[0].text, cases[i].says) != NULL, "\"%s\" does not say \"%s\"",
            data.problems[0].text, cases[i].says);
        run_data_fini(&data);
    }
}

static void a_record_of_a_later_minor_version_is_read_with_what_we_know_of_it(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed",
        "{\"schema_version\": \"1.7.0\", \"something_new\": {\"x\": 1}}");
    made_run_load(&made, &data);
    ck_assert_uint_eq(data.problem_count, 0);
    ck_assert_uint_eq(run_data_count(&data, "passed"), 1);
    run_data_fini(&data);
}

/* What is not known to be good is not counted as good. */
static void an_outcome_of_a_later_version_is_a_problem(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed",
        "{\"schema_version\": \"1.7.0\", \"outcome\": \"rejoiced\", \"message\": \"so it was\"}");
    made_run_load(&made, &data);
    ck_assert_uint_eq(data.problem_count, 1);
    ck_assert_ptr_nonnull(strstr(data.problems[0].text, "does not know: rejoiced"));
    ck_assert_uint_eq(data.attempt_count, 0);
    run_data_fini(&data);
}

static void an_unknown_member_in_a_record_of_our_version_is_a_problem(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", "{\"something_new\": 1}");
    made_run_load(&made, &data);
    ck_assert_uint_eq(data.problem_count, 1);
    ck_assert_uint_eq(data.attempt_count, 0);
    run_data_fini(&data);
}

static void a_record_of_another_run_is_a_problem(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", "{\"run_id\": \"2026-11-20T234605Z-other-1f3a\"}");
    made_run_load(&made, &data);
    ck_assert_uint_eq(data.problem_count, 1);
    ck_assert_ptr_nonnull(strstr(data.problems[0].text, "another run"));
    run_data_fini(&data);
}

static void the_same_attempt_twice_is_a_problem(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "failed", NULL);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", NULL);
    made_run_load(&made, &data);
    ck_assert_uint_eq(data.problem_count, 1);
    ck_assert_int_eq(data.problems[0].line, 2);
    run_data_fini(&data);
}

static void records_without_run_json_are_read_and_its_absence_is_a_problem(void)
{
    struct made_run made;
    struct run_data data;
    struct error why = {0};
    char path[4096];
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", NULL);
    const char *folder = made_run_save(&made);
    snprintf(path, sizeof path, "%s/run.json", folder);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_msg(run_data_load(folder, &data, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_uint_eq(data.problem_count, 1);
    ck_assert_str_eq(data.problems[0].file, "run.json");
    ck_assert_str_eq(data.run_id, MADE_RUN_ID);
    ck_assert_uint_eq(run_data_count(&data, "passed"), 1);
    run_data_fini(&data);
}

static void a_folder_without_a_run_is_not_found(void)
{
    struct run_data data;
    struct error why = {0};
    ck_assert_int_eq(run_data_load(testkit_tmp(), &data, &why), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "run.json"));
}

static void the_wall_time_goes_from_the_first_start_to_the_last_end(void)
{
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "passed",
        "{\"start_unix_ns\": 10000000000, \"end_unix_ns\": 14000000000}");
    made_run_add(&made, "chat.b[sim/tiny]", "passed",
        "{\"start_unix_ns\": 11000000000, \"end_unix_ns\": 12500000000}");
    made_run_load(&made, &data);
    ck_assert_double_eq(run_data_wall_s(&data), 4.0);
    run_data_fini(&data);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_last_attempt_of_a_test_counts_and_all_are_kept),
        TESTKIT_TEST(sensors_that_the_run_says_are_absent_come_back_into_each_record),
        TESTKIT_TEST(tests_stand_in_the_order_of_the_plan),
        TESTKIT_TEST(a_planned_test_without_record_has_no_last_attempt),
        TESTKIT_TEST(lines_that_are_not_records_are_problems),
        TESTKIT_TEST(a_record_of_a_later_minor_version_is_read_with_what_we_know_of_it),
        TESTKIT_TEST(an_outcome_of_a_later_version_is_a_problem),
        TESTKIT_TEST(an_unknown_member_in_a_record_of_our_version_is_a_problem),
        TESTKIT_TEST(a_record_of_another_run_is_a_problem),
        TESTKIT_TEST(the_same_attempt_twice_is_a_problem),
        TESTKIT_TEST(records_without_run_json_are_read_and_its_absence_is_a_problem),
        TESTKIT_TEST(a_folder_without_a_run_is_not_found),
        TESTKIT_TEST(the_wall_time_goes_from_the_first_start_to_the_last_end),
        {0},
    };
    return testkit_run("run_data", tests);
}
