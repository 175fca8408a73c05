/*
 * What streams have misled others with: each a scenario of the simulator whose truth is known (first token after
 * 50 ms, then one each 10 ms), and what the record of a case says of it. docs/traps.md is the table to read.
 */
#include "case_run.h"
#include "prompts.h"
#include "testkit.h"
#include "tries.h"

#include <stdio.h>
#include <string.h>

static void asks(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_require(ctx, assay_chat(ctx, &request));
}

/* A cap far below the 200 tokens that the scenario has. */
static void caps(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    request.max_tokens = 12;
    const struct exchange *x = assay_chat(ctx, &request);
    assay_require(ctx, x);
    ck_assert_msg(
        x->tokens.completion <= 12, "asked for 12 tokens at most, %d came", (int)x->tokens.completion);
}

/* One salt for all: the prompt is known from the second request on, and that is meant. */
static void repeats_itself(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    assay_salt(ctx, "the same");
    for (int repeat = 0; assay_next(ctx, &repeat);)
        assay_require(ctx, assay_chat(ctx, &request));
}

/* What is refused or cut off is asked again until it is answered. */
static void insists(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "short");
    request.max_retries = 8;
    for (int repeat = 0; assay_next(ctx, &repeat);)
        if (assay_chat(ctx, &request)->error != EXCHANGE_OK)
            assay_require(ctx, assay_chat(ctx, &request));
}

#define CASE(function)                                                                                       \
    {                                                                                                        \
        .id = "trap." #function, .summary = "-", .body = (function), .version = 1, .per_model = true         \
    }
static const struct assay_case cases[] = {CASE(asks), CASE(caps), CASE(repeats_itself), CASE(insists), {0}};

static struct case_run play(const char *id, const char *scenario)
{
    struct case_run run;
    static const struct assay_suite suite = {.cases = cases, .prompts = prompts_all};
    case_run_open(&run, &suite, id, scenario);
    return run;
}

static struct case_run of(const char *scenario)
{
    return play("trap.asks", scenario);
}

static void is_text(const struct case_run *run, const char *pointer, const char *text)
{
    const char *value = json_get_text(run->record, pointer);
    ck_assert_msg(value && strcmp(value, text) == 0, "%s is %s", pointer, value ? value : "absent");
}

static double median(const struct case_run *run, const char *metric)
{
    char pointer[96];
    double value = -1;
    snprintf(pointer, sizeof pointer, "/performance/%s/median", metric);
    return json_get_real(run->record, pointer, &value) ? value : -1;
}

/* Seconds; the machine that tests may be busy, so late is less wrong than early, and what is late is tried again. */
struct about {
    const char *metric;
    double truth_s;
};
enum { TIMED = 3 };

static void judge_time(struct tries *tries, const struct case_run *run, const struct about *about)
{
    double value = median(run, about->metric);
    ck_assert_msg(value > about->truth_s - 0.002, "%s is %d us, the truth %d us", about->metric,
        (int)(value * 1e6), (int)(about->truth_s * 1e6));
    tries_judge(tries, value < 1.3 * about->truth_s + 0.03, "%s is %d us, the truth %d us", about->metric,
        (int)(value * 1e6), (int)(about->truth_s * 1e6));
}

/* The run in which these times are as they should be. */
static struct case_run play_in_time(const char *id, const char *scenario, const struct about *times)
{
    struct case_run run = {0};
    for (struct tries tries = {0}; tries_next(&tries);) {
        if (tries.number > 1)
            case_run_close(&run);
        run = play(id, scenario);
        for (size_t i = 0; i < TIMED && times[i].metric; i++)
            judge_time(&tries, &run, &times[i]);
    }
    return run;
}

static struct case_run in_time(const char *scenario, const struct about *times)
{
    return play_in_time("trap.asks", scenario, times);
}

static void is_absent(const struct case_run *run, const char *metric)
{
    ck_assert_msg(median(run, metric) < 0, "%s is there", metric);
}

static void an_early_role_is_no_token(void)
{
    struct case_run run =
        in_time("sim-role-early", (const struct about[TIMED]){{"ttfe_s", 0}, {"ttft_s", 0.05}});
    ck_assert(median(&run, "ttfe_s") < median(&run, "ttft_s"));
    case_run_close(&run);
}

