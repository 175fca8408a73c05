/*
 * load_stall.h - the longest time in which no token came on any stream although answers were under way: what
 * means and percentiles hide, because each stream has only one such gap.
 *
 * Looked for in steps of 10 ms, where the moments of token events were kept: an answer whose moments are not
 * known counts as if it came without pause.
 *
 *     struct load_stall stall;
 *     if (load_stall_find(source, steady.from_ns, steady.to_ns, &stall, &why) == STATUS_OK && stall.answers > 0)
 */
#ifndef ASSAY_LOAD_STALL_H
#define ASSAY_LOAD_STALL_H

#include "load_source.h"
#include "status.h"

struct load_stall {
    int64_t from_ns, to_ns; /* within 10 ms */
    size_t answers;         /* that had begun and were not at their end; 0: there was no stall of 100 ms */
};

enum status load_stall_find(const struct load_source *source, int64_t from_ns, int64_t to_ns,
    struct load_stall *out, struct error *e) ASSAY_MUST_CHECK;

#endif
