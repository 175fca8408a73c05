#include "energy_meter.h"

#include "json.h"
#include "monitor.h"
#include "monitor_line.h"
#include "testkit.h"
#include "tree_kit.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CAP "/sys/class/powercap/"
#define RANGE_UJ INT64_C(262143328850)

static struct clock_virtual now;
static struct energy_measured measured;

static struct energy_meter *open_on(const char *root)
{
    struct error why = {0};
    struct energy_meter *m;
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct energy_meter_options options = {.root = root, .clock = &now.clock};
    ck_assert_msg(energy_meter_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    energy_meter_begin(m);
    return m;
}

static void write_number(const char *root, const char *path, int64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%lld\n", (long long)number);
    tree_write(root, path, text);
}

static void set_joules(const char *root, const char *zone, double joules)
{
    char path[128];
    snprintf(path, sizeof path, CAP "%s/energy_uj", zone);
    write_number(root, path, (int64_t)(joules * 1e6) % RANGE_UJ);
}

static const struct energy_source *source_of(const struct energy_meter *m, const char *name)
{
    for (size_t i = 0; i < energy_meter_count(m); i++)
        if (strcmp(energy_meter_source(m, i)->name, name) == 0)
            return energy_meter_source(m, i);
    return NULL;
}

static const struct energy_told *told_by(const char *name)
{
    for (size_t i = 0; i < measured.count; i++)
        if (strcmp(measured.told[i].source->name, name) == 0)
            return &measured.told[i];
    ck_abort_msg("there is no source %s", name);
    return NULL;
}

static void measure(const struct energy_meter *m, double from_s, double to_s)
{
    struct energy_window window = {(int64_t)(from_s * 1e9), (int64_t)(to_s * 1e9)};
    energy_meter_measure(m, &window, 1, &measured);
}

static void must_be(double found, double wanted)
{
    ck_assert_msg(fabs(found / wanted - 1) < 0.01, "%g J instead of %g: %s", found, wanted, measured.reason);
}

/* Watts of a zone, for so many seconds of 200 ms each. */
struct load {
    const char *zone;
    double watts, joules;
};

static void run_for(
    struct energy_meter *m, const char *root, struct load *loads, size_t count, double seconds)
{
    for (int i = 0; i < (int)(seconds * 5 + 0.5); i++) {
        clock_virtual_advance(&now, NS_PER_S / 5);
        for (size_t k = 0; k < count; k++)
            set_joules(root, loads[k].zone, loads[k].joules += loads[k].watts / 5);
        energy_meter_read(m);
    }
}

static double now_s(void)
{
    return (double)now.mono_ns / 1e9;
}

/* ---- what is found ---- */

static void zones_are_named_and_listed_once(void)
{
    static const struct {
        const char *name;
        enum energy_part part;
    } wanted[] = {{"package_0", ENERGY_CPU}, {"core_0", ENERGY_WITHIN}, {"uncore_0", ENERGY_WITHIN},
        {"psys", ENERGY_PLATFORM}, {"battery_bat0", ENERGY_BATTERY}};
    struct energy_meter *m = open_on(tree_copy("energy_laptop"));
    ck_assert_uint_eq(energy_meter_count(m), sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < energy_meter_count(m); i++) {
        ck_assert_str_eq(energy_meter_source(m, i)->name, wanted[i].name);
        ck_assert_int_eq(energy_meter_source(m, i)->part, wanted[i].part);
    }
    ck_assert_str_eq(source_of(m, "package_0")->method, "RAPL /sys/class/powercap/intel-rapl:0/energy_uj");
    ck_assert(energy_meter_tells(m));
    energy_meter_close(m);
    m = open_on(tree_copy("energy_server"));
    ck_assert_uint_eq(energy_meter_count(m), 4);
    ck_assert_ptr_nonnull(source_of(m, "dram_1"));
    energy_meter_close(m);
}

static void a_machine_without_any_says_why(void)
{
    struct energy_meter *m = open_on(testkit_tmp());
    ck_assert_uint_eq(energy_meter_count(m), 0);
    ck_assert(!energy_meter_tells(m));
    energy_meter_read(m);
    measure(m, 1, 2);
    ck_assert_ptr_nonnull(strstr(measured.reason, "no RAPL in /sys/class/powercap"));
    energy_meter_close(m);
}

/* ---- what counts ---- */

static void packages_and_their_memory_add_up_and_cores_do_not(void)
{
    const char *root = tree_copy("energy_server");
    struct load loads[] = {{"intel-rapl:0", 40, 0}, {"intel-rapl:1", 30, 0}, {"intel-rapl:0:0", 5, 0},
        {"intel-rapl:1:0", 6, 0}, {"intel-rapl:1:1", 25, 0}};
    tree_write(root, CAP "intel-rapl:1:1/name", "core\n");
    set_joules(root, "intel-rapl:1:1", 0);
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 5, 10);
    measure(m, start_s + 1.07, start_s + 9.51);
    must_be(measured.joules, 81 * 8.44);
    ck_assert_str_eq(measured.names, "package_0 + dram_0 + package_1 + dram_1");
    must_be(told_by("core_1")->joules, 25 * 8.44);
    ck_assert(!told_by("core_1")->counted);
    ck_assert_ptr_nonnull(strstr(told_by("core_1")->reason, "part of"));
    ck_assert(measured.covers[ENERGY_CPU] && measured.covers[ENERGY_MEMORY] && !measured.covers[ENERGY_GPU]);
    ck_assert_ptr_nonnull(strstr(measured.not_covered, "GPU"));
    ck_assert_ptr_null(strstr(measured.not_covered, "memory"));
    must_be(measured.coverage, 1);
    energy_meter_close(m);
}

