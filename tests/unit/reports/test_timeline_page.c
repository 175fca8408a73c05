/* What a timeline page is made of: packed numbers, a picture, and nothing that a name can break out of. */
#include "timeline_pack.h"
#include "timeline_page.h"
#include "timeline_parts.h"
#include "timeline_picture.h"

#include "made_run.h"
#include "run_data.h"

#include "base64.h"
#include "testkit.h"

#include "rng.h"

#include <libxml/parser.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- packed numbers, unpacked as the page does it ---- */

static uint64_t take_varint(const uint8_t *bytes, size_t *at)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t byte = bytes[(*at)++];
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
}

static void unpack(const char *text, size_t len, size_t count, int64_t *numbers)
{
    struct buf bytes = BUF_INIT(1 << 24);
    size_t at = 0;
    ck_assert(base64_decode(&bytes, text, len));
    const uint8_t *data = (const uint8_t *)bytes.data;
    for (size_t i = 0; i < count;) {
        ck_assert_uint_lt(at, bytes.len);
        if (data[at] == 0) {
            at++;
            uint64_t zeros = take_varint(data, &at) + 1;
            while (zeros-- > 0 && i < count)
                numbers[i++] = 0;
            continue;
        }
        uint64_t code = take_varint(data, &at);
        numbers[i++] = code % 2 ? -(int64_t)((code + 1) / 2) : (int64_t)(code / 2);
    }
    ck_assert_uint_eq(at, bytes.len);
    buf_fini(&bytes);
}

/* Lists of one piece, in their order: times, then the values of each column. */
static size_t list_at(struct json_object *index, size_t level, size_t which, size_t *len)
{
    struct json_object *levels = json_get_array(index, "/len");
    size_t from = 0;
    for (size_t k = level > 0; k <= level; k++) { /* level 0 of several stands apart */
        struct json_object *lengths = json_object_array_get_idx(levels, k);
        size_t count = k < level ? json_object_array_length(lengths) : which;
        for (size_t i = 0; i < count; i++)
            from += (size_t)json_object_get_int64(json_object_array_get_idx(lengths, i));
    }
    *len = (size_t)json_object_get_int64(
        json_object_array_get_idx(json_object_array_get_idx(levels, level), which));
    return from;
}

static void packed_values_come_back_as_they_were(void)
{
    struct timeline_table table;
    struct buf index = BUF_INIT(1 << 20);
    struct timeline_packed data = {BUF_INIT(1 << 20), BUF_INIT(1 << 20)};
    struct json_object *tree = NULL;
    size_t column, len;
    static int64_t numbers[TIMELINE_PIECE_ROWS];
    timeline_table_init(&table, TIMELINE_ROWS_MAX);
    ck_assert_int_eq(timeline_table_add_column(&table, &column), STATUS_OK);
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(
            timeline_table_add_row(&table, 5000000000 + (int64_t)i * 200000000 + i % 3 * 100000), STATUS_OK);
        if (i % 100 != 50)
            timeline_table_put(&table, column, i < 500 ? 20 : 20 + i * 0.1);
    }
    struct timeline_scale scale = timeline_scale_for(20, 119.9, 0.1);
    ck_assert_int_eq(timeline_pack_table(&table, &scale, 5000000000, &index, &data), STATUS_OK);
    ck_assert_int_eq(json_parse(index.data, index.len, &tree, NULL), STATUS_OK);
    size_t from = list_at(tree, 0, 0, &len);
    unpack(data.coarse.data + from, len, 1000, numbers);
    int64_t tick = 0, step = 0;
    for (size_t i = 0; i < 1000; i++) {
        step += numbers[i];
        tick += step;
        ck_assert_int_eq(tick, (table.t_ns[i] - 5000000000) / TIMELINE_TICK_NS);
    }
    from = list_at(tree, 0, 1, &len);
    unpack(data.coarse.data + from, len, 1000, numbers);
    int64_t code = 0;
    for (size_t i = 0; i < 1000; i++) {
        code += numbers[i];
        double value = scale.base + (double)(code - 1) * scale.step;
        if (i % 100 == 50)
            ck_assert_int_eq(code, 0);
        else
            ck_assert_double_eq_tol(value, i < 500 ? 20 : 20 + (double)i * 0.1, 0.051);
    }
    ck_assert_uint_lt(len, 1400); /* the flat half costs next to nothing */
    json_object_put(tree);
    buf_fini(&index);
    buf_fini(&data.fine);
    buf_fini(&data.coarse);
    timeline_table_fini(&table);
}

