/* The energy of GPUs, from a libnvidia-ml.so.1 that the tests build to the sum over a window. */
#include "energy_gpu.h"

#include "amd_smi_kit.h"
#include "monitor.h"
#include "nvml_kit.h"
#include "testkit.h"
#include "tree_kit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NOT_SUPPORTED = 3, GPU_IS_LOST = 15 };

static struct clock_virtual now;
static struct fake_nvml *fake;
static struct energy_measured measured;

static struct monitor *open_on(const char *root, enum nvml_kit_age age)
{
    struct error why = {0};
    struct monitor *m;
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct monitor_options options = {
        .root = root, .clock = &now.clock, .own_pid = 100, .libraries.nvml = nvml_kit_path(age)};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    monitor_begin(m);
    return m;
}

/* Both GPUs draw so much, and their counters agree. */
static void run_at(struct monitor *m, double watts, double seconds)
{
    for (int i = 0; i < (int)(seconds * 5 + 0.5); i++) {
        clock_virtual_advance(&now, NS_PER_S / 5);
        for (int gpu = 0; gpu < 2; gpu++) {
            fake->gpus[gpu].millijoules += (unsigned long long)(watts * 200);
            fake->gpus[gpu].milliwatts = (unsigned)(watts * 1000);
        }
        ck_assert(monitor_sample(m, now.mono_ns));
    }
}

static void measure(const struct monitor *m, int64_t from_ns, int64_t to_ns)
{
    struct energy_window window = {from_ns, to_ns};
    energy_meter_measure(monitor_energy(m), &window, 1, &measured);
}

static void must_be(double found, double wanted)
{
    ck_assert_msg(fabs(found / wanted - 1) < 0.01, "%g J instead of %g: %s", found, wanted, measured.reason);
}

static void counters_of_all_gpus_add_up(void)
{
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    struct monitor *m = open_on(testkit_tmp(), NVML_KIT_TODAY);
    run_at(m, 100, 2);
    int64_t from_ns = now.mono_ns;
    run_at(m, 350, 4);
    int64_t to_ns = now.mono_ns;
    run_at(m, 100, 2);
    monitor_end(m);
    measure(m, from_ns, to_ns);
    must_be(measured.joules, 2 * 350 * 4);
    ck_assert_str_eq(measured.names, "gpu0 + gpu1");
    ck_assert_int_eq(measured.told[0].source->unit, ENERGY_JOULES);
    ck_assert_str_eq(measured.told[0].source->method, "nvmlDeviceGetTotalEnergyConsumption");
    ck_assert_ptr_nonnull(strstr(measured.not_covered, "the processor"));
    monitor_close(m);
}

/* Before Volta there is no counter. */
static void watts_are_integrated_where_nothing_counts(void)
{
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    nvml_kit_refuse(fake, "nvmlDeviceGetTotalEnergyConsumption", NOT_SUPPORTED);
    struct monitor *m = open_on(testkit_tmp(), NVML_KIT_TODAY);
    run_at(m, 100, 2);
    int64_t from_ns = now.mono_ns;
    run_at(m, 100, 4);
    measure(m, from_ns, now.mono_ns);
    must_be(measured.joules, 2 * 100 * 4);
    ck_assert_int_eq(measured.told[0].source->unit, ENERGY_WATTS);
    monitor_close(m);
}

/* One of NVIDIA's pair counts, AMD's card behind it says watts in a file: each by its own name. */
static void gpus_of_two_makers_are_each_measured_in_their_own_way(void)
{
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    struct monitor *m = open_on(tree_copy("amd_station"), NVML_KIT_TODAY);
    int64_t from_ns = now.mono_ns;
    run_at(m, 100, 4);
    measure(m, from_ns, now.mono_ns);
    must_be(measured.joules, 2 * 100 * 4 + 214 * 4);
    ck_assert_str_eq(measured.told[0].source->method, "nvmlDeviceGetTotalEnergyConsumption");
    ck_assert_str_eq(measured.told[2].source->method, "hwmon power1_average (amdgpu)");
    monitor_close(m);
}

/* The counter of AMD's library, in its own unit. */
static void the_counter_of_amds_library_is_measured(void)
{
    struct error why = {0};
    struct monitor *m;
    const char *root = tree_copy("amd_station");
    struct fake_amd_smi *amd = amd_smi_kit_reset(AMD_SMI_KIT_TODAY);
    tree_write(root, "/sys/class/drm/card1/device/uevent", "PCI_SLOT_NAME=0000:03:00.0\n");
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct monitor_options options = {.root = root,
        .clock = &now.clock,
        .own_pid = 100,
        .libraries.amd_smi = amd_smi_kit_path(AMD_SMI_KIT_TODAY)};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    amd->gpus[0].watts = 0; /* from now on as this test counts */
    monitor_begin(m);
    int64_t from_ns = now.mono_ns;
    for (int i = 0; i < 20; i++) {
        clock_virtual_advance(&now, NS_PER_S / 5);
        amd->gpus[0].count += (uint64_t)(300.0 / 5 * 1e6 / 15.259);
        ck_assert(monitor_sample(m, now.mono_ns));
    }
    monitor_end(m);
    measure(m, from_ns, now.mono_ns);
    must_be(measured.joules, 300 * 4);
    ck_assert_str_eq(measured.told[0].source->method, "amdsmi_get_energy_count");
    monitor_close(m);
}

