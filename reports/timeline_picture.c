#include "timeline_picture.h"

#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUTTER 78.0
#define LANE_HEIGHT 20.0
#define MARK_HEIGHT 15.0
#define PLOT_HEIGHT 116.0
#define LEGEND_HEIGHT 20.0
#define ROW_GAP 16.0
#define GAP 4.0        /* usual distances of what is drawn */
#define CHAR_WIDTH 6.2 /* of words of 11 pixels, about */

struct picture {
    const struct timeline *t;
    struct timeline_pen *pen;
    double width, left, right; /* of the plots */
    double span_s;
    double top; /* of all that the tests stand behind */
    double y;   /* where the next thing goes */
    struct pen_point *points;
};

static double x_of(const struct picture *p, int64_t t_ns)
{
    double s = (double)(t_ns - p->t->start_ns) / 1e9;
    return p->left + (p->right - p->left) * fmin(fmax(s / p->span_s, 0), 1);
}

static void say(
    struct picture *p, double x, double y, const char *text, enum timeline_ink ink, enum pen_anchor anchor)
{
    p->pen->ops->words(p->pen, (struct pen_point){x, y}, text,
        &(struct pen_words){.ink = ink, .size = 11, .anchor = anchor});
}

static void draw_segment(
    struct picture *p, double x0, double y0, double x1, double y1, const struct pen_stroke *stroke)
{
    struct pen_point points[] = {{x0, y0}, {x1, y1}};
    p->pen->ops->line(p->pen, points, 2, stroke);
}

/* Cut to what has room, with an ellipsis; "" where not even three letters have. */
static void fit_words(const char *text, double room, char *out, size_t size)
{
    size_t most = room > 3 * CHAR_WIDTH ? (size_t)(room / CHAR_WIDTH) : 0, len = strlen(text);
    if (most < 3)
        snprintf(out, size, "%s", "");
    else if (len <= most)
        snprintf(out, size, "%s", text);
    else
        snprintf(out, size, "%.*s\u2026", (int)text_utf8_cut(text, len, most - 1), text);
}

/* ---- the tests ---- */

static enum timeline_ink ink_of_region(const struct timeline *t, const struct timeline_region *r)
{
    if (r->outcome->kind == ENDED_FAILED || r->outcome->kind == ENDED_BROKEN)
        return INK_BAD;
    return r->outcome->kind == ENDED_ABSENT ? INK_ABSENT : timeline_suite_ink(t, r->suite_index);
}

void timeline_explain_region(const struct timeline *t, const struct timeline_region *region, struct buf *out)
{
    char seconds[48], start[48];
    text_format_duration(seconds, sizeof seconds, (double)(region->end_ns - region->start_ns) / 1e9);
    double at_s = (double)(region->start_ns - t->start_ns) / 1e9;
    timeline_time_label(at_s, at_s < 60 ? 0.1 : 1, start, sizeof start);
    buf_append_text(out, region->test);
    if (region->attempt > 1)
        buf_printf(out, " (attempt %lld)", (long long)region->attempt);
    buf_printf(out, "\n%s, %s from %s", region->outcome->words, seconds, start);
    if (region->flags[0] && strcmp(region->flags, "clean") != 0)
        buf_printf(out, ", %s", region->flags);
    if (region->message[0])
        buf_printf(out, "\n%s", region->message);
}

/* The suite is what the colour says. */
static const char *short_name(const struct timeline_region *r)
{
    size_t len = strlen(r->suite);
    return strncmp(r->case_name, r->suite, len) == 0 && r->case_name[len] == '.' ? r->case_name + len + 1
                                                                                 : r->case_name;
}

