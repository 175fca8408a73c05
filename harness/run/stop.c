#include "stop.h"

#include "clock.h"

#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static const int handled[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
enum { HANDLED = sizeof handled / sizeof handled[0] };

static volatile sig_atomic_t asked;
static struct sigaction before[HANDLED];
static sigset_t mask_before;
static int depth;

static void note_signal(int number)
{
    if (number != SIGCHLD && asked == 0)
        asked = number;
}

void stop_begin(void)
{
    sigset_t block;
    struct sigaction act = {.sa_handler = note_signal};
    if (depth++ > 0)
        return;
    asked = 0;
    sigemptyset(&act.sa_mask);
    sigemptyset(&block);
    for (size_t i = 0; i < HANDLED; i++)
        sigaddset(&block, handled[i]);
    sigprocmask(SIG_BLOCK, &block, &mask_before);
    for (size_t i = 0; i < HANDLED; i++) {
        sigaction(handled[i], NULL, &before[i]);
        if (handled[i] == SIGCHLD || before[i].sa_handler != SIG_IGN)
            sigaction(handled[i], &act, NULL);
    }
}

static void restore(void)
{
    for (size_t i = 0; i < HANDLED; i++)
        sigaction(handled[i], &before[i], NULL);
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

void stop_end(void)
{
    if (depth > 0 && --depth == 0)
        restore();
}

void stop_forget(void)
{
    if (depth > 0)
        restore();
    depth = 0;
}

void stop_with_parent(void)
{
#ifdef PR_SET_PDEATHSIG
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
#endif
}

/* Lets the handlers have what has come since the last stop_wait(), but for SIGCHLD, which is to end the next one. */
static void let_in(void)
{
    sigset_t asking, before_now;
    sigemptyset(&asking);
    for (size_t i = 0; i < HANDLED; i++)
        if (handled[i] != SIGCHLD && sigismember(&mask_before, handled[i]) == 0)
            sigaddset(&asking, handled[i]);
    sigprocmask(SIG_UNBLOCK, &asking, &before_now);
    sigprocmask(SIG_SETMASK, &before_now, NULL);
}

int stop_asked(void)
{
    if (asked == 0 && depth > 0)
        let_in();
    return asked;
}

void stop_wait(int64_t timeout_ns)
{
    sigset_t open = mask_before;
    if (timeout_ns < 0)
        timeout_ns = 0;
    struct timespec timeout = {(time_t)(timeout_ns / NS_PER_S), (long)(timeout_ns % NS_PER_S)};
    for (size_t i = 0; i < HANDLED; i++)
        sigdelset(&open, handled[i]);
    (void)pselect(0, NULL, NULL, NULL, &timeout, &open);
}
