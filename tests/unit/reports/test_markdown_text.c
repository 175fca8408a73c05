/* Hostile text and records in a Markdown page: no cell, line or block of it is anything but text. */
#include "markdown_kit.h"

#include "junit.h"
#include "markdown.h"
#include "markdown_text.h"
#include "made_run.h"
#include "rng.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed_of_this_run(void)
{
    const char *given = getenv("ASSAY_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20261120;
    printf("seed %llu (ASSAY_TEST_SEED)\n", (unsigned long long)seed);
    return seed;
}

/* Cells of a row, as a reader of GitHub's tables counts them; -1 if the line is no row. */
static int count_cells(const char *line, size_t len)
{
    int bars = 0;
    if (len == 0 || line[0] != '|')
        return -1;
    for (size_t i = 0; i < len; i++)
        bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    return bars - 1;
}

static void a_hostile_cell_never_adds_a_column_or_a_line(void)
{
    static const struct markdown_column columns[] = {{"A", false}, {"B", true}, {"C", false}};
    struct rng rng;
    rng_seed(&rng, seed_of_this_run());
    for (int round = 0; round < 2000; round++) {
        struct markdown_table table;
        struct buf text = BUF_INIT(8192), out = BUF_INIT(1 << 20);
        int lines = 0;
        made_hostile_text(&rng, &text, 200);
        markdown_table_begin(&table, columns, 3);
        markdown_cell(&table, buf_text(&text));
        markdown_cell_code(&table, buf_text(&text));
        markdown_cell(&table, "plain");
        ck_assert_int_eq(markdown_table_end(&table, &out), STATUS_OK);
        for (const char *p = buf_text(&out); *p && *p != '\n'; lines++) {
            size_t len = strcspn(p, "\n");
            ck_assert_msg(count_cells(p, len) == 3, "round %d: %.*s", round, (int)len, p);
            p += len + 1;
        }
        ck_assert_int_eq(lines, 3);
        buf_fini(&text);
        buf_fini(&out);
    }
}

static void running_text_holds_nothing_that_markdown_or_html_understands(void)
{
    struct rng rng;
    rng_seed(&rng, seed_of_this_run());
    for (int round = 0; round < 2000; round++) {
        struct buf text = BUF_INIT(8192), out = BUF_INIT(1 << 20);
        made_hostile_text(&rng, &text, 300);
        ck_assert_int_eq(markdown_inline(&out, buf_text(&text)), STATUS_OK);
        const char *p = buf_text(&out);
        ck_assert_msg(strpbrk(p, "<|`\n\r\x1b") == NULL && *p != '>', "%s", p);
        ck_assert_msg(strstr(p, "://") == NULL, "%s", p);
        for (const char *link = p; (link = strstr(link, "](")) != NULL; link++)
            ck_assert_msg(link > p && link[-1] == '\\', "a link: %s", p);
        ck_assert_msg(p[0] != '#' && p[0] != '=' && p[0] != ' ' && strncmp(p, "- ", 2) != 0, "%s", p);
        for (; *p; p++)
            ck_assert_msg(*p != '*' || p[-1] == '\\', "an open star: %s", p);
        buf_fini(&text);
        buf_fini(&out);
    }
}

/* The fence that a line opens or closes: its length, 0 for other lines. */
static size_t fence_of(const char *line)
{
    size_t ticks = strspn(line, "`");
    return ticks >= 3 ? ticks : 0;
}

static void a_fenced_block_ends_where_we_end_it(void)
{
    struct rng rng;
    rng_seed(&rng, seed_of_this_run());
    for (int round = 0; round < 2000; round++) {
        struct buf text = BUF_INIT(16384), out = BUF_INIT(1 << 20);
        made_hostile_text(&rng, &text, 400);
        ck_assert_int_eq(markdown_block(&out, buf_text(&text)), STATUS_OK);
        const char *p = buf_text(&out);
        size_t fence = fence_of(p);
        ck_assert_uint_ge(fence, 3);
        const char *end = strstr(p, "\n");
        while ((end = strchr(end, '\n')) != NULL && fence_of(end + 1) < fence)
            end++;
        ck_assert_ptr_nonnull(end);
        ck_assert_msg(strcmp(end + 1 + fence, "\n\n") == 0, "the block ended early: %s", p);
        buf_fini(&text);
        buf_fini(&out);
    }
}

/* All rows of each table have as many cells as its head; nothing outside of blocks looks like HTML. */
static void check_page(const struct buf *page)
{
    int columns = -1;
    size_t fence = 0;
    for (const char *p = buf_text(page); *p;) {
        size_t len = strcspn(p, "\n"), own = fence_of(p);
        if (fence) {
            fence = own >= fence && strspn(p, "`") == len ? 0 : fence;
        } else if (own) {
            fence = own;
        } else {
            int cells = count_cells(p, len);
            ck_assert_msg(columns < 0 || cells < 0 || cells == columns,
                "a row with %d cells instead of %d: %.*s", cells, columns, (int)len, p);
            columns = cells;
            for (size_t i = 0, code = 0; i < len; i++) {
                code ^= p[i] == '`';
                ck_assert_msg(code || p[i] != '<', "HTML in: %.*s", (int)len, p);
            }
        }
        p += len + (p[len] == '\n');
    }
    ck_assert_uint_eq(fence, 0);
}

static void a_page_about_hostile_records_keeps_its_shape(void)
{
    struct rng rng;
    rng_seed(&rng, seed_of_this_run());
    for (int round = 0; round < 40; round++) {
        struct made_run made;
        made_run_begin(&made);
        for (int i = 0; i < 6; i++) {
            static const char *const outcomes[] = {
                "failed", "error", "skipped", "lost", "not_run", "crashed"};
            struct buf text = BUF_INIT(8192), name = BUF_INIT(8192);
            made_hostile_text(&rng, &text, 1500);
            buf_append_text(&name, "chat.x[sim/");
            made_hostile_text(&rng, &name, 60);
            buf_append_char(&name, ']');
            made_run_add_text(&made, buf_text(&name), outcomes[i], text.data, text.len);
            buf_fini(&text);
            buf_fini(&name);
        }
        struct buf page = markdown_kit_page(&made);
        check_page(&page);
        buf_fini(&page);
    }
}

/* A closed schema cannot vouch for a later version: every member may be anything. */
static void members_of_a_later_version_may_be_anything(void)
{
    static const char *const members[] = {"suite", "message", "location", "skip_reason", "process", "model",
        "target", "parameters", "performance", "tokens", "errors", "finish_reasons", "retries", "client",
        "cross_check", "utility", "stop_tokens", "system_health", "energy", "duration", "start_unix_ns",
        "run_id", "timestamp"};
    static const char *const values[] = {"null", "-1", "1e300", "\"x\"", "[]", "[null]", "{}",
        "{\"ttft_s\": null}", "{\"ttft_s\": {\"unit\": 3, \"median\": \"x\", \"n\": null, \"ci95\": [null]}}",
        "{\"ttft_s\": {\"median\": 1e300, \"n\": 1}}",
        "{\"quality_flags\": [null, 3, \"x\"], \"sensors\": {\"a\": null, \"c\": {}}}",
        "{\"verdict\": \"unknown\", \"quality_flags\": null, \"sensors\": [1]}",
        "{\"configured\": [null], \"detected\": 3}", "[{}]", "[3]"};
    for (size_t m = 0; m < sizeof members / sizeof *members; m++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            struct made_run made;
            struct run_data data;
            struct gate gate;
            struct error why = {0};
            struct buf page = BUF_INIT(MARKDOWN_PAGE_MAX), xml = BUF_INIT(JUNIT_BYTES_MAX),
                       record = BUF_INIT(4096);
            struct junit_options options = {.strict = v % 2};
            made_run_begin(&made);
            buf_printf(&record, "{\"schema_version\": \"1.7.0\", \"%s\": %s}", members[m], values[v]);
            made_run_add(&made, MARKDOWN_KIT_TEST, "failed", buf_text(&record));
            made_run_load(&made, &data);
            ck_assert_uint_eq(data.test_count, 1);
            ck_assert_int_eq(gate_judge(&data, true, &gate, &why), STATUS_OK);
            ck_assert_int_eq(markdown_write(&data, &gate, &page, &why), STATUS_OK);
            check_page(&page);
            ck_assert_int_eq(junit_write(&data, &gate, &options, &xml, &why), STATUS_OK);
            ck_assert_msg(junit_check(xml.data, xml.len, options.strict, &why) == STATUS_OK, "%s: %s: %s",
                members[m], values[v], error_text(&why));
            buf_fini(&page);
            buf_fini(&xml);
            buf_fini(&record);
            gate_fini(&gate);
            run_data_fini(&data);
        }
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_hostile_cell_never_adds_a_column_or_a_line),
        TESTKIT_TEST(running_text_holds_nothing_that_markdown_or_html_understands),
        TESTKIT_TEST(a_fenced_block_ends_where_we_end_it),
        TESTKIT_TEST(a_page_about_hostile_records_keeps_its_shape),
        TESTKIT_TEST(members_of_a_later_version_may_be_anything),
        {0},
    };
    return testkit_run("markdown_text", tests);
}
