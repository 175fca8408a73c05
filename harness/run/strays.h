/*
 * strays.h - processes that a test leaves behind: found, ended, reaped, counted.
 *
 * The caller is a subreaper (strays_adopt), so that what a dead process started becomes its child,
 * however it was daemonised: every descendant of the caller belongs to the test, unless it was there
 * before.
 *
 *     strays_adopt();
 *     ...                                       // fork the runner, wait for it
 *     size_t n = strays_kill(session, NULL);    // nothing of it lives when this returns
 */
#ifndef ASSAY_STRAYS_H
#define ASSAY_STRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Children that were there before, and are none of the test's business. */
struct spared {
    pid_t pids[64];
    size_t count;
};
void strays_spare_children(struct spared *spared); /* all children that the caller has now */

bool strays_adopt(
    void); /* false where this system has no subreapers: only sessions and groups are found then */

/* Sends a signal to all members of the session and all descendants; how many got it. 0: only counts. */
size_t strays_signal(pid_t session, const struct spared *spared, int number);

/*
 * Kills and reaps until nothing is left (at most 5 s: a process in uninterruptible sleep cannot be
 * ended). Returns how many living processes were killed. session may be 0; spared may be NULL.
 */
size_t strays_kill(pid_t session, const struct spared *spared);

#endif
