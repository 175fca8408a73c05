/*
 * tries.h - bounds on time that a slow or busy machine cannot break: what has to hold does so in one of five tries.
 *
 *     for (struct tries t = {0}; tries_next(&t);) {
 *         int64_t took_ns = ask(300 * NS_PER_MS * tries_patience(&t));
 *         tries_judge(&t, took_ns < 2 * control_ns, "it took %lld ms", (long long)(took_ns / NS_PER_MS));
 *     }
 *
 * Only for what noise may spoil and a bug spoils always: what must hold every time is a ck_assert in the loop. A bound
 * that is compared with a control, measured in the same try, needs no guess about the machine.
 */
#ifndef ASSAY_TRIES_H
#define ASSAY_TRIES_H

#include "status.h"

#include <stdbool.h>

enum { TRIES_MOST = 5 };

struct tries {
    int number; /* of the try that is on, from 1 */
    bool bad;
    char why[240]; /* the first that did not hold in it */
};

/* Begins the next try, or ends the loop behind one that was good. Fails the test behind the last. */
bool tries_next(struct tries *t);

void tries_judge(struct tries *t, bool holds, const char *why, ...) ASSAY_PRINTF(3, 4);

/* By what to multiply times that are waited for: 1, 2, 4, 8, 16. */
int tries_patience(const struct tries *t);

#endif