static void a_single_peak_is_seen_on_every_level(void)
{
    struct timeline_table table;
    struct buf index = BUF_INIT(1 << 24);
    struct timeline_packed data = {BUF_INIT(1 << 24), BUF_INIT(1 << 24)};
    struct json_object *tree = NULL;
    size_t column;
    static int64_t numbers[TIMELINE_PIECE_ROWS];
    timeline_table_init(&table, TIMELINE_ROWS_MAX);
    ck_assert_int_eq(timeline_table_add_column(&table, &column), STATUS_OK);
    for (int64_t i = 0; i < 300000; i++) {
        if (timeline_table_add_row(&table, i * 1000000) != STATUS_OK)
            ck_abort_msg("no memory");
        timeline_table_put(&table, column, i == 123456 ? 60000 : 1);
    }
    struct timeline_scale scale = timeline_scale_for(1, 60000, 1);
    ck_assert_int_eq(timeline_pack_table(&table, &scale, 0, &index, &data), STATUS_OK);
    ck_assert_int_eq(json_parse(index.data, index.len, &tree, NULL), STATUS_OK);
    struct json_object *rows = json_get_array(tree, "/n");
    ck_assert_uint_eq(json_object_array_length(rows), 3);   /* 300000, 18750, 1172 */
    size_t len, from = list_at(tree, 2, 2, &len), seen = 0; /* highs of the coarsest */
    unpack(data.coarse.data + from, len, 1172, numbers);
    int64_t code = 0;
    for (size_t i = 0; i < 1172; i++) {
        code += numbers[i];
        seen += code == 60000;
        ck_assert(code == 1 || i == 123456 / 256);
    }
    ck_assert_uint_eq(seen, 1);
    json_object_put(tree);
    buf_fini(&index);
    buf_fini(&data.fine);
    buf_fini(&data.coarse);
    timeline_table_fini(&table);
}

static void differences_too_fine_for_their_range_are_given_up(void)
{
    struct timeline_scale scale = timeline_scale_for(0, 64e9, 4096);
    ck_assert_double_le(64e9 / scale.step, 65000);
    ck_assert_double_ge(64e9 / scale.step, 30000);
    scale = timeline_scale_for((double)NAN, (double)NAN, 0.1);
    ck_assert_double_eq(scale.step, 0.1);
}

/* ---- the page ---- */

