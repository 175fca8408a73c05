/*
 * made_run.h - runs for tests: every record is as small as its schema allows, plus what the test adds.
 *
 *     struct made_run made;
 *     made_run_begin(&made);
 *     made_run_add(&made, "chat.short[sim/tiny]", "crashed", "{\"process\": {\"signal\": \"SIGSEGV\"}}");
 *     made_run_load(&made, &data);          // writes the folder, reads it, frees made
 */
#ifndef ASSAY_MADE_RUN_H
#define ASSAY_MADE_RUN_H

#include "gate_judge.h"

#include "buf.h"
#include "json.h"

#define MADE_RUN_ID "2026-11-20T234605Z-box-1f3a"

struct made_run {
    struct json_object *run;
    struct buf lines; /* of benchmark.jsonl */
    int64_t clock_ns;
    bool real; /* targets made from now on are real servers */
};

void made_run_begin(struct made_run *made);

/* A record; members (a JSON object, or NULL) replace or add members. The test is planned unless it is
 * already. */
void made_run_add(struct made_run *made, const char *test, const char *outcome, const char *members);

/* The same with the bytes of a hostile text as the message (skip_reason of a skipped test). */
void made_run_add_text(
    struct made_run *made, const char *test, const char *outcome, const char *text, size_t len);

/* A test that is planned and has no record. */
void made_run_plan(struct made_run *made, const char *test);

/* A line of benchmark.jsonl as it is. */
void made_run_line(struct made_run *made, const char *line);

/* Writes the folder, frees made, and returns the folder; the text is good for the next 15 calls of
 * testkit_tmp_path. */
const char *made_run_save(struct made_run *made);

void made_run_load(struct made_run *made, struct run_data *data);

/* "{"verdict":"degraded", ...}" with one sensor that raised the flag: for members of a record. */
#define MADE_HEALTH(verdict, flags, sensors)                                                                 \
    "\"system_health\": {\"verdict\": \"" verdict "\", \"quality_flags\": [" flags                           \
    "], \"sensors\": {" sensors "}}"

/* A text of random bytes and of pieces that are known to break things; 1..max bytes. */
struct rng;
void made_hostile_text(struct rng *rng, struct buf *out, size_t max);

#endif