/* Behind all rows: a wash in the colour of the suite, red where it failed. */
static void draw_region(struct picture *p, const struct timeline_region *r, double bottom)
{
    double x0 = x_of(p, r->start_ns), x1 = x_of(p, r->end_ns);
    enum timeline_ink ink = ink_of_region(p->t, r);
    bool bad = ink == INK_BAD;
    p->pen->ops->rect(
        p->pen, &(struct pen_rect){x0, p->top, fmax(x1 - x0, 0.5), bottom - p->top}, ink, bad ? 0.16 : 0.08);
    if (r->outcome->kind != ENDED_FINE && x1 - x0 > 6)
        draw_segment(p, x0, p->top, x0, bottom, &(struct pen_stroke){ink, bad ? 1.2 : 0.8, !bad});
}

static void draw_block(struct picture *p, const struct timeline_region *r)
{
    struct buf text = BUF_INIT(1 << 14);
    char words[128];
    double x0 = x_of(p, r->start_ns), x1 = fmax(x_of(p, r->end_ns), x0 + 1.5);
    double y = p->y + LANE_HEIGHT * (double)r->lane, used = 4;
    enum timeline_ink ink = ink_of_region(p->t, r);
    x1 -= x1 - x0 > 4; /* one can be told from the next */
    const char *symbol = ink == INK_BAD ? "\u2715" : ink == INK_ABSENT ? "\u25cb" : "";
    timeline_explain_region(p->t, r, &text);
    p->pen->ops->open(p->pen, buf_text(&text));
    p->pen->ops->rect(p->pen, &(struct pen_rect){x0, y + 2, x1 - x0, LANE_HEIGHT - 4},
        timeline_suite_ink(p->t, r->suite_index), ink == INK_ABSENT ? 0.15 : 0.35);
    if (ink == INK_BAD || ink == INK_ABSENT) {
        p->pen->ops->rect(p->pen, &(struct pen_rect){x0, y + 2, x1 - x0, 3}, ink, 1);
        p->pen->ops->rect(p->pen, &(struct pen_rect){x0, y + 2, 2, LANE_HEIGHT - 4}, ink, 1);
    }
    if (symbol[0] && x1 - x0 >= 12) {
        say(p, x0 + 4, y + LANE_HEIGHT - 6, symbol, INK_TEXT, ANCHOR_START);
        used = 16;
    }
    buf_clear(&text);
    buf_printf(&text, "%s%s%s", short_name(r), r->model[0] ? " \u00b7 " : "", r->model);
    fit_words(buf_text(&text), x1 - x0 - used - 4, words, sizeof words);
    if (words[0])
        say(p, x0 + used, y + LANE_HEIGHT - 6, words, INK_TEXT, ANCHOR_START);
    p->pen->ops->close(p->pen);
    buf_fini(&text);
}

static void draw_lanes(struct picture *p)
{
    if (p->t->region_count == 0)
        return;
    say(p, p->left - 6, p->y + 14, "tests", INK_FAINT, ANCHOR_END);
    for (size_t i = 0; i < p->t->region_count; i++)
        draw_block(p, &p->t->regions[i]);
    p->y += LANE_HEIGHT * (double)p->t->lane_count + 4;
}

/* ---- marks and bands ---- */

static void draw_marks(struct picture *p)
{
    double free_from = p->left;
    if (p->t->mark_count == 0)
        return;
    say(p, p->left - 6, p->y + 11, "events", INK_FAINT, ANCHOR_END);
    for (size_t i = 0; i < p->t->mark_count; i++) {
        const struct timeline_mark *m = &p->t->marks[i];
        double x0 = x_of(p, m->start_ns), x1 = fmax(x_of(p, m->end_ns), x0 + 1.5), end = p->right;
        char words[128];
        if (i + 1 < p->t->mark_count)
            end = fmax(x_of(p, p->t->marks[i + 1].start_ns), x1);
        p->pen->ops->open(p->pen, m->text);
        p->pen->ops->rect(p->pen, &(struct pen_rect){x0, p->y + 2, x1 - x0, MARK_HEIGHT - 4}, INK_TEXT, 0.7);
        fit_words(m->text, end - x1 - 8, words, sizeof words);
        if (words[0] && x1 >= free_from)
            say(p, x1 + 3, p->y + 11, words, INK_FAINT, ANCHOR_START);
        p->pen->ops->close(p->pen);
        free_from = fmax(free_from, x1);
    }
    p->y += MARK_HEIGHT + 4;
}