static void a_gpu_that_is_lost_takes_the_sum_with_it(void)
{
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    struct monitor *m = open_on(testkit_tmp(), NVML_KIT_TODAY);
    int64_t from_ns = now.mono_ns;
    run_at(m, 100, 2);
    fake->gpus[1].code = GPU_IS_LOST;
    run_at(m, 100, 2);
    measure(m, from_ns, now.mono_ns);
    ck_assert_msg(
        strncmp(measured.reason, "gpu1: told of 50 % of 4.0 s only", 32) == 0, "%s", measured.reason);
    monitor_close(m);
}

static void processor_and_gpus_are_one_sum(void)
{
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    const char *root = tree_copy("energy_laptop");
    struct monitor *m = open_on(root, NVML_KIT_TODAY);
    int64_t from_ns = now.mono_ns;
    for (int i = 1; i <= 10; i++) {
        char text[32];
        snprintf(text, sizeof text, "%d\n", 1000000 + i * 3000000);
        tree_write(root, "/sys/class/powercap/intel-rapl:0/energy_uj", text);
        run_at(m, 50, 0.2);
    }
    measure(m, from_ns, now.mono_ns);
    must_be(measured.joules, 30 + 2 * 50 * 2);
    ck_assert_str_eq(measured.names, "package_0 + gpu0 + gpu1");
    monitor_close(m);
}

/* Its driver tells what the whole package draws: that counts where nothing else tells it. */
static void a_gpu_of_the_processor_stands_in_for_its_package(void)
{
    static struct sample sample;
    struct error why = {0};
    const char *const roots[] = {testkit_tmp(), tree_copy("energy_laptop")};
    const size_t power = SENSOR_GPU_POWER - SENSOR_GPU_FIRST;
    sample.gpu_count = 1;
    sample.gpus[0].integrated = true;
    sample.gpus[0].status[power] = SENSOR_OK;
    sample.gpus[0].value[power] = 20;
    for (size_t i = 0; i < 2; i++) {
        struct energy_meter *meter;
        clock_virtual_init(&now, 1795220601 * NS_PER_S);
        struct energy_meter_options options = {.root = roots[i], .clock = &now.clock};
        ck_assert_msg(energy_meter_open(&options, &meter, &why) == STATUS_OK, "%s", error_text(&why));
        ck_assert(energy_gpu_add(meter, &sample));
        for (int k = 0; k <= 10; k++) {
            char text[32];
            snprintf(text, sizeof text, "%d\n", 1000000 + k * 3000000);
            if (i == 1)
                tree_write(roots[i], "/sys/class/powercap/intel-rapl:0/energy_uj", text);
            sample.gpus_t_mono_ns = now.mono_ns;
            energy_meter_read(meter);
            clock_virtual_advance(&now, NS_PER_S / 5);
        }
        struct energy_window window = {now.mono_ns - 2 * NS_PER_S, now.mono_ns - NS_PER_S / 5};
        energy_meter_measure(meter, &window, 1, &measured);
        must_be(measured.joules, i == 0 ? 20 * 1.8 : 15 * 1.8);
        ck_assert_str_eq(measured.names, i == 0 ? "gpu0" : "package_0");
        ck_assert(measured.covers[ENERGY_CPU]);
        energy_meter_close(meter);
    }
}

/* Most GPUs in processors tell nothing of what they draw; what the package draws is told all the same. */
static void a_mute_gpu_of_the_processor_leaves_nothing_out(void)
{
    static struct sample sample;
    const char *root = tree_copy("energy_laptop");
    struct error why = {0};
    struct energy_meter *meter;
    sample.gpu_count = 1;
    sample.gpus[0].integrated = true;
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct energy_meter_options options = {.root = root, .clock = &now.clock};
    ck_assert_msg(energy_meter_open(&options, &meter, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert(energy_gpu_add(meter, &sample));
    for (int k = 0; k <= 10; k++) {
        char text[32];
        snprintf(text, sizeof text, "%d\n", 1000000 + k * 3000000);
        tree_write(root, "/sys/class/powercap/intel-rapl:0/energy_uj", text);
        energy_meter_read(meter);
        clock_virtual_advance(&now, NS_PER_S / 5);
    }
    struct energy_window window = {now.mono_ns - 2 * NS_PER_S, now.mono_ns - NS_PER_S / 5};
    energy_meter_measure(meter, &window, 1, &measured);
    ck_assert_str_eq(measured.names, "package_0");
    ck_assert_msg(strstr(measured.not_covered, "processor") == NULL, "%s", measured.not_covered);
    energy_meter_close(meter);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(counters_of_all_gpus_add_up),
        TESTKIT_TEST(watts_are_integrated_where_nothing_counts),
        TESTKIT_TEST(gpus_of_two_makers_are_each_measured_in_their_own_way),
        TESTKIT_TEST(the_counter_of_amds_library_is_measured),
        TESTKIT_TEST(a_gpu_that_is_lost_takes_the_sum_with_it),
        TESTKIT_TEST(a_gpu_of_the_processor_stands_in_for_its_package),
        TESTKIT_TEST(a_mute_gpu_of_the_processor_leaves_nothing_out),
        TESTKIT_TEST(processor_and_gpus_are_one_sum),
        {0},
    };
    return testkit_run("energy_gpu", tests);
}
