/*
 * classify.h - from how a runner ended and what its journal says to one of the twelve outcomes.
 *
 * Nothing is inferred from an exit code alone: `passed` needs exactly one result of Check, a pass, and
 * phase `done`. The rules are tried in order:
 *
 *     we ended it: told to stop                             interrupted
 *     we ended it: deadline                                 timeout
 *     SIGKILL, and a count of OOM kills rose                oom
 *     SIGKILL, SIGTERM, SIGINT, SIGHUP, ...                 killed
 *     any other signal                                      crashed
 *     the case was refused before it began                  error
 *     this client could not measure                         harness_error
 *     phase skip                                            skipped
 *     no result: exit() in mid-case                         error
 *     not exactly one test run, or a damaged journal        harness_error
 *     a failed assertion                                    failed
 *     Check's forked test died (CK_FORK only)               crashed, killed, oom, timeout, error
 *     a pass, phase done, exit 0                            passed; otherwise error
 */
#ifndef ASSAY_CLASSIFY_H
#define ASSAY_CLASSIFY_H

#include "journal.h"
#include "outcome.h"
#include "watch.h"

struct classified {
    enum outcome outcome;
    char message[4096];
    const char *skip_reason; /* borrowed from the state; NULL unless skipped */
    const char *file;        /* borrowed likewise; NULL without a place */
    int line;
};

void classify(const struct ending *ending, const struct journal_state *state, struct classified *c);

/* "SIGSEGV"; never NULL. text is used where the signal has no name of its own. */
const char *classify_signal_name(int number, char text[16]);

#endif
