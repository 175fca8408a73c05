/* NVIDIA's GPUs, by a library that the tests build. */
#include "gpu_list.h"
#include "gpu_watch.h"
#include "json.h"
#include "nvml_kit.h"
#include "part_schema.h"
#include "quality.h"
#include "testkit.h"
#include "tree_kit.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { NOT_SUPPORTED = 3, NO_PERMISSION = 4, VERSION_MISMATCH = 18, GPU_IS_LOST = 15 };
enum { POWER_CAP = 0x4, HW_SLOWDOWN = 0x8, SW_THERMAL = 0x20, HW_THERMAL = 0x40, POWER_BRAKE = 0x80 };

static enum gpu_owner all_known(void *arg, long pid)
{
    (void)arg;
    (void)pid;
    return GPU_OWNER_KNOWN;
}

static const struct gpu_owners known = {.of = all_known};
static struct fake_nvml *fake;

static struct gpu_watch *open_watch(enum nvml_kit_age age)
{
    fake = nvml_kit_reset(age);
    struct gpu_watch *watch =
        gpu_watch_open(testkit_tmp(), &(struct gpu_libraries){.nvml = nvml_kit_path(age)});
    ck_assert_ptr_nonnull(watch);
    return watch;
}

static double value_of(const struct gpu_watch *watch, size_t gpu, enum sensor_id id)
{
    const struct reading *r = gpu_watch_reading(watch, gpu, id);
    ck_assert_msg(r->status == SENSOR_OK, "%s of GPU %zu: %s", sensor_table[id].name, gpu, r->reason);
    return r->value;
}

static double sum_of(const struct gpu_watch *watch, enum sensor_id id)
{
    static struct sample sample;
    gpu_watch_fill(watch, &sample);
    const struct reading *r = &sample.readings[id];
    ck_assert_msg(r->status == SENSOR_OK, "%s: %s", sensor_table[id].name, r->reason);
    return r->value;
}

static enum sensor_status status_of(const struct gpu_watch *watch, size_t gpu, enum sensor_id id)
{
    return gpu_watch_reading(watch, gpu, id)->status;
}

static void each_gpu_is_read_and_they_are_summed_up(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    ck_assert_uint_eq(gpu_watch_count(watch), 2);
    gpu_watch_read(watch, 1, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_UTILISATION) == 0.4);
    ck_assert(value_of(watch, 1, SENSOR_GPU_POWER) == 200);
    ck_assert(value_of(watch, 1, SENSOR_GPU_ENERGY) == 10000);
    ck_assert(value_of(watch, 0, SENSOR_GPU_MEMORY_USED) == 1e9);
    ck_assert(sum_of(watch, SENSOR_GPU_UTILISATION) == 0.8);
    ck_assert(sum_of(watch, SENSOR_GPU_POWER) == 300);
    ck_assert(sum_of(watch, SENSOR_GPU_ENERGY) == 15000);
    ck_assert(sum_of(watch, SENSOR_GPU_MEMORY_USED) == 3e9);
    ck_assert(sum_of(watch, SENSOR_GPU_TEMPERATURE) == 52);
    ck_assert(sum_of(watch, SENSOR_GPU_CLOCK) == 2e9);
    ck_assert(sum_of(watch, SENSOR_GPU_PROCESSES_FOREIGN) == 0);
    gpu_watch_close(watch);
    ck_assert_int_eq(fake->sessions, 0);
    ck_assert_int_eq(fake->event_sets, 0);
}

static void what_a_gpu_does_not_offer_is_unavailable_and_not_asked_again(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    nvml_kit_refuse(fake, "nvmlDeviceGetTotalEnergyConsumption", NOT_SUPPORTED);
    nvml_kit_refuse(fake, "nvmlDeviceGetUtilizationRates", NO_PERMISSION);
    gpu_watch_read(watch, 1, true, &known);
    const struct reading *energy = gpu_watch_reading(watch, 0, SENSOR_GPU_ENERGY);
    ck_assert_int_eq(energy->status, SENSOR_UNAVAILABLE);
    ck_assert_str_eq(energy->reason, "Not Supported");
    ck_assert_str_eq(energy->source, "nvmlDeviceGetTotalEnergyConsumption");
    ck_assert_int_eq(status_of(watch, 1, SENSOR_GPU_UTILISATION), SENSOR_UNAVAILABLE);
    size_t calls = fake->calls;
    gpu_watch_read(watch, 2, true, &known);
    size_t with_refusals = fake->calls - calls;
    memset(fake->refusals, 0, sizeof fake->refusals);
    gpu_watch_read(watch, 3, true, &known);
    ck_assert_uint_eq(fake->calls - calls, 2 * with_refusals); /* still not asked */
    ck_assert_int_eq(status_of(watch, 0, SENSOR_GPU_ENERGY), SENSOR_UNAVAILABLE);
    gpu_watch_close(watch);
}

