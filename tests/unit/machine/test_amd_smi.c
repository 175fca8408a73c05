/* What AMD's library adds to the files of its driver: by two libraries of our own, of version 26 and of version 23. */
#include "amd_smi_kit.h"
#include "gpu_list.h"
#include "gpu_watch.h"
#include "json.h"
#include "monitor.h"
#include "testkit.h"
#include "tree_kit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CARD "/sys/class/drm/card1/device/"

enum { NOT_SUPPORTED = 2, NO_PERMISSION = 10, IO_ERROR = 12 };

static const struct gpu_owners nobody = {.unknown = "no pass over the processes was made"};
static struct fake_amd_smi *fake;
static struct gpu_libraries libraries;

/* A card whose files do not tell its energy and errors: those of the tree without what counts the errors. */
static const char *bare_tree(void)
{
    const char *root = tree_copy("amd_station");
    tree_write(root, CARD "uevent", "DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_SLOT_NAME=0000:03:00.0\n");
    tree_remove(root, CARD "ras");
    return root;
}

static void load(enum amd_smi_kit_age age)
{
    fake = amd_smi_kit_reset(age);
    libraries = (struct gpu_libraries){.amd_smi = amd_smi_kit_path(age)};
}

static struct gpu_watch *watch_at(const char *root, int64_t t_ns)
{
    struct gpu_watch *watch = gpu_watch_open(root, &libraries);
    ck_assert_ptr_nonnull(watch);
    gpu_watch_read(watch, t_ns, true, &nobody);
    return watch;
}

static const struct reading *of(const struct gpu_watch *watch, enum sensor_id id)
{
    return gpu_watch_reading(watch, 0, id);
}

static void check(const struct gpu_watch *watch, enum sensor_id id, double expected, const char *source)
{
    const struct reading *r = of(watch, id);
    ck_assert_msg(r->status == SENSOR_OK, "%s: %s", sensor_table[id].name, r->reason);
    ck_assert_msg(
        fabs(r->value - expected) <= 1e-6 * fabs(expected), "%s: %.17g", sensor_table[id].name, r->value);
    ck_assert_str_eq(r->source, source);
}

static void check_absent(const struct gpu_watch *watch, enum sensor_id id, const char *words)
{
    const struct reading *r = of(watch, id);
    ck_assert_msg(r->status == SENSOR_UNAVAILABLE, "%s: %g", sensor_table[id].name, r->value);
    ck_assert_msg(strstr(r->reason, words) != NULL, "%s: %s", sensor_table[id].name, r->reason);
}

static void stop_the_counter_at(uint64_t count)
{
    fake->gpus[0].watts = 0;
    fake->gpus[0].count = count;
}

static void the_library_tells_what_no_file_does_and_nothing_else(void)
{
    load(AMD_SMI_KIT_TODAY);
    struct gpu_watch *watch = watch_at(bare_tree(), 1 * NS_PER_S);
    check(watch, SENSOR_GPU_UTILISATION, 0.37, "gpu_busy_percent (amdgpu)");
    check(watch, SENSOR_GPU_MEMORY_USED, 9113280512, "mem_info_vram_used (amdgpu)");
    check(watch, SENSOR_GPU_TEMPERATURE, 78, "hwmon temp2_input (amdgpu)");
    check(watch, SENSOR_GPU_ECC_CORRECTED, 7, "amdsmi_get_gpu_total_ecc_count");
    check(watch, SENSOR_GPU_ECC_UNCORRECTED, 1, "amdsmi_get_gpu_total_ecc_count");
    stop_the_counter_at(UINT64_C(1000000000));
    gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
    check(watch, SENSOR_GPU_ENERGY, 15259, "amdsmi_get_energy_count");
    check(watch, SENSOR_GPU_ECC_CORRECTED, 7, "amdsmi_get_gpu_total_ecc_count"); /* they do not add up */
    gpu_watch_close(watch);
    ck_assert_int_eq(fake->sessions, 0);
}

