#include "sensors_absent.h"

#include "json.h"
#include "part_schema.h"
#include "quality.h"
#include "testkit.h"
#include "tree_kit.h"

#include <string.h>

static const char part[] = "urn:assay:schema:run:1.0.0#/properties/sensors_unavailable";

static struct json_object *told_by(const char *root)
{
    struct json_object *run = json_object_new_object();
    ck_assert(sensors_told_into(run, root));
    return run;
}

static struct json_object *absent_of(const char *root)
{
    struct json_object *run = told_by(root),
                       *list = json_object_get(json_get_object(run, "/sensors_unavailable"));
    json_object_put(run);
    return list;
}

static void a_bare_machine_says_once_what_it_lacks(void)
{
    static const char *const lacking[] = {"gpu_power", "cpu_frequency", "on_battery", "io_pressure_full"};
    struct json_object *list = absent_of(tree_copy("container_v1"));
    part_schema_check(part, list);
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++)
        ck_assert_msg(json_object_object_get_ex(list, lacking[i], NULL), "%s", lacking[i]);
    ck_assert_str_eq(json_get_text(list, "/gpu_power/reason"), "no GPU in sight");
    ck_assert_ptr_null(json_get(list, "/load_1m/value"));
    json_object_put(list);
}

/* They decide about the verdict of a record, which has to explain it. */
static void required_kinds_and_the_server_are_not_among_them(void)
{
    static const char *const never[] = {"memory_pressure_some", "memory_available_group", "swap_in",
        "cpu_target", "pss_target", "server_is_local", "clock_step"};
    struct json_object *list = absent_of(tree_copy("arm_board"));
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        ck_assert_msg(!json_object_object_get_ex(list, never[i], NULL), "%s", never[i]);
    json_object_put(list);
}

/* The two are written by different hands and have to agree to the letter. */
static void a_record_says_it_in_the_same_words(void)
{
    struct error why = {0};
    struct monitor *m;
    struct quality quality;
    size_t same = 0;
    const char *root = tree_copy("container_v1");
    struct json_object *list = absent_of(root);
    struct monitor_options options = {.root = root, .own_pid = 100};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    monitor_begin(m);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    monitor_close(m);
    struct json_object *health = quality_to_json(&quality);
    struct json_object *sensors = json_get_object(health, "/sensors");
    json_object_object_foreach(list, name, of_run)
    {
        struct json_object *of_record;
        ck_assert_msg(json_object_object_get_ex(sensors, name, &of_record), "%s", name);
        ck_assert_msg(
            json_deep_equal(of_run, of_record), "%s: %s", name, json_object_to_json_string(of_record));
        same++;
    }
    ck_assert_uint_gt(same, 20);
    json_object_put(health);
    json_object_put(list);
}

/* Each sensor stands in one of the two lists, the required kinds and those of the server in the second. */
static void where_the_others_are_read_is_told_too(void)
{
    struct json_object *run = told_by(tree_copy("laptop"));
    struct json_object *sources = json_get_object(run, "/sensor_sources");
    struct json_object *absent = json_get_object(run, "/sensors_unavailable");
    part_schema_check("urn:assay:schema:run:1.0.0#/properties/sensor_sources", sources);
    ck_assert_str_eq(json_get_text(sources, "/swap_out"), "/proc/vmstat pswpout");
    ck_assert_str_eq(json_get_text(sources, "/battery_charge"), "/sys/class/power_supply/*/capacity");
    json_object_object_foreach(sources, name, source)
    {
        ck_assert_msg(
            !json_object_object_get_ex(absent, name, NULL), "%s: %s", name, json_object_get_string(source));
    }
    json_object_put(run);
}

static void what_this_machine_lacks_fits_the_schema(void)
{
    struct json_object *list = absent_of("");
    part_schema_check(part, list);
    json_object_object_foreach(list, name, sensor)
    {
        ck_assert_msg(json_get_text(sensor, "/reason")[0] != '\0', "%s", name);
    }
    json_object_put(list);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_bare_machine_says_once_what_it_lacks),
        TESTKIT_TEST(required_kinds_and_the_server_are_not_among_them),
        TESTKIT_TEST(a_record_says_it_in_the_same_words),
        TESTKIT_TEST(where_the_others_are_read_is_told_too),
        TESTKIT_TEST(what_this_machine_lacks_fits_the_schema),
        {0},
    };
    return testkit_run("sensors_absent", tests);
}