static void a_gpu_that_is_lost_is_an_error_and_so_is_the_sum(void)
{
    static struct sample sample;
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    gpu_watch_read(watch, 1, true, &known);
    fake->gpus[1].code = GPU_IS_LOST;
    gpu_watch_read(watch, 2, true, &known);
    ck_assert_int_eq(status_of(watch, 0, SENSOR_GPU_POWER), SENSOR_OK);
    ck_assert_int_eq(status_of(watch, 1, SENSOR_GPU_POWER), SENSOR_ERROR);
    gpu_watch_fill(watch, &sample);
    ck_assert_int_eq(sample.readings[SENSOR_GPU_POWER].status, SENSOR_ERROR);
    ck_assert_str_eq(sample.readings[SENSOR_GPU_POWER].reason, "GPU is lost");
    ck_assert_int_eq(sample.gpus[1].status[SENSOR_GPU_POWER - SENSOR_GPU_FIRST], SENSOR_ERROR);
    fake->gpus[1].code = 0;
    gpu_watch_read(watch, 3, true, &known);
    ck_assert(sum_of(watch, SENSOR_GPU_POWER) == 300);
    gpu_watch_close(watch);
}

static void a_gpu_that_was_lost_from_the_start_does_not_hide_the_other(void)
{
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    fake->gpus[0].code = GPU_IS_LOST;
    struct gpu_watch *watch =
        gpu_watch_open(testkit_tmp(), &(struct gpu_libraries){.nvml = nvml_kit_path(NVML_KIT_TODAY)});
    gpu_watch_read(watch, 1, true, &known);
    ck_assert_int_eq(status_of(watch, 0, SENSOR_GPU_POWER), SENSOR_ERROR);
    ck_assert(value_of(watch, 1, SENSOR_GPU_POWER) == 200);
    gpu_watch_close(watch);
}

static void sums_are_of_the_gpus_that_offer_it(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    fake->gpus[1].code = NOT_SUPPORTED;
    gpu_watch_read(watch, 1, true, &known);
    ck_assert(sum_of(watch, SENSOR_GPU_POWER) == 100);
    gpu_watch_close(watch);
}

static void a_library_that_cannot_be_used_says_why(void)
{
    static struct sample sample;
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    fake->init_code = VERSION_MISMATCH;
    struct gpu_watch *watch =
        gpu_watch_open(testkit_tmp(), &(struct gpu_libraries){.nvml = nvml_kit_path(NVML_KIT_TODAY)});
    gpu_watch_read(watch, 1, true, &known);
    gpu_watch_fill(watch, &sample);
    ck_assert_uint_eq(sample.gpu_count, 0);
    ck_assert_int_eq(sample.readings[SENSOR_GPU_POWER].status, SENSOR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(sample.readings[SENSOR_GPU_POWER].reason, "reboot"));
    gpu_watch_close(watch);

    watch = gpu_watch_open(testkit_tmp(), &(struct gpu_libraries){.nvml = "/nowhere/libnvidia-ml.so.1"});
    gpu_watch_fill(watch, &sample);
    ck_assert_ptr_nonnull(strstr(sample.readings[SENSOR_GPU_POWER].reason, "/nowhere/libnvidia-ml.so.1"));
    gpu_watch_close(watch);
}

static void without_gpus_nothing_is_loaded_and_every_reading_says_so(void)
{
    static struct sample sample;
    struct gpu_watch *watch = gpu_watch_open(testkit_tmp(), NULL);
    gpu_watch_read(watch, 1, true, &known);
    gpu_watch_fill(watch, &sample);
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
        const struct reading *r = &sample.readings[SENSOR_GPU_FIRST + i];
        ck_assert_int_eq(r->status, SENSOR_UNAVAILABLE);
        ck_assert_str_eq(r->reason, "no GPU in sight");
    }
    gpu_watch_close(watch);
}

