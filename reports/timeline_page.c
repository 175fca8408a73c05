#include "timeline_page.h"

#include "timeline_pack.h"
#include "timeline_parts.h"
#include "timeline_picture.h"

#include "clock.h"
#include "json.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STILL_WIDTH 1160
#define NOTES_SEEN 5

bool timeline_page_has_uplot(void)
{
    return timeline_uplot[0].name != NULL;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t len = strlen(name), tail = strlen(ending);
    return len >= tail && strcmp(name + len - tail, ending) == 0;
}

static const struct timeline_part *find_part(const struct timeline_part *parts, const char *ending)
{
    while (parts->name && !ends_with(parts->name, ending))
        parts++;
    return parts->name ? parts : NULL;
}

static void put_part(struct buf *out, const struct timeline_part *parts, const char *ending)
{
    const struct timeline_part *part = find_part(parts, ending);
    if (part)
        buf_append(out, part->text, part->len);
}

static void put_element(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "<%s>", name);
    timeline_escape(out, text);
    buf_printf(out, "</%s>", name);
}

/* ---- head ---- */

static void put_colours(struct buf *out)
{
    static const char *const before[] = {
        ":root{", "@media screen and (prefers-color-scheme:dark){:root:not(.printing){"};
    for (int dark = 0; dark < 2; dark++) {
        buf_append_text(out, before[dark]);
        for (size_t i = INK_PAPER; i < INK_COUNT; i++)
            buf_printf(out, "--%s:%s;", timeline_colours[i].name,
                dark ? timeline_colours[i].dark : timeline_colours[i].light);
        buf_append_text(out, dark ? "}}\n" : "}\n");
    }
}

/* Nothing may be fetched, whatever a name in the page tries. */
static void put_head(const struct timeline *t, struct buf *out)
{
    buf_append_text(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                         "style-src 'unsafe-inline'; "
                         "script-src 'unsafe-inline'; img-src data:\">\n<meta name=\"color-scheme\" "
                         "content=\"light dark\">\n");
    put_element(out, "title", t->title);
    buf_append_text(out, "\n<style>\n");
    put_colours(out);
    put_part(out, timeline_uplot, ".css");
    buf_append_char(out, '\n');
    put_part(out, timeline_parts, ".css");
    buf_append_text(out, "</style>\n");
    buf_append_text(out, "</head>\n");
}

/* ---- what is read without scripts ---- */

/* The first few are seen at once. */
static void put_notes(const struct timeline *t, struct buf *out)
{
    if (t->note_count == 0)
        return;
    buf_append_text(out, "<div class=\"notes\"><ul>\n");
    for (size_t i = 0; i < t->note_count; i++) {
        if (i == NOTES_SEEN && t->note_count > NOTES_SEEN + 1)
            buf_printf(out, "</ul><details><summary>%zu more</summary><ul>\n", t->note_count - i);
        put_element(out, "li", t->notes[i]);
    }
    buf_append_text(out, t->note_count > NOTES_SEEN + 1 ? "</ul></details></div>\n" : "</ul></div>\n");
}

/* Some test was measured more than once. */
static bool again(const struct timeline *t)
{
    for (size_t i = 0; i < t->region_count; i++)
        if (t->regions[i].attempt > 1)
            return true;
    return false;
}

