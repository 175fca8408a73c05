#include "flag_words.h"
#include "junit.h"
#include "markdown.h"
#include "markdown_text.h"
#include "metric_floor.h"

#include "made_run.h"
#include "outcome.h"
#include "rng.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST "chat.short[sim/tiny]"

static struct buf page_of(struct made_run *made)
{
    struct run_data data;
    struct gate gate;
    struct buf page = BUF_INIT(MARKDOWN_PAGE_MAX);
    struct error why = {0};
    made_run_load(made, &data);
    ck_assert_int_eq(gate_judge(&data, false, &gate, &why), STATUS_OK);
    ck_assert_msg(markdown_write(&data, &gate, &page, &why) == STATUS_OK, "%s", error_text(&why));
    gate_fini(&gate);
    run_data_fini(&data);
    return page;
}

static struct buf page_with(const char *outcome, const char *members)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, TEST, outcome, members);
    return page_of(&made);
}

static void expect(const struct buf *page, const char *text)
{
    ck_assert_msg(
        strstr(buf_text(page), text) != NULL, "the page does not say \"%s\":\n%.3800s", text, buf_text(page));
}

static void expect_not(const struct buf *page, const char *text)
{
    ck_assert_msg(strstr(buf_text(page), text) == NULL, "the page says \"%s\":\n%s", text, buf_text(page));
}

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
        struct buf page = page_of(&made);
        check_page(&page);
        buf_fini(&page);
    }
}

static void the_first_lines_say_whether_figures_are_simulated(void)
{
    static const struct {
        const char *simulated, *real, *says;
    } rows[] = {
        {TEST, NULL, "**Simulated.** assay-sim at `http://127.0.0.1:1/v1`"},
        {NULL, "chat.short[box/tiny]", "**Real server.** llama.cpp at"},
        {TEST, "chat.short[box/tiny]", "**Partly simulated.** assay-sim"},
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
        struct buf page = page_of(&made);
        const char *at = strstr(buf_text(&page), rows[i].says);
        ck_assert_msg(at && at < strstr(buf_text(&page), "## Summary"), "%s", buf_text(&page));
        expect(&page, "Machine: box");
        buf_fini(&page);
    }
}

#define METRIC(n, more)                                                                                      \
    "{\"performance\": {\"ttft_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": " n                      \
    ", \"median\": 0.0123, \"mad\": 0.0004, \"values\": [0.0123]" more "}}}"

static void times_stand_in_a_unit_that_fits_with_spread_and_count(void)
{
    struct buf page = page_with("passed", METRIC("10", ", \"ci95\": [0.0119, 0.0127]"));
    expect(&page, "12.3 ms");
    expect(&page, "0.4 ms");
    expect(&page, "11.9 to 12.7 ms");
    expect(&page, "|  10 |");
    buf_fini(&page);
}

static void a_percentile_below_its_floor_is_never_shown(void)
{
    struct buf page = page_with("passed", METRIC("28", ", \"p90\": 0.0777, \"p99\": 0.0888"));
    expect_not(&page, "p90");
    expect_not(&page, "77.7");
    buf_fini(&page);
    page = page_with("passed", METRIC("29", ", \"p90\": 0.0777, \"p95\": 0.0788, \"p99\": 0.0888"));
    expect(&page, "p90");
    expect(&page, "77.7 ms");
    expect_not(&page, "p95");
    expect_not(&page, "88.8");
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
    struct buf page = page_with("passed",
        "{\"performance\": {\"tpot_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": 3, "
        "\"median\": 0.004, \"mad\": 0.0001, \"values\": [0.004], \"k1\": \"assumed\", "
        "\"bounds\": [0.0037, 0.0041]}}}");
    expect(&page, "first event assumed to be one token, 3.70 to 4.10 ms otherwise");
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
    struct buf page = page_with("passed",
        "{" MADE_HEALTH("degraded", "\"degraded_swap\"",
            "\"swap_out\": {\"status\": \"ok\", \"scope\": \"host\", \"unit\": \"bytes\", \"value\": "
            "4194304, \"delta\": "
            "1048576, \"threshold\": 0, \"flag\": \"degraded_swap\", \"source\": \"/proc/vmstat\"}") "}");
    expect(&page, "### Memory moved between RAM and disk (degraded_swap)\n\nSo any time may hold waiting");
    expect(&page, "| `" TEST "` | degraded | swap_out | 1.00 MiB | above the threshold of 0 |");
    buf_fini(&page);
}

#define ABSENT(name, why)                                                                                    \
    "\"" name "\": {\"status\": \"unavailable\", \"scope\": \"host\", \"reason\": \"" why "\"}"

