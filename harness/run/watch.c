#include "watch.h"

#include "clock.h"
#include "journal.h"
#include "monitor.h"
#include "stop.h"
#include "strays.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define KILL_AGAIN_NS (100 * NS_PER_MS)

/* What is being done about the runner; each step has a moment at which the next one is due. */
enum step { STEP_WAIT, STEP_TERM, STEP_KILL };

struct watching {
    enum step step;
    int64_t next_ns;
    enum journal_phase phase; /* that was seen last */
};

static void end_test(const struct watch *w, struct watching *now_at, int64_t now_ns)
{
    bool kill_it = now_at->step != STEP_WAIT;
    (void)strays_signal(w->runner, w->spared, kill_it ? SIGKILL : SIGTERM);
    now_at->step = kill_it ? STEP_KILL : STEP_TERM;
    now_at->next_ns = now_ns + (kill_it ? KILL_AGAIN_NS : w->grace_ns);
}

static void judge(const struct watch *w, struct watching *now_at, int64_t now_ns, struct ending *ending)
{
    if (now_at->step == STEP_WAIT && stop_asked() != 0) {
        ending->stop_signal = stop_asked();
        end_test(w, now_at, now_ns);
    } else if (now_ns >= now_at->next_ns) {
        ending->deadline_passed |= now_at->step == STEP_WAIT;
        end_test(w, now_at, now_ns);
    }
}

static bool reaped(pid_t runner, struct ending *ending)
{
    const struct clock *clock = clock_system();
    if (wait4(runner, &ending->wait_status, WNOHANG, &ending->usage) == 0)
        return false;
    ending->end_mono_ns = clock_mono_ns(clock);
    ending->end_unix_ns = clock_wall_ns(clock);
    return true;
}

/* Where the body begins and ends the energy is read at once: a window that lies between samples would else be cut
 * out of what was used around it. The runner wakes us up there. */
static void sample(const struct watch *w, struct watching *now_at, int64_t now_ns)
{
    enum journal_phase phase = w->journal != NULL ? journal_phase(w->journal) : PHASE_NONE;
    bool sampled = monitor_sample(w->monitor, now_ns);
    if (phase != now_at->phase && !sampled)
        monitor_read_energy(w->monitor);
    now_at->phase = phase;
}

void watch_runner(const struct watch *w, struct ending *ending)
{
    const struct clock *clock = clock_system();
    struct watching now_at = {STEP_WAIT, w->deadline_ns, PHASE_NONE};
    memset(ending, 0, sizeof *ending);
    while (!reaped(w->runner, ending)) {
        int64_t now_ns = clock_mono_ns(clock);
        if (w->monitor != NULL)
            sample(w, &now_at, now_ns);
        judge(w, &now_at, now_ns, ending);
        int64_t until_ns = now_at.next_ns;
        if (w->monitor != NULL && monitor_due_ns(w->monitor) < until_ns)
            until_ns = monitor_due_ns(w->monitor);
        stop_wait(until_ns - clock_mono_ns(clock));
    }
    if (now_at.step ==
        STEP_WAIT) /* what told us to stop may have ended the server, too: that is no failure of it */
        ending->stop_signal = stop_asked();
    ending->strays_killed = strays_kill(w->runner, w->spared);
}