static void draw_bands(struct picture *p, double top, double height)
{
    for (size_t i = 0; i < p->t->band_count; i++) {
        const struct timeline_band *b = &p->t->bands[i];
        double x0 = x_of(p, b->start_ns), x1 = x_of(p, b->end_ns);
        p->pen->ops->rect(p->pen, &(struct pen_rect){x0, top, fmax(x1 - x0, 1), height},
            b->level > 1 ? INK_BAD : INK_WARNING, 0.22);
    }
}

/* ---- one row ---- */

void timeline_row_axes(const struct timeline *t, enum timeline_row_id row, struct timeline_axis axes[2])
{
    double highest[2] = {0, 0};
    bool used[2] = {false, false};
    for (size_t i = 0; i < t->series_count; i++) {
        const struct timeline_series *s = &t->series[i];
        if (s->spec->row != row || !s->drawn)
            continue;
        highest[s->spec->right] = fmax(highest[s->spec->right], s->highest);
        used[s->spec->right] = true;
    }
    axes[0] = timeline_axis_for(timeline_rows[row].unit, highest[0], timeline_rows[row].at_least, 4);
    axes[1] = timeline_axis_for(timeline_rows[row].right_unit, highest[1], 0, 4);
    for (int i = 0; i < 2; i++)
        axes[i].top = used[i] ? axes[i].top : 0;
}

static void draw_grid(struct picture *p, double top, const struct timeline_axis axes[2])
{
    const struct pen_stroke stroke = {INK_GRID, 1, false};
    char text[48];
    for (int side = 0; side < 2; side++) {
        const struct timeline_axis *axis = &axes[side];
        for (double v = 0; axis->top > 0 && v <= axis->top * 1.0001; v += axis->step) {
            double y = top + PLOT_HEIGHT * (1 - v / axis->top);
            if (side == 0 || axes[0].top <= 0)
                draw_segment(p, p->left, y, p->right, y, &stroke);
            timeline_axis_label(axis, v, text, sizeof text);
            say(p, side ? p->right + 6 : p->left - 6, y + 4, text, INK_FAINT,
                side ? ANCHOR_START : ANCHOR_END);
        }
    }
}

static void draw_points(struct picture *p, const struct timeline_series *s, size_t count, double base_y)
{
    const struct pen_stroke stroke = {s->ink, 1.3, s->spec->right};
    if (count == 0)
        return;
    if (count == 1) { /* a single reading is seen as well */
        p->points[1] = (struct pen_point){p->points[0].x + 1, p->points[0].y};
        count = 2;
    }
    if (s->spec->filled)
        p->pen->ops->area(p->pen, p->points, count, base_y, s->ink, 0.18);
    p->pen->ops->line(p->pen, p->points, count, &stroke);
}

/*
 * One point for each row, or where they are denser than pixels the lowest and highest of each pixel. Among these a gap
 * is seen by its width alone.
 */
static void draw_series(struct picture *p, const struct timeline_series *s, double top, double scale_top)
{
    const struct timeline_table *table = &p->t->tables[s->table];
    size_t columns = (size_t)(p->right - p->left), count = 0;
    size_t step = table->count / columns + 1;
    double gap = GAP * fmax((p->right - p->left) * (double)step / (double)table->count, 1);
    double base_y = top + PLOT_HEIGHT;
    for (size_t i = 0; i < table->count; i += step) {
        size_t end = i + step < table->count ? i + step : table->count;
        double low, high, x = x_of(p, table->t_ns[i]);
        timeline_table_range(table, s->column, i, end, &low, &high);
        if (isnan(low)) {
            draw_points(p, s, count, base_y);
            count = 0;
            continue;
        }
        double y_low = base_y - PLOT_HEIGHT * fmax(low, 0) / scale_top;
        double y_high = base_y - PLOT_HEIGHT * fmax(high, 0) / scale_top;
        p->points[count++] = (struct pen_point){x, y_low};
        if (y_low - y_high > 0.05)
            p->points[count++] = (struct pen_point){x, y_high};
        if (step > 1 && end < table->count && x_of(p, table->t_ns[end]) - x > gap) {
            draw_points(p, s, count, base_y);
            count = 0;
        }
    }
    draw_points(p, s, count, base_y);
}

