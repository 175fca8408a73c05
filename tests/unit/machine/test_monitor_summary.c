#include "monitor_summary.h"

#include "json.h"
#include "monitor.h"
#include "testkit.h"
#include "tree_kit.h"

#include <math.h>
#include <string.h>

static struct clock_virtual now;
static struct monitor *monitor;
static struct monitor_summary *live;

static void note(const char *phase)
{
    monitor_summary_note(live, phase, monitor_latest(monitor));
}

static const char *begin_on(const char *tree)
{
    const char *root = tree_copy(tree);
    struct error why = {0};
    clock_virtual_init(&now, 1795220601 * NS_PER_S);
    struct monitor_options options = {
        .root = root, .clock = &now.clock, .own_pid = 100, .samples_path = testkit_tmp_path("samples.jsonl")};
    ck_assert_msg(monitor_open(&options, &monitor, &why) == STATUS_OK, "%s", error_text(&why));
    live = monitor_summary_new(MONITOR_PERIOD_NS);
    ck_assert_ptr_nonnull(live);
    monitor_begin(monitor);
    note("before");
    return root;
}

static void step(int64_t ns)
{
    clock_virtual_advance(&now, ns);
    if (monitor_sample(monitor, now.mono_ns))
        note("during");
}

static void end(void)
{
    monitor_end(monitor);
    note("after");
    monitor_close(monitor);
}

static struct json_object *json_of(const struct monitor_summary *s)
{
    struct json_object *tree = json_object_new_object();
    ck_assert(monitor_summary_to_json(s, tree));
    return tree;
}

static double real_at(const struct json_object *tree, const char *pointer)
{
    double value = NAN;
    ck_assert_msg(json_get_real(tree, pointer, &value), "%s", pointer);
    return value;
}

static struct monitor_summary *read_back(void)
{
    struct monitor_summary *s;
    struct error why = {0};
    ck_assert_msg(monitor_summary_read(testkit_tmp_path("samples.jsonl"), &s, &why) == STATUS_OK, "%s",
        error_text(&why));
    return s;
}

static void an_interval_that_was_kept_and_one_that_was_missed(void)
{
    begin_on("laptop");
    for (int i = 0; i < 4; i++)
        step(200 * NS_PER_MS);
    step(650 * NS_PER_MS); /* 1000 and 1200 are missed, 1400 comes 50 ms late */
    clock_virtual_advance(&now, 60 * NS_PER_MS);
    end();
    struct json_object *tree = json_of(live);
    ck_assert(
        fabs(real_at(tree, "/interval/mean_s") - 1.45 / 5) < 1e-9); /* what was missed makes it longer */
    ck_assert(fabs(real_at(tree, "/interval/max_s") - 0.65) < 1e-9);
    ck_assert(fabs(real_at(tree, "/lateness/max_s") - 0.05) < 1e-9);
    ck_assert(fabs(real_at(tree, "/duration_s") - 1.51) < 1e-9);
    ck_assert(real_at(tree, "/missed") == 2);
    ck_assert(real_at(tree, "/samples") == 7);
    ck_assert(real_at(tree, "/cost/scans") == 3); /* both ends, and the one after a second */
    json_object_put(tree);
    monitor_summary_free(live);
}

static void values_are_summed_up_by_sensor_and_judged(void)
{
    const char *root = begin_on("laptop");
    step(200 * NS_PER_MS);
    tree_edit(root, "/proc/vmstat", "pswpout 0", "pswpout 10");
    tree_edit(root, "/proc/meminfo", "MemAvailable:   8000000", "MemAvailable:   6000000");
    step(200 * NS_PER_MS);
    tree_write(root, "/proc/vmstat", "cut");
    step(200 * NS_PER_MS);
    end();
    struct json_object *tree = json_of(live);
    ck_assert(real_at(tree, "/sensors/swap_out/n") == 3);
    ck_assert(real_at(tree, "/sensors/swap_out/failed") == 2);
    ck_assert(real_at(tree, "/sensors/swap_out/max") == 40960);
    ck_assert(real_at(tree, "/sensors/memory_available/first") == 8000000.0 * 1024);
    ck_assert(real_at(tree, "/sensors/memory_available/min") == 6000000.0 * 1024);
    ck_assert(real_at(tree, "/sensors/memory_available/mean") == 6800000.0 * 1024);
    json_object_put(tree);
    monitor_summary_free(live);
}