static void an_old_driver_answers_what_it_can(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_OLD);
    fake->gpus[0].processes[0].pid = 300;
    fake->gpus[0].processes[0].bytes = 7000;
    fake->gpus[0].processes[1].pid = 301;
    fake->gpus[0].processes[1].bytes = 70000;
    fake->gpus[0].process_count = 2;
    gpu_watch_read(watch, 1, true, &known);
    ck_assert(sum_of(watch, SENSOR_GPU_POWER) == 300);
    ck_assert(value_of(watch, 0, SENSOR_GPU_MEMORY_USED) == 1e9 + 1000); /* with what the driver keeps */
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL) == 0);
    ck_assert(value_of(watch, 0, SENSOR_GPU_PROCESSES_FOREIGN) == 0);
    const struct reading *energy = gpu_watch_reading(watch, 0, SENSOR_GPU_ENERGY);
    ck_assert_int_eq(energy->status, SENSOR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(energy->reason, "this version"));
    ck_assert_int_eq(status_of(watch, 0, SENSOR_GPU_ECC_CORRECTED), SENSOR_UNAVAILABLE);
    ck_assert_int_eq(status_of(watch, 0, SENSOR_GPU_XID_ERRORS), SENSOR_UNAVAILABLE);
    gpu_watch_close(watch);
}

static void being_held_back_is_counted_by_looking_where_the_driver_does_not(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    fake->gpus[0].reasons = SW_THERMAL; /* before the first look: since when is not known */
    gpu_watch_read(watch, 1 * NS_PER_S, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL) == 0);
    gpu_watch_read(watch, 2 * NS_PER_S, false, &known);
    fake->gpus[0].reasons = HW_SLOWDOWN; /* by hardware and not for heat: the supply, or new clock rates */
    gpu_watch_read(watch, 4 * NS_PER_S, false, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_BRAKE) == 0);
    gpu_watch_read(watch, 7 * NS_PER_S, false, &known);
    fake->gpus[0].reasons = POWER_CAP;
    gpu_watch_read(watch, 8 * NS_PER_S, true, &known);
    fake->gpus[0].reasons = HW_SLOWDOWN | HW_THERMAL;
    gpu_watch_read(watch, 16 * NS_PER_S, true, &known);
    fake->gpus[0].reasons = POWER_BRAKE;
    gpu_watch_read(watch, 21 * NS_PER_S, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL) == 1 + 8);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_BRAKE) == 3 + 5);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_POWER) == 1);
    ck_assert(sum_of(watch, SENSOR_GPU_THROTTLE_THERMAL) == 9);
    gpu_watch_close(watch);
}

/* Two and one are not three: who waits for the slowest of them waits for it alone. */
static void time_in_which_several_are_held_back_counts_once(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    nvml_kit_field(&fake->gpus[1], 75, 7000000000); /* before the monitor started */
    gpu_watch_read(watch, 1 * NS_PER_S, true, &known);
    ck_assert(sum_of(watch, SENSOR_GPU_THROTTLE_THERMAL) == 0);
    fake->gpus[0].reasons = SW_THERMAL;
    nvml_kit_field(&fake->gpus[1], 75, 8000000000);
    gpu_watch_read(watch, 3 * NS_PER_S, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL) == 2);
    ck_assert(value_of(watch, 1, SENSOR_GPU_THROTTLE_THERMAL) == 8);
    ck_assert(sum_of(watch, SENSOR_GPU_THROTTLE_THERMAL) == 2);
    fake->gpus[0].reasons = 0;
    nvml_kit_field(&fake->gpus[1], 75, 8500000000);
    gpu_watch_read(watch, 4 * NS_PER_S, true, &known);
    ck_assert(sum_of(watch, SENSOR_GPU_THROTTLE_THERMAL) == 2.5);
    gpu_watch_close(watch);
}

static void counters_of_the_driver_are_taken_where_there_are_some(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    nvml_kit_field(&fake->gpus[0], 251, 2000000000);
    nvml_kit_field(&fake->gpus[0], 252, 500000000);
    nvml_kit_field(&fake->gpus[0], 253, 1000000000);
    nvml_kit_field(&fake->gpus[1], 75, 3000000000); /* the older counter of heat */
    gpu_watch_read(watch, NS_PER_S, true, &known);
    fake->gpus[0].reasons = SW_THERMAL | POWER_CAP;
    gpu_watch_read(watch, 2 * NS_PER_S, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL) == 2.5);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_BRAKE) == 1);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_POWER) == 1); /* seen, not counted */
    ck_assert(value_of(watch, 1, SENSOR_GPU_THROTTLE_THERMAL) == 3);
    gpu_watch_close(watch);
}

