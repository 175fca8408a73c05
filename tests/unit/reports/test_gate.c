#include "gate_judge.h"

#include "made_run.h"
#include "testkit.h"

#include <string.h>

#define SWAPPED "{" MADE_HEALTH("invalid", "\"degraded_swap\"", "") "}"
#define UNKNOWN                                                                                              \
    "{" MADE_HEALTH(                                                                                         \
        "unknown", "", "\"swap_in\": {\"status\": \"error\", \"scope\": \"host\", \"reason\": \"no\"}") "}"
#define UNREAD(name, status)                                                                                 \
    "\"" name "\": {\"status\": \"" status "\", \"scope\": \"host\", \"reason\": \"no\", \"value\": 1}"
/* What is missing for the verdict, among what is merely not there. */
#define UNKNOWN_AMONG_OTHERS                                                                                 \
    "{" MADE_HEALTH("unknown", "",                                                                           \
        UNREAD("gpu_power", "unavailable") "," UNREAD("on_battery", "unavailable") "," UNREAD(               \
            "memory_pressure_some", "unavailable") "," UNREAD("memory_available",                            \
            "ok") "," UNREAD("cpu_steal", "unavailable") "," UNREAD("clock_step", "error")) "}"
#define LATE_CLIENT "{\"client\": {\"verdict\": \"invalid\", \"reason\": \"it was late\"}}"

/* One test of each outcome given, and what the gate says without and with a clean machine required. */
static const struct {
    const char *outcome, *members;
    enum gate_verdict plain, clean;
    const char *says; /* in some reason, with a clean machine required; NULL: no reason at all */
} table[] = {
    {"passed", NULL, GATE_PASS, GATE_PASS, NULL},
    {"failed", NULL, GATE_FAIL, GATE_FAIL, "failed: something happened"},
    {"error", NULL, GATE_FAIL, GATE_FAIL, "error: something happened"},
    {"crashed", "{\"process\": {\"signal\": \"SIGSEGV\"}}", GATE_FAIL, GATE_FAIL, "crashed by SIGSEGV"},
    {"crashed", "{\"message\": \"crashed by SIGSEGV at once\", \"process\": {\"signal\": \"SIGSEGV\"}}",
        GATE_FAIL, GATE_FAIL, "]: crashed by SIGSEGV at once"},
    {"timeout", NULL, GATE_FAIL, GATE_FAIL, "timeout"},
    {"killed", NULL, GATE_FAIL, GATE_FAIL, "killed"},
    {"oom", NULL, GATE_FAIL, GATE_FAIL, "oom"},
    {"lost", NULL, GATE_FAIL, GATE_FAIL, "is lost"},
    {"harness_error", NULL, GATE_FAIL, GATE_FAIL, "harness error"},
    {"interrupted", NULL, GATE_CANNOT_JUDGE, GATE_CANNOT_JUDGE, "interrupted"},
    {"not_run", NULL, GATE_CANNOT_JUDGE, GATE_CANNOT_JUDGE, "was not run: something happened"},
    {"skipped", NULL, GATE_CANNOT_JUDGE, GATE_CANNOT_JUDGE, "every test was skipped"},
    {"passed", SWAPPED, GATE_PASS, GATE_FAIL,
        "1 of 1 test: memory moved between RAM and disk (degraded_swap)"},
    {"passed", UNKNOWN, GATE_PASS, GATE_CANNOT_JUDGE, "machine quality unknown, not read: swap_in"},
    {"passed", UNKNOWN_AMONG_OTHERS, GATE_PASS, GATE_CANNOT_JUDGE, "not read: cpu_steal, clock_step"},
    {"passed", LATE_CLIENT, GATE_PASS, GATE_FAIL, "the client could not keep up: it was late"},
};

static bool some_reason_says(const struct gate *gate, const char *text)
{
    for (size_t c = 0; c < GATE_CHECK_COUNT; c++)
        for (size_t i = 0; i < gate->checks[c].reason_count; i++)
            if (strstr(gate->checks[c].reasons[i], text))
                return true;
    return false;
}

static size_t count_reasons(const struct gate *gate)
{
    size_t count = 0;
    for (size_t c = 0; c < GATE_CHECK_COUNT; c++)
        count += gate->checks[c].reason_count;
    return count;
}

static void each_outcome_and_each_health_has_its_verdict(void)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct made_run made;
        struct run_data data;
        struct gate plain, clean;
        made_run_begin(&made);
        made_run_add(&made, "chat.short[sim/tiny]", table[i].outcome, table[i].members);
        made_run_load(&made, &data);
        ck_assert_uint_eq(data.problem_count, 0);
        ck_assert_int_eq(gate_judge(&data, false, &plain, NULL), STATUS_OK);
        ck_assert_int_eq(gate_judge(&data, true, &clean, NULL), STATUS_OK);
        ck_assert_msg(plain.verdict == table[i].plain, "row %zu: %s", i, gate_verdict_name(plain.verdict));
        ck_assert_msg(
            clean.verdict == table[i].clean, "row %zu, clean: %s", i, gate_verdict_name(clean.verdict));
        if (table[i].says)
            ck_assert_msg(
                some_reason_says(&clean, table[i].says), "row %zu: no reason says %s", i, table[i].says);
        else
            ck_assert_uint_eq(count_reasons(&clean), 0);
        gate_fini(&plain);
        gate_fini(&clean);
        run_data_fini(&data);
    }
}

static void judge(struct made_run *made, bool require_clean, struct gate *gate)
{
    struct run_data data;
    made_run_load(made, &data);
    ck_assert_int_eq(gate_judge(&data, require_clean, gate, NULL), STATUS_OK);
    run_data_fini(&data);
}

