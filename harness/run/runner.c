#include "runner.h"

#include "clock.h"
#include "journal.h"
#include "stop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/resource.h>
#endif

extern char **environ;

/* gcov writes its counters in an exit handler, which _exit() passes by. */
#ifdef ASSAY_COVERAGE
extern void __gcov_dump(void);
#endif

/* Check calls tests without an argument: what the one test of this process is about. */
static struct {
    const struct runner_job *job;
    struct assay_context *context;
    pid_t runner;
} current;

void runner_exit(int code)
{
    (void)fflush(NULL);
#ifdef ASSAY_COVERAGE
    __gcov_dump();
#endif
    _exit(code);
}

/* The kernel forgets the request at each fork; the parent may be gone before it is made. */
static void die_with_parent(pid_t parent)
{
#ifdef PR_SET_PDEATHSIG
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
    if (getppid() != parent)
        _exit(1);
}

static void close_inherited(void)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
    if (close_range(3, ~0U, 0) == 0)
        return;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    for (int fd = 3; fd < (limit > 0 && limit < 65536 ? (int)limit : 65536); fd++)
        (void)close(fd);
}

static void use_own_streams(int log_fd)
{
    int nothing = open("/dev/null", O_RDONLY);
    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(log_fd, STDOUT_FILENO);
    (void)dup2(log_fd, STDERR_FILENO);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    close_inherited();
}

/* Check lets CK_* variables choose and drop tests, change timeouts and write files. */
static void scrub_environment(void)
{
    char name[256];
    for (char **entry = environ; *entry != NULL;) {
        size_t len = strcspn(*entry, "=");
        if (strncmp(*entry, "CK_", 3) != 0 || len >= sizeof name) {
            entry++;
            continue;
        }
        memcpy(name, *entry, len);
        name[len] = '\0';
        entry = unsetenv(name) == 0 ? environ : entry + 1;
    }
    (void)setenv("LC_ALL", "C", 1);
}

static const int ending_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGALRM};

/*
 * Check's handlers pass a signal on to process groups: in a program that has run tests before, to the group
 * of those. They are set when our test starts, so the signals are held back until the test has put them
 * aside.
 */
static void hold_signals(int how)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++)
        sigaddset(&set, ending_signals[i]);
    (void)sigprocmask(how, &set, NULL);
}

static void use_default_signals(void)
{
    for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++)
        (void)signal(ending_signals[i], SIG_DFL);
}

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

START_TEST(run_case)
{
    struct journal *journal = current.job->journal;
    struct error why = {0};
    if (getpid() != current.runner)
        die_with_parent(current.runner);
    use_default_signals();
    hold_signals(SIG_UNBLOCK);
    journal_enter(journal, PHASE_SETUP, now_ns());
    if (context_open(current.job->spec, journal, &current.context, &why) != STATUS_OK) {
        journal_refuse(journal, error_text(&why));
        return;
    }
    context_run(current.context);
    context_close(current.context);
    current.context = NULL;
    journal_enter(journal, PHASE_DONE, now_ns());
}
END_TEST

static void copy_result(SRunner *sr, struct journal *journal)
{
    int run = srunner_ntests_run(sr);
    TestResult **results = srunner_results(sr);
    if (run == 1 && results != NULL)
        journal_result(
            journal, run, tr_rtype(results[0]), tr_msg(results[0]), tr_lfile(results[0]), tr_lno(results[0]));
    else
        journal_result(journal, run, CK_ERROR, NULL, NULL, 0);
    free(results);
}

static int exit_code(const struct journal *journal, int failed)
{
    struct journal_state state;
    journal_read(journal, &state);
    return state.phase == PHASE_SKIP ? RUNNER_SKIPPED : failed > 0 ? 1 : 0;
}

/* One suite, one TCase, one test. The supervisor times it, so Check does not. */
static int run_one(const struct runner_job *job)
{
    Suite *suite = suite_create("assay");
    TCase *tcase = tcase_create(job->spec->subject->id);
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, run_case);
    suite_add_tcase(suite, tcase);
    SRunner *sr = srunner_create(suite);
    srunner_set_fork_status(sr, job->fork_test ? CK_FORK : CK_NOFORK);
    check_set_max_msg_size((size_t)64 << 10);
    srunner_run(sr, NULL, NULL, CK_NORMAL);
    copy_result(sr, job->journal);
    context_close(current.context); /* a failed assertion left it open */
    current.context = NULL;
    int code = exit_code(job->journal, srunner_ntests_failed(sr));
    srunner_free(sr);
    return code;
}

enum status runner_start(const struct runner_job *job, pid_t *pid, struct error *e)
{
    pid_t parent = getpid();
    (void)fflush(NULL);
    *pid = fork();
    if (*pid < 0)
        return error_set_errno(e, "cannot fork a runner");
    if (*pid > 0)
        return STATUS_OK;
    (void)setsid();
    hold_signals(SIG_BLOCK); /* in the mask that is kept, too */
    stop_forget();
    hold_signals(SIG_BLOCK);
    die_with_parent(parent);
    use_default_signals();
    use_own_streams(job->log_fd);
    scrub_environment();
    current.job = job;
    current.runner = getpid();
    runner_exit(run_one(job));
}
