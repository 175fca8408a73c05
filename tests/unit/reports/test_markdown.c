#include "markdown_kit.h"

#include "flag_words.h"
#include "junit.h"
#include "markdown.h"
#include "markdown_text.h"
#include "metric_floor.h"
#include "made_run.h"
#include "outcome.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

static void the_first_lines_say_whether_figures_are_simulated(void)
{
    static const struct {
        const char *simulated, *real, *says;
    } rows[] = {
        {MARKDOWN_KIT_TEST, NULL, "**Simulated.** assay-sim at `http://127.0.0.1:1/v1`"},
        {NULL, "chat.short[box/tiny]", "**Real server.** llama.cpp at"},
        {MARKDOWN_KIT_TEST, "chat.short[box/tiny]", "**Partly simulated.** assay-sim"},
        {NULL, NULL, "**No model server**"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made_run made;
        made_run_begin(&made);
        if (rows[i].simulated)
            made_run_add(&made, rows[i].simulated, "passed", NULL);
        made.real = true;
        if (rows[i].real)
            made_run_add(&made, rows[i].real, "passed", NULL);
        struct buf page = markdown_kit_page(&made);
        const char *at = strstr(buf_text(&page), rows[i].says);
        ck_assert_msg(at && at < strstr(buf_text(&page), "## Summary"), "%s", buf_text(&page));
        markdown_kit_expect(&page, "Machine: box");
        buf_fini(&page);
    }
}

#define METRIC(n, more)                                                                                      \
    "{\"performance\": {\"ttft_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": " n                      \
    ", \"median\": 0.0123, \"mad\": 0.0004, \"values\": [0.0123]" more "}}}"

static void times_stand_in_a_unit_that_fits_with_spread_and_count(void)
{
    struct buf page = markdown_kit_page_with("passed", METRIC("10", ", \"ci95\": [0.0119, 0.0127]"));
    markdown_kit_expect(&page, "12.3 ms");
    markdown_kit_expect(&page, "0.4 ms");
    markdown_kit_expect(&page, "11.9 to 12.7 ms");
    markdown_kit_expect(&page, "|  10 |");
    buf_fini(&page);
}

static void one_sample_has_no_spread(void)
{
    struct buf page = markdown_kit_page_with("passed", METRIC("1", ""));
    markdown_kit_expect(&page, "12.3 ms");
    markdown_kit_expect_not(&page, "12.3 ms ±");
    markdown_kit_expect_not(&page, "0.4 ms");
    buf_fini(&page);
}

static void a_percentile_below_its_floor_is_never_shown(void)
{
    struct buf page = markdown_kit_page_with("passed", METRIC("28", ", \"p90\": 0.0777, \"p99\": 0.0888"));
    markdown_kit_expect_not(&page, "p90");
    markdown_kit_expect_not(&page, "77.7");
    buf_fini(&page);
    page =
        markdown_kit_page_with("passed", METRIC("29", ", \"p90\": 0.0777, \"p95\": 0.0788, \"p99\": 0.0888"));
    markdown_kit_expect(&page, "p90");
    markdown_kit_expect(&page, "77.7 ms");
    markdown_kit_expect_not(&page, "p95");
    markdown_kit_expect_not(&page, "88.8");
    buf_fini(&page);
}

static void the_floors_are_those_of_a_one_sided_bound(void)
{
    static const struct {
        const char *name;
        int64_t n;
    } floors[] = {{"p90", 29}, {"p95", 59}, {"p99", 299}, {"p999", 2995}};
    for (size_t i = 0; i < sizeof floors / sizeof *floors; i++) {
        ck_assert_str_eq(metric_floors[i].name, floors[i].name);
        ck_assert_int_eq(metric_floors[i].n, floors[i].n);
    }
}

static void an_assumed_first_token_is_said_with_its_bounds(void)
{
    struct buf page = markdown_kit_page_with("passed",
        "{\"performance\": {\"tpot_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": 3, "
        "\"median\": 0.004, \"mad\": 0.0001, \"values\": [0.004], \"k1\": \"assumed\", "
        "\"bounds\": [0.0037, 0.0041]}}}");
    markdown_kit_expect(&page, "first event assumed to be one token, 3.70 to 4.10 ms otherwise");
    buf_fini(&page);
}

static void each_flag_of_the_schema_has_a_sentence_of_its_own(void)
{
    struct buf schema = testkit_read(testkit_path("schemas/record.schema.json"));
    const char *unknown = flag_words_effect("degraded_nonsense");
    size_t count = 0;
    for (const char *p = buf_text(&schema); (p = strstr(p, "\"degraded_")) != NULL; p++) {
        char flag[64];
        snprintf(flag, sizeof flag, "%.*s", (int)strcspn(p + 1, "\""), p + 1);
        ck_assert_msg(strcmp(flag_words_effect(flag), unknown) != 0, "%s has no words", flag);
        ck_assert_str_ne(flag_words_happened(flag), flag_words_happened("degraded_nonsense"));
        count++;
    }
    ck_assert_uint_eq(count, 17);
    buf_fini(&schema);
}

static void a_flag_is_explained_with_sensor_change_and_threshold(void)
{
    struct buf page = markdown_kit_page_with("passed",
        "{" MADE_HEALTH("degraded", "\"degraded_swap\"",
            "\"swap_out\": {\"status\": \"ok\", \"scope\": \"host\", \"unit\": \"bytes\", \"value\": "
            "4194304, \"delta\": "
            "1048576, \"threshold\": 0, \"flag\": \"degraded_swap\", \"source\": \"/proc/vmstat\"}") "}");
    markdown_kit_expect(
        &page, "### Memory moved between RAM and disk (degraded_swap)\n\nSo any time may hold waiting");
    markdown_kit_expect(
        &page, "| `" MARKDOWN_KIT_TEST "` | degraded | swap_out | 1.00 MiB | above the threshold of 0 |");
    buf_fini(&page);
}

#define ABSENT(name, why)                                                                                    \
    "\"" name "\": {\"status\": \"unavailable\", \"scope\": \"host\", \"reason\": \"" why "\"}"

static void what_is_missing_for_one_reason_is_one_row(void)
{
    struct buf page =
        markdown_kit_page_with("passed", "{" MADE_HEALTH("clean", "\"clean\"",
                                             ABSENT("cpu_boost", "no cpufreq") ", " ABSENT("temperature",
                                                 "no zone") ", " ABSENT("cpu_frequency", "no cpufreq")) "}");
    markdown_kit_expect(&page, "| cpu_boost, cpu_frequency | host ");
    markdown_kit_expect(&page, "| temperature ");
    ck_assert_ptr_null(strstr(buf_text(&page), "\n| cpu_frequency"));
    buf_fini(&page);
}

static void a_server_elsewhere_was_not_watched(void)
{
    static const char told[] = "In 1 test the server ran on another machine, which was not watched";
    struct buf far = markdown_kit_page_with(
        "passed", "{" MADE_HEALTH("clean", "\"clean\"",
                      "\"server_is_local\": {\"status\": \"ok\", \"scope\": \"server\", \"value\": 0}") "}");
    markdown_kit_expect(&far, told);
    buf_fini(&far);
    struct buf near = markdown_kit_page_with(
        "passed", "{" MADE_HEALTH("clean", "\"clean\"",
                      "\"server_is_local\": {\"status\": \"ok\", \"scope\": \"server\", \"value\": 1}") "}");
    ck_assert_ptr_null(strstr(buf_text(&near), "which was not watched"));
    buf_fini(&near);
}

static void what_could_not_be_read_is_listed_with_its_reason(void)
{
    struct buf page = markdown_kit_page_with("passed",
        "{" MADE_HEALTH("unknown", "",
            "\"swap_in\": {\"status\": \"error\", \"scope\": \"host\", \"reason\": \"permission denied\"}, "
            "\"gpu\": {\"status\": \"unavailable\", \"scope\": \"server\", \"reason\": \"no GPU\"}") "}");
    markdown_kit_expect(
        &page, "Unknown, because a required sensor could not be read: `" MARKDOWN_KIT_TEST "`");
    markdown_kit_expect(&page, "| swap_in | host   | error       |     1 | permission denied |");
    markdown_kit_expect(&page, "| gpu     | server | unavailable |     1 | no GPU            |");
    buf_fini(&page);
}

static void skipped_and_not_run_stand_with_their_reasons(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "skipped", "{\"skip_reason\": \"the context is too short\"}");
    made_run_add(&made, "chat.b[sim/tiny]", "not_run", "{\"message\": \"the budget was used up\"}");
    struct buf page = markdown_kit_page(&made);
    markdown_kit_expect(&page, "## Skipped and not run");
    markdown_kit_expect(&page, "| skipped | the context is too short |");
    markdown_kit_expect(&page, "| not run | the budget was used up   |");
    buf_fini(&page);
}

