/*
 * live_setup.h - what every step of the live tests begins with: the files of their folder, and the
 * configuration.
 *
 * The steps have no command line of their own: assay.yaml, .env and the environment say everything.
 *
 *     struct live_config c;
 *     if (live_config_open(&c, &why) == STATUS_OK) ... c.options.targets ...
 *     config_fini(&c.config);
 */
#ifndef ASSAY_LIVE_SETUP_H
#define ASSAY_LIVE_SETUP_H

#include "config.h"
#include "run_options.h"

#define LIVE_TESTS "tests.cmake"   /* what ctest includes */
#define LIVE_PLAN "plan.json"      /* from discovery to the fixture */
#define LIVE_KEEPER "keeper"       /* pid file, live_keeper.h */
#define LIVE_TEST_LOCK "test.lock" /* one test at a time, whatever ctest is told; the keeper waits for it */
#define LIVE_RUNS "runs"
#define LIVE_LATEST "runs/latest"

struct live_config {
    struct config config;
    struct run_options options;
};

/* To be ended with config_fini(&c->config), also after a failure. */
enum status live_config_open(struct live_config *c, struct error *e) ASSAY_MUST_CHECK;

/* "<folder>/<name>" in b, which is cleared first. */
const char *live_path(struct buf *b, const char *folder, const char *name);

#endif