static void put_start(const struct timeline *t, struct buf *out)
{
    char span[48], start[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(t->start_ns, start);
    text_format_duration(span, sizeof span, (double)(t->end_ns - t->start_ns) / 1e9);
    buf_append_text(out, "<header>\n");
    put_element(out, "h1", t->title);
    if (t->subtitle[0])
        put_element(out, "p", t->subtitle);
    buf_printf(out, "<p>From %s, %s", start, span);
    if (t->region_count)
        buf_printf(out, ", %zu %s", t->region_count,
            again(t)               ? "attempts at tests"
            : t->region_count == 1 ? "test"
                                   : "tests");
    buf_printf(out, ", %zu samples</p>\n", t->sample_count);
    put_notes(t, out);
    buf_append_text(out, "</header>\n");
}

/* Until "</tbody></table></details>". */
static void open_table(struct buf *out, const char *title, const char *const *columns)
{
    buf_printf(out, "<details><summary>%s</summary>\n<table><thead><tr>", title);
    for (; *columns; columns++)
        buf_printf(out, "<th scope=\"col\">%s</th>", *columns);
    buf_append_text(out, "</tr></thead><tbody>\n");
}

static void put_test(const struct timeline *t, const struct timeline_region *r, struct buf *out)
{
    char start[48], seconds[48], attempt[32];
    double at_s = (double)(r->start_ns - t->start_ns) / 1e9;
    static const char *const classes[] = {
        [ENDED_FINE] = "", [ENDED_FAILED] = "bad", [ENDED_BROKEN] = "bad", [ENDED_ABSENT] = "absent"};
    timeline_time_label(at_s, at_s < 60 ? 0.1 : 1, start, sizeof start);
    text_format_duration(seconds, sizeof seconds, (double)(r->end_ns - r->start_ns) / 1e9);
    snprintf(attempt, sizeof attempt, "%lld", (long long)r->attempt);
    buf_printf(out, "<tr class=\"%s\">", classes[r->outcome->kind]);
    const char *const cells[] = {r->test, attempt, r->outcome->words, start, seconds, r->flags, r->message};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        put_element(out, "td", cells[i]);
    buf_append_text(out, "</tr>\n");
}

static void put_tests(const struct timeline *t, struct buf *out)
{
    if (t->region_count == 0)
        return;
    static const char *const columns[] = {
        "Test", "Attempt", "Outcome", "From", "Took", "Machine", "Message", NULL};
    open_table(out, "Tests", columns);
    for (size_t i = 0; i < t->region_count; i++)
        put_test(t, &t->regions[i], out);
    buf_append_text(out, "</tbody></table></details>\n");
}

static void put_readings(const struct timeline *t, struct buf *out)
{
    static const char *const columns[] = {"Row", "Line", "Lowest", "Highest", NULL};
    open_table(out, "Readings", columns);
    for (size_t i = 0; i < t->series_count; i++) {
        const struct timeline_series *s = &t->series[i];
        struct timeline_axis axes[2];
        char low_text[48], high_text[48];
        if (!s->read)
            continue;
        timeline_row_axes(t, s->spec->row, axes);
        timeline_axis_label(&axes[s->spec->right], s->lowest, low_text, sizeof low_text);
        timeline_axis_label(&axes[s->spec->right], s->highest, high_text, sizeof high_text);
        const char *const cells[] = {timeline_rows[s->spec->row].title, s->label, low_text, high_text};
        buf_append_text(out, "<tr>");
        for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
            put_element(out, "td", cells[k]);
        buf_append_text(out, "</tr>\n");
    }
    buf_append_text(out, "</tbody></table></details>\n");
}

/* ---- what the script reads ---- */

static double seconds_of(const struct timeline *t, int64_t t_ns)
{
    return (double)(t_ns - t->start_ns) / 1e9;
}

static bool add_axis(struct json_object *axes, const struct timeline_axis *axis)
{
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_real(tree, "top", axis->top) && json_set_real(tree, "step", axis->step) &&
              json_set_real(tree, "per", axis->per) && json_set_text(tree, "unit", axis->unit);
    return json_add(axes, tree) && ok;
}

static bool add_series(
    struct json_object *list, const struct timeline_series *s, const struct timeline_scale *scale)
{
    struct json_object *tree = json_object_new_object();
    bool ok = json_set_text(tree, "label", s->label) && json_set_int(tree, "table", (int64_t)s->table) &&
              json_set_int(tree, "column", (int64_t)s->column) &&
              json_set_text(tree, "ink", timeline_colours[s->ink].name) &&
              json_set_bool(tree, "right", s->spec->right) &&
              json_set_bool(tree, "filled", s->spec->filled) && json_set_real(tree, "base", scale->base) &&
              json_set_real(tree, "step", scale->step);
    return json_add(list, tree) && ok;
}

static bool add_row(const struct timeline *t, enum timeline_row_id row,
    struct timeline_scale scales[][TIMELINE_COLUMNS_MAX], struct json_object *rows)
{
    struct json_object *tree = json_object_new_object(), *axes = json_object_new_array();
    struct json_object *series = json_object_new_array();
    struct timeline_axis both[2];
    timeline_row_axes(t, row, both);
    bool ok = json_set_text(tree, "id", timeline_rows[row].id) &&
              json_set_text(tree, "title", timeline_rows[row].title) && add_axis(axes, &both[0]) &&
              add_axis(axes, &both[1]);
    for (size_t i = 0; i < t->series_count && ok; i++) {
        const struct timeline_series *s = &t->series[i];
        if (s->spec->row == row && s->drawn)
            ok = add_series(series, s, &scales[s->table][s->column]);
    }
    ok = json_set(tree, "axes", axes) && ok;
    ok = json_set(tree, "series", series) && ok;
    return json_add(rows, tree) && ok;
}

/* [start, end, suite, lane, kind of outcome, infrastructure, label, explanation] */
static bool add_region(const struct timeline *t, const struct timeline_region *r, struct json_object *list)
{
    struct json_object *item = json_object_new_array();
    struct buf text = BUF_INIT(1 << 14);
    timeline_explain_region(t, r, &text);
    bool ok = buf_status(&text) == STATUS_OK && json_add_real(item, seconds_of(t, r->start_ns)) &&
              json_add_real(item, seconds_of(t, r->end_ns)) && json_add_int(item, (int64_t)r->suite_index) &&
              json_add_int(item, (int64_t)r->lane) && json_add_int(item, r->outcome->kind) &&
              json_add_int(item, r->infrastructure) && json_add_text(item, r->case_name) &&
              json_add_text(item, r->model) && json_add_text(item, buf_text(&text));
    buf_fini(&text);
    return json_add(list, item) && ok;
}

static bool add_span(const struct timeline *t, int64_t start_ns, int64_t end_ns, struct json_object *last,
    struct json_object *list)
{
    struct json_object *item = json_object_new_array();
    bool ok = json_add_real(item, seconds_of(t, start_ns)) && json_add_real(item, seconds_of(t, end_ns));
    ok = json_add(item, last) && ok;
    return json_add(list, item) && ok;
}

static bool set_tests(const struct timeline *t, struct json_object *tree)
{
    struct json_object *regions = json_object_new_array(), *suites = json_object_new_array();
    bool ok = json_set_int(tree, "lanes", (int64_t)t->lane_count);
    for (size_t i = 0; i < t->region_count && ok; i++)
        ok = add_region(t, &t->regions[i], regions);
    for (size_t i = 0; i < t->suite_count && ok; i++) {
        struct json_object *suite = json_object_new_object();
        ok = json_set_text(suite, "name", t->suites[i]) &&
             json_set_text(suite, "ink", timeline_colours[timeline_suite_ink(t, i)].name);
        ok = json_add(suites, suite) && ok;
    }
    ok = json_set(tree, "regions", regions) && ok;
    return json_set(tree, "suites", suites) && ok;
}

static bool set_moments(const struct timeline *t, struct json_object *tree)
{
    struct json_object *bands = json_object_new_array(), *marks = json_object_new_array();
    bool ok = true;
    for (size_t i = 0; i < t->band_count && ok; i++)
        ok = add_span(
            t, t->bands[i].start_ns, t->bands[i].end_ns, json_object_new_int(t->bands[i].level), bands);
    for (size_t i = 0; i < t->mark_count && ok; i++)
        ok = add_span(
            t, t->marks[i].start_ns, t->marks[i].end_ns, json_object_new_string(t->marks[i].text), marks);
    ok = json_set(tree, "bands", bands) && ok;
    return json_set(tree, "marks", marks) && ok;
}

static struct json_object *head_tree(
    const struct timeline *t, struct timeline_scale scales[][TIMELINE_COLUMNS_MAX])
{
    struct json_object *tree = json_object_new_object(), *rows = json_object_new_array();
    bool ok = json_set_int(tree, "start_ms", t->start_ns / 1000000) &&
              json_set_real(tree, "span", fmax(seconds_of(t, t->end_ns), 1e-3)) &&
              json_set_real(tree, "tick", (double)TIMELINE_TICK_NS / 1e9) &&
              json_set_int(tree, "piece", (int64_t)TIMELINE_PIECE_ROWS) && set_tests(t, tree) &&
              set_moments(t, tree);
    for (int row = 0; row < ROW_COUNT && ok; row++)
        if (timeline_row_is_drawn(t, (enum timeline_row_id)row))
            ok = add_row(t, (enum timeline_row_id)row, scales, rows);
    ok = json_set(tree, "rows", rows) && ok;
    if (!ok) {
        json_object_put(tree);
        tree = NULL;
    }
    return tree;
}

/* JSON within <script>: no text of it can end the element, nor open a comment in it. */
static void put_safe_json(struct buf *out, const struct buf *json)
{
    const char *text = buf_text(json);
    for (size_t i = 0; i < json->len; i++) {
        if (text[i] == '<' || text[i] == '>' || text[i] == '&')
            buf_printf(out, "\\u%04x", (unsigned)text[i]);
        else
            buf_append_char(out, text[i]);
    }
}

static void choose_scales(const struct timeline *t, struct timeline_scale scales[][TIMELINE_COLUMNS_MAX])
{
    for (size_t i = 0; i < t->series_count; i++) {
        const struct timeline_series *s = &t->series[i];
        scales[s->table][s->column] = timeline_scale_for(s->lowest, s->highest, s->spec->step);
    }
}

static enum status put_index(
    const struct timeline *t, struct buf *out, struct timeline_packed *data, struct error *e)
{
    struct timeline_scale scales[TABLE_COUNT][TIMELINE_COLUMNS_MAX] = {0};
    struct buf json = BUF_INIT(TIMELINE_PAGE_MAX);
    choose_scales(t, scales);
    struct json_object *tree = head_tree(t, scales);
    enum status s = tree ? json_write(tree, &json, e) : STATUS_NO_MEMORY;
    json_object_put(tree);
    buf_append_text(out, "<script type=\"application/json\" id=\"head\">");
    put_safe_json(out, &json);
    buf_append_text(out, "</script>\n<script type=\"application/json\" id=\"index\">[");
    for (size_t i = 0; i < TABLE_COUNT && s == STATUS_OK; i++) {
        buf_append_text(out, i ? "," : "");
        s = timeline_pack_table(&t->tables[i], scales[i], t->start_ns, out, data);
    }
    buf_append_text(out, "]</script>\n");
    buf_fini(&json);
    return s;
}

static void put_packed(struct buf *out, const char *id, const struct buf *data)
{
    buf_printf(out, "<script type=\"text/plain\" id=\"%s\">", id);
    buf_append(out, buf_text(data), data->len);
    buf_append_text(out, "</script>\n");
}

static void put_uplot(struct buf *out)
{
    if (!timeline_page_has_uplot())
        return;
    buf_append_text(out, "<script>\n/* The chart library uPlot:\n");
    put_part(out, timeline_uplot, "LICENSE");
    buf_append_text(out, "*/\n");
    put_part(out, timeline_uplot, ".js");
    buf_append_text(out, "\n</script>\n");
}

/* Where the script failed, or the browser is too old for it, the picture of <noscript> stands instead. */
static void put_rescue(struct buf *out)
{
    buf_append_text(out, "<script>\nif (!document.documentElement.dataset.readyMs) {\n"
                         "  var still = document.getElementById('still');\n"
                         "  still.innerHTML = still.firstElementChild.textContent;\n"
                         "  still.hidden = false;\n"
                         "  document.getElementById('charts').hidden = true;\n"
                         "}\n</script>\n");
}

/* What the first view does not need stands behind the scripts, so that they need not wait for it. */
static enum status put_scripts(const struct timeline *t, struct buf *out, struct error *e)
{
    struct timeline_packed data = {BUF_INIT(TIMELINE_PAGE_MAX), BUF_INIT(TIMELINE_PAGE_MAX)};
    enum status s = put_index(t, out, &data, e);
    put_packed(out, "coarse", &data.coarse);
    put_uplot(out);
    buf_append_text(out, "<script>\n(() => {\n");
    for (const struct timeline_part *part = timeline_parts; part->name; part++)
        if (ends_with(part->name, ".js"))
            buf_append(out, part->text, part->len);
    buf_append_text(out, "})();\n</script>\n");
    put_rescue(out);
    put_packed(out, "fine", &data.fine);
    buf_fini(&data.fine);
    buf_fini(&data.coarse);
    return s;
}

/* Within <noscript> it costs a browser that runs scripts nothing; our script takes it from there if it fails. */
static enum status put_still(const struct timeline *t, struct buf *out, struct error *e)
{
    buf_append_text(out, "<figure id=\"still\"><noscript>\n");
    enum status s = timeline_picture_svg(t, STILL_WIDTH, out, e);
    buf_append_text(out, "<p>A still picture: with scripts it can be moved and magnified.</p>\n"
                         "</noscript></figure>\n");
    return s;
}

enum status timeline_page_write(const struct timeline *t, struct buf *page, struct error *e)
{
    put_head(t, page);
    buf_append_text(page, "<body>\n");
    put_start(t, page);
    buf_append_text(page, "<main id=\"charts\"></main>\n");
    enum status s = put_still(t, page, e);
    put_tests(t, page);
    put_readings(t, page);
    if (s == STATUS_OK)
        s = put_scripts(t, page, e);
    buf_append_text(page, "</body>\n</html>\n");
    if (s == STATUS_OK)
        s = buf_status(page);
    return s == STATUS_OK ? s : error_set(e, s, "the page of the timeline does not fit in memory");
}