/* The older counter has counted since another moment: it is none of the two, however little they tell. */
static void a_counter_never_takes_the_place_of_another(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    nvml_kit_field(&fake->gpus[0], 251, 1000000000);
    nvml_kit_field(&fake->gpus[0], 252, 0);
    nvml_kit_field(&fake->gpus[0], 75, 90000000000);
    gpu_watch_read(watch, 1 * NS_PER_S, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL) == 1);
    fake->gpus[0].fields[1].id = 999; /* 252 cannot be told now */
    gpu_watch_read(watch, 2 * NS_PER_S, true, &known);
    ck_assert_int_eq(status_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL), SENSOR_ERROR);
    fake->gpus[0].fields[1].id = 252;
    gpu_watch_read(watch, 3 * NS_PER_S, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_THROTTLE_THERMAL) == 1);
    gpu_watch_close(watch);
}

static void errors_of_memory_and_of_the_device_are_counted(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    gpu_watch_read(watch, 1, true, &known);
    ck_assert(sum_of(watch, SENSOR_GPU_XID_ERRORS) == 0);
    fake->gpus[1].ecc[0] = 5;
    fake->gpus[1].ecc[1] = 1;
    fake->events[0].gpu = 1;
    fake->events[0].type = 8;
    fake->events[1] = fake->events[0];
    fake->event_count = 2;
    gpu_watch_read(watch, 2, true, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_XID_ERRORS) == 0);
    ck_assert(value_of(watch, 1, SENSOR_GPU_ECC_CORRECTED) == 5);
    ck_assert(value_of(watch, 1, SENSOR_GPU_ECC_UNCORRECTED) == 1);
    gpu_watch_read(watch, 3, true, &known);
    ck_assert(value_of(watch, 1, SENSOR_GPU_XID_ERRORS) == 2);
    gpu_watch_close(watch);
}

static void readings_stand_until_the_next_is_due(void)
{
    struct gpu_watch *watch = open_watch(NVML_KIT_TODAY);
    fake->sleep_us = 1000; /* at least some 14 ms for both: the next not before 1.4 s */
    gpu_watch_read(watch, NS_PER_S, true, &known);
    fake->gpus[0].milliwatts = 1;
    gpu_watch_read(watch, NS_PER_S + 800 * NS_PER_MS, false, &known);
    ck_assert(value_of(watch, 0, SENSOR_GPU_POWER) == 100);
    gpu_watch_read(watch, NS_PER_S + 801 * NS_PER_MS, true, &known); /* the end of a window does not wait */
    ck_assert(value_of(watch, 0, SENSOR_GPU_POWER) == 0.001);
    gpu_watch_close(watch);
}

static void list_process(unsigned pid, unsigned long long bytes)
{
    struct fake_gpu *gpu = &fake->gpus[0];
    gpu->processes[gpu->process_count].pid = pid;
    gpu->processes[gpu->process_count++].bytes = bytes;
}

/* On the tree `laptop` 100 is ours and 101 its child, 300 somebody else's. */
static struct reading foreigners_on_laptop(enum nvml_kit_age age, unsigned pid, double *bytes)
{
    struct error why = {0};
    struct machine_reader *reader;
    static struct sample sample;
    fake = nvml_kit_reset(age);
    list_process(101, 4000);
    list_process(pid, 5000);
    struct reader_options options = {
        .root = tree_copy("laptop"), .own_pid = 100, .libraries.nvml = nvml_kit_path(age)};
    ck_assert_msg(reader_open(&options, &reader, &why) == STATUS_OK, "%s", error_text(&why));
    reader_scan_processes(reader);
    reader_read(reader, &sample);
    reader_close(reader);
    *bytes = sample.readings[SENSOR_GPU_MEMORY_FOREIGN].value;
    return sample.readings[SENSOR_GPU_PROCESSES_FOREIGN];
}

static void processes_of_others_on_a_gpu_are_counted(void)
{
    double bytes;
    for (int age = NVML_KIT_TODAY; age <= NVML_KIT_OLD; age++) {
        struct reading r = foreigners_on_laptop((enum nvml_kit_age)age, 300, &bytes);
        ck_assert_msg(r.status == SENSOR_OK && r.value == 1 && bytes == 5000, "%s, %g", r.reason, r.value);
        r = foreigners_on_laptop((enum nvml_kit_age)age, 101, &bytes);
        ck_assert(r.status == SENSOR_OK && r.value == 0 && bytes == 0);
    }
}