static void the_platform_takes_the_place_of_its_parts(void)
{
    const char *root = tree_copy("energy_laptop");
    struct load loads[] = {{"intel-rapl:0", 10, 1}, {"intel-rapl:1", 18, 5}, {"intel-rapl:0:0", 7, 0},
        {"intel-rapl-mmio:0", 10, 1}};
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 4, 5);
    measure(m, start_s, start_s + 5);
    must_be(measured.joules, 90);
    ck_assert_str_eq(measured.names, "psys");
    ck_assert(measured.covers[ENERGY_PLATFORM] && !measured.coarse);
    ck_assert(!told_by("battery_bat0")->counted);
    energy_meter_close(m);
}

/* On some machines psys is not wired: it then tells less than the package alone. */
static void a_platform_that_is_less_than_its_package_does_not_count(void)
{
    const char *root = tree_copy("energy_laptop");
    struct load loads[] = {{"intel-rapl:0", 10, 1}, {"intel-rapl:1", 3, 5}};
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 2, 5);
    measure(m, start_s, start_s + 5);
    must_be(measured.joules, 50);
    ck_assert_str_eq(measured.names, "package_0");
    ck_assert_ptr_nonnull(strstr(measured.not_covered, "memory"));
    energy_meter_close(m);
}

static bool read_gpu(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    (void)reason;
    (void)source;
    *value = 100;
    return true;
}

static const struct energy_ops gpu_ops = {.read = read_gpu};

static void with_a_gpu_the_platform_gives_way_to_what_overlaps_with_nothing(void)
{
    const char *root = tree_copy("energy_laptop");
    struct load loads[] = {{"intel-rapl:0", 10, 1}, {"intel-rapl:1", 150, 5}};
    struct energy_source gpu = {
        .name = "gpu0", .method = "test", .unit = ENERGY_WATTS, .part = ENERGY_GPU, .ops = &gpu_ops};
    struct energy_meter *m = open_on(root);
    ck_assert(energy_meter_add(m, &gpu));
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 2, 5);
    measure(m, start_s, start_s + 5);
    must_be(measured.joules, 550);
    ck_assert_str_eq(measured.names, "package_0 + gpu0");
    ck_assert_ptr_nonnull(strstr(told_by("psys")->reason, "may contain the GPU"));
    ck_assert(measured.covers[ENERGY_GPU]);
    energy_meter_close(m);
}

static void a_meter_of_the_whole_machine_counts_alone(void)
{
    const char *root = tree_copy("energy_server");
    struct load loads[] = {{"intel-rapl:0", 40, 0}, {"intel-rapl:1", 30, 0}};
    tree_write(root, "/sys/class/hwmon/hwmon3/name", "power_meter\n");
    write_number(root, "/sys/class/hwmon/hwmon3/power1_average", 230000000);
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 2, 4);
    measure(m, start_s + 0.5, start_s + 3.5);
    must_be(measured.joules, 690);
    ck_assert_str_eq(measured.names, "power_meter_0");
    ck_assert_str_eq(measured.not_covered, "");
    energy_meter_close(m);
}

