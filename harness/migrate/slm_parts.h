/*
 * slm_parts.h - the tables of SLM-Bench's members: slm.c lifts by them, docs/migrate.md is held against them.
 */
#ifndef ASSAY_SLM_PARTS_H
#define ASSAY_SLM_PARTS_H

#include "migration.h"
#include "old_members.h"

/* Of an item that succeeded, of one that failed; of a run's summary, of one in a comparison; of the rest of that. */
extern const struct old_member slm_item_members[], slm_failed_members[];
extern const struct old_member slm_summary_members[], slm_compared_members[], slm_comparison_members[];

#endif
