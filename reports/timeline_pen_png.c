/* The PNG pen, by cairo; without it, the reason why there is none. */
#include "timeline_pen.h"

#ifdef ASSAY_HAVE_CAIRO

#include "text.h"

#include <cairo.h>
#include <stdlib.h>

static void set_ink(cairo_t *c, enum timeline_ink ink, double opacity)
{
    const char *colour = timeline_colours[ink].light;
    double part[3];
    for (int i = 0; i < 3; i++)
        part[i] = (16 * text_hex_digit(colour[1 + 2 * i]) + text_hex_digit(colour[2 + 2 * i])) / 255.0;
    cairo_set_source_rgba(c, part[0], part[1], part[2], opacity);
}

static void draw_rect(
    struct timeline_pen *pen, const struct pen_rect *r, enum timeline_ink ink, double opacity)
{
    cairo_t *c = pen->canvas;
    set_ink(c, ink, opacity);
    cairo_rectangle(c, r->x, r->y, r->width, r->height);
    cairo_fill(c);
}

static void trace(cairo_t *c, const struct pen_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cairo_line_to(c, points[i].x, points[i].y);
}

static void draw_line(
    struct timeline_pen *pen, const struct pen_point *points, size_t count, const struct pen_stroke *stroke)
{
    static const double dashes[] = {4, 3};
    cairo_t *c = pen->canvas;
    set_ink(c, stroke->ink, 1);
    cairo_set_line_width(c, stroke->width);
    cairo_set_dash(c, dashes, stroke->dashed ? 2 : 0, 0);
    trace(c, points, count);
    cairo_stroke(c);
}

static void draw_area(struct timeline_pen *pen, const struct pen_point *points, size_t count, double base_y,
    enum timeline_ink ink, double opacity)
{
    cairo_t *c = pen->canvas;
    if (count == 0)
        return;
    set_ink(c, ink, opacity);
    trace(c, points, count);
    cairo_line_to(c, points[count - 1].x, base_y);
    cairo_line_to(c, points[0].x, base_y);
    cairo_fill(c);
}

static void draw_words(
    struct timeline_pen *pen, struct pen_point at, const char *text, const struct pen_words *how)
{
    static const double shift[] = {[ANCHOR_START] = 0, [ANCHOR_MIDDLE] = 0.5, [ANCHOR_END] = 1};
    cairo_t *c = pen->canvas;
    cairo_text_extents_t extents;
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
        how->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, how->size);
    cairo_text_extents(c, text, &extents);
    set_ink(c, how->ink, 1);
    cairo_move_to(c, at.x - shift[how->anchor] * extents.x_advance, at.y);
    cairo_show_text(c, text);
    cairo_new_path(c);
}

static void open_nothing(struct timeline_pen *pen, const char *explanation)
{
    (void)pen, (void)explanation;
}

static void close_nothing(struct timeline_pen *pen)
{
    (void)pen;
}

static cairo_status_t take_bytes(void *closure, const unsigned char *data, unsigned length)
{
    return buf_append(closure, data, length) == STATUS_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static enum status end_png(struct timeline_pen *pen, struct error *e)
{
    cairo_t *c = pen->canvas;
    cairo_status_t failed = cairo_status(c);
    if (failed == CAIRO_STATUS_SUCCESS)
        failed = cairo_surface_write_to_png_stream(cairo_get_target(c), take_bytes, pen->out);
    cairo_destroy(c);
    if (failed == CAIRO_STATUS_SUCCESS)
        return STATUS_OK;
    return error_set(e, failed == CAIRO_STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_INTERNAL,
        "cairo could not draw the timeline: %s", cairo_status_to_string(failed));
}

enum status timeline_pen_png(
    struct timeline_pen *pen, struct buf *out, double width, double height, double scale, struct error *e)
{
    static const struct timeline_pen_ops ops = {.rect = draw_rect,
        .line = draw_line,
        .area = draw_area,
        .words = draw_words,
        .open = open_nothing,
        .close = close_nothing,
        .end = end_png};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * scale), (int)(height * scale));
    cairo_t *c = cairo_create(surface);
    cairo_surface_destroy(surface); /* the context keeps it */
    if (cairo_status(c) != CAIRO_STATUS_SUCCESS) {
        cairo_status_t failed = cairo_status(c);
        cairo_destroy(c);
        return error_set(e, STATUS_LIMIT,
            "no picture of %d x %d pixels can be drawn: %s; try a smaller --width", (int)(width * scale),
            (int)(height * scale), cairo_status_to_string(failed));
    }
    cairo_scale(c, scale, scale);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    *pen = (struct timeline_pen){.ops = &ops, .out = out, .canvas = c};
    draw_rect(pen, &(struct pen_rect){0, 0, width, height}, INK_PAPER, 1);
    return STATUS_OK;
}

#else

enum status timeline_pen_png(
    struct timeline_pen *pen, struct buf *out, double width, double height, double scale, struct error *e)
{
    (void)pen, (void)out, (void)width, (void)height, (void)scale;
    return error_set(e, STATUS_UNAVAILABLE,
        "this assay was built without cairo, which draws PNG: take --format svg, or install libcairo2-dev "
        "(Homebrew: cairo) and build again");
}

#endif
