#include "strays.h"

#include "clock.h"
#include "fs.h"
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define KILL_FOR_NS (5 * NS_PER_S)

bool strays_adopt(void)
{
#ifdef PR_SET_CHILD_SUBREAPER
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
#else
    return false;
#endif
}

static bool is_spared(const struct spared *spared, pid_t pid)
{
    for (size_t i = 0; spared != NULL && i < spared->count; i++)
        if (spared->pids[i] == pid)
            return true;
    return false;
}

/* The kernel's own list, where it keeps one: a pass over all processes costs a hundred times as much. */
static bool list_children(struct spared *children)
{
    char text[1024];
    children->count = 0;
    if (fs_read_small("", "/proc/thread-self/children", text, sizeof text) < 0)
        return false;
    char *rest = text;
    for (long pid; (pid = strtol(rest, &rest, 10)) > 0;)
        if (children->count < sizeof children->pids / sizeof children->pids[0])
            children->pids[children->count++] = (pid_t)pid;
    return true;
}

void strays_spare_children(struct spared *spared)
{
    if (list_children(spared))
        return;
    size_t count = 0;
    struct process *all = process_list(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].parent == getpid() && spared->count < sizeof spared->pids / sizeof spared->pids[0])
            spared->pids[spared->count++] = all[i].pid;
    free(all);
}

/* Whether the chain of parents from one process leads to us, and not through a spared child. */
static bool descends_from_us(
    const struct process *all, size_t count, const struct process *p, const struct spared *spared)
{
    for (size_t depth = 0; depth < count; depth++) {
        if (is_spared(spared, p->pid))
            return false;
        if (p->parent == getpid())
            return true;
        const struct process *up = NULL;
        for (size_t i = 0; i < count && up == NULL; i++)
            if (all[i].pid == p->parent)
                up = &all[i];
        if (up == NULL || up == p)
            return false;
        p = up;
    }
    return false;
}

/* The processes that one search found, each once. */
struct found {
    pid_t pids[256];
    size_t count;
};

static void note_found(struct found *found, pid_t pid)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->pids[i] == pid)
            return;
    if (found->count < sizeof found->pids / sizeof found->pids[0])
        found->pids[found->count++] = pid;
}

static size_t signal_all(pid_t session, const struct spared *spared, int number, struct found *found)
{
    size_t count = 0, signalled = 0;
    struct process *all = process_list(&count);
    for (size_t i = 0; i < count; i++) {
        if (all[i].pid == getpid() || all[i].state == 'Z' || all[i].state == 'X')
            continue;
        bool ours =
            (session > 0 && all[i].session == session) || descends_from_us(all, count, &all[i], spared);
        if (!ours || kill(all[i].pid, number) != 0)
            continue;
        signalled++;
        note_found(found, all[i].pid);
    }
    if (all == NULL && session > 0 && killpg(session, number) == 0)
        signalled = 1;
    free(all);
    return signalled;
}

size_t strays_signal(pid_t session, const struct spared *spared, int number)
{
    struct found found = {.count = 0};
    return signal_all(session, spared, number, &found);
}

static bool only_spared_are_left(const struct spared *spared)
{
    struct spared children;
    if (spared == NULL || spared->count == 0 || !list_children(&children))
        return false;
    for (size_t i = 0; i < children.count; i++)
        if (!is_spared(spared, children.pids[i]))
            return false;
    return true;
}

/* Reaps what has ended, spared children excepted; false once there is nothing left that could end. */
static bool reap(const struct spared *spared)
{
    for (;;) {
        siginfo_t ended = {0};
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0)
            return errno != ECHILD;
        if (ended.si_pid == 0 || is_spared(spared, ended.si_pid))
            return !only_spared_are_left(spared);
        (void)waitpid(ended.si_pid, NULL, WNOHANG);
    }
}

size_t strays_kill(pid_t session, const struct spared *spared)
{
    const struct clock *clock = clock_system();
    int64_t until_ns = clock_mono_ns(clock) + KILL_FOR_NS;
    struct found found = {.count = 0};
    while (
        reap(spared) && signal_all(session, spared, SIGKILL, &found) > 0 && clock_mono_ns(clock) < until_ns)
        clock_sleep_until(clock, clock_mono_ns(clock) + 2 * NS_PER_MS);
    return found.count;
}
