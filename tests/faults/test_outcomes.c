/* Each of the twelve outcomes, provoked. */
#include "testkit.h"

#include "clock.h"
#include "fault_cases.h"
#include "fault_run.h"
#include "fs.h"
#include "process.h"
#include "spool.h"
#include "strays.h"
#include "tries.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ONE(name) ((const char *const[]){name, NULL})

static struct fault_run run_within(const char *name, double timeout_s)
{
    struct fault_run run;
    ck_assert_int_eq(setenv(FAULT_FOLDER, testkit_tmp(), 1), 0);
    fault_run_open(&run, testkit_tmp_path("runs"), ONE(name));
    run.options.timeout_s = timeout_s;
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    fault_run_finalise(&run);
    return run;
}

/* Runs one case in a folder of its own and gives back its finalised run. */
static struct fault_run run_one(const char *name)
{
    return run_within(name, 60);
}

static const char *text_of(struct fault_run *run, const char *test, const char *pointer)
{
    const char *text = json_get_text(fault_run_record(run, test, 1), pointer);
    return text != NULL ? text : "(absent)";
}

static void a_case_that_holds_is_passed_and_has_its_figures(void)
{
    struct fault_run run = run_one("fault.passes");
    struct json_object *record = fault_run_record(&run, "fault.passes", 1);
    double median = 0;
    int64_t n = 0, code = -1;
    ck_assert_str_eq(json_get_text(record, "/outcome"), "passed");
    ck_assert(json_get_real(record, "/performance/load_s/median", &median) && median == 4.0);
    ck_assert(json_get_int(record, "/performance/load_s/n", &n) && n == 7);
    ck_assert(json_get_int(record, "/process/exit_code", &code) && code == 0);
    ck_assert_str_eq(json_get_text(record, "/process/phase_reached"), "done");
    ck_assert_str_eq(json_get_text(record, "/metadata/greeting"), "all is well");
    ck_assert_str_eq(json_get_text(record, "/timeline/0/event"), "ready");
    fault_run_close(&run);
}

static void a_failed_assertion_is_failed_with_its_place(void)
{
    struct fault_run run = run_one("fault.asserts");
    struct json_object *record = fault_run_record(&run, "fault.asserts", 1);
    int64_t line = 0;
    ck_assert_str_eq(json_get_text(record, "/outcome"), "failed");
    ck_assert_ptr_ne(strstr(json_get_text(record, "/message"), "2 + 2"), NULL);
    ck_assert_ptr_ne(strstr(json_get_text(record, "/location/file"), "fault_cases.c"), NULL);
    ck_assert(json_get_int(record, "/location/line", &line) && line > 0);
    ck_assert_str_eq(json_get_text(record, "/process/phase_reached"), "warmup");
    fault_run_close(&run);
}

static void a_segmentation_fault_is_crashed(void)
{
    struct fault_run run = run_one("fault.segfaults");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.segfaults"), "crashed");
    ck_assert_str_eq(text_of(&run, "fault.segfaults", "/process/signal"), "SIGSEGV");
    fault_run_close(&run);
}

static void an_abort_is_crashed(void)
{
    struct fault_run run = run_one("fault.aborts");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.aborts"), "crashed");
    ck_assert_str_eq(text_of(&run, "fault.aborts", "/process/signal"), "SIGABRT");
    fault_run_close(&run);
}

static void an_endless_loop_is_timeout(void)
{
    struct fault_run run = run_within("fault.loops", 0.2);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.loops"), "timeout");
    ck_assert_str_eq(text_of(&run, "fault.loops", "/process/signal"), "SIGTERM");
    fault_run_close(&run);
}

/* It is deaf only when it has begun, for which a busy machine needs its time. */
static void a_loop_deaf_to_sigterm_is_killed_after_the_grace(void)
{
    for (struct tries tries = {0}; tries_next(&tries);) {
        double duration = 0, timeout_s = 0.2 * tries_patience(&tries);
        struct fault_run run = run_within("fault.loops_deaf", timeout_s);
        struct json_object *record = fault_run_record(&run, "fault.loops_deaf", 1);
        const char *signal = json_get_text(record, "/process/signal");
        ck_assert_str_eq(json_get_text(record, "/outcome"), "timeout");
        ck_assert(json_get_real(record, "/duration", &duration));
        tries_judge(&tries, strcmp(signal, "SIGKILL") == 0 && duration >= timeout_s + 0.2, "%s after %g s",
            signal, duration);
        fault_run_close(&run);
    }
}

