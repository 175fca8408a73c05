/* What a Mac tells of its GPU, energy and power supply, by libraries that the tests build. */
#include "clock.h"
#include "energy_trail.h"
#include "json.h"
#include "mac_energy.h"
#include "mac_gpu_device.h"
#include "mac_gpu_list.h"
#include "mac_kit.h"
#include "part_schema.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CPU, PCPU, GPU, ANE, DRAM, GPUPH, BOOSTED }; /* channels of the fake */

static const int64_t SECOND_NS = 1000000000;

static double value_of(const struct gpu_device *gpu, enum sensor_id id)
{
    const struct reading *r = &gpu->readings[id - SENSOR_GPU_FIRST];
    ck_assert_msg(r->status == SENSOR_OK, "%s: %s", sensor_table[id].name, r->reason);
    return r->value;
}

static struct gpu_device *open_gpu(const struct mac_frameworks *f)
{
    struct mac_gpu gpus[MAC_GPUS_MAX];
    ck_assert_uint_eq(mac_gpus_find(f, gpus, MAC_GPUS_MAX), 1);
    struct gpu_device *gpu = mac_gpu_device_new(f, &gpus[0]);
    ck_assert_ptr_nonnull(gpu);
    return gpu;
}

static void an_apple_gpu_tells_time_memory_and_energy(void)
{
    struct fake_mac *mac = mac_kit_reset();
    const struct mac_frameworks *f = mac_kit_frameworks();
    struct gpu_device *gpu = open_gpu(f);
    mac->gpu_memory = INT64_C(12345678901);
    gpu->ops->read(gpu, SECOND_NS);
    ck_assert_double_eq(value_of(gpu, SENSOR_GPU_MEMORY_USED), 12345678901.0);
    ck_assert_double_eq(value_of(gpu, SENSOR_GPU_ENERGY), 0);
    ck_assert_int_eq(gpu->readings[SENSOR_GPU_POWER - SENSOR_GPU_FIRST].status, SENSOR_UNAVAILABLE);
    mac->channels[GPU].value += INT64_C(15000000000); /* nJ: 15 J */
    mac->channels[GPUPH].state_times[0] += 600;
    mac->channels[GPUPH].state_times[2] += 200;
    mac->channels[BOOSTED].state_times[0] += 77777; /* another channel of the group */
    gpu->ops->read(gpu, 3 * SECOND_NS);
    ck_assert_double_eq_tol(value_of(gpu, SENSOR_GPU_ENERGY), 15, 1e-9);
    ck_assert_double_eq_tol(value_of(gpu, SENSOR_GPU_POWER), 7.5, 1e-9);
    ck_assert_double_eq_tol(value_of(gpu, SENSOR_GPU_UTILISATION), 0.25, 1e-12);
    gpu->ops->close(gpu);
    ck_assert_int_eq(mac->live, 0);
}

static void without_reports_the_registry_alone_tells(void)
{
    struct fake_mac *mac = mac_kit_reset();
    const struct mac_frameworks *f = mac_kit_frameworks();
    mac->no_channels = true;
    mac->gpu_percent = 42;
    struct gpu_device *gpu = open_gpu(f);
    gpu->ops->read(gpu, SECOND_NS);
    ck_assert_double_eq_tol(value_of(gpu, SENSOR_GPU_UTILISATION), 0.42, 1e-12);
    const struct reading *energy = &gpu->readings[SENSOR_GPU_ENERGY - SENSOR_GPU_FIRST];
    ck_assert_int_eq(energy->status, SENSOR_UNAVAILABLE);
    ck_assert_str_eq(energy->reason, "IOReport has no such channels on this machine");
    mac->gpu_silent = true;
    gpu->ops->read(gpu, 2 * SECOND_NS);
    ck_assert_int_eq(gpu->readings[SENSOR_GPU_UTILISATION - SENSOR_GPU_FIRST].status, SENSOR_UNAVAILABLE);
    gpu->ops->close(gpu);
    ck_assert_int_eq(mac->live, 0);
}

