/*
 * The machine that the tests run on, disturbed for real. Nothing here is a matter of speed: a disturbance is kept
 * up until its flag is raised.
 */
#include "quality.h"

#include "control_group.h"
#include "testkit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define TMPFS 0x01021994L
enum { TRY_FOR_S = 30 };

static struct monitor *open_for(pid_t own_pid)
{
    struct error why = {0};
    struct monitor *m;
    struct monitor_options options = {.own_pid = own_pid};
    ck_assert_msg(monitor_open(&options, &m, &why) == STATUS_OK, "%s", error_text(&why));
    return m;
}

static bool has_flag(const struct quality *quality, const char *flag)
{
    for (size_t i = 0; i < quality->flag_count; i++)
        if (strcmp(quality->flags[i], flag) == 0)
            return true;
    return false;
}

/* Disturbs the machine again and again, until the verdict says so. */
static bool provoke(struct monitor *m, bool (*disturb)(void *arg), void *arg, const char *flag)
{
    const struct clock *clock = clock_system();
    int64_t end_ns = clock_mono_ns(clock) + TRY_FOR_S * NS_PER_S;
    bool raised = false;
    monitor_begin(m);
    while (!raised && clock_mono_ns(clock) < end_ns) {
        struct quality quality;
        if (!disturb(arg))
            return false;
        monitor_end(m);
        quality_judge(monitor_window(m), &quality);
        raised = has_flag(&quality, flag);
    }
    return raised;
}

/* ---- CPU ---- */

static pid_t start(bool burns)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid != 0)
        return pid;
    alarm(2 * TRY_FOR_S);
    for (volatile unsigned i = 0;; i++)
        if (!burns)
            pause();
}

static void stop(pid_t pid)
{
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static bool sleep_a_while(void *arg)
{
    (void)arg;
    clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + 200 * NS_PER_MS);
    return true;
}

/* "Ours" is here a process that does nothing, so that the burner, its sister, belongs to nobody. */
static void a_program_of_others_that_burns_cpu_time_is_foreign(void)
{
    pid_t own = start(false), burner = start(true);
    struct monitor *m = open_for(own);
    bool raised = provoke(m, sleep_a_while, NULL, "degraded_cpu_foreign");
    const struct reading foreign = monitor_latest(m)->readings[SENSOR_CPU_FOREIGN];
    monitor_close(m);
    stop(burner);
    stop(own);
    if (foreign.status != SENSOR_OK)
        TESTKIT_SKIP("%s", foreign.reason);
    ck_assert(raised);
}

/* ---- control groups ---- */

struct group {
    char folder[GROUP_PATH_MAX + 64];
};

static bool write_to(const char *folder, const char *name, const char *text)
{
    char path[GROUP_PATH_MAX + 128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return done;
}

/* A group below ours with one limit; false where the system does not let us. */
static bool make_group(struct group *group, const char *parent, const char *limit, const char *value)
{
    snprintf(group->folder, sizeof group->folder, "%s/assay-provoked-%ld", parent, (long)getpid());
    if (!parent[0] || mkdir(group->folder, 0755) != 0)
        return false;
    if (write_to(group->folder, limit, value))
        return true;
    (void)rmdir(group->folder);
    return false;
}

static bool join(const struct group *group)
{
    char pid[32];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    return write_to(group->folder, "cgroup.procs", pid);
}

enum { RAISED, NOT_RAISED, NOT_ALLOWED };

/* In a process of its own, which lives in the group: that is where the sensors of a group look. */
static int provoke_in(const struct group *group, bool (*disturb)(void *arg), void *arg, const char *flag)
{
    int status;
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        if (!join(group))
            _exit(NOT_ALLOWED);
        struct monitor *m = open_for(getpid());
        bool raised = provoke(m, disturb, arg, flag);
        monitor_close(m);
        _exit(raised ? RAISED : NOT_RAISED);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    (void)rmdir(group->folder);
    ck_assert_msg(WIFEXITED(status), "status %d", status);
    return WEXITSTATUS(status);
}

static bool burn_a_while(void *arg)
{
    (void)arg;
    for (volatile unsigned i = 0; i < 20000000; i++)
        ;
    return true;
}

static void a_quota_that_keeps_us_standing_is_throttling(void)
{
    struct control_group ours;
    struct group group;
    (void)control_group_find("", &ours);
    bool v1 = ours.cpu_version == 1;
    if (!make_group(&group, ours.cpu, v1 ? "cpu.cfs_quota_us" : "cpu.max", v1 ? "20000" : "20000 100000"))
        TESTKIT_SKIP("no control group with a CPU quota can be made here");
    int end = provoke_in(&group, burn_a_while, NULL, "degraded_throttle");
    if (end == NOT_ALLOWED)
        TESTKIT_SKIP("the control group cannot be joined");
    ck_assert_int_eq(end, RAISED);
}

/* Reads a file that the group's memory cannot hold. */
static bool read_all(void *arg)
{
    static char piece[1 << 20];
    int fd = open(arg, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0)
        ;
    close(fd);
    return n == 0;
}

static void make_file(const char *path, size_t mebibytes)
{
    char *piece = calloc(1, 1 << 20);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert(piece && fd >= 0);
    for (size_t i = 0; i < mebibytes; i++)
        ck_assert_int_eq(write(fd, piece, 1 << 20), 1 << 20);
    ck_assert_int_eq(fdatasync(fd), 0);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* or it stays with the group that wrote it */
    close(fd);
    free(piece);
}

static void file_pages_that_a_group_cannot_hold_are_a_shortage(void)
{
    struct control_group ours;
    struct group group;
    struct statfs disk;
    const char *path = testkit_tmp_path("weights");
    ck_assert_int_eq(statfs(testkit_tmp(), &disk), 0);
    if ((long)disk.f_type == TMPFS)
        TESTKIT_SKIP("temporary files are in memory here");
    (void)control_group_find("", &ours);
    bool v1 = ours.version == 1;
    if (!make_group(&group, ours.memory, v1 ? "memory.limit_in_bytes" : "memory.max", "67108864"))
        TESTKIT_SKIP("no control group with a memory limit can be made here");
    make_file(path, 128);
    int end = provoke_in(&group, read_all, (void *)path, "degraded_memory");
    if (end == NOT_ALLOWED)
        TESTKIT_SKIP("the control group cannot be joined");
    ck_assert_int_eq(end, RAISED);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_program_of_others_that_burns_cpu_time_is_foreign),
        TESTKIT_TEST(a_quota_that_keeps_us_standing_is_throttling),
        TESTKIT_TEST(file_pages_that_a_group_cannot_hold_are_a_shortage),
        {0},
    };
    return testkit_run("machine_provoked", tests);
}
