#include "monitor_command.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who sends to a process and then to its group (timeout does) means one signal. */
#define SAME_SIGNAL_NS (100 * NS_PER_MS)

/* The child's side: only a failure is ever told. */
_Noreturn static void become(char *const argv[], const sigset_t *mask, int tell_fd)
{
    monitor_signals_forget();
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    int failed = errno;
    (void)!write(tell_fd, &failed, sizeof failed);
    _exit(failed == ENOENT ? COMMAND_NOT_FOUND : COMMAND_NOT_EXECUTABLE);
}

/* 0 once the command has taken the child's place, else why it could not. */
static int wait_for_exec(int fd)
{
    int failed = 0;
    ssize_t n;
    do
        n = read(fd, &failed, sizeof failed);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof failed ? failed : 0;
}

int monitor_command_start(struct monitor_command *command, char *const argv[], struct error *e)
{
    int fds[2];
    *command = (struct monitor_command){0};
    if (pipe(fds) != 0 || fcntl(fds[0], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(fds[1], F_SETFD, FD_CLOEXEC) != 0) {
        (void)error_set_errno(e, "cannot make a pipe");
        return COMMAND_NOT_EXECUTABLE;
    }
    sigset_t all, mask;
    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &mask);
    command->pid = fork();
    if (command->pid == 0)
        become(argv, &mask, fds[1]);
    int failed = command->pid < 0 ? errno : 0;
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    close(fds[1]);
    if (failed == 0)
        failed = wait_for_exec(fds[0]);
    close(fds[0]);
    if (failed == 0)
        return 0;
    if (command->pid > 0)
        while (waitpid(command->pid, &command->wait_status, 0) < 0 && errno == EINTR)
            continue;
    command->ended = true;
    (void)error_set(e, STATUS_NOT_FOUND, "cannot start %.200s: %s", argv[0], strerror(failed));
    return failed == ENOENT ? COMMAND_NOT_FOUND : COMMAND_NOT_EXECUTABLE;
}

bool monitor_command_ended(struct monitor_command *command)
{
    if (!command->ended && waitpid(command->pid, &command->wait_status, WNOHANG) == command->pid)
        command->ended = true;
    return command->ended;
}

int monitor_command_code(const struct monitor_command *command)
{
    if (WIFSIGNALED(command->wait_status))
        return 128 + WTERMSIG(command->wait_status);
    return WIFEXITED(command->wait_status) ? WEXITSTATUS(command->wait_status) : 0;
}

static bool same_again(const struct monitor_command *c, const struct monitor_signal *signal, int64_t now_ns)
{
    return signal->number == c->passed_on.number && signal->from == c->passed_on.from &&
           now_ns - c->passed_on_ns < SAME_SIGNAL_NS;
}

static void pass_on(struct monitor_command *c, const struct monitor_signal *signal)
{
    int64_t now_ns = clock_mono_ns(clock_system());
    if (signal->typed || signal->from == c->pid || same_again(c, signal, now_ns))
        return;
    (void)kill(c->pid, signal->number);
    c->passed_on = *signal;
    c->passed_on_ns = now_ns;
}

void monitor_command_signal(struct monitor_command *command, const struct monitor_signal *signal)
{
    if (command->ended || signal->number == SIGCHLD)
        return;
    pass_on(command, signal);
    if (signal->number == SIGTSTP)
        (void)raise(SIGSTOP); /* the shell waits for us to stop as well */
}
