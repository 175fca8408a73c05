/*
 * run_json.h - run.json of a new run: what it is going to do, with what, on which machine.
 *
 *     struct run_request r = {
 *         .settings = RUN_SETTINGS_DEFAULT, .driver = "assay", .argc = argc, .argv = argv};
 *     struct json_object *run;
 *     if (run_json_new(&r, &portfolio, &run, &why) == STATUS_OK &&
 *         run_json_create_folder("runs", run, &folder, &why) == STATUS_OK) ...
 */
#ifndef ASSAY_RUN_JSON_H
#define ASSAY_RUN_JSON_H

#include "plan.h"
#include "run_folder.h"
#include "settings.h"

struct run_request {
    struct run_settings settings;
    struct plan_request plan; /* its seed is set from settings */
    const char *driver;       /* "assay", "ctest" */
    int argc;                 /* command line, or 0 */
    char **argv;
    const char *unload;    /* of lifecycle_policies; NULL: the usual one */
    struct opt_list notes; /* what a reader must know first */
    bool anonymise;        /* nothing of the run may tell whose machine it was */
};

/* Everything but run_id and the moments. STATUS_NOT_FOUND: a pattern of the plan matches nothing. */
enum status run_json_new(const struct run_request *request, const struct portfolio *portfolio,
    struct json_object **run, struct error *e) ASSAY_MUST_CHECK;

/* Makes the run folder, names the run after it, saves run.json. Takes run, also on failure. */
enum status run_json_create_folder(
    const char *runs, struct json_object *run, struct run_folder *folder, struct error *e) ASSAY_MUST_CHECK;

/* Bytes of memory that a process may use: the machine's, or less where a control group says so; 0: unknown. */
int64_t run_json_memory(const struct json_object *machine);

/* Appends a word of a command line without the names and passwords of the URLs in it. */
enum status run_json_redact(struct buf *out, const char *word);

size_t run_json_plan_length(const struct json_object *run); /* tests */

#endif