static void a_sample_that_fails_is_made_up_for_by_the_next(void)
{
    struct fake_mac *mac = mac_kit_reset();
    const struct mac_frameworks *f = mac_kit_frameworks();
    struct gpu_device *gpu = open_gpu(f);
    mac->channels[GPU].value += 1000000000;
    mac->no_sample = true;
    gpu->ops->read(gpu, SECOND_NS);
    ck_assert_int_eq(gpu->readings[SENSOR_GPU_ENERGY - SENSOR_GPU_FIRST].status, SENSOR_ERROR);
    mac->no_sample = false;
    mac->channels[GPU].value += 1000000000;
    gpu->ops->read(gpu, 2 * SECOND_NS);
    ck_assert_double_eq_tol(value_of(gpu, SENSOR_GPU_ENERGY), 2, 1e-9);
    gpu->ops->close(gpu);
    ck_assert_int_eq(mac->live, 0);
}

static void the_list_of_gpus_fits_the_schema(void)
{
    struct fake_mac *mac = mac_kit_reset();
    const struct mac_frameworks *f = mac_kit_frameworks();
    for (int bytes = 0; bytes < 2; bytes++) {
        mac->gpu_model_is_bytes = bytes != 0;
        struct json_object *list = mac_gpu_list_to_json(f);
        part_schema_check("urn:assay:schema:run:1.0.0#/properties/machine/properties/gpus", list);
        ck_assert_str_eq(json_get_text(list, "/0/name"), "Apple M2 Max");
        ck_assert_str_eq(json_get_text(list, "/0/vendor"), "Apple");
        ck_assert_str_eq(json_get_text(list, "/0/id"), "gpu0");
        int64_t cores = 0;
        ck_assert(json_get_int(list, "/0/cores", &cores) && cores == 38);
        json_object_put(list);
    }
    mac->gpu_model = "\x1b]0;evil\a";
    struct json_object *list = mac_gpu_list_to_json(f);
    ck_assert_ptr_null(strchr(json_get_text(list, "/0/name"), '\x1b'));
    json_object_put(list);
    mac->gpus = 0;
    list = mac_gpu_list_to_json(f);
    ck_assert_uint_eq(json_object_array_length(list), 0);
    json_object_put(list);
    ck_assert_int_eq(mac->live, 0);
}

/* ---- energy ---- */

static const struct energy_source *named(const struct energy_source *sources, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    ck_abort_msg("no source %s", name);
}

static double read_source(const struct energy_source *source)
{
    struct energy_source *s = (void *)(uintptr_t)source;
    double value = -1;
    char reason[ENERGY_REASON_SIZE] = "";
    ck_assert_msg(s->ops->read(s, &value, reason), "%s: %s", s->name, reason);
    return value;
}

/* A reading of the report is good for a moment. */
static void let_it_grow_old(void)
{
    clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + 5 * NS_PER_MS);
}

static void the_chip_counts_its_parts(void)
{
    struct fake_mac *mac = mac_kit_reset();
    struct energy_source sources[ENERGY_SOURCES_MAX];
    char none[ENERGY_REASON_SIZE];
    struct mac_energy_options options = {.paths = mac_kit_paths()};
    size_t count = mac_energy_open(&options, sources, ENERGY_SOURCES_MAX, none);
    ck_assert_uint_eq(count, 3);
    const struct energy_source *cpu = named(sources, count, "cpu"), *dram = named(sources, count, "dram");
    ck_assert_int_eq(cpu->part, ENERGY_CPU);
    ck_assert_int_eq(dram->part, ENERGY_MEMORY);
    ck_assert_int_eq(named(sources, count, "neural_engine")->part, ENERGY_CPU);
    mac->channels[CPU].value += 2500;
    mac->channels[PCPU].value += 2400; /* is part of it */
    mac->channels[DRAM].value += 750000;
    let_it_grow_old();
    ck_assert_double_eq_tol(read_source(cpu), 2.5, 1e-9);
    ck_assert_double_eq_tol(read_source(dram), 0.75, 1e-9);
    ck_assert_double_eq(read_source(named(sources, count, "neural_engine")), 0);
    ck_assert(cpu->at_ns > 0);
    energy_sources_close(sources, count);
    ck_assert_int_eq(mac->live, 0);
}