static void reasoning_is_the_first_token_and_not_the_first_answer(void)
{
    static const struct about times[TIMED] = {{"ttft_s", 0.05}, {"ttfa_s", 0.05 + 16 * 0.01}};
    struct case_run run = in_time("sim-reasoning", times);
    case_run_close(&run);
}

static void four_tokens_in_an_event_are_four(void)
{
    struct case_run run = in_time("sim-burst4", (const struct about[TIMED]){{"icl_s", 0.01}});
    is_absent(&run, "itl_s");
    is_text(&run, "/performance/tpot_s/k1", "assumed");
    ck_assert(median(&run, "tpot_s") < 0.6 * median(&run, "icl_s"));
    case_run_close(&run);
}

static void without_a_count_there_is_no_rate(void)
{
    struct case_run run = in_time("sim-no-usage", (const struct about[TIMED]){{"ttft_s", 0.05}});
    is_absent(&run, "decode_tokens_per_s");
    is_absent(&run, "tpot_s");
    ck_assert_ptr_null(json_get(run.record, "/tokens"));
    case_run_close(&run);
}

static void cumulative_counts_are_not_added_up(void)
{
    struct case_run run = in_time("sim-usage-each", (const struct about[TIMED]){{"itl_s", 0.01}});
    int64_t n = 0;
    ck_assert(json_get_int(run.record, "/tokens/completion/n", &n));
    ck_assert_int_eq(n, 3 * 32);
    case_run_close(&run);
}

/* The server counts 2 n + 7: what it says is shown as what it says, and no time per token is called exact. */
static void a_wrong_count_is_never_taken_for_events(void)
{
    struct case_run run = in_time("sim-usage-wrong", (const struct about[TIMED]){{"icl_s", 0.01}});
    is_absent(&run, "itl_s");
    is_text(&run, "/performance/tpot_s/k1", "assumed");
    case_run_close(&run);
}

static void line_ends_of_another_kind_change_nothing(void)
{
    static const char *const scenarios[] = {"sim-crlf", "sim-cr", "sim-no-space", "sim-comments"};
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        struct case_run run =
            in_time(scenarios[i], (const struct about[TIMED]){{"ttft_s", 0.05}, {"itl_s", 0.01}});
        case_run_close(&run);
    }
}

static void fails_as(const char *scenario, const char *error)
{
    struct case_run run = of(scenario);
    char pointer[64];
    int64_t count = 0;
    snprintf(pointer, sizeof pointer, "/errors/%s", error);
    is_text(&run, "/outcome", "failed");
    ck_assert_msg(json_get_int(run.record, pointer, &count) && count > 0, "%s: no %s", scenario, error);
    is_absent(&run, "latency_s");
    case_run_close(&run);
}

static void a_broken_answer_is_an_error_and_no_figure(void)
{
    fails_as("sim-error-in-stream", "stream_error");
    fails_as("sim-close", "truncated");
    fails_as("sim-reset", "truncated");
    fails_as("sim-429", "rate_limited");
    fails_as("sim-500", "http_5xx");
    fails_as("sim-empty", "empty");
}

static void a_stall_is_a_long_gap_and_stays_in_the_figures(void)
{
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct case_run run = in_time("sim-stall", (const struct about[TIMED]){{"icl_s", 0.01}});
        double longest = 0;
        ck_assert(json_get_real(run.record, "/performance/icl_s/max", &longest));
        ck_assert_msg(longest > 0.49, "%d ms", (int)(longest * 1e3));
        tries_judge(&tries, longest < 0.8, "%d ms", (int)(longest * 1e3));
        case_run_close(&run);
    }
}

static void a_line_of_a_megabyte_is_one_event(void)
{
    struct case_run run = in_time("sim-long-line", (const struct about[TIMED]){{"ttft_s", 0.05}});
    is_text(&run, "/outcome", "passed");
    case_run_close(&run);
}

static void a_cap_that_is_ignored_is_seen(void)
{
    struct case_run run = play("trap.caps", "sim-ignored-cap");
    const char *message = json_get_text(run.record, "/message");
    is_text(&run, "/outcome", "failed");
    ck_assert_msg(message && strstr(message, "12 tokens at most, 200 came"), "%s", message ? message : "-");
    case_run_close(&run);
}

static bool has_flag(const struct case_run *run, const char *flag)
{
    struct json_object *flags = json_get_array(run->record, "/system_health/quality_flags");
    for (size_t i = 0; flags && i < json_object_array_length(flags); i++)
        if (strcmp(json_object_get_string(json_object_array_get_idx(flags, i)), flag) == 0)
            return true;
    return false;
}