/* On the same tree 200 listens on port 8080, and 201 is its worker. */
static void what_the_server_holds_of_a_gpu_is_told(void)
{
    struct error why = {0};
    struct machine_reader *reader;
    static struct sample sample;
    static const double held = 7000 + 3072 * 1024.0; /* the laptop's other GPU has the rest */
    for (int untold = 0; untold < 2; untold++) {
        fake = nvml_kit_reset(NVML_KIT_TODAY);
        list_process(101, 4000);
        list_process(201, untold ? ULLONG_MAX : 7000);
        struct reader_options options = {.root = tree_copy("laptop"),
            .own_pid = 100,
            .target_url = "http://127.0.0.1:8080",
            .libraries.nvml = nvml_kit_path(NVML_KIT_TODAY)};
        ck_assert_msg(reader_open(&options, &reader, &why) == STATUS_OK, "%s", error_text(&why));
        reader_locate_target(reader);
        reader_scan_processes(reader);
        reader_read(reader, &sample);
        reader_close(reader);
        const struct reading *r = &sample.readings[SENSOR_GPU_MEMORY_TARGET];
        if (untold)
            ck_assert_ptr_nonnull(strstr(r->reason, "does not say how much"));
        else
            ck_assert_msg(r->status == SENSOR_OK && r->value == held, "%s %g", r->reason, r->value);
        ck_assert(sample.readings[SENSOR_GPU_PROCESSES_FOREIGN].value == 0);
    }
}

static void processes_with_numbers_of_another_namespace_are_nobodys(void)
{
    double bytes;
    struct reading r = foreigners_on_laptop(NVML_KIT_TODAY, 987654, &bytes);
    ck_assert_int_eq(r.status, SENSOR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(r.reason, "container"));
}

static struct clock_virtual now;

static struct monitor *open_monitor(const char *samples_path)
{
    struct error why = {0};
    struct monitor *m;
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct monitor_options options = {.root = tree_copy("laptop"),
        .clock = &now.clock,
        .own_pid = 100,
        .samples_path = samples_path,
        .libraries.nvml = nvml_kit_path(NVML_KIT_TODAY)};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    return m;
}

static void samples_name_each_gpu(void)
{
    struct error why = {0};
    struct json_object *tree, *null;
    double value;
    struct monitor *m = open_monitor(testkit_tmp_path("samples.jsonl"));
    nvml_kit_refuse(fake, "nvmlDeviceGetTemperature", NOT_SUPPORTED);
    nvml_kit_refuse(fake, "nvmlDeviceGetPowerUsage", GPU_IS_LOST);
    monitor_begin(m);
    monitor_close(m);
    struct buf text = testkit_read(testkit_tmp_path("samples.jsonl"));
    ck_assert_msg(json_parse(text.data, text.len, &tree, &why) == STATUS_OK, "%s", error_text(&why));
    part_schema_check("urn:assay:schema:sample:1.0.0", tree);
    ck_assert(json_get_real(tree, "/values/gpu_memory_used", &value) && value == 3e9);
    ck_assert(json_get_real(tree, "/values/gpu0_memory_used", &value) && value == 1e9);
    ck_assert(json_get_real(tree, "/values/gpu1_utilisation", &value) && value == 0.8);
    ck_assert(!json_find(tree, "/values/gpu0_temperature", &null));          /* not offered: left out */
    ck_assert(json_find(tree, "/values/gpu0_power", &null) && null == NULL); /* failed: null */
    ck_assert(json_find(tree, "/values/gpu_power", &null) && null == NULL);
    ck_assert(!json_find(tree, "/values/gpu2_utilisation", &null));
    json_object_put(tree);
    buf_fini(&text);
}

/* Ten seconds in which a counter of the second GPU grows by so much. */
static enum quality_verdict judge_held(unsigned field, double seconds, const char *flag)
{
    struct quality quality;
    struct monitor *m = open_monitor(NULL);
    struct fake_gpu *gpu = &fake->gpus[1];
    nvml_kit_field(gpu, 252, 0);
    nvml_kit_field(gpu, 251, 7 * NS_PER_S); /* what was there before does not count */
    nvml_kit_field(gpu, 253, 0);
    nvml_kit_field(gpu, 74, 0);
    monitor_begin(m);
    clock_virtual_advance(&now, 10 * NS_PER_S);
    nvml_kit_field(gpu, field, (unsigned long long)(seconds * 1e9));
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    ck_assert_uint_eq(quality.flag_count, 1);
    ck_assert_str_eq(quality.flags[0], flag);
    monitor_close(m);
    return quality.verdict;
}