static void a_failure_stands_with_place_signal_and_message(void)
{
    struct buf page = markdown_kit_page_with("crashed",
        "{\"message\": \"in repeat 3\", \"location\": {\"file\": \"suite/chat.c\", \"line\": 31}, "
        "\"process\": {\"signal\": \"SIGSEGV\", \"phase_reached\": \"body\"}}");
    markdown_kit_expect(&page, "### " MARKDOWN_KIT_TEST ": crashed");
    markdown_kit_expect(&page, "At `suite/chat.c:31`. Ended by `SIGSEGV`. Phase reached: body.");
    markdown_kit_expect(&page, "```text\nin repeat 3\n```");
    buf_fini(&page);
    page = markdown_kit_page_with("passed", NULL);
    markdown_kit_expect(&page, "## Failures\n\nNone.");
    buf_fini(&page);
}

static void earlier_attempts_and_retries_are_told(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, MARKDOWN_KIT_TEST, "failed",
        "{\"message\": \"first try\", \"errors\": {\"http_5xx\": 2}, \"retries\": {\"allowed\": 2, \"used\": "
        "2}}");
    made_run_add(&made, MARKDOWN_KIT_TEST, "passed", "{\"attempt\": 2}");
    struct buf page = markdown_kit_page(&made);
    markdown_kit_expect(&page,
        "attempt 1: failed: first try; 2 requests repeated, 2 allowed per exchange; failed "
        "requests: `http_5xx` 2 times");
    markdown_kit_expect(&page, "attempt 2 (this one counts): passed");
    markdown_kit_expect(&page, "1 of 1 test passed");
    buf_fini(&page);
}