static void reason_has(const struct case_run *run, const char *sensor, const char *text)
{
    char pointer[96];
    snprintf(pointer, sizeof pointer, "/system_health/sensors/%s/reason", sensor);
    const char *reason = json_get_text(run->record, pointer);
    ck_assert_msg(reason && strstr(reason, text), "%s: %s", sensor, reason ? reason : "no reason");
}

/* Prefill takes 0.5 ms a token. A salt of its own keeps each prompt unknown to an honest cache. */
static void a_prompt_cache_is_kept_out_by_the_salt(void)
{
    for (struct tries tries = {0}; tries_next(&tries);) {
        struct case_run run = of("sim-cache");
        int64_t cached = -1, prompt = 0;
        ck_assert(json_get_int(run.record, "/tokens/cached/n", &cached));
        ck_assert(json_get_int(run.record, "/tokens/prompt/n", &prompt));
        ck_assert_int_eq(cached, 3 * 3); /* what stands before the salt */
        judge_time(&tries, &run, &(struct about){"ttft_s", 0.01 + 0.0005 * ((double)prompt / 3 - 3)});
        ck_assert(!has_flag(&run, "degraded_cache_state"));
        case_run_close(&run);
    }
}

static void a_cache_that_is_meant_is_no_trouble(void)
{
    static const struct about times[TIMED] = {{"ttft_s", 0.0105}};
    struct case_run run = play_in_time("trap.repeats_itself", "sim-cache", times);
    ck_assert(!has_flag(&run, "degraded_cache_state"));
    case_run_close(&run);
    run = play_in_time("trap.repeats_itself", "sim-cache-silent", times);
    ck_assert_ptr_null(json_get(run.record, "/tokens/cached"));
    case_run_close(&run);
}

static void a_cache_that_knows_what_is_new_is_a_flag(void)
{
    struct case_run run = of("sim-cache-loose");
    ck_assert(has_flag(&run, "degraded_cache_state"));
    reason_has(&run, "prompt_cache", "3 of 3 prompts that nobody had asked before were known");
    case_run_close(&run);
}

static void another_model_in_mid_run_is_a_flag_with_both_names(void)
{
    struct case_run run = of("sim-swapped");
    ck_assert(has_flag(&run, "degraded_cross_check"));
    reason_has(&run, "answering_model", "\"sim-swapped\", others \"sim-other\"");
    case_run_close(&run);
}

/* The fourth request finds the server going; what runs next is told that it is another (test_cli_suites). */
static void a_restart_in_mid_run_is_an_error_and_no_figure(void)
{
    struct case_run run = play("trap.insists", "sim-restart");
    is_text(&run, "/outcome", "passed");
    ck_assert_msg(json_get(run.record, "/errors"), "no error: %s", json_object_to_json_string(run.record));
    ck_assert_msg(json_get(run.record, "/errors/truncated") || json_get(run.record, "/errors/connect"), "%s",
        json_object_to_json_string(json_get(run.record, "/errors")));
    case_run_close(&run);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(an_early_role_is_no_token),
        TESTKIT_TEST(reasoning_is_the_first_token_and_not_the_first_answer),
        TESTKIT_TEST(four_tokens_in_an_event_are_four),
        TESTKIT_TEST(without_a_count_there_is_no_rate),
        TESTKIT_TEST(cumulative_counts_are_not_added_up),
        TESTKIT_TEST(a_wrong_count_is_never_taken_for_events),
        TESTKIT_TEST(line_ends_of_another_kind_change_nothing),
        TESTKIT_TEST(a_broken_answer_is_an_error_and_no_figure),
        TESTKIT_TEST(a_stall_is_a_long_gap_and_stays_in_the_figures),
        TESTKIT_TEST(a_line_of_a_megabyte_is_one_event),
        TESTKIT_TEST(a_cap_that_is_ignored_is_seen),
        TESTKIT_TEST(a_prompt_cache_is_kept_out_by_the_salt),
        TESTKIT_TEST(a_cache_that_is_meant_is_no_trouble),
        TESTKIT_TEST(a_cache_that_knows_what_is_new_is_a_flag),
        TESTKIT_TEST(another_model_in_mid_run_is_a_flag_with_both_names),
        TESTKIT_TEST(a_restart_in_mid_run_is_an_error_and_no_figure),
        {0},
    };
    return testkit_run("traps", tests);
}
