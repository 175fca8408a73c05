#include "monitor.h"

#include "json.h"
#include "part_schema.h"
#include "quality.h"
#include "testkit.h"
#include "tree_kit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct clock_virtual now;

static struct monitor *open_on(const char *root, const char *samples_path)
{
    struct error why = {0};
    struct monitor *m;
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct monitor_options options = {.root = root,
        .clock = &now.clock,
        .own_pid = 100,
        .samples_path = samples_path,
        .run_id = "2026-11-21T001500Z-laptop-1a2b",
        .test = "chat.short[a/\"b\"]",
        .attempt = 2};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    return m;
}

/* What a supervisor's loop does: sleeps until a sample is due, then asks for it. */
static void loop_for(struct monitor *m, int64_t ns)
{
    int64_t end_ns = now.mono_ns + ns;
    while (monitor_due_ns(m) < end_ns) {
        clock_sleep_until(&now.clock, monitor_due_ns(m));
        ck_assert(monitor_sample(m, now.mono_ns));
    }
    clock_sleep_until(&now.clock, end_ns);
}

static void samples_keep_to_an_absolute_schedule(void)
{
    struct monitor *m = open_on(tree_copy("laptop"), NULL);
    monitor_begin(m);
    int64_t start_ns = now.mono_ns;
    ck_assert_int_eq(monitor_due_ns(m), start_ns + 200 * NS_PER_MS);
    ck_assert(!monitor_sample(m, start_ns + 199 * NS_PER_MS));
    clock_virtual_advance(&now, 230 * NS_PER_MS);
    ck_assert(monitor_sample(m, now.mono_ns));
    ck_assert_int_eq(monitor_latest(m)->lateness_ns, 30 * NS_PER_MS);
    ck_assert_int_eq(monitor_due_ns(m), start_ns + 400 * NS_PER_MS);
    clock_virtual_advance(
        &now, 700 * NS_PER_MS); /* 930 ms: the samples of 400 and 600 were missed, 800 is late */
    ck_assert(monitor_sample(m, now.mono_ns));
    ck_assert_int_eq(monitor_latest(m)->lateness_ns, 130 * NS_PER_MS);
    ck_assert_int_eq(monitor_due_ns(m), start_ns + 1000 * NS_PER_MS);
    ck_assert_uint_eq(monitor_window(m)->missed, 2);
    monitor_end(m);
    ck_assert_uint_eq(monitor_window(m)->samples, 4);
    ck_assert_int_eq(monitor_window(m)->end_ns - monitor_window(m)->start_ns, 930 * NS_PER_MS);
    ck_assert_int_eq(monitor_window(m)->lateness_max_ns, 130 * NS_PER_MS);
    monitor_close(m);
}

static void processes_are_passed_over_at_both_ends_and_once_per_second(void)
{
    size_t scans = 0;
    struct monitor *m = open_on(tree_copy("laptop"), NULL);
    monitor_begin(m);
    ck_assert(monitor_latest(m)->scanned);
    for (int i = 0; i < 15; i++) { /* 3 s */
        clock_sleep_until(&now.clock, monitor_due_ns(m));
        ck_assert(monitor_sample(m, now.mono_ns));
        scans += monitor_latest(m)->scanned;
    }
    ck_assert_uint_eq(scans, 3);
    monitor_end(m);
    ck_assert(monitor_latest(m)->scanned);
    monitor_close(m);
}