static void an_exit_in_mid_case_is_error_whatever_its_code(void)
{
    struct fault_run run = run_one("fault.exits_zero");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.exits_zero"), "error");
    ck_assert_ptr_ne(strstr(text_of(&run, "fault.exits_zero", "/message"), "exit code 0"), NULL);
    fault_run_close(&run);
}

static void a_skip_keeps_its_reason(void)
{
    struct fault_run run = run_one("fault.skips");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.skips"), "skipped");
    ck_assert_str_eq(text_of(&run, "fault.skips", "/skip_reason"), "no camera here");
    fault_run_close(&run);
}

static void what_fails_as_assay_is_stopped_is_interrupted(void)
{
    for (int i = 0; i < 20; i++) {
        struct fault_run run = run_one("fault.fails_as_it_is_stopped");
        ck_assert_str_eq(fault_run_outcome(&run, "fault.fails_as_it_is_stopped"), "interrupted");
        fault_run_close(&run);
    }
}

/* The process that a case left behind, as it noted it. */
static pid_t stray_pid(void)
{
    struct buf text = testkit_read(testkit_tmp_path(FAULT_STRAY_FILE));
    long pid = strtol(buf_text(&text), NULL, 10);
    buf_fini(&text);
    ck_assert_int_gt(pid, 1);
    return (pid_t)pid;
}

static void a_daemon_left_behind_is_dead_and_counted(void)
{
    struct fault_run run = run_one("fault.leaves_stray");
    int64_t killed = 0;
    ck_assert_str_eq(fault_run_outcome(&run, "fault.leaves_stray"), "passed");
    ck_assert(
        json_get_int(fault_run_record(&run, "fault.leaves_stray", 1), "/process/strays_killed", &killed));
    ck_assert_int_eq(killed, 1);
    ck_assert(!process_is(stray_pid(), -1, NULL));
    fault_run_close(&run);
}

static void a_runner_killed_from_outside_is_killed(void)
{
    struct fault_run run = run_one("fault.is_killed");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.is_killed"), "killed");
    ck_assert_str_eq(text_of(&run, "fault.is_killed", "/process/signal"), "SIGKILL");
    fault_run_close(&run);
}

static void a_case_that_the_program_lacks_is_harness_error(void)
{
    struct fault_run run = run_one("fault.unheard_of");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.unheard_of"), "harness_error");
    ck_assert_ptr_ne(strstr(text_of(&run, "fault.unheard_of", "/message"), "does not have"), NULL);
    fault_run_close(&run);
}

static void a_kill_with_a_raised_counter_is_oom(void)
{
    struct fault_run run;
    const char *root = testkit_tmp_path("root");
    ck_assert_int_eq(mkdir(root, 0755), 0);
    ck_assert_int_eq(mkdir(testkit_tmp_path("root/proc"), 0755), 0);
    testkit_write(testkit_tmp_path("root/proc/vmstat"), "pswpin 0\npswpout 0\noom_kill 3\n", 31);
    ck_assert_int_eq(setenv(FAULT_ROOT, root, 1), 0);
    fault_run_open(&run, testkit_tmp_path("runs"), ONE("fault.is_killed_for_memory"));
    run.options.machine_root = root;
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.is_killed_for_memory"), "oom");
    fault_run_close(&run);
}

static bool write_text(const char *folder, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        (void)close(fd);
    return done;
}

