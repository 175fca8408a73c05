/* Load tests and energy in the Markdown page. */
#include "markdown_kit.h"

#include "markdown_text.h"
#include "made_run.h"
#include "testkit.h"

#include <string.h>

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
    struct buf page = markdown_kit_page(&made);
    const char *four = strstr(buf_text(&page), "| 4 streams "),
               *sixteen = strstr(buf_text(&page), "| 16 streams; 12.4 achieved "),
               *open = strstr(buf_text(&page), "| 1.05 requests/s, poisson ");
    ck_assert_msg(four && sixteen && open, "%s", buf_text(&page));
    ck_assert(four < sixteen && sixteen < open);
    markdown_kit_expect(&page, "|  50.0 ms | n 160 of 299 |");
    markdown_kit_expect(
        &page, "10.0 ms | 11.0 ms |      368 |          8 | 7.90 (97 %) | 3 of 102 | valid  |");
    markdown_kit_expect(&page, "| 20.0 ms (chunks) | 30.0 ms |");
    markdown_kit_expect(&page, "n 20 of 299"); /* a p99 that the record has no right to */
    markdown_kit_expect(&page, "Goodput: requests that kept to `ttft_p99<2s`");
    markdown_kit_expect(&page,
        "- `load.closed_16[sim/tiny]`: repeats that were not steady, whose figures depend on how long "
        "they were: 1 of 3");
    markdown_kit_expect(&page,
        "- `load.closed_4[sim/tiny]`: requests cut off when the test was over, neither good nor bad: 1");
    buf_fini(&page);
}

static void a_client_that_could_not_measure_a_load_says_why(void)
{
    struct buf page = markdown_kit_page_with(
        "passed", LOADED("streams", "closed", "4", "4", "{}",
                      "{\"verdict\": \"invalid\", \"reason\": \"its loop was late | <b>by 50 ms</b>\"}",
                      LOAD_METRIC("ttft_s", "s", "160", "0.05", "")));
    markdown_kit_expect(&page, "| INVALID |");
    markdown_kit_expect(
        &page, "`: **the client could not measure this load**: its loop was late &#124; &lt;b>by 50 ms");
    markdown_kit_expect(&page, "The client could not keep up in 1 test.");
    buf_fini(&page);
    page = markdown_kit_page_with(
        "passed", LOADED("streams", "closed", "4", "4", "{}",
                      "{\"verdict\": \"degraded\", \"reason\": \"no token came for 612 ms\"}",
                      LOAD_METRIC("ttft_s", "s", "160", "0.05", "")));
    markdown_kit_expect(&page, "the client's verdict is degraded: no token came for 612 ms");
    markdown_kit_expect(&page, "What the client measured is in doubt in 1 test.");
    buf_fini(&page);
}

static void a_run_without_load_tests_has_no_such_table(void)
{
    struct buf page = markdown_kit_page_with("passed", NULL);
    markdown_kit_expect_not(&page, "## Load");
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
    made_run_add(&made, MARKDOWN_KIT_TEST, "passed",
        "{\"energy\": {\"joules\": 390, \"idle_joules\": 30, \"source\": \"package_0 + dram_0\","
        "\"samples\": 30, \"joules_per_token\": 1.2, \"joules_per_request\": 120,"
        "\"tokens_per_joule\": 0.833, \"samples_per_s\": 5, \"window_s\": 6, \"coverage\": 1,"
        "\"coarse\": false, \"covers\": [\"cpu\"], \"not_covered\": \"memory, <disks>\"}}");
    struct buf page = markdown_kit_page(&made);
    markdown_kit_expect(&page, "## Energy");
    markdown_kit_expect(
        &page, "in 3 s before the first test, the machine drew 4.25 W (package_0); that is the idle part");
    markdown_kit_expect(&page, " 390 |");
    markdown_kit_expect(&page, "| package_0 + dram_0 |");
    markdown_kit_expect(&page, "Not in these figures (1 test): memory, &lt;disks>.");
    markdown_kit_expect_not(&page, "Not measured");
    buf_fini(&page);
    page = markdown_kit_page_with(
        "passed", "{\"energy\": {\"status\": \"unavailable\", \"reason\": \"nobody tells\"}}");
    markdown_kit_expect(&page, "## Energy\n\nNot measured (1 test): nobody tells.");
    markdown_kit_expect_not(&page, "Per token");
    buf_fini(&page);
    page = markdown_kit_page_with("passed",
        "{\"energy\": {\"joules\": 390, \"source\": \"battery_bat0\", \"samples\": 30, \"coarse\": true,"
        "\"note\": \"no baseline\"}}");
    markdown_kit_expect(&page, "battery_bat0 (coarse)");
    markdown_kit_expect(&page, "Not divided (1 test): no baseline.");
    buf_fini(&page);
    page = markdown_kit_page_with("passed", NULL);
    markdown_kit_expect_not(&page, "## Energy");
    buf_fini(&page);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(load_tests_stand_side_by_side_by_their_load),
        TESTKIT_TEST(a_client_that_could_not_measure_a_load_says_why),
        TESTKIT_TEST(a_run_without_load_tests_has_no_such_table),
        TESTKIT_TEST(energy_stands_with_its_baseline_and_what_is_not_in_it),
        {0},
    };
    return testkit_run("markdown_load", tests);
}