static void lines_that_are_not_valid_are_named(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, MARKDOWN_KIT_TEST, "passed", NULL);
    made_run_line(&made, "{\"half");
    made_run_plan(&made, "chat.gone[sim/tiny]");
    struct buf page = markdown_kit_page(&made);
    markdown_kit_expect(&page, "- `benchmark.jsonl` line 2: the line is torn");
    markdown_kit_expect(&page, "### Planned, without a valid record\n\n- `chat.gone[sim/tiny]`");
    markdown_kit_expect(
        &page, "**Gate: fail.** 1 of 2 tests passed, in 500 ms. Look at chat.gone[sim/tiny].");
    buf_fini(&page);
}

static void notes_of_the_run_are_read_first(void)
{
    struct made_run made;
    struct json_object *notes = json_object_new_array();
    made_run_begin(&made);
    made_run_add(&made, MARKDOWN_KIT_TEST, "passed", NULL);
    ck_assert(json_add_text(notes, "a target | did not <answer>") && json_set(made.run, "notes", notes));
    struct buf page = markdown_kit_page(&made);
    const char *at = strstr(buf_text(&page), "- a target &#124; did not &lt;answer>");
    ck_assert_ptr_nonnull(at);
    ck_assert(at < strstr(buf_text(&page), "## Summary"));
    buf_fini(&page);
}

#define FIGURES(ttft, prompt, completion, more)                                                              \
    "{\"performance\": {\"ttft_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": 5, \"median\": " ttft    \
    ", \"mad\": 0.00003, \"values\": [1]}, \"prefill_tokens_per_s\": {\"unit\": \"tokens/s\", \"better\": "  \
    "\"higher\", \"n\": 5, \"median\": " prompt ", \"mad\": 1, \"values\": [1]}, \"decode_tokens_per_s\": "  \
    "{\"unit\": \"tokens/s\", \"better\": \"higher\", \"n\": 5, \"median\": 99.6, \"mad\": 0.5, "            \
    "\"values\": [1]}}, \"tokens\": {\"prompt\": {\"n\": " prompt                                            \
    ", \"source\": \"server_usage\", \"agrees\": null}, \"completion\": {\"n\": " completion                 \
    ", \"source\": \"server_usage\", \"agrees\": null}}" more "}"

