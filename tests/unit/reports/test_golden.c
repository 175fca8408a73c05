/*
 * The reports of tests/golden/run-mixed, byte by byte. After a change that is meant:
 *     ASSAY_UPDATE_GOLDEN=1 ctest --preset dev -R test_golden        and look at the difference before
 * committing it
 */
#include "junit.h"
#include "markdown.h"

#include "testkit.h"

#include <stdlib.h>
#include <string.h>

struct reports {
    struct run_data data;
    struct gate gate;
};

static void load(struct reports *r)
{
    struct error why = {0};
    enum status s = run_data_load(testkit_path("tests/golden/run-mixed"), &r->data, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(gate_judge(&r->data, false, &r->gate, &why), STATUS_OK);
}

static void unload(struct reports *r)
{
    gate_fini(&r->gate);
    run_data_fini(&r->data);
}

static void compare(const char *name, const struct buf *made)
{
    const char *path = testkit_path(name);
    if (getenv("ASSAY_UPDATE_GOLDEN"))
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

static void junit(bool strict, const char *golden)
{
    struct reports r;
    struct junit_options options = {.strict = strict};
    struct buf xml = BUF_INIT(JUNIT_BYTES_MAX);
    struct error why = {0};
    load(&r);
    ck_assert_msg(junit_write(&r.data, &r.gate, &options, &xml, &why) == STATUS_OK, "%s", error_text(&why));
    compare(golden, &xml);
    ck_assert_msg(junit_check(xml.data, xml.len, strict, &why) == STATUS_OK, "%s", error_text(&why));
    buf_fini(&xml);
    unload(&r);
}

static void the_markdown_report_is_the_golden_one(void)
{
    struct reports r;
    struct buf page = BUF_INIT(MARKDOWN_PAGE_MAX);
    struct error why = {0};
    load(&r);
    ck_assert_msg(markdown_write(&r.data, &r.gate, &page, &why) == STATUS_OK, "%s", error_text(&why));
    compare("tests/golden/run-mixed/expected/report.md", &page);
    buf_fini(&page);
    unload(&r);
}

static void the_junit_report_is_the_golden_one(void)
{
    junit(false, "tests/golden/run-mixed/expected/junit.xml");
}

static void the_strict_junit_report_is_the_golden_one(void)
{
    junit(true, "tests/golden/run-mixed/expected/junit-strict.xml");
}

static void the_golden_run_is_valid_and_has_all_outcomes(void)
{
    struct reports r;
    load(&r);
    ck_assert_uint_eq(r.data.problem_count, 0);
    for (const struct outcome_words *words = outcome_words_all; words->name; words++)
        ck_assert_msg(run_data_count(&r.data, words->name) > 0, "no test is %s", words->name);
    unload(&r);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_golden_run_is_valid_and_has_all_outcomes),
        TESTKIT_TEST(the_markdown_report_is_the_golden_one),
        TESTKIT_TEST(the_junit_report_is_the_golden_one),
        TESTKIT_TEST(the_strict_junit_report_is_the_golden_one),
        {0},
    };
    return testkit_run("golden", tests);
}
