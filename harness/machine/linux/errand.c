#include "errand.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* gcov writes its counters in an exit handler, which _exit() passes by. */
#ifdef ASSAY_COVERAGE
extern void __gcov_dump(void);
#endif

enum { WHAT_SIZE = 128, LEFT_BEHIND_MAX = 16 };

/* A child that is told to end does so at once, or hangs. */
#define END_NS (200 * NS_PER_MS)
/* Whoever was stopped or not let run himself finds the answer here when he looks again. */
#define SECOND_LOOK_NS (100 * NS_PER_MS)

/* What the child is doing, in memory that both see: the parent reads it only where it got no answer. */
struct board {
    _Alignas(64) volatile int fd; /* -1: what says it; aligned for what lies behind it */
    char what[WHAT_SIZE];
};

struct errand {
    enum errand_kind kind;
    pid_t pid;
    int fd;
    bool owed, gone, overdue; /* an answer; the child; the answer is */
    int64_t asked_ns, deadline_ns;
    struct board *board;
    void *memory;
    size_t size; /* of the mapping, board included */
};

struct errand_side {
    int fd;
    bool asked; /* a question waits for its answer */
};

static struct board *own_board; /* of a process that is an errand */

/* By kind; written by whoever loses one, and read by all. */
struct losses {
    volatile sig_atomic_t lost[ERRAND_KINDS];
};
static struct losses own_losses;
static struct losses *losses = &own_losses;

/* Children that hung when they were left: they are reaped when their driver lets them go. */
static pid_t left_behind[LEFT_BEHIND_MAX];

static void reap_left_behind(void)
{
    for (size_t i = 0; i < LEFT_BEHIND_MAX; i++)
        if (left_behind[i] > 0 && waitpid(left_behind[i], NULL, WNOHANG) != 0)
            left_behind[i] = 0;
}

static void leave_behind(pid_t pid)
{
    for (size_t i = 0; i < LEFT_BEHIND_MAX; i++) {
        if (left_behind[i] > 0)
            continue;
        left_behind[i] = pid;
        return;
    }
}

int64_t errand_deadline(const char *root, int64_t asked_ns)
{
    return asked_ns > 0 ? asked_ns : root[0] == '\0' ? ERRAND_DEADLINE_NS : 0;
}

/* ---- the child ---- */

void errand_doing(const char *what)
{
    if (own_board == NULL)
        return;
    size_t len = strlen(what), kept = len < WHAT_SIZE ? len : WHAT_SIZE - 1;
    memcpy(own_board->what, what + (len - kept), kept); /* the end of a path tells more */
    own_board->what[kept] = '\0';
    own_board->fd = -1;
}

void errand_doing_file(int fd)
{
    if (own_board != NULL)
        own_board->fd = fd;
}