static void load(struct timeline *t, struct made_run *made)
{
    struct run_data data;
    struct error why = {0};
    made_run_load(made, &data);
    enum status s = timeline_read_run(&data, t, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    run_data_fini(&data);
}

static size_t count_of(const char *text, const char *wanted)
{
    size_t count = 0;
    for (; (text = strstr(text, wanted)) != NULL; text++)
        count++;
    return count;
}

static void check_svg(const char *svg, size_t len)
{
    xmlDocPtr document =
        xmlReadMemory(svg, (int)len, "timeline.svg", NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
    ck_assert_msg(document != NULL, "the picture is not XML: %.300s", svg);
    xmlFreeDoc(document);
}

static void no_text_of_a_run_can_break_out_of_the_page(void)
{
    struct rng rng;
    rng_seed(&rng, 7);
    for (int round = 0; round < 40; round++) {
        struct made_run made;
        struct timeline t;
        struct buf page = BUF_INIT(TIMELINE_PAGE_MAX), svg = BUF_INIT(TIMELINE_SVG_MAX),
                   text = BUF_INIT(4096);
        struct error why = {0};
        made_run_begin(&made);
        made_run_add(
            &made, "chat.</script><script>alert(1)</script>[sim/<!--<script>&amp;\"']", "passed", NULL);
        made_hostile_text(&rng, &text, 600);
        made_run_add_text(&made, "chat.short[sim/]]><svg onload=x>]", "failed", text.data, text.len);
        load(&t, &made);
        ck_assert_int_eq(timeline_page_write(&t, &page, &why), STATUS_OK);
        ck_assert_int_eq(timeline_picture_svg(&t, 900, &svg, &why), STATUS_OK);
        const char *html = buf_text(&page);
        size_t scripts = timeline_page_has_uplot() ? 7 : 6;
        ck_assert_uint_eq(count_of(html, "<script"), scripts);
        ck_assert_uint_eq(count_of(html, "</script"), scripts);
        ck_assert_uint_eq(count_of(html, "<!--"), 0);
        ck_assert_uint_eq(count_of(html, "<svg"), 1);
        ck_assert_uint_eq(count_of(html, "</noscript"), 1);
        ck_assert_uint_eq(count_of(html, " src="), 0);
        ck_assert_uint_eq(count_of(html, " href="), 0);
        check_svg(svg.data, svg.len);
        timeline_fini(&t);
        buf_fini(&page);
        buf_fini(&svg);
        buf_fini(&text);
    }
}

static void what_the_page_is_made_of_can_stand_in_a_script_element(void)
{
    for (const struct timeline_part *part = timeline_parts; part->name; part++) {
        ck_assert_msg(!strstr(part->text, "</script") && !strstr(part->text, "<!--"), "%s", part->name);
        ck_assert_msg(!strstr(part->text, "http:") && !strstr(part->text, "https:"), "%s", part->name);
    }
    for (const struct timeline_part *part = timeline_uplot; part->name; part++) {
        ck_assert_msg(!strstr(part->text, "</script") && !strstr(part->text, "<!--"), "%s", part->name);
        ck_assert_msg(part->len > 500, "%s", part->name);
    }
}

static void the_picture_of_a_mixed_run_is_the_golden_one(void)
{
    struct run_data data;
    struct timeline t;
    struct error why = {0};
    struct buf svg = BUF_INIT(TIMELINE_SVG_MAX);
    const char *path = testkit_path("tests/golden/run-mixed/expected/timeline.svg");
    ck_assert_int_eq(run_data_load(testkit_path("tests/golden/run-mixed"), &data, &why), STATUS_OK);
    ck_assert_int_eq(timeline_read_run(&data, &t, &why), STATUS_OK);
    ck_assert_int_eq(timeline_picture_svg(&t, 1200, &svg, &why), STATUS_OK);
    if (getenv("ASSAY_UPDATE_GOLDEN"))
        testkit_write(path, svg.data, svg.len);
    struct buf expected = testkit_read(path);
    ck_assert_msg(strcmp(buf_text(&svg), buf_text(&expected)) == 0, "the picture differs from %s", path);
    check_svg(svg.data, svg.len);
    buf_fini(&expected);
    buf_fini(&svg);
    timeline_fini(&t);
    run_data_fini(&data);
}

/* A test that was measured twice is not two tests. */
static void what_was_measured_again_is_counted_as_attempts(void)
{
    struct run_data data;
    struct timeline t;
    struct error why = {0};
    struct buf page = BUF_INIT(TIMELINE_PAGE_MAX);
    ck_assert_int_eq(run_data_load(testkit_path("tests/golden/run-mixed"), &data, &why), STATUS_OK);
    ck_assert_int_eq(timeline_read_run(&data, &t, &why), STATUS_OK);
    ck_assert_int_eq(timeline_page_write(&t, &page, &why), STATUS_OK);
    ck_assert_ptr_nonnull(strstr(buf_text(&page), " attempts at tests, "));
    buf_fini(&page);
    timeline_fini(&t);
    run_data_fini(&data);
}

/* "Relative luminance" and "contrast ratio" of WCAG 2.2. */
static double luminance(const char *colour)
{
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (size_t i = 0; i < 3; i++) {
        const char digits[] = {colour[1 + 2 * i], colour[2 + 2 * i], '\0'};
        double part = (double)strtol(digits, NULL, 16) / 255;
        sum += weights[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(const char *colour, const char *paper)
{
    double one = luminance(colour), other = luminance(paper);
    return (fmax(one, other) + 0.05) / (fmin(one, other) + 0.05);
}

static void words_and_lines_are_seen_on_paper_of_either_kind(void)
{
    const struct timeline_colour *paper = &timeline_colours[INK_PAPER];
    static const enum timeline_ink words[] = {INK_TEXT, INK_FAINT, INK_BAD, INK_ABSENT};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct timeline_colour *ink = &timeline_colours[words[i]];
        ck_assert_msg(contrast(ink->light, paper->light) >= 4.5, "%s on light", ink->name);
        ck_assert_msg(contrast(ink->dark, paper->dark) >= 4.5, "%s on dark", ink->name);
    }
    for (size_t i = INK_SERIES_0; i < INK_COUNT; i++) {
        const struct timeline_colour *ink = &timeline_colours[i];
        ck_assert_msg(contrast(ink->light, paper->light) >= 3, "%s on light", ink->name);
        ck_assert_msg(contrast(ink->dark, paper->dark) >= 3, "%s on dark", ink->name);
    }
}

static void a_png_is_drawn_or_the_reason_is_given(void)
{
    struct made_run made;
    struct timeline t;
    struct buf png = BUF_INIT(1 << 26);
    struct error why = {0};
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "failed", NULL);
    load(&t, &made);
    enum status s = timeline_picture_png(&t, 640, &png, &why);
    if (s == STATUS_OK)
        ck_assert_mem_eq(png.data, "\x89PNG\r\n\x1a\n", 8);
    else
        ck_assert_ptr_nonnull(strstr(error_text(&why), "libcairo2-dev"));
    buf_fini(&png);
    timeline_fini(&t);
}

/* fontconfig, which cairo asks for a font, keeps what it found until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(packed_values_come_back_as_they_were),
        TESTKIT_TEST(a_single_peak_is_seen_on_every_level),
        TESTKIT_TEST(differences_too_fine_for_their_range_are_given_up),
        TESTKIT_TEST(no_text_of_a_run_can_break_out_of_the_page),
        TESTKIT_TEST(what_the_page_is_made_of_can_stand_in_a_script_element),
        TESTKIT_TEST(the_picture_of_a_mixed_run_is_the_golden_one),
        TESTKIT_TEST(what_was_measured_again_is_counted_as_attempts),
        TESTKIT_TEST(words_and_lines_are_seen_on_paper_of_either_kind),
        TESTKIT_TEST(a_png_is_drawn_or_the_reason_is_given),
        {0},
    };
    return testkit_run("timeline_page", tests);
}