/* For a while it does not answer: what the processors draw is no substitute, but better than what never tells. */
static void a_meter_of_the_whole_machine_that_falters_is_not_replaced(void)
{
    const char *root = tree_copy("energy_server");
    struct load loads[] = {
        {"intel-rapl:0", 40, 0}, {"intel-rapl:1", 30, 0}, {"intel-rapl:0:0", 5, 0}, {"intel-rapl:1:0", 5, 0}};
    tree_write(root, "/sys/class/hwmon/hwmon3/name", "power_meter\n");
    write_number(root, "/sys/class/hwmon/hwmon3/power1_average", 230000000);
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 4, 2);
    tree_write(root, "/sys/class/hwmon/hwmon3/power1_average", "");
    run_for(m, root, loads, 4, 2);
    measure(m, start_s, start_s + 4);
    ck_assert_msg(
        strncmp(measured.reason, "power_meter_0: told of 50 %", 27) == 0, "\"%s\"", measured.reason);
    energy_meter_begin(m);
    energy_meter_read(m);
    start_s = now_s();
    run_for(m, root, loads, 4, 4);
    measure(m, start_s, start_s + 4);
    must_be(measured.joules, 80 * 4);
    energy_meter_close(m);
}

/* Channels by their labels: the sockets of a processor whose RAPL is not there, and no rail. */
static void known_meters_are_told_by_driver_and_label(void)
{
    const char *root = testkit_tmp_path("amd");
    tree_write(root, "/sys/class/hwmon/hwmon0/name", "amd_energy\n");
    tree_write(root, "/sys/class/hwmon/hwmon0/energy1_label", "Ecore000\n");
    tree_write(root, "/sys/class/hwmon/hwmon0/energy1_input", "1\n");
    tree_write(root, "/sys/class/hwmon/hwmon0/energy17_label", "Esocket0\n");
    tree_write(root, "/sys/class/hwmon/hwmon0/energy17_input", "1000000\n");
    tree_write(root, "/sys/class/hwmon/hwmon1/name", "nct6775\n");
    tree_write(root, "/sys/class/hwmon/hwmon1/power1_average", "5000000\n");
    struct energy_meter *m = open_on(root);
    ck_assert_uint_eq(energy_meter_count(m), 1);
    ck_assert_str_eq(energy_meter_source(m, 0)->method, "amd_energy /sys/class/hwmon/hwmon0/energy17_input");
    energy_meter_read(m);
    for (int i = 1; i <= 10; i++) {
        clock_virtual_advance(&now, NS_PER_S / 5);
        write_number(root, "/sys/class/hwmon/hwmon0/energy17_input", 1000000 + i * INT64_C(4000000));
        energy_meter_read(m);
    }
    measure(m, now_s() - 2, now_s());
    must_be(measured.joules, 40);
    energy_meter_close(m);
}

/* Of two, of which only one is what its label says; the other is part of what hangs on the processor. */
static void the_power_of_an_arm_servers_processor_is_known_by_its_label(void)
{
    const char *root = testkit_tmp_path("arm");
    tree_write(root, "/sys/class/hwmon/hwmon2/name", "apm_xgene\n");
    tree_write(root, "/sys/class/hwmon/hwmon2/power1_label", "CPU power\n");
    tree_write(root, "/sys/class/hwmon/hwmon2/power1_input", "28080000\n");
    tree_write(root, "/sys/class/hwmon/hwmon2/power2_label", "IO power\n");
    tree_write(root, "/sys/class/hwmon/hwmon2/power2_input", "31100000\n");
    struct energy_meter *m = open_on(root);
    ck_assert_uint_eq(energy_meter_count(m), 1);
    ck_assert_str_eq(energy_meter_source(m, 0)->name, "apm_xgene_0");
    ck_assert_int_eq(energy_meter_source(m, 0)->part, ENERGY_CPU);
    energy_meter_read(m);
    run_for(m, root, NULL, 0, 2);
    measure(m, now_s() - 2, now_s());
    must_be(measured.joules, 28.08 * 2);
    energy_meter_close(m);
}