static void what_many_tests_share_is_said_once(void)
{
    static const char *const names[] = {
        "chat.a[sim/tiny]", "chat.b[sim/tiny]", "chat.c[sim/tiny]", "chat.d[sim/tiny]"};
    struct made_run made;
    struct gate gate;
    made_run_begin(&made);
    for (size_t i = 0; i < 4; i++)
        made_run_add(&made, names[i], "passed", SWAPPED);
    made_run_add(&made, "chat.e[sim/tiny]", "passed", UNKNOWN);
    made_run_add(&made, "chat.f[sim/tiny]", "passed", UNKNOWN);
    made_run_add(&made, "chat.g[sim/tiny]", "passed", LATE_CLIENT);
    made_run_add(&made, "chat.h[sim/tiny]", "passed", LATE_CLIENT);
    made_run_add(&made, "chat.i[sim/tiny]", "not_run", NULL);
    made_run_add(&made, "chat.k[sim/tiny]", "not_run", NULL);
    judge(&made, false, &gate);
    ck_assert_uint_eq(count_reasons(&gate), 5);
    ck_assert(some_reason_says(&gate, "4 of 8 tests: memory moved between RAM and disk (degraded_swap)"));
    ck_assert(some_reason_says(&gate,
        "4 of 8 tests: disturbed so much that the figures mean nothing: chat.a[sim/tiny], chat.b[sim/tiny], "
        "chat.c[sim/tiny] and 1 more"));
    ck_assert(some_reason_says(&gate, "2 of 8 tests: machine quality unknown, not read: swap_in"));
    ck_assert(some_reason_says(
        &gate, "2 of 8 tests: the client could not keep up: it was late, first in chat.g[sim/tiny]"));
    ck_assert(some_reason_says(&gate, "2 tests were not run: something happened"));
    gate_fini(&gate);
}

static void a_line_that_is_not_valid_fails_the_gate_and_is_never_clean(void)
{
    struct made_run made;
    struct gate gate;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", NULL);
    made_run_line(&made, "{\"torn");
    judge(&made, true, &gate);
    ck_assert_int_eq(gate.verdict, GATE_FAIL);
    ck_assert_int_eq(gate.checks[GATE_RECORDS].verdict, GATE_FAIL);
    ck_assert_int_eq(gate.checks[GATE_QUALITY].verdict, GATE_FAIL);
    ck_assert(some_reason_says(&gate, "benchmark.jsonl line 2"));
    gate_fini(&gate);
}

static void a_planned_test_without_record_fails_the_gate(void)
{
    struct made_run made;
    struct gate gate;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", NULL);
    made_run_plan(&made, "chat.long[sim/tiny]");
    judge(&made, false, &gate);
    ck_assert_int_eq(gate.checks[GATE_RECORDS].verdict, GATE_FAIL);
    ck_assert(some_reason_says(&gate, "chat.long[sim/tiny] was planned"));
    gate_fini(&gate);
}

static void an_empty_run_cannot_be_judged(void)
{
    struct made_run made;
    struct gate gate;
    made_run_begin(&made);
    judge(&made, false, &gate);
    ck_assert_int_eq(gate.verdict, GATE_CANNOT_JUDGE);
    gate_fini(&gate);
}

static void a_failure_outweighs_what_cannot_be_judged(void)
{
    struct made_run made;
    struct gate gate;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "not_run", NULL);
    made_run_add(&made, "chat.b[sim/tiny]", "failed", NULL);
    judge(&made, false, &gate);
    ck_assert_int_eq(gate.verdict, GATE_FAIL);
    ck_assert_ptr_nonnull(gate.checks[GATE_OUTCOMES].advice);
    gate_fini(&gate);
}

static void an_earlier_failed_attempt_does_not_count(void)
{
    struct made_run made;
    struct gate gate;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "failed", NULL);
    made_run_add(&made, "chat.a[sim/tiny]", "passed", "{\"attempt\": 2}");
    judge(&made, true, &gate);
    ck_assert_int_eq(gate.verdict, GATE_PASS);
    gate_fini(&gate);
}

static void a_reason_is_one_line_whatever_the_message_holds(void)
{
    static const char hostile[] = "\x1b[31mred\nsecond line\ttab \x07";
    struct made_run made;
    struct gate gate;
    made_run_begin(&made);
    made_run_add_text(&made, "chat.a[sim/tiny]", "failed", hostile, sizeof hostile - 1);
    judge(&made, false, &gate);
    for (size_t c = 0; c < GATE_CHECK_COUNT; c++)
        for (size_t i = 0; i < gate.checks[c].reason_count; i++)
            for (const char *p = gate.checks[c].reasons[i]; *p; p++)
                ck_assert_msg(
                    (unsigned char)*p >= 0x20, "control character in: %s", gate.checks[c].reasons[i]);
    gate_fini(&gate);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(each_outcome_and_each_health_has_its_verdict),
        TESTKIT_TEST(what_many_tests_share_is_said_once),
        TESTKIT_TEST(a_line_that_is_not_valid_fails_the_gate_and_is_never_clean),
        TESTKIT_TEST(a_planned_test_without_record_fails_the_gate),
        TESTKIT_TEST(an_empty_run_cannot_be_judged),
        TESTKIT_TEST(a_failure_outweighs_what_cannot_be_judged),
        TESTKIT_TEST(an_earlier_failed_attempt_does_not_count),
        TESTKIT_TEST(a_reason_is_one_line_whatever_the_message_holds),
        {0},
    };
    return testkit_run("gate", tests);
}