static void a_card_whose_files_are_few_is_read_by_the_library(void)
{
    static const char *const files[] = {"gpu_busy_percent", "mem_info_vram_used", "hwmon", "gpu_metrics"};
    for (int old = 0; old < 2; old++) {
        load(old ? AMD_SMI_KIT_OLD : AMD_SMI_KIT_TODAY);
        const char *root = bare_tree();
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
            char path[128];
            snprintf(path, sizeof path, CARD "%s", files[i]);
            tree_remove(root, path);
        }
        struct gpu_watch *watch = watch_at(root, 1 * NS_PER_S);
        check(watch, SENSOR_GPU_UTILISATION, 0.41, "amdsmi_get_gpu_activity");
        check(watch, SENSOR_GPU_MEMORY_USED, 5e9, "amdsmi_get_gpu_memory_usage");
        check(watch, SENSOR_GPU_TEMPERATURE, 66, "amdsmi_get_temp_metric");
        ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_OK);
        if (old)
            check_absent(watch, SENSOR_GPU_ECC_CORRECTED, "this version of libamd_smi.so cannot tell");
        fake->gpus[0].hottest = -1; /* a card with one thermometer */
        gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
        check(watch, SENSOR_GPU_TEMPERATURE, 55, "amdsmi_get_temp_metric");
        gpu_watch_close(watch);
    }
}

static void a_library_that_is_not_needed_is_not_opened(void)
{
    load(AMD_SMI_KIT_TODAY);
    const char *root = tree_copy("amd_station");
    char metrics[300] = {0x2c, 0x01, 1, 4}; /* of a kind that counts energy */
    char path[512];
    metrics[26] = 9;
    snprintf(path, sizeof path, "%s" CARD "gpu_metrics", root);
    testkit_write(path, metrics, sizeof metrics);
    struct gpu_watch *watch = watch_at(root, 1 * NS_PER_S);
    check(watch, SENSOR_GPU_ENERGY, 9, "gpu_metrics (amdgpu)");
    ck_assert_uint_eq(fake->calls, 0);
    gpu_watch_close(watch);
}

static void a_gpu_that_sleeps_is_not_woken_by_the_library(void)
{
    load(AMD_SMI_KIT_TODAY);
    const char *root = bare_tree();
    tree_edit(root, CARD "power/runtime_status", "active", "suspended");
    struct gpu_watch *watch = watch_at(root, 1 * NS_PER_S);
    ck_assert_uint_eq(fake->calls, 0);
    tree_edit(root, CARD "power/runtime_status", "suspended", "active");
    gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
    check_absent(watch, SENSOR_GPU_ENERGY, "AMD SMI: it is asked where no GPU sleeps");
    gpu_watch_close(watch);
    watch = watch_at(root, 3 * NS_PER_S); /* now it is awake */
    ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_OK);
    tree_edit(root, CARD "power/runtime_status", "active", "suspended");
    size_t calls = fake->calls;
    gpu_watch_read(watch, 4 * NS_PER_S, true, &nobody);
    ck_assert_uint_eq(fake->calls, calls);
    check_absent(watch, SENSOR_GPU_ENERGY, "asleep");
    check_absent(watch, SENSOR_GPU_ECC_CORRECTED, "asleep");
    tree_edit(root, CARD "power/runtime_status", "suspended", "active");
    gpu_watch_read(watch, 5 * NS_PER_S, true, &nobody);
    ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_OK);
    gpu_watch_close(watch);
}

static void versions_that_nobody_knows_are_refused(void)
{
    static const struct {
        enum amd_smi_kit_age age;
        unsigned major;
        bool known;
        const char *said;
    } rows[] = {{AMD_SMI_KIT_OLD, 22, false, "is of version 22.4, and only 23 to 26 are known"},
        {AMD_SMI_KIT_OLD, 23, true, NULL}, {AMD_SMI_KIT_OLD, 24, true, NULL},
        {AMD_SMI_KIT_TODAY, 25, true, NULL},
        {AMD_SMI_KIT_TODAY, 27, false, "is of version 27.2, and only 23 to 26 are known"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        load(rows[i].age);
        fake->major = rows[i].major;
        struct gpu_watch *watch = watch_at(bare_tree(), 1 * NS_PER_S);
        if (rows[i].known)
            ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_OK);
        else
            check_absent(watch, SENSOR_GPU_ENERGY, rows[i].said);
        gpu_watch_close(watch);
        ck_assert_int_eq(fake->sessions, 0);
    }
}

