#include "powermetrics_run.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

struct powermetrics {
    int fd; /* of its standard output, never waited for */
    pid_t pid;
    char line[LINE_MAX_BYTES]; /* its beginning, while it is not whole */
    size_t len;
    bool cut; /* the line was longer: the rest of it is dropped */
    bool begun, has_latest, ended;
    struct powermetrics_sample next, latest;
    int64_t latest_ns;
};

bool powermetrics_is_asked(void)
{
    const char *asked = getenv("ASSAY_POWERMETRICS");
    return asked && strcmp(asked, "1") == 0;
}

static const char *const tool[] = {"/usr/bin/sudo", "-n", "/usr/bin/powermetrics", "--samplers",
    "cpu_power,gpu_power,thermal", "-i", "200", NULL};

/* Its standard input and error are nowhere: it must neither ask nor write into anybody's terminal. */
static int spawn_tool(struct powermetrics *p, const char *const *arguments, int out)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return code;
    }
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, out, 1);
    (void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    /* a group of its own: what a terminal sends to ours is not for it */
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    code = posix_spawn(
        &p->pid, arguments[0], &actions, &attributes, (char *const *)(uintptr_t)arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

struct powermetrics *powermetrics_start(const char *const *arguments, char why[POWERMETRICS_REASON_SIZE])
{
    int ends[2] = {-1, -1};
    struct powermetrics *p = calloc(1, sizeof *p);
    int code = p && open_pipe(ends) ? spawn_tool(p, arguments ? arguments : tool, ends[1]) : errno;
    if (ends[1] >= 0)
        close(ends[1]);
    if (p && ends[0] >= 0 && code == 0) {
        p->fd = ends[0];
        return p;
    }
    snprintf(why, POWERMETRICS_REASON_SIZE, "powermetrics cannot be started: %s", strerror(code));
    if (ends[0] >= 0)
        close(ends[0]);
    free(p);
    return NULL;
}

/* Root's process cannot be signalled by us; one whose reader has gone ends by itself when it next prints. */
void powermetrics_end(struct powermetrics *p)
{
    if (!p)
        return;
    close(p->fd);
    (void)kill(p->pid, SIGTERM);
    int64_t end_ns = clock_mono_ns(clock_system()) + 3 * NS_PER_S;
    while (waitpid(p->pid, NULL, WNOHANG) == 0 && clock_mono_ns(clock_system()) < end_ns)
        clock_sleep_until(clock_system(), clock_mono_ns(clock_system()) + 5 * NS_PER_MS);
    free(p);
}

static void take_line(struct powermetrics *p)
{
    p->line[p->len] = '\0';
    p->len = 0;
    if (p->cut) {
        p->cut = false;
        return;
    }
    if (!powermetrics_take_line(&p->next, p->line))
        return;
    if (p->begun) {
        p->latest = p->next;
        p->has_latest = true;
        p->latest_ns = clock_mono_ns(clock_system());
    }
    p->begun = true;
    memset(&p->next, 0, sizeof p->next);
}

static void take_bytes(struct powermetrics *p, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n')
            take_line(p);
        else if (p->len + 1 < sizeof p->line)
            p->line[p->len++] = bytes[i];
        else
            p->cut = true;
    }
}

bool powermetrics_latest(struct powermetrics *p, struct powermetrics_sample *sample, int64_t *at_ns,
    char why[POWERMETRICS_REASON_SIZE])
{
    char bytes[4096];
    ssize_t n = -1;
    for (int reads = 0; reads < 64 && (n = read(p->fd, bytes, sizeof bytes)) != 0; reads++) {
        if (n > 0)
            take_bytes(p, bytes, (size_t)n);
        else if (errno != EINTR)
            break;
    }
    p->ended |= n == 0;
    if (p->ended)
        snprintf(why, POWERMETRICS_REASON_SIZE, "powermetrics has ended%s",
            p->begun ? "" : ": \"sudo -n\" may not run it without a password");
    else if (!p->has_latest)
        snprintf(why, POWERMETRICS_REASON_SIZE, "powermetrics has printed no sample yet");
    else
        why[0] = '\0';
    *sample = p->latest;
    *at_ns = p->latest_ns;
    return why[0] == '\0';
}
