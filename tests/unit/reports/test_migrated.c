/* Reports of a run that was made from another program's file: schemas/examples hold one. */
#include "junit.h"
#include "markdown.h"
#include "migrated.h"
#include "show.h"

#include "fs.h"
#include "json.h"
#include "testkit.h"

#include <stdio.h>
#include <string.h>

/* The examples of run.json and of a record; edit, a JSON object, replaces members of the record. */
static const char *make_run(const char *edit)
{
    struct error why = {0};
    struct json_object *record = NULL, *change = NULL;
    struct buf line = BUF_INIT(1 << 20);
    struct buf run = testkit_read(testkit_path("schemas/examples/run/valid/migrated.json"));
    const char *folder = testkit_tmp_path("run");
    ck_assert_int_eq(fs_make_dirs(folder, &why), STATUS_OK);
    testkit_write(testkit_tmp_path("run/run.json"), run.data, run.len);
    ck_assert_int_eq(
        json_read_file(testkit_path("schemas/examples/record/valid/migrated.json"), &record, &why),
        STATUS_OK);
    ck_assert_int_eq(json_parse(edit, strlen(edit), &change, &why), STATUS_OK);
    json_object_object_foreach(change, key, value) ck_assert(json_set(record, key, json_object_get(value)));
    ck_assert_int_eq(json_write(record, &line, &why), STATUS_OK);
    buf_append_char(&line, '\n');
    testkit_write(testkit_tmp_path("run/benchmark.jsonl"), line.data, line.len);
    json_object_put(record);
    json_object_put(change);
    buf_fini(&line);
    buf_fini(&run);
    return folder;
}

struct told {
    struct run_data data;
    struct gate gate;
};

