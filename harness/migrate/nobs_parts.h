/*
 * nobs_parts.h - what the files that lift NOBS (La Perf) share.
 *
 * No member of such a file says which generation of the program wrote it, but the names of its members do:
 *
 *     single       Oct 2025: one embedding task at the root, one run
 *     medians      Oct 2025: median_* and final_median_*, task_score
 *     medians_std  Nov 2025: median_* in the runs, final_50p_*, total_time_seconds
 *     percentiles  from Nov 2025: p25_ to p95_ in the runs
 */
#ifndef ASSAY_NOBS_PARTS_H
#define ASSAY_NOBS_PARTS_H

#include "migration.h"
#include "old_part.h"

#define NOBS_SUITE "nobs"
#define NOBS_IN_PROCESS "in-process" /* the target's name of what no server did */

/* Tables of members: of the file without its tasks; of a task that embeds, of one that asks. */
extern const struct old_member nobs_root_members[], nobs_embedding_members[], nobs_asking_members[];
/* The same of a model without runs, of which only the final figures are known. */
extern const struct old_member nobs_final_members[];

/* What tokens per second were in the two generations, and where nobody can tell. */
extern const char *const nobs_rate_after_first, *const nobs_rate_whole, *const nobs_rate_unknown;

/* "percentiles"; by the names of a task's members. */
const char *nobs_generation(const struct json_object *task);

struct nobs_file {
    struct migration *m;
    const struct migrate_value *value;
    int64_t unix_ns;    /* when the file was written, as its clock showed it */
    const char *moment; /* what that moment is, in words */
};

/* Records of one task: one per model. pointer: "/tasks/3". STATUS_INVALID: it is none. */
enum status nobs_lift_task(const struct nobs_file *file, struct json_object *task, const char *pointer,
    struct error *e) ASSAY_MUST_CHECK;

#endif
