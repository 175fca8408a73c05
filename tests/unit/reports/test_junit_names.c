/* Names of cases: one each, suites together, however many there are. */
#include "junit_case.h"

#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct gate gate = {
    .checks = {{.name = "gate.records", .verdict = GATE_PASS},
        {.name = "gate.outcomes", .verdict = GATE_PASS}, {.name = "gate.quality", .verdict = GATE_PASS}}};

/* A planned test without a record. */
static struct run_test test_of(const char *suite, const char *case_name, const char *model)
{
    return (struct run_test){.name = case_name,
        .case_name = case_name,
        .suite = suite,
        .target = "sim",
        .model = model,
        .planned = true};
}

static struct junit_cases cases_of(struct run_test *tests, size_t count)
{
    struct run_data data = {.tests = tests, .test_count = count};
    struct junit_cases cases;
    ck_assert_int_eq(junit_cases_make(&data, &gate, &cases), STATUS_OK);
    ck_assert_uint_eq(cases.count, count + GATE_CHECK_COUNT);
    return cases;
}

static void the_second_of_a_name_gets_the_next_number_that_is_free(void)
{
    struct run_test tests[] = {test_of("chat", "a", "x"), test_of("chat", "a (2)", "x"),
        test_of("chat", "a", "x"), test_of("chat", "a", "x"), test_of("chat", "a (2)", "x"),
        test_of("chat", "a", "y")};
    static const char *const names[] = {"a", "a (2)", "a (3)", "a (4)", "a (2) (2)", "a"};
    struct junit_cases cases = cases_of(tests, 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_str_eq(cases.items[i].name, names[i]);
    junit_cases_fini(&cases);
}

static void suites_stand_together_in_the_order_of_their_first_case(void)
{
    struct run_test tests[] = {test_of("b", "1", "x"), test_of("a", "1", "x"), test_of("b", "2", "x"),
        test_of("a", "2", "x"), test_of("c", "1", "x"), test_of("b", "3", "x")};
    static const char *const expected[] = {
        "b.sim.x 1", "b.sim.x 2", "b.sim.x 3", "a.sim.x 1", "a.sim.x 2", "c.sim.x 1"};
    struct junit_cases cases = cases_of(tests, 6);
    for (size_t i = 0; i < 6; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", cases.items[i].suite, cases.items[i].name);
        ck_assert_str_eq(text, expected[i]);
    }
    ck_assert_str_eq(cases.items[6].suite, "gate");
    junit_cases_fini(&cases);
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Half of them have names of their own; a quarter have one name in one suite; the others are in suites of two. */
static double cpu_s_of(size_t count)
{
    struct run_test *tests = calloc(count, sizeof *tests);
    char(*texts)[2][32] = calloc(count, sizeof *texts);
    ck_assert(tests && texts);
    for (size_t i = 0; i < count; i++) {
        snprintf(texts[i][0], sizeof texts[i][0], "%zu", i);
        snprintf(texts[i][1], sizeof texts[i][1], "m%zu", i / 8);
        tests[i] = test_of("chat", i % 2 ? texts[i][0] : "same", i % 4 ? "x" : texts[i][1]);
    }
    double start_s = cpu_s();
    struct junit_cases cases = cases_of(tests, count);
    double took_s = cpu_s() - start_s;
    junit_cases_fini(&cases);
    free(texts);
    free(tests);
    return took_s;
}

/* Sixteen times as many may take four times as long each, which caches explain, but not sixteen times. */
static void many_cases_cost_no_more_each_than_few(void)
{
    enum { FEW = 2000, TIMES = 16 };
    for (struct tries tries = {0}; tries_next(&tries);) {
        double few_s = cpu_s_of(FEW), many_s = cpu_s_of(FEW * TIMES);
        printf("%d cases: %.3f ms, %d times as many: %.3f ms\n", FEW, few_s * 1e3, TIMES, many_s * 1e3);
        tries_judge(&tries, many_s < 4 * TIMES * few_s, "%.3f ms, and %.3f ms for %d times as many",
            few_s * 1e3, many_s * 1e3, TIMES);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_second_of_a_name_gets_the_next_number_that_is_free),
        TESTKIT_TEST(suites_stand_together_in_the_order_of_their_first_case),
        TESTKIT_TEST(many_cases_cost_no_more_each_than_few),
        {0},
    };
    return testkit_run("junit_names", tests);
}