static void load(struct told *t, const char *edit)
{
    struct error why = {0};
    enum status s = run_data_load(make_run(edit), &t->data, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    for (size_t i = 0; i < t->data.problem_count; i++)
        ck_abort_msg("%s", t->data.problems[i].text);
    ck_assert_int_eq(gate_judge(&t->data, false, &t->gate, &why), STATUS_OK);
}

static void unload(struct told *t)
{
    gate_fini(&t->gate);
    run_data_fini(&t->data);
}

static struct buf page_of(const struct told *t)
{
    struct buf page = BUF_INIT(MARKDOWN_PAGE_MAX);
    struct error why = {0};
    ck_assert_msg(markdown_write(&t->data, &t->gate, &page, &why) == STATUS_OK, "%s", error_text(&why));
    return page;
}

static void expect(const struct buf *text, const char *part)
{
    ck_assert_msg(strstr(buf_text(text), part) != NULL, "\"%s\" is not in\n%s", part, buf_text(text));
}

static void expect_not(const struct buf *text, const char *part)
{
    ck_assert_msg(strstr(buf_text(text), part) == NULL, "\"%s\" is in\n%s", part, buf_text(text));
}

static void the_page_says_first_that_it_was_migrated_from_what(void)
{
    struct told t;
    load(&t, "{}");
    struct buf page = page_of(&t);
    expect(&page,
        "# Benchmark report, migrated from nobs, desk\n\n"
        "**Migrated: assay did not measure this.** The records were made from `report_desk_0a1b2c3d.json`, "
        "a file of nobs (percentiles), SHA-256 89abcdef0123...");
    buf_fini(&page);
    unload(&t);
}

static void what_is_unknown_is_neither_zero_nor_clean_nor_an_empty_table(void)
{
    static const char *const wrong[] = {" 0 s", "in 0", "machine clean", "No flag was raised", "in this run",
        "Real server", "exchanges.jsonl", "somebody else", "## Results", "assay measured"};
    struct told t;
    load(&t, "{}");
    struct buf page = page_of(&t);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_not(&page, wrong[i]);
    expect(&page, "1 of 1 test passed.");
    expect(&page, "| nobs.llms | OLLAMA | gpt-oss:20b | passed  |        – | –       |        1 |");
    expect(&page, "No sensor of assay watched the machine in the 1 migrated test: its state is unknown.");
    buf_fini(&page);
    unload(&t);
}

static void figures_stand_with_their_definition_and_losses_with_their_reason(void)
{
    struct told t;
    load(&t, "{}");
    struct buf page = page_of(&t);
    expect(&page, "55.1 tokens/s (54.9 to 55.3)");
    expect(&page, "- `p50_tps` (tokens/s): Median over prompts of output tokens / whole latency.");
    expect(&page, "| `/tasks/*/model/runs/*/p50_tps` |     3 | the record's figures | another definition");
    buf_fini(&page);
    unload(&t);
}

static void the_gate_gives_no_verdict_even_where_the_record_claims_a_clean_machine(void)
{
    struct told t;
    load(
        &t, "{\"system_health\": {\"verdict\": \"clean\", \"quality_flags\": [\"clean\"], \"sensors\": {}}}");
    ck_assert_int_eq(t.gate.verdict, GATE_CANNOT_JUDGE);
    ck_assert_int_eq(t.gate.checks[GATE_QUALITY].verdict, GATE_CANNOT_JUDGE);
    ck_assert_str_eq(t.gate.checks[GATE_QUALITY].reasons[0],
        "1 of 1 test: migrated from nobs, not measured by assay: what the machine did is unknown");
    unload(&t);
}

static void a_failure_of_the_original_fails_the_gate_and_says_nothing_of_repeating_it(void)
{
    struct told t;
    load(&t, "{\"outcome\": \"error\", \"message\": \"no figures\"}");
    ck_assert_int_eq(t.gate.verdict, GATE_FAIL);
    ck_assert_str_eq(t.gate.checks[GATE_OUTCOMES].advice, "look at each with `assay show RUN TEST`");
    unload(&t);
}

static void junit_tells_an_unknown_time_from_none(void)
{
    struct told t;
    struct junit_options options = {.strict = false};
    struct buf xml = BUF_INIT(JUNIT_BYTES_MAX);
    struct error why = {0};
    load(&t, "{}");
    ck_assert_msg(junit_write(&t.data, &t.gate, &options, &xml, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(junit_check(xml.data, xml.len, false, &why) == STATUS_OK, "%s", error_text(&why));
    expect(&xml, "<property name=\"migrated_from\" value=\"nobs\"/>");
    expect(&xml, "<property name=\"migrated_file\" value=\"report_desk_0a1b2c3d.json\"/>");
    expect(&xml, "<property name=\"duration\" value=\"unknown\"/>");
    buf_fini(&xml);
    unload(&t);
}

static void show_says_whose_word_it_is_and_shows_the_original(void)
{
    struct told t;
    struct show_options options = {.exchange = -1};
    struct buf text = BUF_INIT(SHOW_TEXT_MAX);
    struct error why = {0};
    load(&t, "{}");
    ck_assert_int_eq(show_write(&t.data, &t.data.tests[0], &options, &text, &why), STATUS_OK);
    expect(&text, "as the program says that measured it, the test");
    expect(&text,
        "p50_tps: 55.1 tokens/s (54.9 to 55.3)\n    Median over prompts of output tokens / whole latency");
    expect(&text, "  |   \"backend\": \"OLLAMA\"");
    expect(&text, "Machine: not watched");
    expect_not(&text, "exchange");
    expect_not(&text, "Log:");
    buf_fini(&text);
    unload(&t);
}

/* Names and texts of the original are text from outside. */
static void hostile_names_and_definitions_are_made_harmless(void)
{
    struct told t;
    load(&t, "{\"metadata\": {\"migrated\": {\"from\": \"a|b\\n# c\", \"sha256\": "
             "\"89abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567\", \"figures\": [{\"name\": "
             "\"x|y\\u001b[31m`\", \"unit\": \"<b>\", \"definition\": \"one\\n\\n# two | three\", "
             "\"values\": [1]}], "
             "\"original\": \"\\u001b]0;t\\u0007\"}}}");
    struct buf page = page_of(&t), text = BUF_INIT(SHOW_TEXT_MAX);
    struct show_options options = {.exchange = -1};
    struct error why = {0};
    expect_not(&page, "\n# two");
    expect_not(&page, "\033");
    expect_not(&page, "<b>");
    ck_assert_int_eq(show_write(&t.data, &t.data.tests[0], &options, &text, &why), STATUS_OK);
    expect_not(&text, "\033");
    buf_fini(&page);
    buf_fini(&text);
    unload(&t);
}

static void a_figure_is_shown_with_its_least_and_most(void)
{
    static const struct {
        const char *figure, *shown;
    } cases[] = {
        {"{\"unit\": \"s\", \"values\": [1.68]}", "1.68 s"},
        {"{\"unit\": \"s\", \"values\": [0.3, 0.1, 0.2, 0.4]}", "250 ms (100 to 400)"},
        {"{\"unit\": \"words\", \"values\": [7]}", "7 words"},
        {"{\"unit\": \"s\", \"values\": []}", ""},
        {"{\"values\": [3]}", "3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *figure = NULL;
        struct buf text = BUF_INIT(4096);
        ck_assert_int_eq(json_parse(cases[i].figure, strlen(cases[i].figure), &figure, NULL), STATUS_OK);
        migrated_append_figure(figure, &text);
        ck_assert_str_eq(buf_text(&text), cases[i].shown);
        json_object_put(figure);
        buf_fini(&text);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_page_says_first_that_it_was_migrated_from_what),
        TESTKIT_TEST(what_is_unknown_is_neither_zero_nor_clean_nor_an_empty_table),
        TESTKIT_TEST(figures_stand_with_their_definition_and_losses_with_their_reason),
        TESTKIT_TEST(the_gate_gives_no_verdict_even_where_the_record_claims_a_clean_machine),
        TESTKIT_TEST(a_failure_of_the_original_fails_the_gate_and_says_nothing_of_repeating_it),
        TESTKIT_TEST(junit_tells_an_unknown_time_from_none),
        TESTKIT_TEST(show_says_whose_word_it_is_and_shows_the_original),
        TESTKIT_TEST(hostile_names_and_definitions_are_made_harmless),
        TESTKIT_TEST(a_figure_is_shown_with_its_least_and_most),
        {0},
    };
    return testkit_run("migrated", tests);
}
