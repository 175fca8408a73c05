/*
 * powermetrics_run.h - the tool `powermetrics`, which only root may run: started once where it is asked for, and only
 * by way of "sudo -n", which never asks for a password.
 *
 *     struct powermetrics *p = powermetrics_start(NULL, why);         // NULL: it was not asked for, or why
 *     if (powermetrics_latest(p, &sample, &at_ns, why)) ...           // never waits
 *     powermetrics_end(p);
 *
 * Asked for by ASSAY_POWERMETRICS=1 in the environment. It prints a sample each 200 ms; one that has come whole is
 * the latest, with the moment at which it did.
 */
#ifndef ASSAY_POWERMETRICS_RUN_H
#define ASSAY_POWERMETRICS_RUN_H

#include "powermetrics_text.h"

#include <stddef.h>
#include <stdint.h>

enum { POWERMETRICS_REASON_SIZE = 160 };

struct powermetrics; /* opaque */

/* arguments: NULL for the tool itself, else another command line, its program's path first. */
struct powermetrics *powermetrics_start(const char *const *arguments, char why[POWERMETRICS_REASON_SIZE]);
void powermetrics_end(struct powermetrics *p); /* NULL allowed */

/* False with the reason: none has come yet, or it has ended (sudo wants a password). */
bool powermetrics_latest(struct powermetrics *p, struct powermetrics_sample *sample, int64_t *at_ns,
    char why[POWERMETRICS_REASON_SIZE]);

/* Is it asked for? */
bool powermetrics_is_asked(void);

#endif