static void every_sample_is_a_line_that_joins_its_test(void)
{
    const char *root = tree_copy("container_v1");
    struct monitor *m = open_on(root, testkit_tmp_path("samples.jsonl"));
    struct error why = {0};
    const char *phases[3] = {"before", "during", "after"};
    monitor_begin(m);
    clock_virtual_advance(&now, 201 * NS_PER_MS);
    tree_write(root, "/proc/vmstat", "cut");
    ck_assert(monitor_sample(m, now.mono_ns));
    monitor_end(m);
    ck_assert_int_eq(monitor_write_status(m, &why), STATUS_OK);
    monitor_close(m);

    struct buf text = testkit_read(testkit_tmp_path("samples.jsonl"));
    char *line = text.data;
    for (int i = 0; i < 3; i++) {
        struct json_object *tree, *swap;
        int64_t number;
        double value;
        char *end = strchr(line, '\n');
        ck_assert_ptr_nonnull(end);
        ck_assert_msg(
            json_parse(line, (size_t)(end - line), &tree, &why) == STATUS_OK, "%s", error_text(&why));
        part_schema_check("urn:assay:schema:sample:1.0.0", tree);
        ck_assert_str_eq(json_get_text(tree, "/run_id"), "2026-11-21T001500Z-laptop-1a2b");
        ck_assert_str_eq(json_get_text(tree, "/test"), "chat.short[a/\"b\"]");
        ck_assert_str_eq(json_get_text(tree, "/phase"), phases[i]);
        ck_assert(json_get_int(tree, "/attempt", &number) && number == 2);
        ck_assert(json_get_int(tree, "/late_ns", &number) && number == (i == 1 ? NS_PER_MS : 0));
        ck_assert(
            json_get_int(tree, "/mono_ns", &number) && number == NS_PER_S + (i > 0 ? 201 * NS_PER_MS : 0));
        ck_assert(json_get_real(tree, "/values/memory_available", &value) && value == 20000000.0 * 1024);
        /* failed: null; not offered here: left out */
        ck_assert(json_find(tree, "/values/swap_out", &swap) && (swap == NULL) == (i > 0));
        ck_assert(!json_find(tree, "/values/memory_pressure_some", &swap));
        json_object_put(tree);
        line = end + 1;
    }
    ck_assert_str_eq(line, "");
    buf_fini(&text);
}

static void a_file_that_cannot_be_written_does_not_stop_the_sampling(void)
{
    if (access("/dev/full", W_OK) != 0)
        TESTKIT_SKIP("no /dev/full here");
    struct monitor *m = open_on(tree_copy("laptop"), "/dev/full");
    struct error why = {0};
    monitor_begin(m);
    clock_virtual_advance(&now, NS_PER_S);
    monitor_end(m);
    ck_assert_uint_eq(monitor_window(m)->samples, 2);
    ck_assert_int_eq(monitor_write_status(m, &why), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_text(&why), strerror(ENOSPC)));
    monitor_close(m);
}

static void a_folder_that_is_not_there_is_an_error_at_opening(void)
{
    struct error why = {0};
    struct monitor *m;
    struct monitor_options options = {.samples_path = testkit_tmp_path("absent/samples.jsonl")};
    ck_assert_int_eq(monitor_open(&options, &m, &why), STATUS_IO);
    ck_assert_ptr_null(m);
    ck_assert_ptr_nonnull(strstr(error_text(&why), "absent/samples.jsonl"));
}

static enum quality_verdict judge_clock(int64_t wall_step_ns, int64_t asleep_ns, const char *flag)
{
    struct quality quality;
    struct monitor *m = open_on(tree_copy("laptop"), NULL);
    monitor_begin(m);
    loop_for(m, NS_PER_S);
    now.wall_ns += wall_step_ns + asleep_ns;
    now.boot_ns += asleep_ns;
    loop_for(m, NS_PER_S);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    ck_assert_uint_eq(quality.flag_count, 1);
    ck_assert_str_eq(quality.flags[0], flag);
    monitor_close(m);
    return quality.verdict;
}

static void a_step_of_the_clock_and_a_nap_are_invalid(void)
{
    ck_assert_int_eq(judge_clock(0, 0, "clean"), QUALITY_CLEAN);
    ck_assert_int_eq(judge_clock(9 * NS_PER_MS, 0, "clean"), QUALITY_CLEAN);
    ck_assert_int_eq(judge_clock(11 * NS_PER_MS, 0, "degraded_clock"), QUALITY_INVALID);
    ck_assert_int_eq(judge_clock(-3600 * NS_PER_S, 0, "degraded_clock"), QUALITY_INVALID);
    ck_assert_int_eq(judge_clock(0, 5 * NS_PER_MS, "degraded_clock"), QUALITY_INVALID);
}

/* Stepped there and back again: the ends look alike, the window does not. */
static void a_step_that_was_undone_is_still_seen(void)
{
    struct quality quality;
    struct monitor *m = open_on(tree_copy("laptop"), NULL);
    monitor_begin(m);
    now.wall_ns += NS_PER_S;
    loop_for(m, NS_PER_S);
    now.wall_ns -= NS_PER_S;
    loop_for(m, NS_PER_S);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    ck_assert_int_eq(quality.verdict, QUALITY_INVALID);
    monitor_close(m);
}