static void what_keeps_the_library_away_is_the_reason(void)
{
    load(AMD_SMI_KIT_TODAY);
    const char *root = bare_tree();
    fake->init_code = 34;
    struct gpu_watch *watch = watch_at(root, 1 * NS_PER_S);
    check_absent(watch, SENSOR_GPU_ENERGY, "1.3 does not tell"); /* the file's own words stay */
    check_absent(watch, SENSOR_GPU_ENERGY, "AMD SMI: amdsmi_init: AMDSMI_STATUS_OTHER");
    check_absent(watch, SENSOR_GPU_ECC_CORRECTED, "AMD SMI: amdsmi_init: ");
    gpu_watch_close(watch);
    fake->init_code = 0;
    fake->gpus[0].address = 0x400;
    watch = watch_at(root, 1 * NS_PER_S);
    check_absent(watch, SENSOR_GPU_ENERGY, "AMD SMI: it does not know this GPU");
    gpu_watch_close(watch);
    libraries.amd_smi = "/nowhere/libamd_smi.so";
    watch = watch_at(root, 1 * NS_PER_S);
    check_absent(watch, SENSOR_GPU_ENERGY, "AMD SMI: /nowhere/libamd_smi.so: cannot open");
    check(watch, SENSOR_GPU_POWER, 214, "hwmon power1_average (amdgpu)");
    gpu_watch_close(watch);
    ck_assert_int_eq(fake->sessions, 0);
}

static void a_refusal_is_final_and_a_failure_is_not(void)
{
    load(AMD_SMI_KIT_TODAY);
    amd_smi_kit_refuse(fake, "amdsmi_get_gpu_total_ecc_count", NO_PERMISSION);
    struct gpu_watch *watch = watch_at(bare_tree(), 1 * NS_PER_S);
    check_absent(watch, SENSOR_GPU_ECC_CORRECTED, "permission denied");
    ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_OK);
    fake->refusals[0].function = "amdsmi_get_energy_count";
    fake->refusals[0].code = IO_ERROR;
    gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
    check_absent(watch, SENSOR_GPU_ECC_CORRECTED, "permission denied");
    ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_ERROR);
    fake->refusals[0].function = NULL;
    gpu_watch_read(watch, 3 * NS_PER_S, true, &nobody);
    check_absent(watch, SENSOR_GPU_ECC_CORRECTED, "permission denied");
    ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_OK);
    gpu_watch_close(watch);
}