static void a_step_of_the_clock_makes_it_invalid(void)
{
    begin_on("laptop");
    step(200 * NS_PER_MS);
    now.wall_ns -= 3600 * NS_PER_S;
    step(200 * NS_PER_MS);
    end();
    struct json_object *tree = json_of(live);
    ck_assert_str_eq(json_get_text(tree, "/verdict"), "invalid");
    ck_assert_str_eq(json_get_text(tree, "/quality_flags/0"), "degraded_clock");
    ck_assert(fabs(real_at(tree, "/interval/max_s") - 0.2) < 1e-9);
    json_object_put(tree);
    monitor_summary_free(live);
}

/* Whoever was killed has left all that its own summary would have said. */
static void the_file_says_the_same_as_the_monitor_would_have(void)
{
    const char *root = begin_on("laptop");
    for (int i = 0; i < 12; i++)
        step(i == 7 ? 430 * NS_PER_MS : 200 * NS_PER_MS);
    tree_edit(root, "/proc/vmstat", "pswpin 0", "pswpin 9");
    step(200 * NS_PER_MS);
    end();
    struct monitor_summary *s = read_back();
    ck_assert_int_eq(s->period_ns, 0); /* no start line in this file */
    s->period_ns = MONITOR_PERIOD_NS;
    s->missed = live->missed;
    struct json_object *said = json_of(live), *found = json_of(s);
    ck_assert_str_eq(json_get_text(said, "/verdict"), "invalid");
    struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
    ck_assert_int_eq(json_write_pretty(said, &a, NULL), STATUS_OK);
    ck_assert_int_eq(json_write_pretty(found, &b, NULL), STATUS_OK);
    ck_assert_str_eq(buf_text(&a), buf_text(&b));
    buf_fini(&a);
    buf_fini(&b);
    json_object_put(said);
    json_object_put(found);
    monitor_summary_free(s);
    monitor_summary_free(live);
}

static void write_text(const char *text)
{
    testkit_write(testkit_tmp_path("samples.jsonl"), text, strlen(text));
}

#define LINE(at, values)                                                                                     \
    "{\"schema_version\":\"1.0.0\",\"unix_ns\":" at ",\"mono_ns\":" at ",\"values\":{" values "}}\n"

#define OF_RUN(phase, at, values)                                                                            \
    "{\"schema_version\":\"1.0.0\",\"phase\":\"" phase "\",\"unix_ns\":" at ",\"mono_ns\":" at               \
    ",\"values\":{\"clock_step\":0," values "}}\n"
#define S "000000000"

/* Energy and shares of the CPU begin anew with each test, and between tests nobody watched. */
static void each_test_of_a_run_is_a_window_of_its_own(void)
{
    write_text(OF_RUN("before", "10" S, "\"energy_psys_j\":0,\"cpu_foreign\":0.5,\"swap_in\":0")
            OF_RUN("during", "12" S, "\"energy_psys_j\":30,\"cpu_foreign\":0.5,\"swap_in\":0")
                OF_RUN("after", "14" S, "\"energy_psys_j\":70,\"cpu_foreign\":2.5,\"swap_in\":0")
                    OF_RUN("before", "20" S, "\"energy_psys_j\":0,\"cpu_foreign\":0,\"swap_in\":4096") OF_RUN(
                        "after", "24" S, "\"energy_psys_j\":50,\"cpu_foreign\":0,\"swap_in\":4096")
                        OF_RUN("before", "30" S, "\"energy_psys_j\":0,\"cpu_foreign\":0,\"swap_in\":4096"));
    struct monitor_summary *s = read_back();
    struct json_object *tree = json_of(s);
    ck_assert_str_eq(s->values[1].name, "energy_psys_j");
    ck_assert(s->values[1].grown == 120);
    ck_assert(real_at(tree, "/sensors/energy_psys_j/growth") == 120);
    ck_assert(s->watched_ns == 8 * NS_PER_S && monitor_summary_duration_s(s) == 20);
    ck_assert(real_at(tree, "/windows") == 2); /* the third was killed at once */
    ck_assert_str_eq(json_get_text(tree, "/verdict"), "degraded");
    ck_assert_str_eq(json_get_text(tree, "/quality_flags/0"), "degraded_cpu_foreign");
    ck_assert_ptr_null(json_get_text(tree, "/quality_flags/1")); /* what was swapped in between is nobody's */
    json_object_put(tree);
    monitor_summary_free(s);
}

