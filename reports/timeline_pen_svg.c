#include "timeline_pen.h"

#include "text.h"

#include <math.h>
#include <string.h>

/* Tenths of a pixel are finer than any screen. */
static void put_number(struct buf *out, double value)
{
    int64_t tenths = (int64_t)llround(value * 10);
    if (tenths < 0) {
        buf_append_char(out, '-');
        tenths = -tenths;
    }
    buf_append_int(out, tenths / 10);
    if (tenths % 10) {
        buf_append_char(out, '.');
        buf_append_int(out, tenths % 10);
    }
}

static void put_attribute(struct buf *out, const char *name, double value)
{
    buf_printf(out, " %s=\"", name);
    put_number(out, value);
    buf_append_char(out, '"');
}

void timeline_escape(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_append_text(out, "&amp;");
            break;
        case '<':
            buf_append_text(out, "&lt;");
            break;
        case '>':
            buf_append_text(out, "&gt;");
            break;
        case '"':
            buf_append_text(out, "&quot;");
            break;
        case '\'':
            buf_append_text(out, "&#39;");
            break;
        default:
            buf_append_char(out, *text);
        }
    }
}

static void put_opacity(struct buf *out, const char *name, double opacity)
{
    char number[32];
    if (opacity >= 1)
        return;
    text_format_number(number, sizeof number, opacity);
    buf_printf(out, " %s=\"%s\"", name, number);
}

static void draw_rect(
    struct timeline_pen *pen, const struct pen_rect *r, enum timeline_ink ink, double opacity)
{
    buf_printf(pen->out, "<rect class=\"f-%s\"", timeline_colours[ink].name);
    put_attribute(pen->out, "x", r->x);
    put_attribute(pen->out, "y", r->y);
    put_attribute(pen->out, "width", r->width);
    put_attribute(pen->out, "height", r->height);
    put_opacity(pen->out, "fill-opacity", opacity);
    buf_append_text(pen->out, "/>\n");
}

/* Steps from point to point: shorter than places. */
static void put_path(struct buf *out, const struct pen_point *points, size_t count)
{
    int64_t x = 0, y = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t next_x = (int64_t)llround(points[i].x * 10), next_y = (int64_t)llround(points[i].y * 10);
        buf_append_char(out, i == 0 ? 'M' : i == 1 ? 'l' : ' ');
        put_number(out, (double)(next_x - x) / 10);
        buf_append_char(out, ' ');
        put_number(out, (double)(next_y - y) / 10);
        x = next_x;
        y = next_y;
    }
}

static void draw_line(
    struct timeline_pen *pen, const struct pen_point *points, size_t count, const struct pen_stroke *stroke)
{
    buf_printf(pen->out, "<path class=\"s-%s\" d=\"", timeline_colours[stroke->ink].name);
    put_path(pen->out, points, count);
    buf_append_char(pen->out, '"');
    if (stroke->width != 1)
        put_attribute(pen->out, "stroke-width", stroke->width);
    if (stroke->dashed)
        buf_append_text(pen->out, " stroke-dasharray=\"4 3\"");
    buf_append_text(pen->out, "/>\n");
}

static void draw_area(struct timeline_pen *pen, const struct pen_point *points, size_t count, double base_y,
    enum timeline_ink ink, double opacity)
{
    if (count == 0)
        return;
    buf_printf(pen->out, "<path class=\"f-%s\"", timeline_colours[ink].name);
    put_opacity(pen->out, "fill-opacity", opacity);
    buf_append_text(pen->out, " d=\"");
    put_path(pen->out, points, count);
    buf_append_char(pen->out, 'V');
    put_number(pen->out, base_y);
    buf_append_char(pen->out, 'H');
    put_number(pen->out, points[0].x);
    buf_append_text(pen->out, "z\"/>\n");
}

static void draw_words(
    struct timeline_pen *pen, struct pen_point at, const char *text, const struct pen_words *how)
{
    static const char *const anchors[] = {[ANCHOR_START] = "",
        [ANCHOR_MIDDLE] = " text-anchor=\"middle\"",
        [ANCHOR_END] = " text-anchor=\"end\""};
    buf_printf(pen->out, "<text class=\"f-%s\"", timeline_colours[how->ink].name);
    put_attribute(pen->out, "x", at.x);
    put_attribute(pen->out, "y", at.y);
    put_attribute(pen->out, "font-size", how->size);
    buf_append_text(pen->out, anchors[how->anchor]);
    if (how->bold)
        buf_append_text(pen->out, " font-weight=\"600\"");
    buf_append_char(pen->out, '>');
    timeline_escape(pen->out, text);
    buf_append_text(pen->out, "</text>\n");
}

static void open_group(struct timeline_pen *pen, const char *explanation)
{
    buf_append_text(pen->out, "<g><title>");
    timeline_escape(pen->out, explanation);
    buf_append_text(pen->out, "</title>\n");
}

static void close_group(struct timeline_pen *pen)
{
    buf_append_text(pen->out, "</g>\n");
}

static enum status end_svg(struct timeline_pen *pen, struct error *e)
{
    buf_append_text(pen->out, "</svg>\n");
    enum status s = buf_status(pen->out);
    return s == STATUS_OK ? s : error_set(e, s, "the picture of the timeline does not fit in memory");
}

/* One rule for light and one for dark paper; on paper proper it is always light. */
static void put_styles(struct buf *out)
{
    static const char *const before[] = {"", "@media screen and (prefers-color-scheme:dark){"};
    buf_append_text(out, "<style>svg.timeline text{font-family:system-ui,sans-serif}"
                         "svg.timeline path[class^=s]{fill:none;stroke-linejoin:round}\n");
    for (int dark = 0; dark < 2; dark++) {
        buf_append_text(out, before[dark]);
        for (size_t i = INK_PAPER; i < INK_COUNT; i++) {
            const struct timeline_colour *c = &timeline_colours[i];
            const char *colour = dark ? c->dark : c->light;
            buf_printf(out, "svg.timeline .f-%s{fill:%s}svg.timeline .s-%s{stroke:%s}\n", c->name, colour,
                c->name, colour);
        }
    }
    buf_append_text(out, "}</style>\n");
}

void timeline_pen_svg(
    struct timeline_pen *pen, struct buf *out, double width, double height, const char *title)
{
    static const struct timeline_pen_ops ops = {.rect = draw_rect,
        .line = draw_line,
        .area = draw_area,
        .words = draw_words,
        .open = open_group,
        .close = close_group,
        .end = end_svg};
    *pen = (struct timeline_pen){.ops = &ops, .out = out};
    buf_append_text(out, "<svg class=\"timeline\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    put_attribute(out, "width", width);
    put_attribute(out, "height", height);
    buf_append_text(out, " viewBox=\"0 0 ");
    put_number(out, width);
    buf_append_char(out, ' ');
    put_number(out, height);
    buf_append_text(out, "\">\n<title>");
    timeline_escape(out, title);
    buf_append_text(out, "</title>\n");
    put_styles(out);
    draw_rect(pen, &(struct pen_rect){0, 0, width, height}, INK_PAPER, 1);
}