/* Known joules at known moments: what a window gets of them is theirs. */
static void a_window_has_the_energy_of_its_time(void)
{
    struct fake_mac *mac = mac_kit_reset();
    struct energy_source sources[ENERGY_SOURCES_MAX];
    struct energy_trail trail;
    char none[ENERGY_REASON_SIZE];
    struct mac_energy_options options = {.paths = mac_kit_paths()};
    size_t count = mac_energy_open(&options, sources, ENERGY_SOURCES_MAX, none);
    const struct energy_source *cpu = named(sources, count, "cpu");
    energy_trail_init(&trail, cpu->unit, cpu->range_j, SECOND_NS);
    for (int i = 0; i <= 20; i++) { /* 3 W, then 30 W */
        let_it_grow_old();
        ck_assert(energy_trail_add(&trail, (i + 1) * SECOND_NS / 5, read_source(cpu), false));
        mac->channels[CPU].value += i < 10 ? 600 : 6000; /* mJ in 0.2 s */
    }
    struct energy_stretch slow = energy_trail_between(&trail, SECOND_NS / 5, 11 * SECOND_NS / 5);
    struct energy_stretch fast = energy_trail_between(&trail, 11 * SECOND_NS / 5, 21 * SECOND_NS / 5);
    ck_assert_double_eq_tol(slow.joules, 6, 0.06);
    ck_assert_double_eq_tol(fast.joules, 60, 0.6);
    energy_trail_fini(&trail);
    energy_sources_close(sources, count);
    ck_assert_int_eq(mac->live, 0);
}

static void a_battery_tells_while_it_is_drained(void)
{
    struct fake_mac *mac = mac_kit_reset();
    struct energy_source sources[ENERGY_SOURCES_MAX];
    char none[ENERGY_REASON_SIZE], reason[ENERGY_REASON_SIZE];
    struct mac_energy_options options = {.paths = mac_kit_paths()};
    double watts;
    mac->has_battery = true;
    mac->milliamperes = -1500;
    mac->millivolts = 12000;
    size_t count = mac_energy_open(&options, sources, ENERGY_SOURCES_MAX, none);
    struct energy_source *battery = (void *)(uintptr_t)named(sources, count, "battery_internal");
    ck_assert_int_eq(battery->part, ENERGY_BATTERY);
    ck_assert_double_eq_tol(read_source(battery), 18, 1e-9);
    mac->external = true;
    ck_assert(!battery->ops->read(battery, &watts, reason));
    ck_assert_str_eq(reason, "the battery is not being drained: the machine is on mains");
    mac->external = false;
    mac->milliamperes = 900;
    ck_assert(!battery->ops->read(battery, &watts, reason));
    energy_sources_close(sources, count);
    ck_assert_int_eq(mac->live, 0);
}

static void where_nothing_tells_it_is_said_why(void)
{
    struct fake_mac *mac = mac_kit_reset();
    struct energy_source sources[ENERGY_SOURCES_MAX];
    char none[ENERGY_REASON_SIZE];
    struct mac_paths paths = *mac_kit_paths();
    struct mac_energy_options options = {.paths = &paths};
    paths.io_report = NULL;
    ck_assert_uint_eq(mac_energy_open(&options, sources, ENERGY_SOURCES_MAX, none), 0);
    ck_assert_str_eq(none, "IOReport is not there");
    paths.io_report = mac_kit_paths()->io_report;
    mac->no_channels = true;
    ck_assert_uint_eq(mac_energy_open(&options, sources, ENERGY_SOURCES_MAX, none), 0);
    ck_assert_str_eq(none, "IOReport has no such channels on this machine");
    paths.iokit = "/nonexistent";
    ck_assert_uint_eq(mac_energy_open(&options, sources, ENERGY_SOURCES_MAX, none), 0);
    ck_assert_str_eq(none, "IOKit lacks the library itself");
    ck_assert_int_eq(mac->live, 0);
}

