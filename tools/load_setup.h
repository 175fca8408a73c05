/*
 * load_setup.h - what `assay load` was asked for, and one load test of it.
 *
 *     struct load_test test;
 *     if (load_setup_run(&setup, 1, &test, &why) != STATUS_OK) ...
 *     load_test_print(&setup, &test);
 *     load_test_fini(&test);
 */
#ifndef ASSAY_LOAD_SETUP_H
#define ASSAY_LOAD_SETUP_H

#include "load_options.h"
#include "load_test.h"

struct load_setup {
    const struct load_options *options;
    const struct load_wish *wish;
    const struct load_choice *choices;
    const char *const *names; /* "target/model" of each choice, for people */
    size_t choice_count;
    struct prompt_scale scale; /* zero: not learned */
    const atomic_bool *stop;
    void (*tick)(const struct load_progress *progress, int64_t since_start_ns, void *arg);
    void *tick_arg;
};

/* lengthen: so many times as long as was asked for. */
enum status load_setup_run(
    const struct load_setup *setup, int lengthen, struct load_test *test, struct error *e) ASSAY_MUST_CHECK;

#endif
