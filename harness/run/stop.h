/*
 * stop.h - signals that ask this process to stop, and children that end, waited for without races.
 *
 * Signals belong to the process, so this is the one module with state of its own. Between stop_begin and
 * stop_end SIGINT, SIGTERM, SIGHUP and SIGCHLD are blocked except inside stop_wait.
 *
 *     stop_begin();
 *     while (waitpid(child, &status, WNOHANG) == 0 && stop_asked() == 0)
 *         stop_wait(200 * NS_PER_MS);
 *     stop_end();
 *
 * Both nest: only the outermost pair sets handlers and mask. A child that was forked in between either becomes
 * somebody who waits himself, and keeps them all its life (a signal that comes meanwhile is asked for as soon as he
 * waits), or calls stop_forget() first.
 */
#ifndef ASSAY_STOP_H
#define ASSAY_STOP_H

#include <stdint.h>

void stop_begin(void);  /* what was ignored before (nohup) stays ignored */
void stop_end(void);    /* handlers and mask as they were */
void stop_forget(void); /* the same, however deep, in a child */

/*
 * From now on the end of our parent (a run loop, a ctest that was killed) counts as SIGTERM; does nothing
 * where the system cannot tell.
 */
void stop_with_parent(void);

/* The first of SIGINT, SIGTERM, SIGHUP that came since stop_begin, or 0. */
int stop_asked(void);

/* Sleeps until one of the four comes, at most timeout_ns. */
void stop_wait(int64_t timeout_ns);

#endif
