/*
 * live_ctest.h - what the ctest that started us was told: live tests are found when ctest starts, so the
 * finder looks at its parent's command line to leave ctest alone where no live test can be wanted.
 *
 *     struct live_ctest ctest;
 *     live_ctest_read(getppid(), &ctest);
 *     if (live_ctest_wants_live(&ctest, suites)) ... discover ...
 *     live_ctest_fini(&ctest);
 */
#ifndef ASSAY_LIVE_CTEST_H
#define ASSAY_LIVE_CTEST_H

#include "status.h"

#include <stddef.h>
#include <sys/types.h>

struct live_ctest {
    char **argv; /* owned, NULL-terminated; NULL where the process is no ctest or cannot be looked at */
    size_t argc;
    char *folder; /* its working directory, owned; NULL likewise */
    pid_t pid;
};

void live_ctest_read(pid_t pid, struct live_ctest *ctest);
/* For tests: as if a ctest had been started with these words. False: no memory. */
bool live_ctest_set(struct live_ctest *ctest, const char *const *argv, size_t argc);
void live_ctest_fini(struct live_ctest *ctest);

/*
 * False where its label filters leave no live test: -LE that matches live_e2e, or -L that matches neither
 * live_e2e nor a suite (names, NULL-terminated) but one of the labels that all other tests of the project
 * carry. In doubt true.
 */
bool live_ctest_wants_live(const struct live_ctest *ctest, const char *const *suites);

/*
 * The names of the tests that this ctest is going to run, asked of a second ctest with the same filters
 * (--show-only=json-v1). STATUS_UNAVAILABLE where the parent is no ctest. names is owned by the caller:
 * live_names_fini.
 */
struct live_names {
    char **items;
    size_t count;
};
enum status live_ctest_selected(
    const struct live_ctest *ctest, struct live_names *names, struct error *e) ASSAY_MUST_CHECK;
bool live_names_have(const struct live_names *names, const char *name);
void live_names_fini(struct live_names *names);

#endif
