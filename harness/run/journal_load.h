/* journal_load.h - a measured load test as one entry of the journal, which load_figures.h reads. */
#ifndef ASSAY_JOURNAL_LOAD_H
#define ASSAY_JOURNAL_LOAD_H

#include "journal.h"
#include "load_test.h"

/* Only what is to be said of the client, where there are no figures. */
bool journal_load_client(struct journal *j, struct load_test *test);

/* test has a window. False: no memory, or no room in the journal. */
bool journal_load(
    struct journal *j, int repeat, const struct load_test_options *options, struct load_test *test);

#endif
