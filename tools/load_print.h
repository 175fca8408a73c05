/* load_print.h - the result of `assay load` for people, on standard output. */
#ifndef ASSAY_LOAD_PRINT_H
#define ASSAY_LOAD_PRINT_H

#include "load_setup.h"

void load_test_print(const struct load_setup *setup, struct load_test *test);
/* One line: what was tried and what it brought. */
void load_trial_print(
    const struct load_trial *trial, const char *unit, struct load_test *test, const char *outcome);
void load_search_print(const struct load_search *search, const char *unit);

#endif
