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
 * A child that was forked in between calls stop_end() first.
 */
#ifndef ASSAY_STOP_H
#define ASSAY_STOP_H

#include <stdint.h>

void stop_begin(void); /* what was ignored before (nohup) stays ignored */
void stop_end(void);   /* handlers and mask as they were */

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
