/*
 * target_apart.h - what the kernel tells of the measured server's processes, asked by a process of its own where an
 * answer may never come (errand.h): a server that is stuck in a driver keeps whoever looks at its memory waiting.
 *
 *     struct target_apart t;
 *     target_apart_open(&t, root, deadline_ns);      // 0: it is read here
 *     target_apart_look(&t, &question);              // waits for a while, never for good
 *     use(&t.told);
 *     target_apart_close(&t);
 *
 * Without an answer there is what was told last; once the deadline has passed all readings are unavailable, with what
 * it was that did not answer.
 */
#ifndef ASSAY_TARGET_APART_H
#define ASSAY_TARGET_APART_H

#include "errand.h"
#include "target_sensors.h"

struct target_apart {
    struct target_sensors here; /* unused where there is an errand */
    struct errand *errand;      /* NULL: read here */
    int64_t deadline_ns;
    struct target_readings told;
};

void target_apart_open(struct target_apart *t, const char *root, int64_t deadline_ns);
void target_apart_close(struct target_apart *t);
void target_apart_look(struct target_apart *t, const struct target_question *question);

#endif