static void powermetrics_counts_only_where_it_is_asked_for(void)
{
    static const char *const arguments[] = {"/bin/sh", "-c",
        "echo '*** Sampled system activity'; echo 'CPU Power: 5000 mW'; echo '*** Sampled system activity';"
        " exec sleep 600",
        NULL};
    struct fake_mac *mac = mac_kit_reset();
    struct energy_source sources[ENERGY_SOURCES_MAX];
    char none[ENERGY_REASON_SIZE], reason[ENERGY_REASON_SIZE];
    double watts = 0;
    struct mac_energy_options options = {
        .paths = mac_kit_paths(), .powermetrics = true, .powermetrics_arguments = arguments};
    size_t count = mac_energy_open(&options, sources, ENERGY_SOURCES_MAX, none);
    ck_assert_uint_eq(count, 6);
    struct energy_source *cpu = (void *)(uintptr_t)named(sources, count, "powermetrics_cpu");
    struct energy_source *gpu = (void *)(uintptr_t)named(sources, count, "powermetrics_gpu");
    ck_assert(cpu->spare && gpu->spare); /* IOReport tells of the same */
    while (!cpu->ops->read(cpu, &watts, reason))
        let_it_grow_old();
    ck_assert_double_eq_tol(watts, 5, 1e-12);
    ck_assert(!gpu->ops->read(gpu, &watts, reason));
    ck_assert_str_eq(reason, "powermetrics does not tell it on this machine");
    energy_sources_close(sources, count);
    ck_assert_int_eq(mac->live, 0);
}

/* ---- power supply ---- */

static void power_is_from_mains_or_battery(void)
{
    struct fake_mac *mac = mac_kit_reset();
    const struct mac_frameworks *f = mac_kit_frameworks();
    struct mac_power power;
    mac_power_read(f, &power);
    ck_assert(power.known && !power.on_battery && !power.has_battery);
    mac->has_battery = true;
    mac->capacity = 4000;
    mac->capacity_most = 5000;
    mac->providing = "Battery Power";
    mac_power_read(f, &power);
    ck_assert(power.known && power.on_battery && power.has_battery);
    ck_assert_double_eq_tol(power.charge_percent, 80, 1e-12);
    mac->capacity_most = 0;
    mac_power_read(f, &power);
    ck_assert(!power.has_battery);
    ck_assert_int_eq(mac->live, 0);
}

static void a_clock_limit_is_a_share(void)
{
    struct fake_mac *mac = mac_kit_reset();
    const struct mac_frameworks *f = mac_kit_frameworks();
    double share;
    ck_assert(!mac_speed_limit(f, &share));
    mac->speed_limit = 70;
    ck_assert(mac_speed_limit(f, &share));
    ck_assert_double_eq_tol(share, 0.7, 1e-12);
    mac->speed_limit = 700;
    ck_assert(!mac_speed_limit(f, &share));
    ck_assert_int_eq(mac->live, 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_apple_gpu_tells_time_memory_and_energy),
        TESTKIT_TEST(without_reports_the_registry_alone_tells),
        TESTKIT_TEST(a_sample_that_fails_is_made_up_for_by_the_next),
        TESTKIT_TEST(the_list_of_gpus_fits_the_schema),
        TESTKIT_TEST(the_chip_counts_its_parts),
        TESTKIT_TEST(a_window_has_the_energy_of_its_time),
        TESTKIT_TEST(a_battery_tells_while_it_is_drained),
        TESTKIT_TEST(where_nothing_tells_it_is_said_why),
        TESTKIT_TEST(powermetrics_counts_only_where_it_is_asked_for),
        TESTKIT_TEST(power_is_from_mains_or_battery),
        TESTKIT_TEST(a_clock_limit_is_a_share),
        {0},
    };
    return testkit_run("mac_power", tests);
}
