/*
 * timeline_page.h - the timeline as one HTML page that needs nothing beside itself: no network, no other file.
 *
 * It holds the still picture and a table of the tests, for readers without scripts, and the same as charts that can be
 * moved and magnified.
 *
 *     struct buf page = BUF_INIT(TIMELINE_PAGE_MAX);
 *     if (timeline_page_write(&timeline, &page, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_TIMELINE_PAGE_H
#define ASSAY_TIMELINE_PAGE_H

#include "timeline_data.h"

#include "buf.h"

#define TIMELINE_PAGE_MAX ((size_t)1 << 30)

enum status timeline_page_write(const struct timeline *t, struct buf *page, struct error *e) ASSAY_MUST_CHECK;

/* False: built without uPlot, so that the page draws its charts with timeline_chart.js. */
bool timeline_page_has_uplot(void);

#endif