/* A control group that grants 32 MiB: of the second kind, else of the first. */
static bool make_group(char *group, size_t size)
{
    static const struct {
        const char *base, *limit, *swap, *no_swap;
    } kinds[] = {
        {"/sys/fs/cgroup", "memory.max", "memory.swap.max", "0"},
        {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "33554432"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        snprintf(group, size, "%s/assay-faults-%ld", kinds[i].base, (long)getpid());
        if (mkdir(group, 0755) != 0)
            continue;
        bool limited = write_text(group, kinds[i].limit, "33554432");
        (void)write_text(group, kinds[i].swap, kinds[i].no_swap);
        if (limited)
            return true;
        (void)rmdir(group);
    }
    return false;
}

static void real_memory_exhaustion_is_oom(void)
{
    char group[256];
    if (!make_group(group, sizeof group))
        TESTKIT_SKIP("no memory control group can be made here");
    ck_assert_int_eq(setenv(FAULT_GROUP, group, 1), 0);
    struct fault_run run = run_one("fault.eats_memory");
    (void)rmdir(group);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.eats_memory"), "oom");
    struct json_object *record = fault_run_record(&run, "fault.eats_memory", 1);
    ck_assert_str_eq(json_get_text(record, "/system_health/verdict"), "invalid");
    ck_assert_ptr_nonnull(strstr(
        json_object_to_json_string(json_get_array(record, "/system_health/quality_flags")), "degraded_oom"));
    fault_run_close(&run);
}

/* Drives a run in a process of its own; -1 as its code where it was killed. */
static pid_t start_driver(struct fault_run *run)
{
    pid_t driver = fork();
    if (driver == 0) {
        (void)signal(SIGTERM, SIG_DFL); /* not the handler of the Check that runs these tests */
        (void)signal(SIGINT, SIG_DFL);
        _exit(fault_run_execute(run) == STATUS_OK ? run->done.stop_signal : 255);
    }
    return driver;
}

/* Waits until the driver has a supervisor whose runner is in the body of its case. */
static pid_t wait_for_supervisor(pid_t driver, bool with_stray)
{
    const struct clock *clock = clock_system();
    for (int i = 0; i < 12000; i++) {
        pid_t supervisor = 0, runner = 0;
        bool ready = fault_children(driver, &supervisor, 1) == 1 && (runner = fault_runner(supervisor)) != 0;
        if (ready && with_stray)
            ready = fs_exists(testkit_tmp_path(FAULT_STRAY_FILE)) && fault_children(runner, &runner, 1) == 0;
        if (ready)
            return supervisor;
        clock_sleep_until(clock, clock_mono_ns(clock) + 5 * NS_PER_MS);
    }
    ck_abort_msg("no supervisor came");
    return 0;
}

static int wait_exit(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_killed_supervisor_loses_one_test_and_no_other(void)
{
    struct fault_run run;
    ck_assert_int_eq(setenv(FAULT_FOLDER, testkit_tmp(), 1), 0);
    fault_run_open(&run, testkit_tmp_path("runs"),
        (const char *const[]){"fault.asserts", "fault.leaves_stray_and_hangs", "fault.passes", NULL});
    pid_t driver = start_driver(&run);
    while (!fs_exists(testkit_tmp_path(FAULT_STRAY_FILE)))
        (void)usleep(1000);
    pid_t supervisor = wait_for_supervisor(driver, false);
    ck_assert_int_eq(kill(supervisor, SIGKILL), 0);
    ck_assert_int_eq(wait_exit(driver), 0);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "failed");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.leaves_stray_and_hangs"), "lost");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "passed");
    ck_assert(!process_is(stray_pid(), -1, NULL));
    fault_run_close(&run);
}

static void a_run_told_to_stop_is_interrupted_and_the_rest_not_run(void)
{
    struct fault_run run;
    fault_run_open(&run, testkit_tmp_path("runs"),
        (const char *const[]){"fault.passes", "fault.loops", "fault.asserts", NULL});
    pid_t driver = start_driver(&run);
    const struct clock *clock = clock_system();
    struct buf intent = BUF_INIT(4096);
    ck_assert_int_eq(spool_path(&run.folder, "fault.loops", 1, SPOOL_INTENT, &intent), STATUS_OK);
    while (!fs_exists(buf_text(&intent)))
        clock_sleep_until(clock, clock_mono_ns(clock) + NS_PER_MS);
    (void)wait_for_supervisor(driver, false);
    struct finalised sum;
    struct error why = {0};
    ck_assert_int_eq(finalise_run(run.folder.path, &sum, &why), STATUS_BUSY);
    ck_assert_int_eq(kill(driver, SIGINT), 0);
    ck_assert_int_eq(wait_exit(driver), SIGINT);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.passes"), "passed");
    ck_assert_str_eq(fault_run_outcome(&run, "fault.loops"), "interrupted");
    ck_assert_ptr_ne(strstr(text_of(&run, "fault.loops", "/message"), "SIGINT"), NULL);
    ck_assert_str_eq(fault_run_outcome(&run, "fault.asserts"), "not_run");
    buf_fini(&intent);
    fault_run_close(&run);
}

enum { SIGNAL_TRIES = 20 };

/* Drives a run; the code is how many tests the run loop gave up for lost. */
static pid_t start_counting_driver(struct fault_run *run)
{
    pid_t driver = fork();
    if (driver == 0) {
        (void)signal(SIGTERM, SIG_DFL);
        (void)signal(SIGINT, SIG_DFL);
        _exit(fault_run_execute(run) == STATUS_OK ? (int)run->done.counts[OUTCOME_LOST] : 255);
    }
    return driver;
}

/* What a try may come to: the signal was in time, or the test was over. Nobody may die of it. */
static void expect_no_loss(struct fault_run *run, pid_t driver)
{
    ck_assert_int_eq(wait_exit(driver), 0);
    const char *outcome = fault_run_outcome(run, "fault.passes");
    ck_assert_msg(strcmp(outcome, "interrupted") == 0 || strcmp(outcome, "passed") == 0, "%s", outcome);
}

/* The run loop waits, which it does first when its supervisor is just born. */
static void tell_ourselves_to_stop(
    void *arg, size_t index, const char *test, const struct journal_state *state)
{
    (void)arg;
    (void)index;
    (void)test;
    (void)state;
    (void)kill(getpid(), SIGTERM);
}

static void a_signal_to_a_run_whose_supervisor_is_just_born_loses_no_test(void)
{
    for (int i = 0; i < SIGNAL_TRIES; i++) {
        struct fault_run run;
        fault_run_open(&run, testkit_tmp_path("runs"), ONE("fault.passes"));
        run.options.tick = tell_ourselves_to_stop;
        expect_no_loss(&run, start_counting_driver(&run));
        fault_run_close(&run);
    }
}

/* At any moment of a supervisor's life, of which the first and the last ones are the critical. */
static void a_signal_to_a_supervisor_loses_no_test(void)
{
    const struct clock *clock = clock_system();
    for (int i = 0; i < SIGNAL_TRIES; i++) {
        struct fault_run run;
        struct process driver_now;
        pid_t supervisor = 0;
        fault_run_open(&run, testkit_tmp_path("runs"), ONE("fault.passes"));
        pid_t driver = start_counting_driver(&run);
        while (fault_children(driver, &supervisor, 1) == 0 && process_read(driver, &driver_now) &&
               driver_now.state != 'Z')
            continue;
        clock_sleep_until(clock, clock_mono_ns(clock) + i * i * NS_PER_MS / 10);
        if (supervisor > 0)
            (void)kill(supervisor, SIGTERM);
        expect_no_loss(&run, driver);
        fault_run_close(&run);
    }
}

static void fill(const char *path)
{
    static const char block[1 << 16];
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    for (size_t size = sizeof block; size > 0; size /= 2)
        while (write(fd, block, size) > 0)
            ;
    (void)close(fd);
}

/* A ctest that is interrupted dies at once and tells nobody. */
static void a_supervisor_whose_parent_dies_interrupts_its_test(void)
{
    struct fault_run run;
    pid_t supervisor = 0;
    fault_run_open(&run, testkit_tmp_path("runs"), ONE("fault.loops"));
    (void)strays_adopt();
    pid_t parent = start_driver(&run);
    supervisor = wait_for_supervisor(parent, false);
    ck_assert_int_eq(kill(parent, SIGKILL), 0);
    ck_assert_int_eq(wait_exit(parent), -1);
    ck_assert_int_eq(wait_exit(supervisor), 0); /* ours now */
    ck_assert_str_eq(fault_run_outcome(&run, "fault.loops"), "interrupted");
    fault_run_close(&run);
}

static void a_full_disk_loses_no_result(void)
{
    const char *disk = testkit_tmp_path("disk");
    struct fault_run run;
    struct error why = {0};
    ck_assert_int_eq(mkdir(disk, 0755), 0);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=2m") != 0)
        TESTKIT_SKIP("no small file system can be mounted here");
    ck_assert_int_eq(setenv(FAULT_FOLDER, disk, 1), 0);
    fault_run_open(
        &run, testkit_tmp_path("disk/runs"), (const char *const[]){"fault.fills_disk", "fault.passes", NULL});
    enum status executed = fault_run_execute(&run);
    size_t finished = run.done.counts[OUTCOME_PASSED];
    fill(testkit_tmp_path("disk/filler")); /* what was left of the room kept for results */
    enum status full = finalise_run(run.folder.path, &run.sum, &why);
    (void)unlink(testkit_tmp_path("disk/filler"));
    fault_run_finalise(&run);
    const char *filler = fault_run_outcome(&run, "fault.fills_disk");
    const char *next = fault_run_outcome(&run, "fault.passes");
    (void)umount2(disk, MNT_DETACH);
    ck_assert_int_eq(executed, STATUS_IO); /* the second test could not begin, and the run says so */
    ck_assert_uint_eq(finished, 1);
    ck_assert_int_eq(full, STATUS_IO);
    ck_assert_str_eq(filler, "passed");
    ck_assert_str_eq(next, "not_run");
    fault_run_close(&run);
}

static void a_folder_that_cannot_be_written_stops_the_run_before_its_first_case(void)
{
    struct fault_run run;
    struct run_folder other;
    struct error why = {0};
    const char *runs = testkit_tmp_path("runs");
    fault_run_open(&run, runs, ONE("fault.passes"));
    testkit_write(testkit_tmp_path("file"), "x", 1);
    ck_assert_int_eq(run_folder_create(testkit_tmp_path("file"), "box", 0, &other, &why), STATUS_IO);
    if (mount(runs, runs, NULL, MS_BIND, NULL) != 0)
        TESTKIT_SKIP("nothing can be mounted read-only here");
    int remounted = mount(NULL, runs, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
    enum status refused = run_folder_create(runs, "box", 0, &other, &why);
    enum status executed = fault_run_execute(&run);
    (void)umount2(runs, MNT_DETACH);
    ck_assert_int_eq(remounted, 0);
    ck_assert_int_eq(refused, STATUS_IO);
    ck_assert_int_eq(executed, STATUS_IO);
    ck_assert_uint_eq(run.done.run, 0);
    fault_run_close(&run);
}

static void checks_own_fork_gives_the_same_outcomes(void)
{
    static const struct {
        const char *test, *outcome;
    } expected[] = {
        {"fault.passes", "passed"},
        {"fault.asserts", "failed"},
        {"fault.segfaults", "crashed"},
        {"fault.exits_zero", "error"},
        {"fault.skips", "skipped"},
        {"fault.is_killed", "killed"},
    };
    struct fault_run run;
    fault_run_open(&run, testkit_tmp_path("runs"),
        (const char *const[]){"fault.passes", "fault.asserts", "fault.segfaults", "fault.exits_zero",
            "fault.skips", "fault.is_killed", NULL});
    run.options.fork_test = true;
    ck_assert_int_eq(fault_run_execute(&run), STATUS_OK);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_msg(strcmp(fault_run_outcome(&run, expected[i].test), expected[i].outcome) == 0,
            "%s is %s: %s", expected[i].test, fault_run_outcome(&run, expected[i].test),
            text_of(&run, expected[i].test, "/message"));
    fault_run_close(&run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_case_that_holds_is_passed_and_has_its_figures),
        TESTKIT_TEST(a_failed_assertion_is_failed_with_its_place),
        TESTKIT_TEST(a_segmentation_fault_is_crashed),
        TESTKIT_TEST(an_abort_is_crashed),
        TESTKIT_TEST(an_endless_loop_is_timeout),
        TESTKIT_TEST(a_loop_deaf_to_sigterm_is_killed_after_the_grace),
        TESTKIT_TEST(an_exit_in_mid_case_is_error_whatever_its_code),
        TESTKIT_TEST(a_skip_keeps_its_reason),
        TESTKIT_TEST(what_fails_as_assay_is_stopped_is_interrupted),
        TESTKIT_TEST(a_daemon_left_behind_is_dead_and_counted),
        TESTKIT_TEST(a_runner_killed_from_outside_is_killed),
        TESTKIT_TEST(a_case_that_the_program_lacks_is_harness_error),
        TESTKIT_TEST(a_kill_with_a_raised_counter_is_oom),
        TESTKIT_TEST(real_memory_exhaustion_is_oom),
        TESTKIT_TEST(a_killed_supervisor_loses_one_test_and_no_other),
        TESTKIT_TEST(a_run_told_to_stop_is_interrupted_and_the_rest_not_run),
        TESTKIT_TEST(a_signal_to_a_run_whose_supervisor_is_just_born_loses_no_test),
        TESTKIT_TEST(a_signal_to_a_supervisor_loses_no_test),
        TESTKIT_TEST(a_supervisor_whose_parent_dies_interrupts_its_test),
        TESTKIT_TEST(a_full_disk_loses_no_result),
        TESTKIT_TEST(a_folder_that_cannot_be_written_stops_the_run_before_its_first_case),
        TESTKIT_TEST(checks_own_fork_gives_the_same_outcomes),
        {0},
    };
    return testkit_run("outcomes", tests);
}