static void memory_that_came_back_is_still_seen(void)
{
    struct quality quality;
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    tree_edit(root, "/proc/meminfo", "MemAvailable:   8000000", "MemAvailable:    100000");
    loop_for(m, NS_PER_S);
    tree_edit(root, "/proc/meminfo", "MemAvailable:    100000", "MemAvailable:   8000000");
    loop_for(m, NS_PER_S);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    ck_assert_int_eq(quality.verdict, QUALITY_DEGRADED);
    ck_assert_str_eq(quality.flags[0], "degraded_memory");
    monitor_close(m);
}

static enum quality_verdict judge_zombie_lasting(int64_t ns)
{
    struct quality quality;
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    loop_for(m, 900 * NS_PER_MS);
    tree_write(root, "/proc/500/stat", "500 (x) Z 101 101 101 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 95000 0\n");
    loop_for(m, ns);
    tree_remove(root, "/proc/500");
    loop_for(m, NS_PER_S);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    monitor_close(m);
    return quality.verdict;
}

static void a_zombie_counts_when_it_is_left_for_a_second(void)
{
    ck_assert_int_eq(judge_zombie_lasting(300 * NS_PER_MS), QUALITY_CLEAN);
    ck_assert_int_eq(judge_zombie_lasting(1500 * NS_PER_MS), QUALITY_DEGRADED);
}

/* Two passes that find a zombie each, so close together that it may have been a moment both times. */
static void a_zombie_in_two_passes_of_one_moment_is_no_lasting_one(void)
{
    static struct window window;
    static struct sample sample;
    const struct span *zombies = &window.spans[SENSOR_ZOMBIES_OURS];
    static const struct {
        int64_t t_ms;
        double zombies, lasting;
    } passes[] = {
        {1000, 0, 0}, {2000, 1, 0}, {2200, 1, 0}, {2400, 1, 0}, {2600, 0, 0}, {3400, 1, 0}, {4400, 1, 1}};
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        sample.scanned = true;
        sample.t_mono_ns = passes[i].t_ms * NS_PER_MS;
        reading_set(&sample.readings[SENSOR_ZOMBIES_OURS], passes[i].zombies, "test");
        window_note(&window, &sample);
        ck_assert(zombies->high_lasting == passes[i].lasting);
    }
}

/* Second by second: what processor 0 worked of it, and at which clock rate it was found. */
struct second {
    int busy_percent;
    const char *khz;
};

static void write_work(const char *root, long busy, long idle)
{
    char text[128];
    snprintf(text, sizeof text,
        "cpu  200000 1000 100000 4000000 5000 0 500 0 0 0\ncpu0 %ld 0 0 %ld 0 0 0 0\n", busy, idle);
    tree_write(root, "/proc/stat", text);
}

