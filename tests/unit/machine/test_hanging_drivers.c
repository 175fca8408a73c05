/* Drivers that never answer: a library that hangs in one call or in all of them, files of /sys that block. */
#include "energy_meter.h"
#include "monitor.h"
#include "nvml_kit.h"
#include "reader.h"
#include "testkit.h"
#include "tree_kit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOON_NS (200 * NS_PER_MS)
#define AGES_NS (120 * NS_PER_S) /* who is to answer is not given up, however slow the machine is */

static struct fake_nvml *fake;

static struct monitor *watch(const char *root, int64_t deadline_ns)
{
    struct error why = {0};
    struct monitor *m;
    struct monitor_options options = {.root = root,
        .own_pid = 100,
        .deadline_ns = deadline_ns,
        .samples_path = testkit_tmp_path("samples.jsonl")};
    if (fake)
        options.libraries.nvml = nvml_kit_path(NVML_KIT_TODAY);
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    monitor_begin(m);
    return m;
}

static const struct reading *of(const struct monitor *m, enum sensor_id id)
{
    return &monitor_latest(m)->readings[id];
}

/* Until that reading says so, and names what does not answer; the machine may take its time to get there. */
static void expect_silence(struct monitor *m, enum sensor_id id, const char *what)
{
    const struct reading *r = of(m, id);
    for (int i = 0; i < 60000 && !(strstr(r->reason, what) && strstr(r->reason, "has not answered for"));
         i++) {
        (void)usleep(2000);
        (void)monitor_sample(m, monitor_due_ns(m));
    }
    ck_assert_int_eq(r->status, SENSOR_UNAVAILABLE);
    ck_assert_msg(strstr(r->reason, what), "%s: %s", sensor_table[id].name, r->reason);
}

static void hang(const char *function)
{
    static char wedged[1024];
    snprintf(wedged, sizeof wedged, "%s", testkit_tmp_path("wedged"));
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    fake->hangs = function;
    fake->hangs_while = wedged;
    testkit_write(fake->hangs_while, "", 0);
}