static void what_is_missing_for_one_reason_is_one_row(void)
{
    struct buf page = page_with("passed", "{" MADE_HEALTH("clean", "\"clean\"",
                                              ABSENT("cpu_boost", "no cpufreq") ", " ABSENT("temperature",
                                                  "no zone") ", " ABSENT("cpu_frequency", "no cpufreq")) "}");
    expect(&page, "| cpu_boost, cpu_frequency | host ");
    expect(&page, "| temperature ");
    ck_assert_ptr_null(strstr(buf_text(&page), "\n| cpu_frequency"));
    buf_fini(&page);
}

static void a_server_elsewhere_was_not_watched(void)
{
    static const char told[] = "In 1 test the server ran on another machine, which was not watched";
    struct buf far = page_with(
        "passed", "{" MADE_HEALTH("clean", "\"clean\"",
                      "\"server_is_local\": {\"status\": \"ok\", \"scope\": \"server\", \"value\": 0}") "}");
    expect(&far, told);
    buf_fini(&far);
    struct buf near = page_with(
        "passed", "{" MADE_HEALTH("clean", "\"clean\"",
                      "\"server_is_local\": {\"status\": \"ok\", \"scope\": \"server\", \"value\": 1}") "}");
    ck_assert_ptr_null(strstr(buf_text(&near), "which was not watched"));
    buf_fini(&near);
}

static void what_could_not_be_read_is_listed_with_its_reason(void)
{
    struct buf page = page_with("passed",
        "{" MADE_HEALTH("unknown", "",
            "\"swap_in\": {\"status\": \"error\", \"scope\": \"host\", \"reason\": \"permission denied\"}, "
            "\"gpu\": {\"status\": \"unavailable\", \"scope\": \"server\", \"reason\": \"no GPU\"}") "}");
    expect(&page, "Unknown, because a required sensor could not be read: `" TEST "`");
    expect(&page, "| swap_in | host   | error       |     1 | permission denied |");
    expect(&page, "| gpu     | server | unavailable |     1 | no GPU            |");
    buf_fini(&page);
}

static void skipped_and_not_run_stand_with_their_reasons(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "skipped", "{\"skip_reason\": \"the context is too short\"}");
    made_run_add(&made, "chat.b[sim/tiny]", "not_run", "{\"message\": \"the budget was used up\"}");
    struct buf page = page_of(&made);
    expect(&page, "## Skipped and not run");
    expect(&page, "| skipped | the context is too short |");
    expect(&page, "| not run | the budget was used up   |");
    buf_fini(&page);
}

static void a_failure_stands_with_place_signal_and_message(void)
{
    struct buf page = page_with("crashed",
        "{\"message\": \"in repeat 3\", \"location\": {\"file\": \"suite/chat.c\", \"line\": 31}, "
        "\"process\": {\"signal\": \"SIGSEGV\", \"phase_reached\": \"body\"}}");
    expect(&page, "### " TEST ": crashed");
    expect(&page, "At `suite/chat.c:31`. Ended by `SIGSEGV`. Phase reached: body.");
    expect(&page, "```text\nin repeat 3\n```");
    buf_fini(&page);
    page = page_with("passed", NULL);
    expect(&page, "## Failures\n\nNone.");
    buf_fini(&page);
}

static void earlier_attempts_and_retries_are_told(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, TEST, "failed",
        "{\"message\": \"first try\", \"errors\": {\"http_5xx\": 2}, \"retries\": {\"allowed\": 2, \"used\": "
        "2}}");
    made_run_add(&made, TEST, "passed", "{\"attempt\": 2}");
    struct buf page = page_of(&made);
    expect(&page, "attempt 1: failed: first try; 2 requests repeated, 2 allowed per exchange; failed "
                  "requests: `http_5xx` 2 times");
    expect(&page, "attempt 2 (this one counts): passed");
    expect(&page, "1 of 1 test passed");
    buf_fini(&page);
}

static void lines_that_are_not_valid_are_named(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, TEST, "passed", NULL);
    made_run_line(&made, "{\"half");
    made_run_plan(&made, "chat.gone[sim/tiny]");
    struct buf page = page_of(&made);
    expect(&page, "- `benchmark.jsonl` line 2: the line is torn");
    expect(&page, "### Planned, without a valid record\n\n- `chat.gone[sim/tiny]`");
    expect(&page, "**Gate: fail.** 1 of 2 tests passed, in 500 ms. Look at chat.gone[sim/tiny].");
    buf_fini(&page);
}