static void a_battery_is_the_last_resort_and_coarse(void)
{
    const char *root = tree_copy("energy_laptop");
    tree_remove(root, "/sys/class/powercap");
    struct energy_meter *m = open_on(root);
    double start_s = now_s();
    energy_meter_read(m);
    run_for(m, root, NULL, 0, 2);
    write_number(root, "/sys/class/power_supply/BAT0/current_now", -3000000); /* some say which way */
    run_for(m, root, NULL, 0, 2);
    measure(m, start_s, start_s + 4);
    must_be(measured.joules, 18 * 2 + 36 * 2 - 18 * 0.1);
    ck_assert(measured.coarse && measured.covers[ENERGY_MACHINE]);
    ck_assert_str_eq(measured.names, "battery_bat0");
    tree_write(root, "/sys/class/power_supply/BAT0/status", "Charging\n");
    run_for(m, root, NULL, 0, 2);
    measure(m, start_s, start_s + 6);
    ck_assert_ptr_nonnull(strstr(measured.reason, "on mains"));
    energy_meter_close(m);
}

/* ---- what goes wrong ---- */

static void wrap_around_loses_nothing(void)
{
    const char *root = tree_copy("energy_server");
    double near_end = (double)RANGE_UJ / 1e6 - 333;
    struct load loads[] = {{"intel-rapl:0", 200, near_end}, {"intel-rapl:1", 100, 0}};
    set_joules(root, "intel-rapl:0", near_end);
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 2, 4);
    measure(m, start_s, start_s + 4);
    must_be(told_by("package_0")->joules, 800);
    must_be(told_by("package_0")->covered_s, 4);
    energy_meter_close(m);
}

/* Two packages of 40 W and their memory of 4 W, read once. */
struct server {
    const char *root;
    struct load loads[4];
    struct energy_meter *m;
    double start_s;
};

static struct server begin_server(void)
{
    struct server s = {.root = tree_copy("energy_server"),
        .loads = {{"intel-rapl:0", 40, 0}, {"intel-rapl:1", 40, 0}, {"intel-rapl:0:0", 4, 0},
            {"intel-rapl:1:0", 4, 0}}};
    s.m = open_on(s.root);
    energy_meter_read(s.m);
    s.start_s = now_s();
    return s;
}

static void run_server(struct server *s, double seconds)
{
    run_for(s->m, s->root, s->loads, 4, seconds);
}

static void too_few_readings_are_no_figure(void)
{
    struct server s = begin_server();
    run_server(&s, 4);
    measure(s.m, s.start_s + 1, s.start_s + 1.9);
    ck_assert_str_eq(measured.reason, "package_0: 4 readings in 0.9 s are too few: 5 are needed");
    ck_assert(measured.joules == 0);
    measure(s.m, s.start_s + 1, s.start_s + 2);
    ck_assert_str_eq(measured.reason, "");
    must_be(measured.joules, 88);
    energy_meter_close(s.m);
}

/* A sum without one of its parts would be another quantity. */
static void a_source_that_vanishes_takes_the_sum_with_it(void)
{
    struct server s = begin_server();
    run_server(&s, 2);
    s.loads[1].zone = "gone";
    tree_write(s.root, CAP "intel-rapl:1/energy_uj", "");
    run_server(&s, 2);
    measure(s.m, s.start_s, s.start_s + 4);
    ck_assert_str_eq(measured.reason, "package_1: told of 50 % of 4.0 s only: no number in it");
    measure(s.m, s.start_s, s.start_s + 2);
    must_be(measured.joules, 176);
    energy_meter_close(s.m);
}

/* A counter that came back after it could not be read for a while went on counting. */
static void a_reading_that_fails_once_costs_nothing(void)
{
    const char *root = tree_copy("energy_server");
    struct load loads[] = {{"intel-rapl:0", 40, 0}};
    tree_remove(root, CAP "intel-rapl:1");
    tree_remove(root, CAP "intel-rapl:1:0");
    tree_remove(root, CAP "intel-rapl:0:0");
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 1, 2);
    tree_write(root, CAP "intel-rapl:0/energy_uj", "");
    clock_virtual_advance(&now, NS_PER_S / 5);
    energy_meter_read(m);
    loads[0].joules += 8;
    run_for(m, root, loads, 1, 2);
    measure(m, start_s, now_s());
    must_be(measured.joules, 40 * 4.2);
    must_be(measured.coverage, 1);
    energy_meter_close(m);
}