static double shortfall_after(const struct second *seconds, size_t n, enum quality_verdict verdict)
{
    struct quality quality;
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    long busy = 50000, idle = 1000000;
    write_work(root, busy, idle);
    monitor_begin(m);
    for (size_t i = 0; i < n; i++) {
        busy += seconds[i].busy_percent;
        idle += 100 - seconds[i].busy_percent;
        write_work(root, busy, idle);
        tree_write(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", seconds[i].khz);
        loop_for(m, NS_PER_S);
    }
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    double highest = monitor_window(m)->spans[SENSOR_CPU_FREQUENCY_SHORTFALL].high;
    ck_assert_msg(quality.verdict == verdict, "%s, %g", quality_verdict_name(quality.verdict), highest);
    ck_assert_str_eq(quality.flags[0], verdict == QUALITY_CLEAN ? "clean" : "degraded_frequency");
    monitor_close(m);
    return highest;
}

#define SHORTFALL_AFTER(verdict, ...)                                                                        \
    shortfall_after((const struct second[]){__VA_ARGS__},                                                    \
        sizeof((const struct second[]){__VA_ARGS__}) / sizeof(struct second), verdict)

static void a_busy_processor_below_its_base_rate_is_held_back(void)
{
    static const char slow[] = "1050000\n", turbo[] = "4200000\n", idle[] = "400000\n";
    ck_assert(fabs(SHORTFALL_AFTER(QUALITY_DEGRADED, {99, slow}, {99, slow}, {99, slow}, {99, turbo}) - 0.5) <
              1e-9);
    ck_assert(SHORTFALL_AFTER(QUALITY_CLEAN, {99, turbo}, {99, turbo}, {99, turbo}) == 0);
    /* a slow clock of a processor that has little to do, and a snapshot that the next one takes back */
    ck_assert(SHORTFALL_AFTER(QUALITY_CLEAN, {30, idle}, {30, idle}, {30, idle}) == 0);
    ck_assert(SHORTFALL_AFTER(QUALITY_CLEAN, {99, turbo}, {99, slow}, {99, turbo}, {99, turbo}) == 0);
}

static void slow_sensors_are_read_once_a_second(void)
{
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    const struct reading *load = &monitor_latest(m)->readings[SENSOR_LOAD_1M];
    monitor_begin(m);
    tree_write(root, "/proc/loadavg", "7.50 0.61 0.70 2/1893 10526\n");
    loop_for(m, 900 * NS_PER_MS);
    ck_assert(load->value == 0.42);
    loop_for(m, 300 * NS_PER_MS);
    ck_assert(load->value == 7.5);
    monitor_close(m);
}

static void swap_in_use_and_the_kernels_part_of_the_work_are_read(void)
{
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    const struct reading *r = monitor_latest(m)->readings;
    monitor_begin(m);
    ck_assert(r[SENSOR_SWAP_USED].status == SENSOR_OK && r[SENSOR_SWAP_USED].value == 0);
    ck_assert(r[SENSOR_CPU_USER].value == 2010.0);
    ck_assert(r[SENSOR_CPU_SYSTEM].value == 1005.0);
    ck_assert(r[SENSOR_CPU_USER].value + r[SENSOR_CPU_SYSTEM].value == r[SENSOR_CPU_BUSY].value);
    tree_edit(root, "/proc/meminfo", "SwapFree:       8000000 kB", "SwapFree:       7999000 kB");
    loop_for(m, 300 * NS_PER_MS);
    ck_assert(r[SENSOR_SWAP_USED].value == 1000.0 * 1024);
    tree_edit(root, "/proc/meminfo", "SwapFree:", "SwapFrei:");
    loop_for(m, 300 * NS_PER_MS);
    ck_assert(r[SENSOR_SWAP_USED].status != SENSOR_OK && r[SENSOR_MEMORY_AVAILABLE].status == SENSOR_OK);
    monitor_close(m);
}

static void the_disk_that_is_written_to_has_room(void)
{
    struct monitor *m = open_on(tree_copy("laptop"), testkit_tmp_path("samples.jsonl"));
    const struct reading *room = &monitor_latest(m)->readings[SENSOR_DISK_FREE];
    monitor_begin(m);
    ck_assert_msg(room->status == SENSOR_OK, "%s", room->reason);
    ck_assert(room->value >= 0);
    monitor_close(m);
}

static void a_new_window_forgets_the_old_one(void)
{
    struct quality quality;
    const char *root = tree_copy("laptop");
    struct monitor *m = open_on(root, NULL);
    monitor_begin(m);
    tree_edit(root, "/proc/vmstat", "pswpin 0", "pswpin 9");
    clock_virtual_advance(&now, NS_PER_S);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    ck_assert_int_eq(quality.verdict, QUALITY_INVALID);
    monitor_begin(m);
    clock_virtual_advance(&now, NS_PER_S);
    monitor_end(m);
    quality_judge(monitor_window(m), &quality);
    ck_assert_int_eq(quality.verdict, QUALITY_CLEAN);
    ck_assert_uint_eq(monitor_window(m)->samples, 2);
    monitor_close(m);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(samples_keep_to_an_absolute_schedule),
        TESTKIT_TEST(processes_are_passed_over_at_both_ends_and_once_per_second),
        TESTKIT_TEST(every_sample_is_a_line_that_joins_its_test),
        TESTKIT_TEST(a_file_that_cannot_be_written_does_not_stop_the_sampling),
        TESTKIT_TEST(a_folder_that_is_not_there_is_an_error_at_opening),
        TESTKIT_TEST(a_step_of_the_clock_and_a_nap_are_invalid),
        TESTKIT_TEST(a_step_that_was_undone_is_still_seen),
        TESTKIT_TEST(memory_that_came_back_is_still_seen),
        TESTKIT_TEST(a_zombie_counts_when_it_is_left_for_a_second),
        TESTKIT_TEST(a_zombie_in_two_passes_of_one_moment_is_no_lasting_one),
        TESTKIT_TEST(a_busy_processor_below_its_base_rate_is_held_back),
        TESTKIT_TEST(slow_sensors_are_read_once_a_second),
        TESTKIT_TEST(swap_in_use_and_the_kernels_part_of_the_work_are_read),
        TESTKIT_TEST(the_disk_that_is_written_to_has_room),
        TESTKIT_TEST(a_new_window_forgets_the_old_one),
        {0},
    };
    return testkit_run("monitor", tests);
}
