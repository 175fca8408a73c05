/*
 * timeline_parts.h - files that are part of every timeline page: our style and script, and uPlot where it was there at
 * build time.
 *
 *     const struct timeline_part *part = &timeline_parts[0];
 */
#ifndef ASSAY_TIMELINE_PARTS_H
#define ASSAY_TIMELINE_PARTS_H

#include <stddef.h>

struct timeline_part {
    const char *name;
    const char *text; /* a NUL behind it */
    size_t len;
};

extern const struct timeline_part timeline_parts[]; /* ends with name NULL */
extern const struct timeline_part timeline_uplot[]; /* likewise; empty without uPlot */

#endif
