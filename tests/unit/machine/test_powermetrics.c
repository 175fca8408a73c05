/* powermetrics as text and as a process. The texts were written after its published output, not captured by us. */
#include "powermetrics_run.h"

#include "clock.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct powermetrics_sample taken(const char *line)
{
    struct powermetrics_sample sample = {0};
    ck_assert_msg(!powermetrics_take_line(&sample, line), "%s", line);
    return sample;
}

static void powers_are_in_watts(void)
{
    static const struct {
        const char *line;
        enum powermetrics_power power;
        double watts; /* -1: it tells none */
    } rows[] = {
        {"CPU Power: 5120 mW", POWERMETRICS_CPU, 5.12},
        {"CPU Power: 5120 mW\r", POWERMETRICS_CPU, 5.12},
        {"GPU Power: 0 mW", POWERMETRICS_GPU, 0},
        {"ANE Power: 7 mW", POWERMETRICS_ANE, 0.007},
        {"Intel energy model derived package power (CPUs+GT+SA): 5.43W", POWERMETRICS_PACKAGE, 5.43},
        {"CPU Power: .5 W", POWERMETRICS_CPU, 0.5},
        {"Combined Power (CPU + GPU + ANE): 36520 mW", POWERMETRICS_CPU, -1},
        {"CPU Power: 5120 MW", POWERMETRICS_CPU, -1},
        {"CPU Power: 5120", POWERMETRICS_CPU, -1},
        {"CPU Power: mW", POWERMETRICS_CPU, -1},
        {"CPU Power: 1.2.3 mW", POWERMETRICS_CPU, -1},
        {"CPU Power: 99999999999999999999999999999999999999999999 mW", POWERMETRICS_CPU, -1},
        {"CPU Power: -3 mW", POWERMETRICS_CPU, -1},
        {"CPU Power", POWERMETRICS_CPU, -1},
        {"E-Cluster CPU Power: 5 mW", POWERMETRICS_CPU, -1},
        {"", POWERMETRICS_CPU, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct powermetrics_sample sample = taken(rows[i].line);
        ck_assert_msg(sample.has_power[rows[i].power] == (rows[i].watts >= 0), "%s", rows[i].line);
        if (rows[i].watts >= 0)
            ck_assert_double_eq_tol(sample.watts[rows[i].power], rows[i].watts, 1e-12);
    }
}

static void heat_and_gpu_time_are_read(void)
{
    ck_assert_int_eq(taken("Current pressure level: Nominal").pressure, 0);
    ck_assert_int_eq(taken("Current pressure level: Heavy\r").pressure, 2);
    ck_assert_int_eq(taken("Current pressure level: Sleeping").pressure, 4);
    ck_assert(!taken("Current pressure level: Heavyish").has_pressure);
    ck_assert(!taken("Current pressure level:").has_pressure);
    ck_assert_double_eq_tol(taken("GPU HW active residency:  97.31% (444 MHz: 0%)").gpu_share, 0.9731, 1e-12);
    ck_assert_double_eq_tol(taken("GPU active residency:   .79%").gpu_share, 0.0079, 1e-12);
    ck_assert(!taken("GPU HW active residency: 101%").has_gpu_share);
    ck_assert(!taken("GPU HW active residency: 7 MHz").has_gpu_share);
}

static void a_line_begins_the_next_sample(void)
{
    struct powermetrics_sample sample = {0};
    ck_assert(
        powermetrics_take_line(&sample, "*** Sampled system activity (Sat Nov 21) (200ms elapsed) ***"));
    ck_assert(!powermetrics_take_line(&sample, "**** Processor usage ****"));
}

/* A program that prints the text and then what it is told to do. */
static const char *write_program(const char *text_path, const char *then)
{
    static char path[512], script[2048];
    snprintf(path, sizeof path, "%s", testkit_tmp_path("powermetrics"));
    snprintf(script, sizeof script, "#!/bin/sh\ncat '%s'\n%s\n", text_path, then);
    testkit_write(path, script, strlen(script));
    ck_assert_int_eq(chmod(path, 0755), 0);
    return path;
}

/* Until it says something of that kind, however slow the machine is: the test has its own limit. */
static bool wait_for(
    struct powermetrics *p, struct powermetrics_sample *sample, const char *reason, char *why)
{
    int64_t at_ns;
    for (;;) {
        bool told = powermetrics_latest(p, sample, &at_ns, why);
        if (told && !reason)
            return at_ns > 0;
        if (!told && reason && strstr(why, reason))
            return true;
        clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + 5 * NS_PER_MS);
    }
}