/* Time to first token of the shortest prompt, prompt speed of the longest, output speed of the longest answer. */
static void the_first_screen_says_how_fast_and_whether_to_trust_it(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/tiny]", "passed", FIGURES("0.0123", "60", "100", ""));
    made_run_add(&made, "chat.long_prompt[sim/tiny]", "passed",
        FIGURES("0.5", "3000", "50", ", " MADE_HEALTH("degraded", "\"degraded_cpu_foreign\"", "")));
    made_run_add(&made, "chat.long_answer[sim/tiny]", "passed", FIGURES("0.4", "70", "900", ""));
    made_run_add(&made, "chat.other[sim/tiny]", "failed", FIGURES("0.001", "1", "9000", ""));
    struct buf page = markdown_kit_page(&made);
    markdown_kit_expect(&page,
        "| tiny  | sim (simulated) |     12.3 ms ± 30 µs |        3000 ± 1 |      99.6 ± 0.5 |   5 "
        "| degraded |");
    markdown_kit_expect(&page,
        "time to first token of `chat.short`, prompt tokens/s of `chat.long_prompt`, output tokens/s of "
        "`chat.long_answer`.");
    markdown_kit_expect(&page, "**Gate: fail.** 3 of 4 tests passed, 1 failed, in ");
    markdown_kit_expect(&page, " Look at chat.other[sim/tiny].");
    markdown_kit_expect(&page,
        "**Trust:** machine clean in 3 tests, degraded in 1: other programs used the processor. Whether "
        "the client kept up was not judged.");
    ck_assert(strstr(buf_text(&page), "| tiny  |") < strstr(buf_text(&page), "## Summary"));
    buf_fini(&page);
}

static void a_run_without_figures_has_no_table_and_says_why_there_is_no_verdict(void)
{
    struct buf page = markdown_kit_page_with("skipped", "{\"skip_reason\": \"no\"}");
    markdown_kit_expect(&page, "**Gate: no verdict.** every test was skipped: nothing was measured.");
    markdown_kit_expect_not(&page, "Time to first token");
    buf_fini(&page);
}

static void the_same_run_gives_the_same_bytes(void)
{
    struct buf first = markdown_kit_page_with("failed", NULL),
               second = markdown_kit_page_with("failed", NULL);
    ck_assert_str_eq(buf_text(&first), buf_text(&second));
    buf_fini(&first);
    buf_fini(&second);
}

static void every_outcome_has_words(void)
{
    size_t count = 0;
    for (const struct outcome_words *words = outcome_words_all; words->name; words++) {
        enum outcome outcome;
        ck_assert_msg(outcome_parse(words->name, &outcome), "%s is no outcome", words->name);
        count++;
    }
    ck_assert_uint_eq(count, OUTCOME_COUNT);
    ck_assert_ptr_null(outcome_words_find("exploded"));
    ck_assert_ptr_null(outcome_words_find(NULL));
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_first_lines_say_whether_figures_are_simulated),
        TESTKIT_TEST(times_stand_in_a_unit_that_fits_with_spread_and_count),
        TESTKIT_TEST(one_sample_has_no_spread),
        TESTKIT_TEST(a_percentile_below_its_floor_is_never_shown),
        TESTKIT_TEST(the_floors_are_those_of_a_one_sided_bound),
        TESTKIT_TEST(an_assumed_first_token_is_said_with_its_bounds),
        TESTKIT_TEST(each_flag_of_the_schema_has_a_sentence_of_its_own),
        TESTKIT_TEST(a_flag_is_explained_with_sensor_change_and_threshold),
        TESTKIT_TEST(what_is_missing_for_one_reason_is_one_row),
        TESTKIT_TEST(a_server_elsewhere_was_not_watched),
        TESTKIT_TEST(what_could_not_be_read_is_listed_with_its_reason),
        TESTKIT_TEST(skipped_and_not_run_stand_with_their_reasons),
        TESTKIT_TEST(a_failure_stands_with_place_signal_and_message),
        TESTKIT_TEST(earlier_attempts_and_retries_are_told),
        TESTKIT_TEST(lines_that_are_not_valid_are_named),
        TESTKIT_TEST(notes_of_the_run_are_read_first),
        TESTKIT_TEST(the_first_screen_says_how_fast_and_whether_to_trust_it),
        TESTKIT_TEST(a_run_without_figures_has_no_table_and_says_why_there_is_no_verdict),
        TESTKIT_TEST(the_same_run_gives_the_same_bytes),
        TESTKIT_TEST(every_outcome_has_words),
        {0},
    };
    return testkit_run("markdown", tests);
}
