/* What TESTING.md teaches is a case that compiles and measures; documented_case.c is made of that page. */
#include "case_run.h"
#include "testkit.h"

extern const struct assay_prompt documented_prompts[];
extern const struct assay_case documented_cases[];

static void the_case_of_the_page_measures(void)
{
    struct case_run run;
    struct assay_suite suite = {.cases = documented_cases, .prompts = documented_prompts};
    ck_assert_ptr_nonnull(documented_cases[0].id);
    case_run_open(&run, &suite, documented_cases[0].id, "sim-instant");
    ck_assert_str_eq(json_get_text(run.record, "/outcome"), "passed");
    ck_assert_ptr_nonnull(json_get(run.record, "/performance/ttft_s/median"));
    ck_assert_uint_eq(case_run_count(run.exchanges), 5);
    case_run_close(&run);
}

int main(void)
{
    static const struct testkit_test tests[] = {TESTKIT_TEST(the_case_of_the_page_measures), {0}};
    return testkit_run("documented_case", tests);
}