static void the_latest_whole_sample_counts(void)
{
    struct powermetrics_sample sample;
    char why[POWERMETRICS_REASON_SIZE];
    const char *program =
        write_program(testkit_path("tests/trees/macos/powermetrics_apple.txt"), "exec sleep 600");
    const char *const arguments[] = {program, NULL};
    struct powermetrics *p = powermetrics_start(arguments, why);
    ck_assert_msg(p != NULL, "%s", why);
    do
        ck_assert(wait_for(p, &sample, NULL, why));
    while (sample.watts[POWERMETRICS_CPU] > 1); /* the first of the two came alone */
    ck_assert_double_eq_tol(sample.watts[POWERMETRICS_CPU], 0.085, 1e-12);
    ck_assert_double_eq_tol(sample.watts[POWERMETRICS_GPU], 0.012, 1e-12);
    ck_assert_double_eq_tol(sample.gpu_share, 0.0079, 1e-12);
    ck_assert_int_eq(sample.pressure, 0);
    ck_assert(!sample.has_power[POWERMETRICS_PACKAGE]);
    powermetrics_end(p);
}

static void a_tool_that_ends_says_so(void)
{
    struct powermetrics_sample sample;
    char why[POWERMETRICS_REASON_SIZE];
    const char *program = write_program("/dev/null", "exit 1");
    const char *const refused[] = {program, NULL};
    struct powermetrics *p = powermetrics_start(refused, why);
    ck_assert_ptr_nonnull(p);
    ck_assert(wait_for(p, &sample, "sudo -n", why));
    powermetrics_end(p);
    program = write_program(testkit_path("tests/trees/macos/powermetrics_apple.txt"), "exit 0");
    const char *const ended[] = {program, NULL};
    p = powermetrics_start(ended, why);
    ck_assert_ptr_nonnull(p);
    ck_assert(wait_for(p, &sample, "has ended", why));
    ck_assert_ptr_null(strstr(why, "sudo"));
    powermetrics_end(p);
}

static void a_tool_that_is_not_there_says_why(void)
{
    char why[POWERMETRICS_REASON_SIZE] = "";
    const char *const none[] = {"/nonexistent/powermetrics", NULL};
    struct powermetrics *p = powermetrics_start(none, why);
    struct powermetrics_sample sample;
    if (p) /* a system that tells only once the process is there */
        ck_assert(wait_for(p, &sample, "ended", why));
    else
        ck_assert_ptr_nonnull(strstr(why, "cannot be started"));
    powermetrics_end(p);
}

static void a_line_without_end_is_dropped(void)
{
    struct powermetrics_sample sample;
    char why[POWERMETRICS_REASON_SIZE], text[8192];
    struct buf whole = BUF_INIT(32768);
    memset(text, 'x', sizeof text);
    ck_assert_int_eq(buf_append_text(&whole, "*** Sampled system activity\nCPU Power: 9 mW\n"), STATUS_OK);
    ck_assert_int_eq(buf_append(&whole, text, sizeof text), STATUS_OK);
    ck_assert_int_eq(buf_append_text(&whole, "\nANE Power: 3 mW\n*** Sampled system activity\n"), STATUS_OK);
    const char *path = testkit_tmp_path("long.txt");
    testkit_write(path, whole.data, whole.len);
    const char *program = write_program(path, "exec sleep 600");
    const char *const arguments[] = {program, NULL};
    struct powermetrics *p = powermetrics_start(arguments, why);
    ck_assert_ptr_nonnull(p);
    ck_assert(wait_for(p, &sample, NULL, why));
    ck_assert_double_eq_tol(sample.watts[POWERMETRICS_CPU], 0.009, 1e-12);
    ck_assert_double_eq_tol(sample.watts[POWERMETRICS_ANE], 0.003, 1e-12);
    powermetrics_end(p);
    buf_fini(&whole);
}

static void it_runs_only_where_it_is_asked_for(void)
{
    ck_assert_int_eq(unsetenv("ASSAY_POWERMETRICS"), 0);
    ck_assert(!powermetrics_is_asked());
    ck_assert_int_eq(setenv("ASSAY_POWERMETRICS", "0", 1), 0);
    ck_assert(!powermetrics_is_asked());
    ck_assert_int_eq(setenv("ASSAY_POWERMETRICS", "1", 1), 0);
    ck_assert(powermetrics_is_asked());
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(powers_are_in_watts),
        TESTKIT_TEST(heat_and_gpu_time_are_read),
        TESTKIT_TEST(a_line_begins_the_next_sample),
        TESTKIT_TEST(the_latest_whole_sample_counts),
        TESTKIT_TEST(a_tool_that_ends_says_so),
        TESTKIT_TEST(a_tool_that_is_not_there_says_why),
        TESTKIT_TEST(a_line_without_end_is_dropped),
        TESTKIT_TEST(it_runs_only_where_it_is_asked_for),
        {0},
    };
    return testkit_run("powermetrics", tests);
}
