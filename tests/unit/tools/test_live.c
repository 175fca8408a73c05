/* What ctest is shown of the live tests, and when it is left alone. */
#include "testkit.h"

#include "json.h"
#include "live_ctest.h"
#include "live_script.h"

#include <string.h>
#include <unistd.h>

static const char *const suites[] = {"infrastructure", "chat", NULL};

static bool wants(const char *const *words, size_t count)
{
    struct live_ctest ctest;
    ck_assert(live_ctest_set(&ctest, words, count));
    bool yes = live_ctest_wants_live(&ctest, suites);
    live_ctest_fini(&ctest);
    return yes;
}

static void label_filters_decide_whether_servers_are_looked_for(void)
{
    static const struct {
        const char *words[6];
        size_t count;
        bool wanted;
    } rows[] = {
        {{"ctest"}, 1, true},
        {{"ctest", "-L", "live_e2e"}, 3, true},
        {{"ctest", "-L", "^live_e2e$"}, 3, true},
        {{"ctest", "-L", "chat"}, 3, true},
        {{"ctest", "-L", "unit"}, 3, false},
        {{"ctest", "-L", "^unit$", "-j", "2"}, 5, false},
        {{"ctest", "--label-regex", "cli"}, 3, false},
        {{"ctest", "-LE", "live_e2e"}, 3, false},
        {{"ctest", "-LE", "^(live_e2e|speed)$"}, 3, false},
        {{"ctest", "--label-exclude", "live"}, 3, false},
        {{"ctest", "-LE", "speed"}, 3, true},
        {{"ctest", "-L", "some-model"}, 3, true},
        {{"ctest", "-L", "("}, 3, true},
        {{"ctest", "-R", "chat"}, 3, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(wants(rows[i].words, rows[i].count) == rows[i].wanted, "row %zu", i);
}

static void a_process_that_is_no_ctest_has_no_command_line_for_us(void)
{
    struct live_ctest ctest;
    live_ctest_read(getpid(), &ctest);
    ck_assert_ptr_null(ctest.argv);
    struct live_names names;
    struct error why = {0};
    ck_assert_int_eq(live_ctest_selected(&ctest, &names, &why), STATUS_UNAVAILABLE);
    ck_assert(live_ctest_wants_live(&ctest, suites));
}

static void nothing(struct assay_context *ctx)
{
    (void)ctx;
}

static const struct assay_case cases[] = {
    {.id = "chat.short", .summary = "x", .body = nothing, .version = 1, .per_model = true, .timeout_s = 20},
    {0},
};

static const struct live_place place = {
    .program = "/opt/as say/assay", .folder = "/tmp/b]=]uild", .working = "/tmp"};

static void each_planned_test_becomes_a_ctest_test(void)
{
    static const char text[] = "{\"plan\":[{\"test\":\"chat.short[sim/tiny]\",\"case\":\"chat.short\","
                               "\"target\":\"sim\",\"model\":\"tiny\"}]}";
    struct json_object *run = NULL;
    ck_assert_int_eq(json_parse(text, sizeof text - 1, &run, NULL), STATUS_OK);
    struct buf script = BUF_INIT(LIVE_SCRIPT_MAX);
    ck_assert_int_eq(live_script_tests(&script, &place, cases, run), STATUS_OK);
    const char *s = buf_text(&script);
    ck_assert_ptr_nonnull(strstr(s, "LABELS \"live_e2e;chat;sim;tiny\""));
    ck_assert_ptr_nonnull(strstr(s, "TIMEOUT 680"));
    ck_assert_ptr_nonnull(strstr(s, "SKIP_RETURN_CODE 77"));
    ck_assert_ptr_nonnull(strstr(s, "RUN_SERIAL TRUE"));
    ck_assert_ptr_nonnull(strstr(s, "FIXTURES_SETUP live_e2e_run"));
    ck_assert_ptr_nonnull(strstr(s, "FIXTURES_CLEANUP live_e2e_run"));
    ck_assert_ptr_nonnull(strstr(s, "[==[/tmp/b]=]uild]==]"));
    buf_fini(&script);
    json_object_put(run);
}

/* Two programs with cases of their own in one project: neither's fixtures are the other's. */
static void the_tests_of_another_program_bear_its_name(void)
{
    static const char text[] = "{\"plan\":[{\"test\":\"chat.short[sim/tiny]\",\"case\":\"chat.short\","
                               "\"target\":\"sim\",\"model\":\"tiny\"}]}";
    struct live_place theirs = place;
    theirs.suite = "desk";
    theirs.name = live_script_name("/build/live_e2e/mine");
    struct json_object *run = NULL;
    ck_assert_int_eq(json_parse(text, sizeof text - 1, &run, NULL), STATUS_OK);
    struct buf script = BUF_INIT(LIVE_SCRIPT_MAX);
    ck_assert_int_eq(live_script_tests(&script, &theirs, cases, run), STATUS_OK);
    const char *s = buf_text(&script);
    ck_assert_ptr_nonnull(strstr(s, "add_test(live_e2e.mine.begin "));
    ck_assert_ptr_nonnull(strstr(s, "set_tests_properties(live_e2e.mine.end "));
    ck_assert_ptr_nonnull(strstr(s, "add_test(mine.chat.short_sim_tiny_"));
    ck_assert_ptr_nonnull(strstr(s, "LABELS \"live_e2e;desk;chat;sim;tiny\""));
    ck_assert_ptr_nonnull(strstr(s, "FIXTURES_SETUP live_e2e_mine_run"));
    ck_assert_ptr_nonnull(strstr(s, "FIXTURES_REQUIRED live_e2e_mine_run"));
    buf_fini(&script);
    json_object_put(run);
}

static void a_hostile_model_name_cannot_leave_its_place_in_the_script(void)
{
    static const char text[] = "{\"plan\":[{\"test\":\"chat.short[sim/\\\")\\nexecute_process(COMMAND rm]\","
                               "\"case\":\"chat.short\",\"target\":\"sim\","
                               "\"model\":\"\\\")\\nexecute_process(COMMAND rm\"}]}";
    struct json_object *run = NULL;
    ck_assert_int_eq(json_parse(text, sizeof text - 1, &run, NULL), STATUS_OK);
    struct buf script = BUF_INIT(LIVE_SCRIPT_MAX);
    ck_assert_int_eq(live_script_tests(&script, &place, cases, run), STATUS_OK);
    ck_assert_ptr_null(strstr(buf_text(&script), "execute_process("));
    buf_fini(&script);
    json_object_put(run);
}

static void a_problem_is_a_test_that_fails_or_is_skipped_with_its_reason(void)
{
    struct buf script = BUF_INIT(LIVE_SCRIPT_MAX);
    live_script_problem(&script, &place, "no_server", LIVE_SKIPS, "no server answers");
    live_script_problem(&script, &place, "my target", LIVE_FAILS, "it said ]=] \033[31mno");
    ck_assert_int_eq(buf_status(&script), STATUS_OK);
    const char *s = buf_text(&script);
    ck_assert_ptr_nonnull(strstr(s, "live skip [=[no server answers]=]"));
    ck_assert_ptr_nonnull(strstr(s, "live fail [==[it said ]=] no]==]"));
    ck_assert_ptr_null(strchr(s, '\033'));
    buf_fini(&script);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(label_filters_decide_whether_servers_are_looked_for),
        TESTKIT_TEST(a_process_that_is_no_ctest_has_no_command_line_for_us),
        TESTKIT_TEST(each_planned_test_becomes_a_ctest_test),
        TESTKIT_TEST(the_tests_of_another_program_bear_its_name),
        TESTKIT_TEST(a_hostile_model_name_cannot_leave_its_place_in_the_script),
        TESTKIT_TEST(a_problem_is_a_test_that_fails_or_is_skipped_with_its_reason),
        {0},
    };
    return testkit_run("live", tests);
}
