/* journal_load.h - a measured load test as one entry of the journal, which load_figures.h reads. */
#ifndef ASSAY_JOURNAL_LOAD_H
#define ASSAY_JOURNAL_LOAD_H

#include "journal.h"
#include "load_test.h"

/* test has a window. False: no memory, or no room in the journal. */
bool journal_load(struct journal *j, const struct load_test_options *options, struct load_test *test);

#endif
