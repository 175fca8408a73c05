#include "run_sensors.h"

#include "json.h"
#include "testkit.h"

#include <string.h>

#define ABSENT(name, reason)                                                                                 \
    "\"" name "\":{\"status\":\"unavailable\",\"scope\":\"host\",\"unit\":\"W\",\"source\":\"s\","           \
    "\"reason\":\"" reason "\"}"

static struct json_object *tree_of(const char *text)
{
    struct json_object *tree;
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    return tree;
}

static void only_what_the_run_says_in_the_same_words_is_left_out(void)
{
    static const struct {
        const char *sensor;
        bool stays;
    } cases[] = {
        {ABSENT("gpu_power", "no GPU"), false}, {ABSENT("gpu_power", "the GPU is asleep"), true},
        {ABSENT("gpu_clock", "no GPU"), true}, /* of which the run says nothing */
        {"\"gpu_power\":{\"status\":\"error\",\"scope\":\"host\",\"source\":\"s\",\"reason\":\"no GPU\"}",
            true},
        {"\"gpu_power\":{\"status\":\"unavailable\",\"scope\":\"host\",\"reason\":\"no GPU\"}", true},
        {"\"gpu_power\":{\"status\":\"ok\",\"scope\":\"host\",\"source\":\"s\",\"value\":0}", true},
        {"\"gpu_power\":{\"status\":\"unavailable\",\"scope\":\"client\",\"source\":\"s\",\"reason\":\"no "
         "GPU\"}",
            false}, /* of a server elsewhere */
    };
    struct json_object *run = tree_of(
        "{\"sensors_unavailable\":{" ABSENT("gpu_power", "no GPU") "," ABSENT("load_1m", "none") "}}");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf text = BUF_INIT(4096);
        buf_printf(&text, "{\"system_health\":{\"sensors\":{%s}}}", cases[i].sensor);
        struct json_object *record = tree_of(buf_text(&text));
        run_sensors_leave_out(run, record);
        size_t left = (size_t)json_object_object_length(json_get_object(record, "/system_health/sensors"));
        ck_assert_msg(left == cases[i].stays, "%s", cases[i].sensor);
        json_object_put(record);
        buf_fini(&text);
    }
    json_object_put(run);
}

static void a_source_is_left_out_where_it_is_that_of_the_run(void)
{
    struct json_object *run = tree_of("{\"sensor_sources\":{\"a\":\"/proc/a\",\"b\":\"/proc/b\",\"c\":5}}");
    struct json_object *record = tree_of("{\"system_health\":{\"sensors\":{\"a\":{\"source\":\"/proc/a\"},"
                                         "\"b\":{\"source\":\"/proc/x\"},\"c\":{\"source\":\"5\"},"
                                         "\"d\":{\"source\":\"/proc/d\"},\"e\":{}}}}");
    run_sensors_leave_out(run, record);
    const struct json_object *sensors = json_get_object(record, "/system_health/sensors");
    ck_assert_ptr_null(json_get_text(sensors, "/a/source"));
    ck_assert_str_eq(json_get_text(sensors, "/b/source"), "/proc/x");
    ck_assert_str_eq(json_get_text(sensors, "/c/source"), "5");
    ck_assert_str_eq(json_get_text(sensors, "/d/source"), "/proc/d");
    json_object_put(record);
    json_object_put(run);
}

static void without_a_list_everything_stays(void)
{
    static const char health[] = "{\"system_health\":{\"sensors\":{" ABSENT("gpu_power", "no GPU") "}}}";
    struct json_object *record = tree_of(health), *run = tree_of("{}"), *unwatched = tree_of("{}");
    run_sensors_leave_out(NULL, record);
    run_sensors_leave_out(run, record);
    ck_assert_ptr_nonnull(json_get(record, "/system_health/sensors/gpu_power"));
    run_sensors_leave_out(run, unwatched);
    json_object_put(record);
    json_object_put(unwatched);
    json_object_put(run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(only_what_the_run_says_in_the_same_words_is_left_out),
        TESTKIT_TEST(a_source_is_left_out_where_it_is_that_of_the_run),
        TESTKIT_TEST(without_a_list_everything_stays),
        {0},
    };
    return testkit_run("run_sensors", tests);
}
