/* A pen that draws nothing: for measuring how much room a picture takes. */
#include "timeline_pen.h"

static void no_rect(
    struct timeline_pen *pen, const struct pen_rect *rect, enum timeline_ink ink, double opacity)
{
    (void)pen, (void)rect, (void)ink, (void)opacity;
}

static void no_line(
    struct timeline_pen *pen, const struct pen_point *points, size_t count, const struct pen_stroke *stroke)
{
    (void)pen, (void)points, (void)count, (void)stroke;
}

static void no_area(struct timeline_pen *pen, const struct pen_point *points, size_t count, double base_y,
    enum timeline_ink ink, double opacity)
{
    (void)pen, (void)points, (void)count, (void)base_y, (void)ink, (void)opacity;
}

static void no_words(
    struct timeline_pen *pen, struct pen_point at, const char *text, const struct pen_words *how)
{
    (void)pen, (void)at, (void)text, (void)how;
}

static void no_open(struct timeline_pen *pen, const char *explanation)
{
    (void)pen, (void)explanation;
}

static void no_close(struct timeline_pen *pen)
{
    (void)pen;
}

static enum status no_end(struct timeline_pen *pen, struct error *e)
{
    (void)pen, (void)e;
    return STATUS_OK;
}

void timeline_pen_none(struct timeline_pen *pen)
{
    static const struct timeline_pen_ops ops = {.rect = no_rect,
        .line = no_line,
        .area = no_area,
        .words = no_words,
        .open = no_open,
        .close = no_close,
        .end = no_end};
    *pen = (struct timeline_pen){.ops = &ops};
}
