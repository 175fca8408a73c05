#include "lms_run.h"

#include "clock.h"
#include "exchange_write.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MAX = 4 << 20, PATH_SIZE = 1024, SLICE_MS = 200, LEFT_MAX = 1024 };

extern char **environ;

/* ---- where it is ---- */

static bool is_program(const char *path)
{
    return path[0] && access(path, X_OK) == 0;
}

static bool find_in_path(char *path, size_t size)
{
    const char *folders = getenv("PATH");
    while (folders && *folders) {
        size_t len = strcspn(folders, ":");
        int written = len ? snprintf(path, size, "%.*s/lms", (int)len, folders) : 0;
        if (written > 0 && (size_t)written < size && is_program(path))
            return true;
        folders += len + (folders[len] == ':');
    }
    return false;
}

bool lms_run_find(char *path, size_t size)
{
    const char *named = getenv("ASSAY_LMS"), *home = getenv("HOME");
    if (named) {
        snprintf(path, size, "%s", named);
        return is_program(path);
    }
    if (find_in_path(path, size))
        return true;
    snprintf(path, size, "%s/.lmstudio/bin/lms", home ? home : "");
    return home && is_program(path);
}

/* ---- the process ---- */

/* What it printed: standard output whole, of both the last line. */
struct printing {
    int fds[2]; /* of standard output and standard error; -1: ended */
    struct buf out;
    char line[256];
    size_t line_len;
    int escape;     /* how far into an escape sequence; 0: not */
    char last[256]; /* the last line that was not empty */
};

static void keep_line(struct printing *p)
{
    if (p->line_len > 0)
        exchange_copy_text(p->last, sizeof p->last, p->line, p->line_len);
    p->line_len = 0;
}

/* The byte is part of an escape sequence: ESC [ ... letter, or ESC and one more. */
static bool is_escape(struct printing *p, char c)
{
    bool inside = p->escape > 0;
    if (c == '\x1b')
        p->escape = 1;
    else if (p->escape == 1)
        p->escape = c == '[' ? 2 : 0;
    else if (p->escape == 2 && c >= '@' && c <= '~')
        p->escape = 0;
    return inside || c == '\x1b';
}

/* A progress bar is drawn over itself: a carriage return ends a line, too. */
static void take_lines(struct printing *p, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (is_escape(p, bytes[i]))
            continue;
        if (bytes[i] == '\n' || bytes[i] == '\r')
            keep_line(p);
        else if (p->line_len < sizeof p->line)
            p->line[p->line_len++] = bytes[i];
    }
}

static void read_from(struct printing *p, size_t which)
{
    char bytes[4096];
    ssize_t n = read(p->fds[which], bytes, sizeof bytes);
    if (n <= 0) {
        if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            close(p->fds[which]);
            p->fds[which] = -1;
        }
        return;
    }
    if (which == 0)
        buf_append(&p->out, bytes, (size_t)n); /* what is too much is dropped, and found out by its parser */
    take_lines(p, bytes, (size_t)n);
}

static int64_t now_ns(void)
{
    return clock_mono_ns(clock_system());
}

static bool tell(const struct lms_run *run, struct printing *p)
{
    keep_line(p);
    return !run->progress || !p->last[0] || run->progress(p->last, 0, -1, run->arg);
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/* Waits for what is printed; false: nothing came. */
static bool read_some(struct printing *p, int wait_ms)
{
    struct pollfd polled[2] = {{.fd = p->fds[0], .events = POLLIN}, {.fd = p->fds[1], .events = POLLIN}};
    bool some = poll(polled, 2, wait_ms) > 0;
    for (size_t i = 0; i < 2; i++)
        if (some && p->fds[i] >= 0 && polled[i].revents)
            read_from(p, i);
    return some;
}

/* Until it has ended, not until its pipes have: a server that it has woken up may hold them. False: it is no
 * longer wanted, or its time is up. */
static bool follow(const struct lms_run *run, struct printing *p, pid_t pid)
{
    int64_t until_ns = now_ns() + run->limit_ns;
    while (!has_ended(pid)) {
        int64_t left_ms = (until_ns - now_ns()) / NS_PER_MS;
        bool open = p->fds[0] >= 0 || p->fds[1] >= 0;
        if (left_ms <= 0 || !tell(run, p))
            return false;
        (void)read_some(p, !open ? 5 : left_ms < SLICE_MS ? (int)left_ms : SLICE_MS);
    }
    for (int i = 0; i < LEFT_MAX && (p->fds[0] >= 0 || p->fds[1] >= 0) && read_some(p, 0); i++)
        ;
    return tell(run, p);
}

/* In a group of its own, so that all of it can be ended. */
static int start(char *path, const struct lms_run *run, const int out[2], const int err[2], pid_t *pid)
{
    char *argv[LMS_ARGUMENTS_MAX + 2] = {path};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    for (size_t i = 0; run->arguments[i]; i++)
        argv[i + 1] = (char *)run->arguments[i];
    if (posix_spawn_file_actions_init(&files) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    int failed = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    failed = failed ? failed : posix_spawn_file_actions_adddup2(&files, out[1], 1);
    failed = failed ? failed : posix_spawn_file_actions_adddup2(&files, err[1], 2);
    failed = failed ? failed : posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    failed = failed ? failed : posix_spawnattr_setpgroup(&attributes, 0);
    failed = failed ? failed : posix_spawn(pid, path, &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

/* Ended is its group: what it runs to do its work, not a server that it has put into a session of its own. */
static enum status reap(
    const struct lms_run *run, const struct printing *p, pid_t pid, bool ended, struct error *e)
{
    int status = 0;
    if (!ended)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!ended)
        return error_set(e, STATUS_TIMEOUT, "lms %s was ended before it was ready: %s", run->arguments[0],
            p->last[0] ? p->last : "it printed nothing");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return STATUS_OK;
    return error_set(e, STATUS_INTERNAL, "lms %s failed: %s", run->arguments[0],
        p->last[0] ? p->last : "it printed nothing");
}

static void close_both(const int fds[2])
{
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

enum status lms_run(const struct lms_run *run, struct buf *out, struct error *e)
{
    char path[PATH_SIZE];
    int to_out[2] = {-1, -1}, to_err[2] = {-1, -1};
    struct printing p = {.fds = {-1, -1}, .out = BUF_INIT(OUTPUT_MAX)};
    pid_t pid = 0;
    if (!lms_run_find(path, sizeof path))
        return error_set(e, STATUS_UNAVAILABLE, "the program lms is not installed");
    if (pipe2(to_out, O_CLOEXEC) != 0 || pipe2(to_err, O_CLOEXEC) != 0) {
        close_both(to_out);
        return error_set_errno(e, "no pipe for lms");
    }
    int failed = start(path, run, to_out, to_err, &pid);
    close(to_out[1]);
    close(to_err[1]);
    p.fds[0] = to_out[0];
    p.fds[1] = to_err[0];
    enum status s = failed ? error_set(e, STATUS_IO, "%s cannot be started: %s", path, strerror(failed))
                           : reap(run, &p, pid, follow(run, &p, pid), e);
    if (s == STATUS_OK && out)
        s = buf_append(out, buf_text(&p.out), p.out.len);
    close_both(p.fds);
    buf_fini(&p.out);
    return s;
}
