#include "monitor_signals.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#include <unistd.h>

static const struct {
    int number;
    bool of_command; /* caught only around a command */
} caught[] = {
    {SIGINT, false},
    {SIGTERM, false},
    {SIGHUP, false},
    {SIGQUIT, false},
    {SIGCHLD, true},
    {SIGUSR1, true},
    {SIGUSR2, true},
    {SIGTSTP, true},
    {SIGCONT, true},
};
enum { CAUGHT = sizeof caught / sizeof caught[0] };

static int write_fd = -1;
static volatile int64_t unread_since_ns[NSIG]; /* 0: read; handlers exclude each other */
static struct sigaction before[CAUGHT];
static bool replaced[CAUGHT];

/* One that is asked to end and has not even noticed for a second is stuck. */
static bool nobody_listens(int number, int64_t now_ns)
{
    bool ends = number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
    return ends && unread_since_ns[number] != 0 && now_ns - unread_since_ns[number] > NS_PER_S;
}

static void note_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    int64_t now_ns = clock_mono_ns(clock_system());
    struct monitor_signal s = {.number = number,
        .typed = info->si_code != SI_USER && info->si_code != SI_QUEUE,
        .from = info->si_code == SI_USER || info->si_code == SI_QUEUE ? info->si_pid : 0};
    (void)context;
    if (nobody_listens(number, now_ns)) {
        (void)signal(number, SIG_DFL);
        (void)raise(number);
    }
    if (unread_since_ns[number] == 0)
        unread_since_ns[number] = now_ns;
    (void)!write(write_fd, &s, sizeof s);
    errno = saved;
}

enum status monitor_signals_open(struct monitor_signals *signals, bool for_command, struct error *e)
{
    int fds[2];
    struct sigaction act = {.sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP};
    act.sa_sigaction = note_signal;
    sigfillset(&act.sa_mask);
    signals->read_fd = -1;
    if (pipe(fds) != 0)
        return error_set_errno(e, "cannot make a pipe");
    for (int i = 0; i < 2; i++) {
        (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
    signals->read_fd = fds[0];
    write_fd = fds[1];
    for (size_t i = 0; i < CAUGHT; i++) {
        unread_since_ns[caught[i].number] = 0;
        replaced[i] = false;
        if ((caught[i].of_command && !for_command) || sigaction(caught[i].number, NULL, &before[i]) != 0 ||
            (before[i].sa_handler == SIG_IGN && caught[i].number != SIGCHLD))
            continue;
        replaced[i] = sigaction(caught[i].number, &act, NULL) == 0;
    }
    return STATUS_OK;
}

void monitor_signals_forget(void)
{
    for (size_t i = 0; i < CAUGHT; i++)
        if (replaced[i])
            (void)sigaction(caught[i].number, &before[i], NULL);
}

void monitor_signals_close(struct monitor_signals *signals)
{
    if (signals->read_fd < 0)
        return;
    monitor_signals_forget();
    close(signals->read_fd);
    close(write_fd);
    signals->read_fd = write_fd = -1;
}

void monitor_signals_wait(const struct monitor_signals *signals, int64_t until_ns)
{
    int64_t left_ns = until_ns - clock_mono_ns(clock_system());
    fd_set set;
    if (left_ns < 0)
        left_ns = 0;
    struct timespec timeout = {(time_t)(left_ns / NS_PER_S), (long)(left_ns % NS_PER_S)};
    FD_ZERO(&set);
    FD_SET(signals->read_fd, &set);
    (void)pselect(signals->read_fd + 1, &set, NULL, NULL, &timeout, NULL);
}

bool monitor_signals_next(const struct monitor_signals *signals, struct monitor_signal *signal)
{
    ssize_t n;
    do
        n = read(signals->read_fd, signal, sizeof *signal);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *signal)
        return false;
    unread_since_ns[signal->number] = 0;
    return true;
}
