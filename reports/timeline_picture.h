/*
 * timeline_picture.h - the timeline as one still picture: all of it, from its start to its end.
 *
 *     struct buf svg = BUF_INIT(TIMELINE_SVG_MAX);
 *     if (timeline_picture_svg(&timeline, 1200, &svg, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_TIMELINE_PICTURE_H
#define ASSAY_TIMELINE_PICTURE_H

#include "timeline_axis.h"
#include "timeline_data.h"
#include "timeline_pen.h"

#define TIMELINE_WIDTH_LEAST 480
#define TIMELINE_WIDTH_MOST 20000

enum status timeline_picture_svg(
    const struct timeline *t, double width, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* Two pixels for each of the picture's. STATUS_UNAVAILABLE: built without cairo. */
enum status timeline_picture_png(
    const struct timeline *t, double width, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* The two scales of a row; top 0 where nothing is drawn on one. The page uses the same. */
void timeline_row_axes(const struct timeline *t, enum timeline_row_id row, struct timeline_axis axes[2]);

/* "chat.short[sim/tiny] (attempt 2)\nfailed, 3.4 s, degraded_swap\n<message>" */
void timeline_explain_region(const struct timeline *t, const struct timeline_region *region, struct buf *out);

#endif
