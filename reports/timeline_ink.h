/*
 * timeline_ink.h - the colours of the timeline, in light and in dark, told apart by people who are colour-blind too.
 *
 * Lines and suites take theirs from INK_SERIES_0 on: the palette of Okabe and Ito (2008), lightened for dark paper;
 * its yellow, which is hardly seen on white, is left out.
 */
#ifndef ASSAY_TIMELINE_INK_H
#define ASSAY_TIMELINE_INK_H

#include <stddef.h>

enum timeline_ink {
    INK_NONE,
    INK_PAPER,
    INK_TEXT,
    INK_FAINT, /* words and lines of lesser importance */
    INK_GRID,
    INK_BAD,
    INK_ABSENT,
    INK_WARNING,
    INK_SERIES_0,
    INK_BLUE = INK_SERIES_0,
    INK_ORANGE,
    INK_GREEN,
    INK_PURPLE,
    INK_SKY,
    INK_RED,
    INK_GREY,
    INK_COUNT
};

#define INK_SERIES_COUNT ((size_t)(INK_GREY - INK_SERIES_0)) /* grey is for what is beside the point */

struct timeline_colour {
    const char *name; /* of the CSS variable, without "--" */
    const char *light, *dark;
};

extern const struct timeline_colour timeline_colours[INK_COUNT];

/* The colour of the n-th thing of many: they come round again. */
enum timeline_ink timeline_ink_of(size_t n);

#endif
