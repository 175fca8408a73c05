#include "live_keeper.h"

#include "clock.h"
#include "fs.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/signalfd.h>
#include <sys/syscall.h>
#else
#include <sys/event.h>
#endif

#define STOP_LIMIT_NS (10 * NS_PER_S)
#define START_LIMIT_MS 30000
#define TEST_LIMIT_NS (10 * NS_PER_S) /* for a test that was told to stop: more than its grace */

/* What the child tells through the pipe, all at once: it is small enough for one write. */
struct ready {
    enum status status;
    char text[512];
    struct live_keeper keeper;
};

/* Nothing of ctest's may stay open: it waits for the end of its pipe, not of the test. */
static void leave_terminal(int keep_fd)
{
    setsid();
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2 && null >= 0; fd++)
        dup2(null, fd);
    for (int fd = 3; fd < 1024; fd++)
        if (fd != keep_fd)
            close(fd);
}

static enum status write_pid_file(const char *path, struct error *e)
{
    char text[128], boot[PROCESS_BOOT_ID_SIZE];
    process_boot_id(boot);
    int n = snprintf(
        text, sizeof text, "%d %lld %s\n", (int)getpid(), (long long)process_start_ticks(getpid()), boot);
    return fs_write_atomic(path, text, (size_t)n, e);
}

static enum status start_sims(
    const struct live_keeper_options *o, struct sim_process *sims, struct live_keeper *k, struct error *e)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < o->scenario_count; i++) {
        const char *models[] = {o->scenarios[i], NULL};
        struct sim_options options = {.models = models, .seed = 1, .with_parent = true};
        s = sim_spawn(&options, &sims[i], e);
        if (s == STATUS_OK)
            memcpy(k->urls[i], sims[i].url, sizeof k->urls[i]);
    }
    return s;
}

#ifdef __linux__
/* Until a signal of the set, or until the watched process is gone: then true. */
static bool wait_for_either(const sigset_t *set, pid_t watch)
{
    struct pollfd fds[2] = {
        {.fd = signalfd(-1, set, SFD_CLOEXEC), .events = POLLIN},
        {.fd = watch > 0 ? (int)syscall(SYS_pidfd_open, watch, 0) : -1, .events = POLLIN},
    };
    if (watch > 0 && fds[1].fd < 0)
        return true; /* gone already */
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    return fds[0].revents == 0;
}
#else
static bool wait_for_either(const sigset_t *set, pid_t watch)
{
    struct kevent changes[NSIG + 1], event = {0};
    int count = 0, queue = kqueue();
    for (int number = 1; number < NSIG; number++)
        if (sigismember(set, number) == 1)
            EV_SET(&changes[count++], (uintptr_t)number, EVFILT_SIGNAL, EV_ADD, 0, 0, NULL);
    if (watch > 0) /* last: where it is gone already this fails, and that is the answer */
        EV_SET(&changes[count++], (uintptr_t)watch, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    while (kevent(queue, changes, count, &event, 1, NULL) < 0 && errno == EINTR)
        ;
    return event.filter == EVFILT_PROC;
}
#endif

/* Until told to stop, or until the watched process is gone: then true. */
static bool keep(pid_t watch)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return wait_for_either(&set, watch);
}

/* A test whose ctest died is being interrupted; without its server it would fail instead. */
static void wait_for_test(const char *test_lock)
{
    int fd = -1;
    if (test_lock && fs_lock(test_lock, TEST_LIMIT_NS, &fd, NULL) == STATUS_OK)
        close(fd);
}

static void keeper_main(const struct live_keeper_options *o, int ready_fd)
{
    struct ready ready = {.keeper.pid = getpid()};
    struct sim_process sims[KEEPER_SIMS_MAX] = {0};
    struct error why = {0};
    int lock = -1;
    leave_terminal(ready_fd);
    ready.status = o->lock_file ? fs_lock(o->lock_file, o->lock_wait_ns, &lock, &why) : STATUS_OK;
    if (ready.status == STATUS_OK)
        ready.status = start_sims(o, sims, &ready.keeper, &why);
    if (ready.status == STATUS_OK)
        ready.status = write_pid_file(o->pid_file, &why);
    snprintf(ready.text, sizeof ready.text, "%s", error_text(&why));
    ssize_t written = write(ready_fd, &ready, sizeof ready);
    close(ready_fd);
    if (ready.status == STATUS_OK && written == (ssize_t)sizeof ready) {
        bool abandoned = keep(o->watch);
        wait_for_test(o->test_lock);
        if (abandoned && o->abandoned)
            o->abandoned(o->arg);
    }
    for (size_t i = 0; i < KEEPER_SIMS_MAX; i++)
        sim_stop(&sims[i]);
    if (ready.status == STATUS_OK)
        unlink(o->pid_file);
    _exit(0);
}

static enum status wait_ready(int fd, struct live_keeper *keeper, struct error *e)
{
    struct ready ready;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, START_LIMIT_MS) <= 0 || read(fd, &ready, sizeof ready) != (ssize_t)sizeof ready)
        return error_set(e, STATUS_TIMEOUT, "the keeper of the live tests did not start");
    if (ready.status != STATUS_OK)
        return error_set(e, ready.status, "%s", ready.text);
    *keeper = ready.keeper;
    return STATUS_OK;
}

enum status live_keeper_start(
    const struct live_keeper_options *options, struct live_keeper *keeper, struct error *e)
{
    int fds[2];
    if (options->scenario_count > KEEPER_SIMS_MAX)
        return error_set(e, STATUS_LIMIT, "more than %d simulators", KEEPER_SIMS_MAX);
    live_keeper_stop(options->pid_file);
    if (pipe2(fds, O_CLOEXEC) != 0)
        return error_set_errno(e, "no pipe for the keeper of the live tests");
    pid_t pid = fork();
    if (pid == 0)
        keeper_main(options, fds[1]);
    close(fds[1]);
    enum status s = pid < 0 ? error_set_errno(e, "no process for the keeper of the live tests")
                            : wait_ready(fds[0], keeper, e);
    close(fds[0]);
    if (s != STATUS_OK && pid > 0) {
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
    }
    return s;
}

void live_keeper_stop(const char *pid_file)
{
    struct buf text = BUF_INIT(256);
    int pid = 0;
    long long ticks = -1;
    char boot[PROCESS_BOOT_ID_SIZE] = "";
    bool known = fs_read_file(pid_file, &text, NULL) == STATUS_OK &&
                 sscanf(buf_text(&text), "%d %lld %63s", &pid, &ticks, boot) >= 2 && pid > 1;
    buf_fini(&text);
    if (!known)
        return;
    const struct clock *clock = clock_system();
    int64_t limit_ns = clock_mono_ns(clock) + STOP_LIMIT_NS;
    if (process_is(pid, ticks, boot))
        kill(pid, SIGTERM);
    while (process_is(pid, ticks, boot) && clock_mono_ns(clock) < limit_ns)
        clock_sleep_until(clock, clock_mono_ns(clock) + 10 * NS_PER_MS);
    unlink(pid_file);
}
