/* The GPUs of this machine, as they are: nothing can be asserted in figures, but it must hang together. What
 * every call says, and what a look at all of them costs, is printed: ctest -R test_gpu_live -V. */
#include "gpu_list.h"
#include "gpu_watch.h"
#include "json.h"
#include "nvml.h"
#include "quality.h"
#include "stats.h"
#include "testkit.h"

#include <math.h>
#include <stdio.h>

enum { LOOKS = 51 };

static enum gpu_owner all_known(void *arg, long pid)
{
    (void)arg;
    printf("  process %ld on a GPU\n", pid);
    return GPU_OWNER_KNOWN;
}
static const struct gpu_owners known = {.of = all_known};

static void print_reading(const struct reading *r, const char *name, const char *unit)
{
    static const char *const words[] = {[SENSOR_OK] = "", [SENSOR_ERROR] = "ERROR: "};
    if (r->status == SENSOR_OK)
        printf("  %-24s %.6g %s (%s)\n", name, r->value, unit, r->source);
    else
        printf("  %-24s %s%s (%s)\n", name, words[r->status] ? words[r->status] : "", r->reason, r->source);
}

static void print_gpu(const struct gpu_watch *watch, size_t gpu)
{
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
        enum sensor_id id = (enum sensor_id)(SENSOR_GPU_FIRST + i);
        const struct reading *r = gpu_watch_reading(watch, gpu, id);
        char name[64];
        sensor_gpu_name(gpu, id, name, sizeof name);
        print_reading(r, name, sensor_table[id].unit);
        ck_assert((r->status == SENSOR_OK) == (r->reason[0] == '\0'));
        ck_assert_msg(r->status != SENSOR_OK || (isfinite(r->value) && r->value >= 0), "%s", name);
    }
}

static double cost_us(struct gpu_watch *watch, bool thorough)
{
    double ns[LOOKS];
    const struct clock *clock = clock_system();
    static const struct gpu_owners unknown = {.unknown = "not asked"};
    for (int i = 0; i < LOOKS; i++) {
        int64_t start_ns = clock_mono_ns(clock);
        /* an hour apart: every look is due */
        gpu_watch_read(watch, start_ns + i * 3600 * NS_PER_S, thorough, &unknown);
        ns[i] = (double)(clock_mono_ns(clock) - start_ns);
    }
    return stats_median(ns, LOOKS) / 1e3;
}

static void the_gpus_of_this_machine_are_read(void)
{
    const struct clock *clock = clock_system();
    struct json_object *gpus = gpu_list_to_json("", NULL);
    printf("%s\n", json_object_to_json_string_ext(gpus, JSON_C_TO_STRING_PRETTY));
    json_object_put(gpus);
    int64_t start_ns = clock_mono_ns(clock);
    struct gpu_watch *watch = gpu_watch_open("", NULL);
    double open_us = (double)(clock_mono_ns(clock) - start_ns) / 1e3;
    ck_assert_ptr_nonnull(watch);
    if (gpu_watch_count(watch) == 0) {
        static struct sample sample;
        gpu_watch_fill(watch, &sample);
        gpu_watch_close(watch);
        TESTKIT_SKIP("%s", sample.readings[SENSOR_GPU_POWER].reason);
    }
    gpu_watch_read(watch, clock_mono_ns(clock), true, &known);
    clock_sleep_until(clock, clock_mono_ns(clock) + NS_PER_S);
    gpu_watch_read(watch, clock_mono_ns(clock), true, &known);
    for (size_t i = 0; i < gpu_watch_count(watch); i++)
        print_gpu(watch, i);
    double often_us = cost_us(watch, false), thorough_us = cost_us(watch, true);
    printf("%zu GPUs: opening %.0f us, a look %.1f us, a thorough look %.1f us\n", gpu_watch_count(watch),
        open_us, often_us, thorough_us);
    gpu_watch_close(watch);
}

/* Energy and the integral of power are of the same GPU: they cannot be far apart. */
static void energy_is_what_power_adds_up_to(void)
{
    const struct clock *clock = clock_system();
    struct error why = {0};
    struct monitor *m;
    struct monitor_options options = {.period_ns = 100 * NS_PER_MS};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    monitor_begin(m);
    const struct window *window = monitor_window(m);
    const struct span *power = &window->spans[SENSOR_GPU_POWER], *energy = &window->spans[SENSOR_GPU_ENERGY];
    if (power->last.status != SENSOR_OK || energy->last.status != SENSOR_OK) {
        monitor_close(m);
        TESTKIT_SKIP("no GPU here has a counter of its energy");
    }
    double watts = 0;
    size_t looks = 0;
    for (int64_t end_ns = clock_mono_ns(clock) + 5 * NS_PER_S; clock_mono_ns(clock) < end_ns; looks++) {
        clock_sleep_until(clock, monitor_due_ns(m));
        monitor_sample(m, clock_mono_ns(clock));
        watts += power->last.value;
    }
    monitor_end(m);
    double seconds = (double)(window->end_ns - window->start_ns) / 1e9;
    double counted = energy->last.value - energy->first.value, added = watts / (double)looks * seconds;
    printf("in %.2f s: %.2f J counted, %.2f J by %zu readings of power; the monitor took %.3f %% of a core\n",
        seconds, counted, added, looks, 100 * (double)window->cost_ns / 1e9 / seconds);
    ck_assert_msg(counted > 0.5 * added && counted < 2 * added, "%g J counted, %g J added", counted, added);
    monitor_close(m);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_gpus_of_this_machine_are_read),
        TESTKIT_TEST(energy_is_what_power_adds_up_to),
        {0},
    };
    return testkit_run("gpu_live", tests);
}
