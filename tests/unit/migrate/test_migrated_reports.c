/*
 * What a person reads of old files: the Markdown page of the run that each becomes, against the golden pages beside.
 *
 *     ASSAY_UPDATE_GOLDEN=1 ctest --preset dev -R test_migrated_reports        and look at the difference
 */
#include "junit.h"
#include "markdown.h"
#include "migrate.h"

#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HERE "tests/unit/migrate/"

static const struct {
    const char *file, *golden;
} pages[] = {
    {"files/mlx-knife-0.1.0.jsonl", "golden/mlx-knife-0.1.0.report.md"},
    {"files/mlx-knife-0.2.2.jsonl", "golden/mlx-knife-0.2.2.report.md"},
    {"files/nobs/report_percentiles.json", "golden/nobs-report_percentiles.report.md"},
    {"files/nobs/report_medians_std.json", "golden/nobs-report_medians_std.report.md"},
    {"files/slm/run_1769983379_made-up-3.json", "golden/slm-run_1769983379_made-up-3.report.md"},
    {"files/slm/comparison_1769983429.json", "golden/slm-comparison_1769983429.report.md"},
    {"files/sweep/benchmark_results.json", "golden/sweep-benchmark_results.report.md"},
};

struct reports {
    struct run_data data;
    struct gate gate;
};

static const char *path_of(const char *name)
{
    char relative[256];
    snprintf(relative, sizeof relative, HERE "%s", name);
    return testkit_path(relative);
}

/* runs: a folder of the caller's own, because no run is made twice. */
static void load(struct reports *r, const char *file, const char *runs)
{
    const struct migrate_request request = {.runs = testkit_tmp_path(runs), .assay_version = "0.0.0"};
    struct migrate_result result;
    struct error why = {0};
    ck_assert_msg(migrate_file(path_of(file), &request, &result, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(run_data_load(result.folder, &r->data, &why), STATUS_OK);
    ck_assert_uint_eq(r->data.problem_count, 0);
    ck_assert_int_eq(gate_judge(&r->data, false, &r->gate, &why), STATUS_OK);
    migrate_result_fini(&result);
}

static void unload(struct reports *r)
{
    gate_fini(&r->gate);
    run_data_fini(&r->data);
}

static void compare(const char *name, const struct buf *made)
{
    const char *path = path_of(name);
    if (getenv("ASSAY_UPDATE_GOLDEN") != NULL)
        testkit_write(path, made->data, made->len);
    struct buf expected = testkit_read(path);
    const char *a = buf_text(made), *b = buf_text(&expected);
    int line = 1;
    for (; *a && *a == *b; a++, b++)
        line += *a == '\n';
    ck_assert_msg(
        *a == *b, "%s differs from line %d on: made \"%.80s\", expected \"%.80s\"", name, line, a, b);
    buf_fini(&expected);
}

static void every_page_is_the_golden_one(void)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct reports r;
        struct buf page = BUF_INIT(MARKDOWN_PAGE_MAX);
        struct error why = {0};
        load(&r, pages[i].file, "runs");
        ck_assert_msg(markdown_write(&r.data, &r.gate, &page, &why) == STATUS_OK, "%s", error_text(&why));
        compare(pages[i].golden, &page);
        buf_fini(&page);
        unload(&r);
    }
}

static void every_junit_keeps_to_its_schemas(void)
{
    for (size_t i = 0; i < 2 * sizeof pages / sizeof *pages; i++) {
        struct reports r;
        struct junit_options options = {.strict = i % 2 == 1};
        struct buf xml = BUF_INIT(JUNIT_BYTES_MAX);
        struct error why = {0};
        load(&r, pages[i / 2].file, options.strict ? "strict" : "runs");
        ck_assert_msg(
            junit_write(&r.data, &r.gate, &options, &xml, &why) == STATUS_OK, "%s", error_text(&why));
        ck_assert_msg(junit_check(xml.data, xml.len, options.strict, &why) == STATUS_OK, "%s: %s",
            pages[i / 2].file, error_text(&why));
        buf_fini(&xml);
        unload(&r);
    }
}

static void no_page_calls_a_machine_clean_or_an_unknown_time_none(void)
{
    static const char *const wrong[] = {"machine clean", " in 0 ", "| 0 s", "Real server", "exchanges.jsonl"};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct buf page = testkit_read(path_of(pages[i].golden));
        for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
            ck_assert_msg(strstr(buf_text(&page), wrong[k]) == NULL, "%s: %s", pages[i].golden, wrong[k]);
        buf_fini(&page);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(every_page_is_the_golden_one),
        TESTKIT_TEST(every_junit_keeps_to_its_schemas),
        TESTKIT_TEST(no_page_calls_a_machine_clean_or_an_unknown_time_none),
        {0},
    };
    return testkit_run("migrated_reports", tests);
}
