/*
 * show_migrated.h - where a migrated record comes from, its figures and its original, for `assay show`. Inside
 * reports/.
 *
 *     if (show_migrated(out, test, all)) ...      // it was: there are no exchanges and no samples to be shown
 */
#ifndef ASSAY_SHOW_MIGRATED_H
#define ASSAY_SHOW_MIGRATED_H

#include "buf.h"

#include <stdbool.h>

struct json_object;

/* record: as it stands in benchmark.jsonl. all: the original whole. False, nothing appended: it was measured here. */
bool show_migrated(struct buf *out, const struct json_object *record, bool all);

#endif
