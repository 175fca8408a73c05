/* What a machine does not offer stands in run.json, and in no record of a real supervisor. */
#include "case_run.h"
#include "execute.h"
#include "finalise.h"
#include "run_data.h"
#include "sensors_absent.h"
#include "sim.h"
#include "testkit.h"
#include "tree_kit.h"

#include <string.h>

static void passes(struct assay_context *ctx)
{
    (void)ctx;
}

static const struct assay_case cases[] = {
    {.id = "own.passes", .summary = "passes", .body = passes, .version = 1}, {0}};

static void execute(const char *root, bool tell, struct run_folder *folder)
{
    struct error why = {0};
    struct executed done;
    struct finalised sum;
    struct assay_suite suite = {.cases = cases};
    const char *models[] = {"sim-instant", NULL};
    struct sim_options sim_options = {.models = models, .seed = 1, .with_parent = true};
    struct sim_process sim;
    ck_assert_msg(sim_spawn(&sim_options, &sim, &why) == STATUS_OK, "%s", error_text(&why));
    case_run_make(folder, &suite, "own.passes", sim.url);
    json_object_object_del(folder->run, "sensors_unavailable");
    json_object_object_del(folder->run, "sensor_sources");
    if (tell)
        ck_assert(sensors_told_into(folder->run, root));
    ck_assert_msg(run_folder_save(folder, folder->run, &why) == STATUS_OK, "%s", error_text(&why));
    struct execute_options options = {
        .folder = folder, .suite = &suite, .timeout_s = 100, .machine_root = root};
    ck_assert_msg(execute_plan(&options, &done, &why) == STATUS_OK, "%s", error_text(&why));
    sim_stop(&sim);
    ck_assert_msg(finalise_run(folder->path, &sum, &why) == STATUS_OK, "%s", error_text(&why));
}

static bool has(const struct json_object *record, const char *name)
{
    return json_object_object_get_ex(json_get_object(record, "/system_health/sensors"), name, NULL);
}

static void a_record_leaves_out_what_its_run_tells(void)
{
    const char *root = tree_copy("container_v1");
    for (int tell = 0; tell < 2; tell++) {
        struct run_folder folder = {0};
        struct run_data data;
        struct error why = {0};
        execute(root, tell, &folder);
        struct json_object *records = case_run_records(&folder), *record = case_run_at(records, 0);
        ck_assert(has(record, "gpu_power") == !tell && has(record, "cpu_frequency") == !tell);
        ck_assert(
            has(record, "memory_pressure_some") && has(record, "cpu_total") && has(record, "pss_target"));
        ck_assert((json_get_text(record, "/system_health/sensors/cpu_total/source") == NULL) == tell);
        ck_assert_msg(run_data_load(folder.path, &data, &why) == STATUS_OK, "%s", error_text(&why));
        ck_assert_uint_eq(data.problem_count, 0);
        ck_assert(has(data.tests[0].last->record, "gpu_power")); /* reports have it either way */
        ck_assert_str_eq(json_get_text(data.tests[0].last->record, "/system_health/sensors/cpu_total/source"),
            "/proc/stat cpu");
        run_data_fini(&data);
        json_object_put(records);
        run_folder_fini(&folder);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_record_leaves_out_what_its_run_tells),
        {0},
    };
    return testkit_run("sensors_told", tests);
}