static void what_only_root_may_read_says_what_to_do(void)
{
    const char *root = tree_copy("energy_server");
    static const char *const zones[] = {"intel-rapl:0", "intel-rapl:1", "intel-rapl:0:0", "intel-rapl:1:0"};
    bool root_runs_us = geteuid() == 0;
    char path[1024];
    snprintf(path, sizeof path, "%s/..", testkit_tmp());
    ck_assert(!root_runs_us || (chmod(testkit_tmp(), 0755) == 0 && chmod(path, 0755) == 0));
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        snprintf(path, sizeof path, "%s" CAP "%s/energy_uj", root, zones[i]);
        ck_assert_int_eq(chmod(path, root_runs_us ? 0400 : 0), 0);
    }
    ck_assert(!root_runs_us || seteuid(65534) == 0);
    bool may_look = faccessat(AT_FDCWD, root, X_OK, AT_EACCESS) == 0;
    struct energy_meter *m = open_on(root);
    ck_assert(!root_runs_us || seteuid(0) == 0);
    if (!may_look) {
        energy_meter_close(m);
        TESTKIT_SKIP("nobody may look into the folder of temporary files");
    }
    ck_assert_uint_eq(energy_meter_count(m), 4);
    ck_assert(!energy_meter_tells(m));
    energy_meter_read(m);
    measure(m, 1, 2);
    ck_assert_msg(
        strncmp(measured.reason, "package_0: only root may read energy_uj (CVE-2020-8694)", 54) == 0, "%s",
        measured.reason);
    ck_assert_ptr_nonnull(strstr(measured.reason, "sudo chmod a+r"));
    energy_meter_close(m);
}

static void a_wall_clock_that_is_set_changes_nothing(void)
{
    struct server s = begin_server();
    run_server(&s, 2);
    now.wall_ns -= 3600 * NS_PER_S;
    run_server(&s, 2);
    measure(s.m, s.start_s, s.start_s + 4);
    must_be(measured.joules, 88 * 4);
    must_be(measured.coverage, 1);
    energy_meter_close(s.m);
}

/* Asleep for a minute: the processor's counters begin anew, and nobody's window has that minute. */
static void a_sleep_is_left_out_and_said(void)
{
    const char *root = tree_copy("energy_server");
    struct load loads[] = {{"intel-rapl:0", 40, 900}, {"intel-rapl:1", 40, 900}, {"intel-rapl:0:0", 4, 90},
        {"intel-rapl:1:0", 4, 90}};
    struct energy_meter *m = open_on(root);
    for (size_t i = 0; i < 4; i++)
        set_joules(root, loads[i].zone, loads[i].joules);
    energy_meter_read(m);
    double start_s = now_s();
    run_for(m, root, loads, 4, 2);
    now.boot_ns += 60 * NS_PER_S;
    now.wall_ns += 60 * NS_PER_S;
    for (size_t i = 0; i < 4; i++)
        loads[i].joules = 0;
    run_for(m, root, loads, 4, 2);
    measure(m, start_s, start_s + 4);
    ck_assert_msg(
        strncmp(measured.reason, "package_0: told of 95 % of 4.0 s only", 37) == 0, "%s", measured.reason);
    must_be(told_by("package_0")->joules, 40 * 3.8);
    measure(m, start_s + 2.2, start_s + 4);
    must_be(measured.joules, 88 * 1.8);
    energy_meter_close(m);
}

/* The counter went on while the machine slept, and the first reading behind that fails. */
static void a_sleep_is_left_out_where_the_first_reading_behind_it_fails(void)
{
    const char *root = tree_copy("energy_server");
    struct load loads[] = {
        {"intel-rapl:0", 40, 0}, {"intel-rapl:1", 40, 0}, {"intel-rapl:0:0", 4, 0}, {"intel-rapl:1:0", 4, 0}};
    struct energy_meter *m = open_on(root);
    run_for(m, root, loads, 4, 0.2);
    double start_s = now_s();
    run_for(m, root, loads, 4, 2);
    now.boot_ns += 60 * NS_PER_S;
    tree_write(root, CAP "intel-rapl:0/energy_uj", "");
    clock_virtual_advance(&now, NS_PER_S / 5);
    energy_meter_read(m);
    loads[0].joules += 60 * 40;
    run_for(m, root, loads, 4, 2);
    measure(m, start_s, now_s());
    must_be(told_by("package_0")->joules, 40 * 3.8);
    must_be(told_by("package_0")->covered_s, 3.8);
    energy_meter_close(m);
}

/* ---- in the samples ---- */

static void append_value(const struct sample_value *v, void *arg)
{
    buf_printf(arg, "%s ", v->name);
    if (!v->known || json_write_real(v->value, arg) != STATUS_OK)
        buf_append_text(arg, "null");
    buf_append_text(arg, "\n");
}

