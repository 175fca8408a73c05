/*
 * timeline_pen.h - what the timeline's picture is drawn with: SVG always, PNG where cairo was there at build time.
 *
 * The picture asks for shapes in pixels, with inks instead of colours. A pen keeps its first failure until the end.
 *
 *     struct buf svg = BUF_INIT(TIMELINE_SVG_MAX);
 *     struct timeline_pen pen;
 *     timeline_pen_svg(&pen, &svg, 1200, 800);
 *     pen.ops->rect(&pen, &(struct pen_rect){10, 10, 80, 20}, INK_BLUE, 0.5);
 *     if (pen.ops->end(&pen, &why) != STATUS_OK) ...
 */
#ifndef ASSAY_TIMELINE_PEN_H
#define ASSAY_TIMELINE_PEN_H

#include "timeline_ink.h"

#include "buf.h"
#include "status.h"

#define TIMELINE_SVG_MAX ((size_t)64 << 20)

struct pen_rect {
    double x, y, width, height;
};

struct pen_point {
    double x, y;
};

struct pen_stroke {
    enum timeline_ink ink;
    double width;
    bool dashed;
};

enum pen_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct pen_words {
    enum timeline_ink ink;
    double size;
    enum pen_anchor anchor;
    bool bold;
};

struct timeline_pen;

struct timeline_pen_ops {
    void (*rect)(
        struct timeline_pen *pen, const struct pen_rect *rect, enum timeline_ink ink, double opacity);
    void (*line)(struct timeline_pen *pen, const struct pen_point *points, size_t count,
        const struct pen_stroke *stroke);
    /* Between the points and the height base_y. */
    void (*area)(struct timeline_pen *pen, const struct pen_point *points, size_t count, double base_y,
        enum timeline_ink ink, double opacity);
    void (*words)(
        struct timeline_pen *pen, struct pen_point at, const char *text, const struct pen_words *how);
    /* What is drawn until `close` is explained by a text, where the medium can. */
    void (*open)(struct timeline_pen *pen, const char *explanation);
    void (*close)(struct timeline_pen *pen);
    enum status (*end)(struct timeline_pen *pen, struct error *e); /* also frees */
};

struct timeline_pen {
    const struct timeline_pen_ops *ops;
    struct buf *out;
    void *canvas; /* of the PNG pen */
    enum status failed;
};

/* A document that stands alone or within a page; title is its accessible name. */
void timeline_pen_svg(
    struct timeline_pen *pen, struct buf *out, double width, double height, const char *title);

/* `scale` pixels for each of the picture's. STATUS_UNAVAILABLE: built without cairo. */
enum status timeline_pen_png(struct timeline_pen *pen, struct buf *out, double width, double height,
    double scale, struct error *e) ASSAY_MUST_CHECK;

/* Draws nothing. */
void timeline_pen_none(struct timeline_pen *pen);

/* Text as the content or an attribute of an element of XML or HTML. */
void timeline_escape(struct buf *out, const char *text);

#endif
