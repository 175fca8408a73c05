/*
 * finalise.h - makes a finished run of what its supervisors left, however it ended.
 *
 *     struct finalised sum;
 *     if (finalise_run("runs/latest", &sum, &why) == STATUS_BUSY) ...     // somebody still measures
 *
 * Plan, intents and results are reconciled: an intent whose supervisor is dead becomes a record `lost`, a
 * planned test without intent `not_run`, a result that cannot be read `lost` with the reason (the file is
 * kept as *.bad). All records go to benchmark.jsonl in the order of the plan, each validated; exchanges,
 * answers and samples are merged likewise; run.json gets `ended`; the spool is emptied.
 *
 * Idempotent: done twice, or killed anywhere and done again, it leaves the same bytes. Every step that
 * invents something (the moment at which a test was found lost) is first kept in the spool; every file
 * appears by rename. Also right for a run that is resumed later: what is merged is kept, what is new is
 * added, and a `not_run` gives way to a record of the test that ran after all.
 */
#ifndef ASSAY_FINALISE_H
#define ASSAY_FINALISE_H

#include "outcome.h"
#include "status.h"

#include <stddef.h>

struct finalised {
    size_t records;
    size_t counts[OUTCOME_COUNT];
    size_t quarantined; /* files that could not be read and are kept as *.bad */
};

/*
 * path: the folder of a run or its run.json. STATUS_BUSY: its driver or a supervisor lives, or somebody
 * finalises it right now; nothing was changed. STATUS_NOT_FOUND, STATUS_INVALID: no (valid) run.json, or a newer
 * assay wrote it.
 * STATUS_IO: the spool keeps everything; do it again when there is room.
 */
enum status finalise_run(const char *path, struct finalised *sum, struct error *e) ASSAY_MUST_CHECK;

#endif
