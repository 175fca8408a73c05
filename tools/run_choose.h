/*
 * run_choose.h - `assay run -i`: a person ticks targets, models and suites in a menu.
 *
 *     struct run_choice choice = {0};
 *     if (run_choose(&portfolio, &request, run_so_far, "runs", &choice, &why) == STATUS_OK) ...
 *
 * The portfolio and the request are left with what was ticked; the request borrows texts from the choice.
 */
#ifndef ASSAY_RUN_CHOOSE_H
#define ASSAY_RUN_CHOOSE_H

#include "run_json.h"

enum { CHOICE_SUITES_MAX = OPT_LIST_MAX };

struct run_choice {
    char suites[CHOICE_SUITES_MAX][64]; /* names, with '!' before them where they are kept out */
};

/* runs: where the durations of earlier runs stand. STATUS_USAGE without a terminal; STATUS_UNAVAILABLE where
 * nothing was ticked or the menu was left. */
enum status run_choose(struct portfolio *portfolio, struct run_request *request, const char *runs,
    struct run_choice *choice, struct error *e) ASSAY_MUST_CHECK;

#endif
