/*
 * sweep_parts.h - the tables of the sweep's members: sweep.c lifts by them, docs/migrate.md is held against them.
 */
#ifndef ASSAY_SWEEP_PARTS_H
#define ASSAY_SWEEP_PARTS_H

#include "migration.h"
#include "old_members.h"

extern const struct old_member sweep_point_members[], sweep_root_members[];

#endif
