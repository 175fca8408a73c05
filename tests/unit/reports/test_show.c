#include "show.h"

#include "json.h"
#include "made_run.h"
#include "testkit.h"

#include <string.h>

#define GOOD "chat.short[llamacpp/tiny-chat]"
#define BAD "chat.short[llamacpp/evil|`model`<script>alert(1)</script>]"

static struct buf shown(const char *test, const struct show_options *options, bool json)
{
    struct run_data data;
    struct buf text = BUF_INIT(SHOW_TEXT_MAX);
    struct error why = {0};
    ck_assert_int_eq(run_data_load(testkit_path("tests/golden/run-mixed"), &data, &why), STATUS_OK);
    const struct run_test *found = run_data_find(&data, test);
    ck_assert_ptr_nonnull(found);
    enum status s = json ? show_write_json(&data, found, options, &text, &why)
                         : show_write(&data, found, options, &text, &why);
    ck_assert_msg(s == STATUS_OK, "%s", error_text(&why));
    run_data_fini(&data);
    return text;
}

static void expect(const struct buf *text, const char *part)
{
    ck_assert_msg(strstr(buf_text(text), part) != NULL, "\"%s\" is not in:\n%s", part, buf_text(text));
}

static void prompt_answer_events_log_and_health_are_shown(void)
{
    struct show_options options = {.exchange = -1};
    struct buf text = shown(GOOD, &options, false);
    expect(&text, GOOD ": passed");
    expect(
        &text, "Exchange 1: chat, measured, repeat 0: ok, HTTP 200, ended by stop, 12 + 4 tokens, 24.9 ms");
    expect(&text, "prompt, user\n  | [a1b2c3d4] Count to five.");
    expect(&text, "reasoning\n  | count\n");
    expect(&text, "answer\n  | one two three four five\n");
    expect(&text, "      1       12.350        3.400       6       -  reasoning\n");
    expect(&text, "  | a line of the log\n");
    expect(&text, "Machine: degraded\n");
    expect(&text, "raised degraded_cpu_foreign");
    buf_fini(&text);
}

static void the_exchange_that_failed_is_shown_first_of_all(void)
{
    struct show_options options = {.exchange = -1};
    struct buf text = shown(BAD, &options, false);
    expect(&text, "attempt        2 of 2");
    expect(&text, "stream_error");
    expect(&text, "error          out of memory | \\x1b[31mred");
    buf_fini(&text);
}

static void nothing_reaches_the_terminal_that_it_would_obey(void)
{
    struct show_options options = {.exchange = -1, .all = true};
    struct buf text = shown(BAD, &options, false);
    for (size_t i = 0; i < text.len; i++)
        ck_assert_msg(
            (unsigned char)text.data[i] >= 0x20 || text.data[i] == '\n', "byte %d at %zu", text.data[i], i);
    expect(&text, "  | | broken | table |\n");
    expect(&text, "\\x00");
    buf_fini(&text);
}

static void one_exchange_can_be_chosen(void)
{
    struct show_options options = {.exchange = 0};
    struct buf text = shown(GOOD, &options, false);
    const char *first = strstr(buf_text(&text), "Exchange 0"),
               *second = strstr(buf_text(&text), "Exchange 1"),
               *answer = strstr(buf_text(&text), "answer\n  |");
    ck_assert(first && second && answer && first < answer && answer < second);
    buf_fini(&text);
}

static void what_is_not_there_is_said(void)
{
    struct run_data data;
    struct buf text = BUF_INIT(SHOW_TEXT_MAX);
    struct error why = {0};
    struct show_options options = {.exchange = 7};
    ck_assert_int_eq(run_data_load(testkit_path("tests/golden/run-mixed"), &data, &why), STATUS_OK);
    const struct run_test *test = run_data_find(&data, GOOD);
    ck_assert_int_eq(show_write(&data, test, &options, &text, &why), STATUS_NOT_FOUND);
    ck_assert_str_eq(error_text(&why), "the attempt has no exchange 7");
    options = (struct show_options){.attempt = 9, .exchange = -1};
    why = (struct error){0};
    ck_assert_int_eq(show_write(&data, test, &options, &text, &why), STATUS_NOT_FOUND);
    ck_assert_str_eq(error_text(&why), GOOD " has no attempt 9");
    options.attempt = 0;
    buf_clear(&text);
    ck_assert_int_eq(
        show_write(&data, run_data_find(&data, "infrastructure.answers[sim]"), &options, &text, &why),
        STATUS_OK);
    expect(&text, "No exchange of this attempt was recorded.");
    expect(&text, "Log: empty or not kept.");
    buf_fini(&text);
    run_data_fini(&data);
}

static void json_holds_record_exchanges_and_answers(void)
{
    struct show_options options = {.exchange = -1};
    struct buf text = shown(GOOD, &options, true);
    struct json_object *tree = NULL;
    ck_assert_int_eq(json_parse(text.data, text.len, &tree, NULL), STATUS_OK);
    ck_assert_str_eq(json_get_text(tree, "/record/outcome"), "passed");
    ck_assert_uint_eq(json_object_array_length(json_get_array(tree, "/exchanges")), 2);
    ck_assert_str_eq(json_get_text(tree, "/answers/1/answer"), "one two three four five");
    json_object_put(tree);
    buf_fini(&text);
}

static void expect_energy(const char *members, const char *line)
{
    struct show_options options = {.exchange = -1};
    struct buf text = BUF_INIT(SHOW_TEXT_MAX);
    struct run_data data;
    struct made_run made;
    struct error why = {0};
    made_run_begin(&made);
    made_run_add(&made, GOOD, "passed", members);
    made_run_load(&made, &data);
    ck_assert_int_eq(show_write(&data, run_data_find(&data, GOOD), &options, &text, &why), STATUS_OK);
    expect(&text, line);
    buf_fini(&text);
    run_data_fini(&data);
}

static void what_it_used_is_told_or_why_not(void)
{
    expect_energy("{\"energy\": {\"joules\": 390, \"idle_joules\": 30, \"source\": \"psys\", \"samples\": 30,"
                  "\"joules_per_token\": 1.2, \"joules_per_request\": 120}}",
        "\nEnergy: 390 J, of that idle 30 J, 1.20 J/token, 120 J/request by psys\n");
    expect_energy("{\"energy\": {\"status\": \"unavailable\", \"reason\": \"nobody \\u001b tells\"}}",
        "\nEnergy: not measured: nobody \\x1b tells\n");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(prompt_answer_events_log_and_health_are_shown),
        TESTKIT_TEST(the_exchange_that_failed_is_shown_first_of_all),
        TESTKIT_TEST(nothing_reaches_the_terminal_that_it_would_obey),
        TESTKIT_TEST(one_exchange_can_be_chosen),
        TESTKIT_TEST(what_is_not_there_is_said),
        TESTKIT_TEST(what_it_used_is_told_or_why_not),
        TESTKIT_TEST(json_holds_record_exchanges_and_answers),
        {0},
    };
    return testkit_run("show", tests);
}