/* What the bands behind the memory say. */
static void draw_band_legend(struct picture *p, double x)
{
    static const char *const words[] = {NULL, "some wait for memory", "all wait for it"};
    for (int level = 1; level <= 2; level++) {
        if (p->t->last_band[level] == 0)
            continue;
        p->pen->ops->rect(
            p->pen, &(struct pen_rect){x, p->y + 4, 10, 10}, level > 1 ? INK_BAD : INK_WARNING, 0.4);
        say(p, x + 14, p->y + 13, words[level], INK_FAINT, ANCHOR_START);
        x += CHAR_WIDTH * (double)strlen(words[level]) + 26;
    }
}

static void draw_legend(struct picture *p, enum timeline_row_id row)
{
    const struct timeline_row *r = &timeline_rows[row];
    double x = p->left;
    p->pen->ops->words(p->pen, (struct pen_point){x, p->y + 13}, r->title,
        &(struct pen_words){.ink = INK_TEXT, .size = 12, .bold = true});
    x += 8.5 * (double)strlen(r->title) + 12;
    for (size_t i = 0; i < p->t->series_count; i++) {
        const struct timeline_series *s = &p->t->series[i];
        double room = CHAR_WIDTH * (double)strlen(s->label) + 26;
        if (s->spec->row != row || !s->drawn)
            continue;
        if (x + room > p->right && x > p->left) {
            p->y += 15;
            x = p->left;
        }
        draw_segment(p, x, p->y + 9, x + 12, p->y + 9, &(struct pen_stroke){s->ink, 2.5, s->spec->right});
        say(p, x + 16, p->y + 13, s->label, INK_FAINT, ANCHOR_START);
        x += room;
    }
    if (row == ROW_MEMORY)
        draw_band_legend(p, x);
    p->y += LEGEND_HEIGHT;
}

static void draw_row(struct picture *p, enum timeline_row_id row)
{
    struct timeline_axis axes[2];
    if (!timeline_row_is_drawn(p->t, row))
        return;
    timeline_row_axes(p->t, row, axes);
    draw_legend(p, row);
    if (row == ROW_MEMORY)
        draw_bands(p, p->y, PLOT_HEIGHT);
    draw_grid(p, p->y, axes);
    for (size_t i = 0; i < p->t->series_count; i++) {
        const struct timeline_series *s = &p->t->series[i];
        if (s->spec->row == row && s->drawn)
            draw_series(p, s, p->y, axes[s->spec->right].top);
    }
    p->y += PLOT_HEIGHT + ROW_GAP;
}

/* ---- all of it ---- */

static void draw_time(struct picture *p, double bottom)
{
    const struct pen_stroke stroke = {INK_GRID, 1, false};
    double step = timeline_time_step(p->span_s, (int)fmax((p->right - p->left) / 90, 2));
    char text[48];
    for (double s = 0; s <= p->span_s * 1.0001; s += step) {
        double x = p->left + (p->right - p->left) * fmin(s / p->span_s, 1);
        draw_segment(p, x, p->top, x, bottom, &stroke);
        timeline_time_label(s, step, text, sizeof text);
        say(p, x, bottom + 15, text, INK_FAINT, ANCHOR_MIDDLE);
    }
}

static bool some_test_has(const struct timeline *t, enum timeline_ink ink)
{
    for (size_t i = 0; i < t->region_count; i++)
        if (ink_of_region(t, &t->regions[i]) == ink)
            return true;
    return false;
}

/* Where something so wide has room: behind the last, or on a line of its own. */
static double place_item(struct picture *p, double x, double room)
{
    if (x + room <= p->right || x <= p->left)
        return x;
    p->y += 16;
    return p->left;
}

