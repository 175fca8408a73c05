/*
 * live_script.h - the tests that ctest shall see, as a script for its TEST_INCLUDE_FILES.
 *
 *     struct live_place place = {.program = "/usr/bin/assay", .folder = "build/live_e2e"};
 *     struct buf script = BUF_INIT(LIVE_SCRIPT_MAX);
 *     live_script_begin(&script, &place);
 *     live_script_tests(&script, &place, suite_cases(), run_json);      // one test per planned test
 *     live_script_problem(&script, &place, "llamacpp", LIVE_FAILS, "does not answer");
 *
 * Whatever comes from a server (names of models) stands in the script only as slugs (text.h): nothing can
 * break out.
 */
#ifndef ASSAY_LIVE_SCRIPT_H
#define ASSAY_LIVE_SCRIPT_H

#include "assay.h"
#include "target.h"

#define LIVE_SCRIPT_MAX ((size_t)16 << 20)
#define LIVE_GRACE_S 60 /* a test's CTest timeout is this much above its supervisor's deadline */
#define LIVE_LOAD_S 600 /* and this much more where its model may have to be loaded first */

struct json_object;

struct live_place {
    const char *program; /* path of assay */
    const char *suite;   /* its name where it has other cases than assay's: a label; or NULL */
    const char *name; /* that of the program in its project, see live_script_name(); NULL for assay itself */
    const char *folder;  /* where the live tests keep plan, runs and this script */
    const char *working; /* folder that the tests are started in: its assay.yaml and .env count */
};

/*
 * The last part of the folder, where CMake put the name of the target: no other program of the project has it,
 * while two may have suites of one name, or cases of one id (.with_builtin). ctest finds no test at all, and exits
 * with 0, where two fixtures share their names. A view of `folder`.
 */
const char *live_script_name(const char *folder);

/* Appends what ctest calls a planned test: "chat.short_sim_tiny", of another program "mine.chat.short_sim_tiny". */
enum status live_script_test_name(struct buf *out, const char *name, const char *test);

enum live_problem { LIVE_FAILS, LIVE_SKIPS };

/* The first line, which is not empty where nothing follows: what the tests are called together, for AssayLive.cmake. */
enum status live_script_begin(struct buf *script, const struct live_place *place);

enum status live_script_tests(struct buf *script, const struct live_place *place,
    const struct assay_case *cases, const struct json_object *run);

/* One test "live_e2e.<name>" that does nothing but fail, or be skipped, with that reason. */
enum status live_script_problem(struct buf *script, const struct live_place *place, const char *name,
    enum live_problem problem, const char *reason);

#endif