/* The tree's card draws 214 W. */
static void a_counter_is_believed_where_it_grows_like_the_power(void)
{
    static const struct {
        double watts, step_s;
        const char *said; /* NULL: it is believed */
    } rows[] = {{0, 0, "its counter does not move"}, {200, 0, NULL}, {60, 0, NULL}, {1000, 0, NULL},
        {214, 0.1, NULL}, {3, 0, "where the GPU draws 214 W"}, {14000, 0, "where the GPU draws 214 W"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        load(AMD_SMI_KIT_TODAY);
        fake->gpus[0].watts = rows[i].watts;
        fake->gpus[0].step_s = rows[i].step_s;
        struct gpu_watch *watch = watch_at(bare_tree(), 1 * NS_PER_S);
        if (!rows[i].said)
            ck_assert_msg(of(watch, SENSOR_GPU_ENERGY)->status == SENSOR_OK, "%g W", rows[i].watts);
        else
            check_absent(watch, SENSOR_GPU_ENERGY, rows[i].said);
        gpu_watch_read(watch, 2 * NS_PER_S, true, &nobody);
        if (rows[i].said)
            check_absent(watch, SENSOR_GPU_ENERGY, rows[i].said);
        gpu_watch_close(watch);
    }
}

static void figures_that_are_none_are_unavailable(void)
{
    load(AMD_SMI_KIT_TODAY);
    const char *root = bare_tree();
    tree_remove(root, CARD "gpu_busy_percent");
    fake->gpus[0].percent = 65535;
    stop_the_counter_at(0);
    struct gpu_watch *watch = watch_at(root, 1 * NS_PER_S);
    ck_assert_int_eq(of(watch, SENSOR_GPU_UTILISATION)->status, SENSOR_UNAVAILABLE);
    ck_assert_int_eq(of(watch, SENSOR_GPU_ENERGY)->status, SENSOR_UNAVAILABLE);
    gpu_watch_close(watch);
}

static const char *name_of_first(const char *root)
{
    static char name[256];
    struct json_object *gpus = gpu_list_to_json(root, &libraries);
    ck_assert_uint_eq(json_object_array_length(gpus), 1);
    struct json_object *found = json_object_object_get(json_object_array_get_idx(gpus, 0), "name");
    snprintf(name, sizeof name, "%s", json_object_get_string(found));
    json_object_put(gpus);
    return name;
}

static void a_card_that_does_not_know_its_name_is_named_by_the_library(void)
{
    load(AMD_SMI_KIT_TODAY);
    const char *root = bare_tree();
    ck_assert_str_eq(name_of_first(root), "Fake Radeon PRO W7900");
    fake->gpus[0].name = "evil\x1b[31m\nname";
    ck_assert_ptr_null(strpbrk(name_of_first(root), "\x1b\n"));
    load(AMD_SMI_KIT_OLD);
    fake->gpus[0].name = "A name of sixty-three characters, which is all that there is room for then";
    ck_assert_uint_eq(strlen(name_of_first(root)), 63);
    fake->gpus[0].name = "N/A";
    ck_assert_str_eq(name_of_first(root), "AMD device 0x744c");
    tree_write(root, CARD "product_name", "Instinct MI300X\n");
    fake->calls = 0;
    ck_assert_str_eq(name_of_first(root), "Instinct MI300X");
    ck_assert_uint_eq(fake->calls, 0);
}

/* Until the reading is in that state; the machine may take its time. */
static void sample_until(struct monitor *m, enum sensor_id id, enum sensor_status status, const char *said)
{
    const struct reading *r = &monitor_latest(m)->readings[id];
    for (int i = 0; i < 60000 && !(r->status == status && strstr(r->reason, said)); i++) {
        (void)usleep(2000);
        (void)monitor_sample(m, monitor_due_ns(m));
    }
    ck_assert_msg(r->status == status && strstr(r->reason, said), "%s: %s", sensor_table[id].name, r->reason);
}

static void a_library_that_hangs_costs_the_gpus_and_is_named(void)
{
    static const char *const rows[] = {"amdsmi_init", "amdsmi_get_energy_count"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error why = {0};
        struct monitor *m;
        char wedged[1024];
        load(AMD_SMI_KIT_TODAY);
        snprintf(wedged, sizeof wedged, "%s", testkit_tmp_path("wedged"));
        testkit_write(wedged, "", 0);
        fake->hangs = rows[i];
        fake->hangs_while = wedged;
        struct monitor_options options = {.root = bare_tree(),
            .own_pid = 100,
            .deadline_ns = 200 * NS_PER_MS,
            .libraries = libraries,
            .samples_path = testkit_tmp_path("samples.jsonl")};
        testkit_write(wedged, "", 0);
        ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
        monitor_begin(m);
        sample_until(m, SENSOR_GPU_POWER, SENSOR_UNAVAILABLE, rows[i]);
        sample_until(m, SENSOR_GPU_POWER, SENSOR_UNAVAILABLE, "has not answered for");
        ck_assert_int_eq(unlink(wedged), 0);
        sample_until(m, SENSOR_GPU_POWER, SENSOR_OK, "");
        monitor_end(m);
        monitor_close(m);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_library_tells_what_no_file_does_and_nothing_else),
        TESTKIT_TEST(a_card_whose_files_are_few_is_read_by_the_library),
        TESTKIT_TEST(a_library_that_is_not_needed_is_not_opened),
        TESTKIT_TEST(a_gpu_that_sleeps_is_not_woken_by_the_library),
        TESTKIT_TEST(versions_that_nobody_knows_are_refused),
        TESTKIT_TEST(what_keeps_the_library_away_is_the_reason),
        TESTKIT_TEST(a_refusal_is_final_and_a_failure_is_not),
        TESTKIT_TEST(a_counter_is_believed_where_it_grows_like_the_power),
        TESTKIT_TEST(figures_that_are_none_are_unavailable),
        TESTKIT_TEST(a_card_that_does_not_know_its_name_is_named_by_the_library),
        TESTKIT_TEST(a_library_that_hangs_costs_the_gpus_and_is_named),
        {0},
    };
    return testkit_run("amd_smi", tests);
}