static void a_gpu_that_slowed_down_for_heat_or_supply_is_flagged(void)
{
    ck_assert_int_eq(judge_held(252, 0, "clean"), QUALITY_CLEAN);
    ck_assert_int_eq(judge_held(252, 0.3, "degraded_throttle"), QUALITY_DEGRADED);
    ck_assert_int_eq(judge_held(252, 0.7, "degraded_throttle"), QUALITY_INVALID);
    ck_assert_int_eq(judge_held(253, 0.1, "degraded_throttle"), QUALITY_DEGRADED);
    ck_assert_int_eq(judge_held(253, 5, "degraded_throttle"), QUALITY_INVALID);
    ck_assert_int_eq(judge_held(74, 9, "clean"), QUALITY_CLEAN); /* the power limit is how GPUs work */
}

static void the_library_knows_what_a_gpu_is(void)
{
    struct error why = {0};
    struct json_object *expected;
    static const char json[] =
        "[{\"id\":\"gpu0\",\"name\":\"Fake H200\",\"vendor\":\"NVIDIA\",\"driver\":\"570.86.15\","
        "\"memory_bytes\":150000000000,\"cores\":16896,\"compute_capability\":\"9.0\",\"power_limit_w\":700},"
        "{\"id\":\"gpu1\",\"name\":\"Fake \\\\x07L4\",\"vendor\":\"NVIDIA\",\"driver\":\"570.86.15\","
        "\"memory_bytes\":150000000000,\"compute_capability\":\"9.0\",\"power_limit_w\":700},"
        "{\"id\":\"gpu2\",\"name\":\"Intel device 0x46a6\",\"vendor\":\"Intel\",\"driver\":\"i915\"}]";
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    fake->gpus[1].cores = 0;
    memcpy(fake->gpus[1].name, "Fake \007L4", 9); /* nothing of it reaches a terminal */
    struct json_object *gpus =
        gpu_list_to_json(tree_copy("laptop"), &(struct gpu_libraries){.nvml = nvml_kit_path(NVML_KIT_TODAY)});
    ck_assert_msg(json_parse(json, strlen(json), &expected, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(json_deep_equal(gpus, expected), "%s", json_object_to_json_string(gpus));
    part_schema_check("urn:assay:schema:run:1.0.0#/properties/machine/properties/gpus", gpus);
    json_object_put(gpus);
    json_object_put(expected);
    ck_assert_int_eq(fake->sessions, 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_gpu_is_read_and_they_are_summed_up),
        TESTKIT_TEST(what_a_gpu_does_not_offer_is_unavailable_and_not_asked_again),
        TESTKIT_TEST(a_gpu_that_is_lost_is_an_error_and_so_is_the_sum),
        TESTKIT_TEST(a_gpu_that_was_lost_from_the_start_does_not_hide_the_other),
        TESTKIT_TEST(sums_are_of_the_gpus_that_offer_it),
        TESTKIT_TEST(a_library_that_cannot_be_used_says_why),
        TESTKIT_TEST(without_gpus_nothing_is_loaded_and_every_reading_says_so),
        TESTKIT_TEST(an_old_driver_answers_what_it_can),
        TESTKIT_TEST(being_held_back_is_counted_by_looking_where_the_driver_does_not),
        TESTKIT_TEST(time_in_which_several_are_held_back_counts_once),
        TESTKIT_TEST(counters_of_the_driver_are_taken_where_there_are_some),
        TESTKIT_TEST(a_counter_never_takes_the_place_of_another),
        TESTKIT_TEST(errors_of_memory_and_of_the_device_are_counted),
        TESTKIT_TEST(readings_stand_until_the_next_is_due),
        TESTKIT_TEST(processes_of_others_on_a_gpu_are_counted),
        TESTKIT_TEST(what_the_server_holds_of_a_gpu_is_told),
        TESTKIT_TEST(processes_with_numbers_of_another_namespace_are_nobodys),
        TESTKIT_TEST(samples_name_each_gpu),
        TESTKIT_TEST(a_gpu_that_slowed_down_for_heat_or_supply_is_flagged),
        TESTKIT_TEST(the_library_knows_what_a_gpu_is),
        {0},
    };
    return testkit_run("gpu_nvml", tests);
}