static void a_library_that_hangs_costs_the_gpus_and_nothing_else(void)
{
    static const struct {
        const char *hangs, *named;
    } rows[] = {{"nvmlInit", "nvmlInit"}, {"nvmlDeviceGetPowerUsage", "nvmlDeviceGetPowerUsage"},
        {"nvmlDeviceGetCount", "nvmlDeviceGetCount"}, {"*", "nvmlInit"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hang(rows[i].hangs);
        struct monitor *m = watch(tree_copy("laptop"), SOON_NS);
        expect_silence(m, SENSOR_GPU_POWER, rows[i].named);
        expect_silence(m, SENSOR_GPU_XID_ERRORS, rows[i].named);
        ck_assert_int_eq(of(m, SENSOR_MEMORY_AVAILABLE)->status, SENSOR_OK);
        ck_assert_int_eq(of(m, SENSOR_CPU_BUSY)->status, SENSOR_OK);
        monitor_end(m);
        ck_assert_int_eq(of(m, SENSOR_GPU_POWER)->status, SENSOR_UNAVAILABLE);
        monitor_close(m);
    }
}

/* Until that reading is in that state; the machine may take its time. */
static void sample_until(struct monitor *m, enum sensor_id id, enum sensor_status status)
{
    for (int i = 0; i < 60000 && of(m, id)->status != status; i++) {
        (void)usleep(2000);
        (void)monitor_sample(m, monitor_due_ns(m));
    }
    ck_assert_msg(of(m, id)->status == status, "%s", of(m, id)->reason);
}

static void a_driver_that_wedges_in_the_middle_is_given_up_and_taken_back(void)
{
    hang("nvmlDeviceGetPowerUsage");
    ck_assert_int_eq(unlink(fake->hangs_while), 0);
    struct monitor *m = watch(tree_copy("laptop"), SOON_NS);
    sample_until(m, SENSOR_GPU_POWER, SENSOR_OK);
    ck_assert(of(m, SENSOR_GPU_POWER)->value == 300);
    testkit_write(fake->hangs_while, "", 0);
    expect_silence(m, SENSOR_GPU_POWER, "nvmlDeviceGetPowerUsage");
    ck_assert_int_eq(
        monitor_latest(m)->gpus[0].status[SENSOR_GPU_POWER - SENSOR_GPU_FIRST], SENSOR_UNAVAILABLE);
    ck_assert_int_eq(unlink(fake->hangs_while), 0);
    sample_until(m, SENSOR_GPU_POWER, SENSOR_OK);
    monitor_end(m);
    monitor_close(m);
}

/* The same figures, whoever reads them. */
static void a_process_apart_reads_what_we_would(void)
{
    struct error why = {0};
    struct machine_reader *reader;
    static struct sample samples[2];
    fake = nvml_kit_reset(NVML_KIT_TODAY);
    fake->gpus[0].process_count = 2;
    fake->gpus[0].processes[0].pid = 101; /* ours on that tree */
    fake->gpus[0].processes[1].pid = 300; /* somebody else's */
    fake->gpus[0].processes[1].bytes = 5000;
    nvml_kit_field(
        &fake->gpus[0], 75, 7000000000); /* a counter of the driver's: no looks are to be counted */
    const char *root = tree_copy("laptop");
    for (int apart = 0; apart < 2; apart++) {
        struct reader_options options = {.root = root,
            .own_pid = 100,
            .libraries.nvml = nvml_kit_path(NVML_KIT_TODAY),
            .deadline_ns = apart ? AGES_NS : 0};
        ck_assert_msg(reader_open(&options, &reader, &why) == STATUS_OK, "%s", error_text(&why));
        for (int i = 0; i < 60000; i++) {
            reader_scan_processes(reader);
            samples[apart].t_mono_ns = clock_mono_ns(clock_system());
            reader_read(reader, &samples[apart]);
            if (samples[apart].readings[SENSOR_GPU_PROCESSES_FOREIGN].status == SENSOR_OK)
                break; /* at once, unless the machine is busy */
            (void)usleep(2000);
        }
        reader_close(reader);
    }
    for (size_t i = 0; i < SENSOR_COUNT; i++) {
        const struct reading *here = &samples[0].readings[i], *apart = &samples[1].readings[i];
        ck_assert_msg(here->status == apart->status && here->value == apart->value, "%s: %g %s, %g %s",
            sensor_table[i].name, here->value, here->reason, apart->value, apart->reason);
    }
    ck_assert(samples[1].readings[SENSOR_GPU_PROCESSES_FOREIGN].value == 1);
    ck_assert(samples[1].readings[SENSOR_GPU_MEMORY_FOREIGN].value == 5000);
    ck_assert(samples[1].gpu_count > 0 && samples[1].gpu_count == samples[0].gpu_count);
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        ck_assert_msg(samples[0].gpus[0].value[i] == samples[1].gpus[0].value[i], "%s of one GPU: %g, %g",
            sensor_table[SENSOR_GPU_FIRST + i].name, samples[0].gpus[0].value[i],
            samples[1].gpus[0].value[i]);
}

static void make_fifo(const char *root, const char *path)
{
    char full[1024];
    snprintf(full, sizeof full, "%s%s", root, path);
    tree_remove(root, path);
    ck_assert_int_eq(mkfifo(full, 0600), 0);
}

static void a_battery_that_hangs_costs_heat_and_power_and_nothing_else(void)
{
    const char *root = tree_copy("laptop");
    make_fifo(root, "/sys/class/power_supply/BAT0/capacity");
    struct monitor *m = watch(root, SOON_NS);
    expect_silence(m, SENSOR_ON_BATTERY, "/sys/class/power_supply/BAT0/capacity");
    expect_silence(m, SENSOR_TEMPERATURE, "capacity");
    ck_assert_int_eq(of(m, SENSOR_DISK_FREE)->status, SENSOR_OK);
    ck_assert_int_eq(of(m, SENSOR_CPU_FREQUENCY)->status, SENSOR_OK);
    ck_assert_int_eq(of(m, SENSOR_LOAD_1M)->status, SENSOR_OK);
    ck_assert_int_eq(of(m, SENSOR_SWAP_OUT)->status, SENSOR_OK);
    monitor_end(m);
    monitor_close(m);
}

static void a_meter_that_hangs_says_why_it_says_nothing(void)
{
    struct error why = {0};
    struct energy_meter *meter;
    struct energy_measured measured;
    struct energy_window all = {0, NS_PER_S};
    const char *root = tree_copy("energy_laptop");
    make_fifo(root, "/sys/class/power_supply/BAT0/status");
    struct energy_meter_options options = {.root = root, .deadline_ns = SOON_NS};
    ck_assert_msg(energy_meter_open(&options, &meter, &why) == STATUS_OK, "%s", error_text(&why));
    energy_meter_begin(meter);
    energy_meter_read(meter);
    energy_meter_measure(meter, &all, 1, &measured);
    const struct energy_source *last = energy_meter_source(meter, energy_meter_count(meter) - 1);
    ck_assert_str_eq(last->name, "meters");
    ck_assert_msg(strstr(last->reason, "has not answered for 200 ms"), "%s", last->reason);
    ck_assert(energy_meter_tells(meter)); /* the processor's counters do */
    energy_meter_close(meter);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_library_that_hangs_costs_the_gpus_and_nothing_else),
        TESTKIT_TEST(a_driver_that_wedges_in_the_middle_is_given_up_and_taken_back),
        TESTKIT_TEST(a_process_apart_reads_what_we_would),
        TESTKIT_TEST(a_battery_that_hangs_costs_heat_and_power_and_nothing_else),
        TESTKIT_TEST(a_meter_that_hangs_says_why_it_says_nothing),
        {0},
    };
    return testkit_run("hanging_drivers", tests);
}