static void names_of_other_programs_are_summed_up_as_well(void)
{
    write_text(
        "{\"schema_version\":\"1.0.0\",\"type\":\"start\",\"host\":\"box\",\"period_s\":0.1,\"sensors\":{"
        "\"gpu0_power\":{\"unit\":\"W\",\"kind\":\"gauge\"}}}\n" LINE(
            "100000000", "\"gpu0_power\":40,\"odd\":null") LINE("200000000", "\"gpu0_power\":60,\"odd\":1")
            LINE("500000000", "\"gpu0_power\":50"));
    struct monitor_summary *s = read_back();
    ck_assert_str_eq(s->host, "box");
    ck_assert_uint_eq(s->value_count, 2);
    ck_assert_str_eq(s->values[0].name, "gpu0_power");
    ck_assert(s->values[0].low == 40 && s->values[0].high == 60 && s->values[0].sum == 150);
    ck_assert(s->values[1].seen == 1 && s->values[1].failed == 1);
    ck_assert_uint_eq(s->missed, 2);
    ck_assert_str_eq(json_get_text(s->sensors, "/gpu0_power/unit"), "W");
    ck_assert(!s->ended);
    monitor_summary_free(s);
}

static void torn_and_broken_lines_are_left_out_and_counted(void)
{
    write_text(LINE("100000000", "\"a\":1") "garbage\n[1]\n{\"values\":{}}\n" LINE(
        "300000000", "\"a\":2") "{\"unix_n");
    struct monitor_summary *s = read_back();
    ck_assert_uint_eq(s->samples, 2);
    ck_assert_uint_eq(s->lines_left_out, 4);
    monitor_summary_free(s);
}

static void assert_refused(const char *text, enum status status, const char *words)
{
    struct monitor_summary *s;
    struct error why = {0};
    write_text(text);
    ck_assert_int_eq(monitor_summary_read(testkit_tmp_path("samples.jsonl"), &s, &why), status);
    ck_assert_ptr_null(s);
    ck_assert_msg(strstr(error_text(&why), words) != NULL, "%s", error_text(&why));
}

static void a_file_without_samples_is_none(void)
{
    struct monitor_summary *s;
    assert_refused("", STATUS_INVALID, "no sample");
    assert_refused("{\"outcome\":\"passed\"}\n", STATUS_INVALID, "no sample");
    ck_assert_int_eq(monitor_summary_read(testkit_tmp_path("absent"), &s, NULL), STATUS_NOT_FOUND);
    ck_assert_ptr_null(s);
}

static void names_beyond_the_limit_are_counted_and_not_kept(void)
{
    struct buf text = BUF_INIT(1 << 20);
    buf_append_text(&text, "{\"unix_ns\":1,\"mono_ns\":1,\"values\":{\"v\":1");
    for (int i = 0; i < SUMMARY_VALUES_MAX + 9; i++)
        buf_printf(&text, ",\"v%d\":%d", i, i);
    buf_append_text(&text, "}}\n");
    write_text(buf_text(&text));
    buf_fini(&text);
    struct monitor_summary *s = read_back();
    ck_assert_uint_eq(s->value_count, SUMMARY_VALUES_MAX);
    ck_assert_uint_eq(s->values_left_out, 10);
    monitor_summary_free(s);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_interval_that_was_kept_and_one_that_was_missed),
        TESTKIT_TEST(values_are_summed_up_by_sensor_and_judged),
        TESTKIT_TEST(a_step_of_the_clock_makes_it_invalid),
        TESTKIT_TEST(the_file_says_the_same_as_the_monitor_would_have),
        TESTKIT_TEST(each_test_of_a_run_is_a_window_of_its_own),
        TESTKIT_TEST(names_of_other_programs_are_summed_up_as_well),
        TESTKIT_TEST(torn_and_broken_lines_are_left_out_and_counted),
        TESTKIT_TEST(a_file_without_samples_is_none),
        TESTKIT_TEST(names_beyond_the_limit_are_counted_and_not_kept),
        {0},
    };
    return testkit_run("monitor_summary", tests);
}