/* What the colours and signs of the tests mean. */
static void draw_suites(struct picture *p)
{
    static const struct {
        enum timeline_ink ink;
        const char *words;
    } signs[] = {{INK_BAD, "\u2715 failed"}, {INK_ABSENT, "\u25cb skipped"}};
    double x = p->left;
    for (size_t i = 0; i < p->t->suite_count; i++) {
        double room = CHAR_WIDTH * (double)strlen(p->t->suites[i]) + 28;
        x = place_item(p, x, room);
        p->pen->ops->rect(p->pen, &(struct pen_rect){x, p->y + 2, 11, 11}, timeline_suite_ink(p->t, i), 0.5);
        say(p, x + 15, p->y + 12, p->t->suites[i], INK_FAINT, ANCHOR_START);
        x += room;
    }
    x += 8;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!some_test_has(p->t, signs[i].ink))
            continue;
        x = place_item(p, x, 70);
        say(p, x, p->y + 12, signs[i].words, signs[i].ink, ANCHOR_START);
        x += 70;
    }
    p->y += p->t->suite_count ? 20 : 0;
}

/* Measured with a pen that draws nothing, so that everything behind the rows can reach down to their end. */
static double draw_rows(struct picture *p)
{
    draw_lanes(p);
    draw_marks(p);
    for (int row = 0; row < ROW_COUNT; row++)
        draw_row(p, (enum timeline_row_id)row);
    return p->y - ROW_GAP;
}

static void draw(struct picture *p, double bottom)
{
    char words[600];
    fit_words(p->t->title, (p->width - p->left) * CHAR_WIDTH / 9.5, words, sizeof words);
    p->pen->ops->words(p->pen, (struct pen_point){p->left, 24}, words,
        &(struct pen_words){.ink = INK_TEXT, .size = 16, .bold = true});
    fit_words(p->t->subtitle, p->width - p->left, words, sizeof words);
    say(p, p->left, 42, words, INK_FAINT, ANCHOR_START);
    p->y = 52;
    draw_suites(p);
    p->top = p->y;
    for (size_t i = 0; i < p->t->region_count; i++)
        draw_region(p, &p->t->regions[i], bottom);
    draw_time(p, bottom);
    (void)draw_rows(p);
}

static enum status init(struct picture *p, const struct timeline *t, double width)
{
    *p = (struct picture){.t = t, .width = width, .left = GUTTER, .right = width - GUTTER};
    p->span_s = fmax((double)(t->end_ns - t->start_ns) / 1e9, 1e-3);
    p->points = malloc((size_t)(8 * width + 16) * sizeof *p->points);
    return p->points ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Where the rows end. */
static double measure(const struct picture *p)
{
    struct timeline_pen pen;
    timeline_pen_none(&pen);
    struct picture dry = *p;
    dry.pen = &pen;
    dry.y = 52;
    draw_suites(&dry);
    return draw_rows(&dry);
}

enum status timeline_picture_svg(const struct timeline *t, double width, struct buf *out, struct error *e)
{
    struct picture p;
    struct timeline_pen pen;
    if (init(&p, t, width) != STATUS_OK)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the timeline's picture");
    double bottom = measure(&p);
    timeline_pen_svg(&pen, out, width, bottom + 28, t->title);
    p.pen = &pen;
    draw(&p, bottom);
    free(p.points);
    return pen.ops->end(&pen, e);
}

enum status timeline_picture_png(const struct timeline *t, double width, struct buf *out, struct error *e)
{
    struct picture p;
    struct timeline_pen pen;
    if (init(&p, t, width) != STATUS_OK)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the timeline's picture");
    double bottom = measure(&p);
    enum status s = timeline_pen_png(&pen, out, width, bottom + 28, 2, e);
    if (s == STATUS_OK) {
        p.pen = &pen;
        draw(&p, bottom);
        s = pen.ops->end(&pen, e);
    }
    free(p.points);
    return s;
}