static void a_sample_carries_joules_and_watts(void)
{
    const char *root = tree_copy("energy_laptop");
    struct buf lines = BUF_INIT(4096);
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    clock_virtual_advance(&now, NS_PER_S / 5);
    set_joules(root, "intel-rapl:0", 3.5);
    tree_write(root, CAP "intel-rapl:1/energy_uj", "");
    energy_meter_read(m);
    energy_meter_each(m, append_value, &lines);
    ck_assert_str_eq(buf_text(&lines),
        "energy_package_0_j 2.5\nenergy_core_0_j 0.0\nenergy_uncore_0_j 0.0\nenergy_psys_j null\n"
        "energy_battery_bat0_j 3.6\npower_battery_bat0_w 18.0\n");
    buf_fini(&lines);
    energy_meter_close(m);
}

static void keep_name(const struct sample_value *v, void *arg)
{
    if (strcmp(v->name, "energy_package_0_j") == 0)
        *(double *)arg = v->value;
}

static void the_monitor_s_samples_have_them_too(void)
{
    struct error why = {0};
    const char *root = tree_copy("energy_server");
    struct monitor *m;
    double joules = -1;
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct monitor_options options = {.root = root, .clock = &now.clock, .own_pid = 100};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    monitor_begin(m);
    clock_virtual_advance(&now, NS_PER_S / 5);
    set_joules(root, "intel-rapl:0", 8);
    ck_assert(monitor_sample(m, now.mono_ns));
    sample_each_value(monitor_latest(m), keep_name, &joules);
    ck_assert(joules == 8);
    monitor_close(m);
}

static void windows_are_added_up(void)
{
    const char *root = tree_copy("energy_server");
    struct load loads[] = {
        {"intel-rapl:0", 40, 0}, {"intel-rapl:1", 40, 0}, {"intel-rapl:0:0", 4, 0}, {"intel-rapl:1:0", 4, 0}};
    struct energy_meter *m = open_on(root);
    energy_meter_read(m);
    int64_t t = now.mono_ns;
    run_for(m, root, loads, 4, 3);
    loads[0].watts = 100;
    run_for(m, root, loads, 4, 3);
    struct energy_window two[] = {{t + NS_PER_S, t + 2 * NS_PER_S}, {t + 4 * NS_PER_S, t + 6 * NS_PER_S}};
    energy_meter_measure(m, two, 2, &measured);
    must_be(measured.joules, 88 + 2 * 148);
    must_be(measured.window_s, 3);
    energy_meter_close(m);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(zones_are_named_and_listed_once),
        TESTKIT_TEST(a_machine_without_any_says_why),
        TESTKIT_TEST(packages_and_their_memory_add_up_and_cores_do_not),
        TESTKIT_TEST(the_platform_takes_the_place_of_its_parts),
        TESTKIT_TEST(a_platform_that_is_less_than_its_package_does_not_count),
        TESTKIT_TEST(with_a_gpu_the_platform_gives_way_to_what_overlaps_with_nothing),
        TESTKIT_TEST(a_meter_of_the_whole_machine_counts_alone),
        TESTKIT_TEST(a_meter_of_the_whole_machine_that_falters_is_not_replaced),
        TESTKIT_TEST(known_meters_are_told_by_driver_and_label),
        TESTKIT_TEST(the_power_of_an_arm_servers_processor_is_known_by_its_label),
        TESTKIT_TEST(a_battery_is_the_last_resort_and_coarse),
        TESTKIT_TEST(wrap_around_loses_nothing),
        TESTKIT_TEST(too_few_readings_are_no_figure),
        TESTKIT_TEST(a_source_that_vanishes_takes_the_sum_with_it),
        TESTKIT_TEST(a_reading_that_fails_once_costs_nothing),
        TESTKIT_TEST(what_only_root_may_read_says_what_to_do),
        TESTKIT_TEST(a_wall_clock_that_is_set_changes_nothing),
        TESTKIT_TEST(a_sleep_is_left_out_and_said),
        TESTKIT_TEST(a_sleep_is_left_out_where_the_first_reading_behind_it_fails),
        TESTKIT_TEST(a_sample_carries_joules_and_watts),
        TESTKIT_TEST(the_monitor_s_samples_have_them_too),
        TESTKIT_TEST(windows_are_added_up),
        {0},
    };
    return testkit_run("energy_meter", tests);
}