static bool read_byte(int fd)
{
    char byte;
    ssize_t n;
    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

static bool write_byte(int fd)
{
    ssize_t n;
    do
        n = send(fd, "", 1, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

bool errand_next(struct errand_side *side)
{
    if (side->asked && !write_byte(side->fd))
        return false;
    side->asked = read_byte(side->fd);
    return side->asked;
}

/* It is not to keep a pipe, a terminal or a lock of its parent's. */
static int close_inherited(int fd)
{
    int nothing = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        (void)dup2(nothing, i);
    (void)dup2(fd, 3);
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
    if (close_range(4, ~0U, 0) == 0)
        return 3;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    for (int i = 4; i < (limit > 0 && limit < 65536 ? (int)limit : 65536); i++)
        (void)close(i);
    return 3;
}

static void keep_out_of_the_way(void)
{
    static const int ignored[] = {
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGPIPE, SIGALRM};
    (void)setpgid(0, 0);
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)signal(SIGCHLD, SIG_DFL);
    (void)prctl(PR_SET_NAME, "assay-sensors", 0, 0, 0);
}

_Noreturn static void be_errand(const struct errand *e, const struct errand_plan *plan, int fd, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(1);
    keep_out_of_the_way();
    struct errand_side side = {.fd = close_inherited(fd)};
    own_board = e->board;
    plan->serve(&side, e->memory, plan->arg);
#ifdef ASSAY_COVERAGE
    __gcov_dump();
#endif
    _exit(0);
}

/* ---- the parent ---- */

static bool map_memory(struct errand *e, size_t size)
{
    e->size = sizeof *e->board + size;
    void *at = mmap(NULL, e->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return false;
    e->board = at;
    e->board->fd = -1;
    e->memory = e->board + 1;
    return true;
}

static void drop(struct errand *e)
{
    if (e->fd >= 0)
        close(e->fd);
    if (e->board != NULL)
        (void)munmap(e->board, e->size);
    free(e);
}

struct errand *errand_start(const struct errand_plan *plan)
{
    int fds[2];
    pid_t parent = getpid();
    struct errand *e = calloc(1, sizeof *e);
    if (e == NULL)
        return NULL;
    reap_left_behind();
    e->fd = -1;
    e->kind = plan->kind;
    e->deadline_ns = plan->deadline_ns > 0 ? plan->deadline_ns : ERRAND_DEADLINE_NS;
    if (!map_memory(e, plan->size) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        drop(e);
        return NULL;
    }
    e->fd = fds[0];
    (void)fflush(NULL);
    e->pid = fork();
    if (e->pid == 0)
        be_errand(e, plan, fds[1], parent);
    close(fds[1]);
    if (e->pid > 0)
        return e;
    drop(e);
    return NULL;
}

void *errand_memory(const struct errand *errand)
{
    return errand->memory;
}

bool errand_owes(const struct errand *errand)
{
    return errand->owed;
}

/* Whether there is something to read, an end included. */
static bool wait_readable(int fd, int64_t patience_ns)
{
    int64_t until_ns = clock_mono_ns(clock_system()) + patience_ns;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left_ns = until_ns - clock_mono_ns(clock_system());
        struct timespec timeout = {0, 0};
        if (left_ns > 0)
            timeout = (struct timespec){(time_t)(left_ns / NS_PER_S), (long)(left_ns % NS_PER_S)};
        int n = ppoll(&p, 1, &timeout, NULL);
        if (n > 0)
            return true;
        if (n == 0 || errno != EINTR)
            return false;
    }
}

/* It is nobody's zombie while the monitor goes on. */
static void reap_gone(struct errand *e)
{
    if (e->pid > 0 && waitpid(e->pid, NULL, WNOHANG) != 0)
        e->pid = 0;
}

/* Takes the answer that is owed; false where it has not come. */
static bool take_answer(struct errand *e, int64_t patience_ns)
{
    if (!wait_readable(e->fd, patience_ns))
        return false;
    e->owed = e->overdue = false;
    e->gone = !read_byte(e->fd);
    return !e->gone;
}

static bool is_overdue(const struct errand *e)
{
    return clock_mono_ns(clock_system()) - e->asked_ns >= e->deadline_ns;
}

/* The first one who finds it overdue looks twice. */
static enum errand_answer await(struct errand *e, int64_t patience_ns, enum errand_answer answer)
{
    if (take_answer(e, e->overdue ? 0 : patience_ns))
        return answer;
    if (e->gone || e->overdue || !is_overdue(e))
        return ERRAND_SILENT;
    if (take_answer(e, SECOND_LOOK_NS))
        return answer;
    e->overdue = !e->gone;
    if (e->overdue)
        losses->lost[e->kind] = 1;
    return ERRAND_SILENT;
}

enum errand_answer errand_ask(struct errand *errand, int64_t patience_ns)
{
    if (errand->gone) {
        reap_gone(errand);
        return ERRAND_SILENT;
    }
    if (errand->owed)
        return await(errand, patience_ns, ERRAND_EARLIER);
    errand->asked_ns = clock_mono_ns(clock_system());
    errand->owed = write_byte(errand->fd);
    errand->gone = !errand->owed;
    return errand->gone ? ERRAND_SILENT : await(errand, patience_ns, ERRAND_TOLD);
}

enum errand_answer errand_ask_first(struct errand *errand, int64_t patience_ns)
{
    enum errand_answer answer = errand_ask(errand, errand_patience(errand, patience_ns));
    if (answer == ERRAND_TOLD)
        losses->lost[errand->kind] = 0;
    return answer;
}

int64_t errand_patience(const struct errand *errand, int64_t asked_ns)
{
    return errand_was_lost(errand->kind) && asked_ns > ERRAND_LONG_PATIENCE_NS ? ERRAND_LONG_PATIENCE_NS
                                                                               : asked_ns;
}

bool errand_was_lost(enum errand_kind kind)
{
    return losses->lost[kind] != 0;
}

const char *errand_unread(enum errand_kind kind)
{
    return errand_was_lost(kind) ? "it did not answer before, and has not yet again" : "not read yet";
}

void errand_share_losses(void)
{
    if (losses != &own_losses)
        return;
    void *shared = mmap(NULL, sizeof *losses, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return; /* each process for itself, then */
    losses = shared;
    for (size_t i = 0; i < ERRAND_KINDS; i++)
        losses->lost[i] = own_losses.lost[i];
}

/* The file that it has in hand; what it says itself where that cannot be seen. */
static void find_what(const struct errand *e, char *what, size_t size)
{
    char link[64];
    int fd = e->board->fd;
    memcpy(what, e->board->what, size < WHAT_SIZE ? size : WHAT_SIZE);
    what[size - 1] = '\0';
    if (fd < 0)
        return;
    snprintf(link, sizeof link, "/proc/%ld/fd/%d", (long)e->pid, fd);
    ssize_t n = readlink(link, what, size - 1);
    if (n > 0)
        what[n] = '\0';
}

bool errand_lost(const struct errand *errand, char *reason, size_t size)
{
    char what[WHAT_SIZE];
    if (!errand->gone && !errand->overdue)
        return false;
    find_what(errand, what, sizeof what);
    int64_t ms = errand->deadline_ns / NS_PER_MS;
    if (errand->gone)
        snprintf(reason, size, "the process that reads it has ended, at %s", what[0] ? what : "its start");
    else
        snprintf(reason, size, "%s has not answered for %lld %s", what[0] ? what : "a driver",
            (long long)(ms % 1000 ? ms : ms / 1000), ms % 1000 ? "ms" : "s");
    return true;
}

static bool reaped(pid_t pid, int64_t within_ns)
{
    const struct clock *clock = clock_system();
    int64_t until_ns = clock_mono_ns(clock) + within_ns;
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (clock_mono_ns(clock) >= until_ns)
            return false;
        clock_sleep_until(clock, clock_mono_ns(clock) + NS_PER_MS / 5);
    }
    return true;
}

void errand_end(struct errand *errand)
{
    if (errand == NULL)
        return;
    struct errand *e = errand;
    (void)shutdown(e->fd, SHUT_RDWR);
    if (e->pid > 0 && !reaped(e->pid, e->owed ? 0 : END_NS)) {
        (void)kill(e->pid, SIGKILL);
        if (!reaped(e->pid, END_NS))
            leave_behind(e->pid);
    }
    drop(e);
}