static void notes_of_the_run_are_read_first(void)
{
    struct made_run made;
    struct json_object *notes = json_object_new_array();
    made_run_begin(&made);
    made_run_add(&made, TEST, "passed", NULL);
    ck_assert(json_add_text(notes, "a target | did not <answer>") && json_set(made.run, "notes", notes));
    struct buf page = page_of(&made);
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
    struct buf page = page_of(&made);
    expect(&page, "| tiny  | sim (simulated) |     12.3 ms ± 30 µs |        3000 ± 1 |      99.6 ± 0.5 |   5 "
                  "| degraded |");
    expect(&page,
        "time to first token of `chat.short`, prompt tokens/s of `chat.long_prompt`, output tokens/s of "
        "`chat.long_answer`.");
    expect(&page, "**Gate: fail.** 3 of 4 tests passed, 1 failed, in ");
    expect(&page, " Look at chat.other[sim/tiny].");
    expect(&page,
        "**Trust:** machine clean in 3 tests, degraded in 1: other programs used the processor. Whether "
        "the client kept up was not judged.");
    ck_assert(strstr(buf_text(&page), "| tiny  |") < strstr(buf_text(&page), "## Summary"));
    buf_fini(&page);
}

static void a_run_without_figures_has_no_table_and_says_why_there_is_no_verdict(void)
{
    struct buf page = page_with("skipped", "{\"skip_reason\": \"no\"}");
    expect(&page, "**Gate: no verdict.** every test was skipped: nothing was measured.");
    expect_not(&page, "Time to first token");
    buf_fini(&page);
}

static void the_same_run_gives_the_same_bytes(void)
{
    struct buf first = page_with("failed", NULL), second = page_with("failed", NULL);
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
            made_run_add(&made, TEST, "failed", buf_text(&record));
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

/* ---- load tests ---- */

#define LOADED(unit, arrivals, asked, achieved, states, client, performance)                                 \
    "{\"load\": {\"arrivals\": \"" arrivals "\", \"unit\": \"" unit "\", \"asked\": " asked                  \
    ", \"achieved\": " achieved ", \"objectives\": \"ttft_p99<2s\", \"requests\": {\"begun\": 103, \"ok\": " \
    "99, \"failed\": 3, \"cut_off\": 1}, "                                                                   \
    "\"states\": " states "}, \"client\": " client ", \"performance\": {" performance "}}"
#define LOAD_METRIC(name, unit, n, median, more)                                                             \
    "\"" name "\": {\"unit\": \"" unit "\", \"better\": \"lower\", \"n\": " n ", \"median\": " median more   \
    ", \"values\": [" median "]}"
#define FIT "{\"verdict\": \"valid\"}"

/* Rows stand by load, whatever the order in which they ran. */
static void load_tests_stand_side_by_side_by_their_load(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "load.closed_16[sim/tiny]", "passed",
        LOADED("streams", "closed", "16", "12.4", "{\"drifting\": 1, \"steady\": 2}", FIT,
            LOAD_METRIC("ttft_s", "s", "400", "0.08", ", \"p99\": 0.25") "," LOAD_METRIC(
                "icl_s", "s", "6000", "0.02", ", \"p99\": 0.03")));
    made_run_add(&made, "load.open_1[sim/tiny]", "passed",
        LOADED("requests/s", "poisson", "1.05", "1.04", "{\"steady\": 3}", FIT,
            LOAD_METRIC("ttft_s", "s", "20", "0.05", ", \"p99\": 0.06")));
    made_run_add(&made, "load.closed_4[sim/tiny]", "passed",
        LOADED("streams", "closed", "4", "4", "{\"steady\": 3}", FIT,
            LOAD_METRIC("ttft_s", "s", "160", "0.05", "") "," LOAD_METRIC(
                "itl_s", "s", "6000", "0.01", ", \"p99\": 0.011") "," LOAD_METRIC("output_tokens_per_s",
                "tokens/s", "3", "368", "") "," LOAD_METRIC("requests_per_s", "requests/s", "3", "8",
                "") "," LOAD_METRIC("goodput_per_s", "requests/s", "3", "7.9",
                "") "," LOAD_METRIC("goodput_fraction", "1", "3", "0.97", "")));
    struct buf page = page_of(&made);
    const char *four = strstr(buf_text(&page), "| 4 streams "),
               *sixteen = strstr(buf_text(&page), "| 16 streams; 12.4 achieved "),
               *open = strstr(buf_text(&page), "| 1.05 requests/s, poisson ");
    ck_assert_msg(four && sixteen && open, "%s", buf_text(&page));
    ck_assert(four < sixteen && sixteen < open);
    expect(&page, "|  50.0 ms | n 160 of 299 |");
    expect(&page, "10.0 ms | 11.0 ms |      368 |          8 | 7.90 (97 %) | 3 of 102 | valid  |");
    expect(&page, "| 20.0 ms (chunks) | 30.0 ms |");
    expect(&page, "n 20 of 299"); /* a p99 that the record has no right to */
    expect(&page, "Goodput: requests that kept to `ttft_p99<2s`");
    expect(&page,
        "- `load.closed_16[sim/tiny]`: repeats that were not steady, whose figures depend on how long "
        "they were: 1 of 3");
    expect(&page,
        "- `load.closed_4[sim/tiny]`: requests cut off when the test was over, neither good nor bad: 1");
    buf_fini(&page);
}

