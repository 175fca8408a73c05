/*
 * case_run.h - one case, run by the real supervisor on the simulator, and all that it left.
 *
 *     struct case_run run;
 *     case_run_open(&run, &suite, "own.case", "sim-instant");
 *     ck_assert_str_eq(json_get_text(run.record, "/outcome"), "passed");
 *     for (size_t i = 0; i < case_run_count(run.exchanges); i++)
 *         puts(json_get_text(case_run_at(run.exchanges, i), "/salt"));
 *     case_run_close(&run);
 *
 * 3 repeats after 2 warm-ups, run seed 7. The record and every line of the other files have been validated.
 */
#ifndef ASSAY_CASE_RUN_H
#define ASSAY_CASE_RUN_H

#include "assay.h"
#include "json.h"
#include "run_folder.h"
#include "target.h"

struct case_run {
    struct json_object *record;
    struct json_object *exchanges, *answers; /* arrays, in the order of the exchanges; empty without any */
};

void case_run_open(
    struct case_run *run, const struct assay_suite *suite, const char *id, const char *scenario);
/* The same on another server. */
void case_run_open_at(struct case_run *run, const struct assay_suite *suite, const char *id, const char *url);
void case_run_close(struct case_run *run);

/* The two halves for tests that execute it in their own way: the planned run, and its validated records. */
void case_run_make(
    struct run_folder *folder, const struct assay_suite *suite, const char *id, const char *url);
struct json_object *case_run_records(const struct run_folder *folder);

size_t case_run_count(const struct json_object *lines);
struct json_object *case_run_at(struct json_object *lines, size_t i);

#endif
