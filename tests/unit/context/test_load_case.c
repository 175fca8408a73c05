/* A load test as a case: how many descriptors it may have, and who is blamed where they are too few. */
#include "case_run.h"

#include "clock.h"
#include "context_load.h"
#include "testkit.h"

#include <string.h>
#include <sys/resource.h>

enum { FEW = 64 };

static void load(struct assay_context *ctx, int streams)
{
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct load_test test;
        struct load_test_options o = {.plan = {.arrivals = {.kind = ARRIVALS_CLOSED, .streams = streams},
                                          .count = 10 * (size_t)streams,
                                          .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 16},
                                          .output_tokens = {.kind = LENGTH_FIXED, .mean = 4}},
            .client = {.drain_ns = 10 * NS_PER_S}};
        assay_load_test(ctx, &o, &test);
        load_test_fini(&test);
    }
}

/* Its process begins with what its parent may have. */
static void asks_for_descriptors(struct assay_context *ctx)
{
    struct rlimit before, after;
    ck_assert(getrlimit(RLIMIT_NOFILE, &before) == 0 && before.rlim_cur == FEW && before.rlim_max > FEW);
    load(ctx, 2);
    ck_assert(getrlimit(RLIMIT_NOFILE, &after) == 0 && after.rlim_cur == before.rlim_max);
}

/* Three streams of four find no descriptor. */
static void lacks_descriptors(struct assay_context *ctx)
{
    struct rlimit few = {FEW, FEW};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    load(ctx, 4 * FEW);
}

#define CASE(function)                                                                                       \
    {                                                                                                        \
        .id = "crowd." #function, .summary = "-", .body = (function), .version = 1, .per_model = true,       \
        .repeats = 1, .warmup = -1                                                                           \
    }
static const struct assay_case cases[] = {CASE(asks_for_descriptors), CASE(lacks_descriptors), {0}};
static const struct assay_suite suite = {.cases = cases};

static void is_text(const struct case_run *run, const char *pointer, const char *text)
{
    const char *value = json_get_text(run->record, pointer);
    ck_assert_msg(value && strcmp(value, text) == 0, "%s is %s (%s)", pointer, value ? value : "absent",
        json_get_text(run->record, "/message"));
}

static void says(const struct case_run *run, const char *pointer, const char *part)
{
    const char *value = json_get_text(run->record, pointer);
    ck_assert_msg(value && strstr(value, part), "no '%s' in %s: %s", part, pointer, value ? value : "absent");
}

static void a_load_test_may_have_as_many_descriptors_as_are_allowed(void)
{
    struct case_run run;
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = FEW;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    case_run_open(&run, &suite, "crowd.asks_for_descriptors", "sim-fast");
    is_text(&run, "/outcome", "passed");
    case_run_close(&run);
}

static void a_client_that_could_not_measure_is_blamed_and_not_the_server(void)
{
    struct case_run run;
    case_run_open(&run, &suite, "crowd.lacks_descriptors", "sim-steady");
    is_text(&run, "/outcome", "harness_error");
    says(&run, "/message", "this client could not measure");
    says(&run, "/message", "raise the limit");
    says(&run, "/message", "Too many open files");
    is_text(&run, "/client/verdict", "invalid");
    says(&run, "/client/reason", "requests failed in the client itself");
    is_text(&run, "/system_health/verdict", "invalid");
    is_text(&run, "/system_health/sensors/load_client/flag", "degraded_client_late");
    case_run_close(&run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_load_test_may_have_as_many_descriptors_as_are_allowed),
        TESTKIT_TEST(a_client_that_could_not_measure_is_blamed_and_not_the_server),
        {0},
    };
    return testkit_run("load_case", tests);
}