static void a_client_that_could_not_measure_a_load_says_why(void)
{
    struct buf page = page_with(
        "passed", LOADED("streams", "closed", "4", "4", "{}",
                      "{\"verdict\": \"invalid\", \"reason\": \"its loop was late | <b>by 50 ms</b>\"}",
                      LOAD_METRIC("ttft_s", "s", "160", "0.05", "")));
    expect(&page, "| INVALID |");
    expect(&page, "`: **the client could not measure this load**: its loop was late &#124; &lt;b>by 50 ms");
    expect(&page, "The client could not keep up in 1 test.");
    buf_fini(&page);
    page = page_with("passed", LOADED("streams", "closed", "4", "4", "{}",
                                   "{\"verdict\": \"degraded\", \"reason\": \"no token came for 612 ms\"}",
                                   LOAD_METRIC("ttft_s", "s", "160", "0.05", "")));
    expect(&page, "the client's verdict is degraded: no token came for 612 ms");
    expect(&page, "What the client measured is in doubt in 1 test.");
    buf_fini(&page);
}

static void a_run_without_load_tests_has_no_such_table(void)
{
    struct buf page = page_with("passed", NULL);
    expect_not(&page, "## Load");
    buf_fini(&page);
}

static void energy_stands_with_its_baseline_and_what_is_not_in_it(void)
{
    static const char idle[] = "{\"seconds\": 3, \"sources\": [{\"name\": \"package_0\", \"method\": \"x\","
                               "\"watts\": 4.25, \"samples\": 15}]}";
    struct json_object *baseline = NULL;
    struct made_run made;
    made_run_begin(&made);
    ck_assert_int_eq(json_parse(idle, sizeof idle - 1, &baseline, NULL), STATUS_OK);
    ck_assert(json_set(made.run, "idle", baseline));
    made_run_add(&made, TEST, "passed",
        "{\"energy\": {\"joules\": 390, \"idle_joules\": 30, \"source\": \"package_0 + dram_0\","
        "\"samples\": 30, \"joules_per_token\": 1.2, \"joules_per_request\": 120,"
        "\"tokens_per_joule\": 0.833, \"samples_per_s\": 5, \"window_s\": 6, \"coverage\": 1,"
        "\"coarse\": false, \"covers\": [\"cpu\"], \"not_covered\": \"memory, <disks>\"}}");
    struct buf page = page_of(&made);
    expect(&page, "## Energy");
    expect(&page, "in 3 s before the first test, the machine drew 4.25 W (package_0); that is the idle part");
    expect(&page, " 390 |");
    expect(&page, "| package_0 + dram_0 |");
    expect(&page, "Not in these figures (1 test): memory, &lt;disks>.");
    expect_not(&page, "Not measured");
    buf_fini(&page);
    page = page_with("passed", "{\"energy\": {\"status\": \"unavailable\", \"reason\": \"nobody tells\"}}");
    expect(&page, "## Energy\n\nNot measured (1 test): nobody tells.");
    expect_not(&page, "Per token");
    buf_fini(&page);
    page = page_with("passed",
        "{\"energy\": {\"joules\": 390, \"source\": \"battery_bat0\", \"samples\": 30, \"coarse\": true,"
        "\"note\": \"no baseline\"}}");
    expect(&page, "battery_bat0 (coarse)");
    expect(&page, "Not divided (1 test): no baseline.");
    buf_fini(&page);
    page = page_with("passed", NULL);
    expect_not(&page, "## Energy");
    buf_fini(&page);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_hostile_cell_never_adds_a_column_or_a_line),
        TESTKIT_TEST(running_text_holds_nothing_that_markdown_or_html_understands),
        TESTKIT_TEST(a_fenced_block_ends_where_we_end_it),
        TESTKIT_TEST(a_page_about_hostile_records_keeps_its_shape),
        TESTKIT_TEST(the_first_lines_say_whether_figures_are_simulated),
        TESTKIT_TEST(times_stand_in_a_unit_that_fits_with_spread_and_count),
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
        TESTKIT_TEST(load_tests_stand_side_by_side_by_their_load),
        TESTKIT_TEST(a_client_that_could_not_measure_a_load_says_why),
        TESTKIT_TEST(a_run_without_load_tests_has_no_such_table),
        TESTKIT_TEST(energy_stands_with_its_baseline_and_what_is_not_in_it),
        TESTKIT_TEST(every_outcome_has_words),
        TESTKIT_TEST(members_of_a_later_version_may_be_anything),
        {0},
    };
    return testkit_run("markdown", tests);
}
