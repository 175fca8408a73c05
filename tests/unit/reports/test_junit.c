/* One test per rule that consumers of JUnit XML impose: Jenkins, GitLab, strict schemas. */
#include "junit_kit.h"

#include "junit.h"
#include "report_files.h"
#include "made_run.h"
#include "testkit.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void a_passed_test_is_a_case_without_result(void)
{
    struct junit_document d = junit_kit_one("passed", NULL);
    junit_kit_expect(&d, "count(//testcase[@name='chat.short']/*[name() != 'properties'])", "0");
    junit_kit_expect(&d, "string(//testcase[@name='chat.short']/@classname)", "live_e2e.chat.sim.tiny");
    junit_kit_fini(&d);
}

static void each_outcome_has_its_element_and_type(void)
{
    static const struct {
        const char *outcome, *members, *element, *type;
    } rows[] = {
        {"failed", NULL, "failure", "assertion"},
        {"error", NULL, "error", "error"},
        {"crashed", "{\"process\": {\"signal\": \"SIGSEGV\"}}", "error", "signal:SIGSEGV"},
        {"crashed", NULL, "error", "crashed"},
        {"timeout", NULL, "error", "timeout"},
        {"killed", NULL, "error", "killed"},
        {"oom", NULL, "error", "oom"},
        {"interrupted", NULL, "error", "interrupted"},
        {"lost", NULL, "error", "lost"},
        {"harness_error", NULL, "error", "harness_error"},
        {"skipped", NULL, "skipped", ""},
        {"not_run", NULL, "skipped", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[128];
        struct junit_document d = junit_kit_one(rows[i].outcome, rows[i].members);
        snprintf(path, sizeof path, "string(//testcase[@name='chat.short']/%s/@type)", rows[i].element);
        junit_kit_expect(&d, path, rows[i].type);
        snprintf(
            path, sizeof path, "count(//testcase[@name='chat.short']/%s[@message != ''])", rows[i].element);
        junit_kit_expect(&d, path, "1");
        junit_kit_fini(&d);
    }
}

static void a_planned_test_without_record_is_an_error(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_plan(&made, JUNIT_KIT_TEST);
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "string(//testcase[@name='chat.short']/error/@type)", "no_record");
    junit_kit_fini(&d);
}

/* GitLab shows the text of the element and not its attribute. */
static void the_message_stands_in_the_attribute_and_in_the_text(void)
{
    struct junit_document d = junit_kit_one("failed", "{\"message\": \"first line\\nsecond line\"}");
    junit_kit_expect(&d, "string(//failure[@type='assertion']/@message)", "first line second line");
    junit_kit_expect(&d, "starts-with(//failure[@type='assertion'], 'first line\nsecond line')", "true");
    junit_kit_fini(&d);
    d = junit_kit_one("skipped", "{\"skip_reason\": \"no model\"}");
    junit_kit_expect(&d, "string(//testcase[@name='chat.short']/skipped)", "no model");
    junit_kit_fini(&d);
}

static void a_long_message_is_cut_in_the_attribute_only(void)
{
    struct made_run made;
    char text[4001];
    memset(text, 'x', sizeof text - 1);
    text[4000] = '\0';
    made_run_begin(&made);
    made_run_add_text(&made, JUNIT_KIT_TEST, "failed", text, 4000);
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "string-length(//failure[@type='assertion']/@message) <= 500", "true");
    junit_kit_expect(&d, "string-length(//failure[@type='assertion']) >= 4000", "true");
    junit_kit_fini(&d);
}

/* Jenkins shows what is behind the last point of a classname as the class. */
static void no_part_of_a_classname_holds_a_point(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/qwen2.5-0.5b.gguf]", "passed", NULL);
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(
        &d, "string(//testcase[@name='chat.short']/@classname)", "live_e2e.chat.sim.qwen2_5-0_5b_gguf");
    junit_kit_fini(&d);
}

/* GitLab keeps the first of two cases of one name, and CI systems add up their history by name. */
static void names_are_unique_within_a_classname(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/a.b]", "passed", NULL);
    made_run_add(&made, "chat.short[sim/a_b]", "passed", NULL);
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "count(//testsuite[@name='chat.sim.a_b']/testcase)", "2");
    junit_kit_expect(&d, "count(//testcase[@name='chat.short'])", "1");
    junit_kit_expect(&d, "count(//testcase[@name='chat.short (2)'])", "1");
    junit_kit_fini(&d);
}

static void earlier_attempts_stand_inside_the_case_of_the_last(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, JUNIT_KIT_TEST, "failed", NULL);
    made_run_add(&made, JUNIT_KIT_TEST, "timeout", "{\"attempt\": 2}");
    made_run_add(&made, JUNIT_KIT_TEST, "passed", "{\"attempt\": 3}");
    made_run_add(&made, "chat.long[sim/tiny]", "passed", NULL);
    made_run_add(&made, "chat.long[sim/tiny]", "failed", "{\"attempt\": 2}");
    made_run_add(&made, "chat.long[sim/tiny]", "failed", "{\"attempt\": 3}");
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "count(//testsuite[@name='chat.sim.tiny']/testcase)", "2");
    junit_kit_expect(&d, "count(//testcase[@name='chat.short']/flakyFailure)", "1");
    junit_kit_expect(&d, "count(//testcase[@name='chat.short']/flakyError[@type='timeout'])", "1");
    junit_kit_expect(&d, "count(//testcase[@name='chat.long']/rerunFailure)", "1");
    junit_kit_expect(&d, "string(//testcase[@name='chat.long']//property[@name='attempts']/@value)",
        "1:passed,2:failed,3:failed");
    junit_kit_expect(&d, "string(//testsuite[@name='chat.sim.tiny']/@failures)", "1");
    junit_kit_fini(&d);
}

static void counts_are_those_of_the_cases(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "failed", NULL);
    made_run_add(&made, "chat.b[sim/tiny]", "crashed", NULL);
    made_run_add(&made, "chat.c[sim/tiny]", "skipped", NULL);
    made_run_add(&made, "chat.d[sim/tiny]", "passed", NULL);
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "string(//testsuite[1]/@tests)", "4");
    junit_kit_expect(&d, "string(//testsuite[1]/@failures)", "1");
    junit_kit_expect(&d, "string(//testsuite[1]/@errors)", "1");
    junit_kit_expect(&d, "string(//testsuite[1]/@skipped)", "1");
    junit_kit_expect(&d, "/testsuites/@tests = count(//testcase)", "true");
    junit_kit_expect(&d, "/testsuites/@failures = count(//failure)", "true");
    junit_kit_expect(&d, "/testsuites/@errors = count(//error)", "true");
    junit_kit_fini(&d);
}

static void damage(struct buf *xml, const char *find, const char *replacement)
{
    char *at = strstr(xml->data, find);
    ck_assert_msg(at != NULL, "%s is not in the report", find);
    ck_assert_uint_eq(strlen(find), strlen(replacement));
    memcpy(at, replacement, strlen(find));
}

static void reading_again_finds_what_is_wrong(void)
{
    static const char *const damages[][3] = {
        {"tests=\"4\"", "tests=\"5\"", "counts"},
        {"<testcase ", "<testcose ", "parsed"},
        {"time=\"0.500000\"", "time=\"0,500000\"", "valid"},
        {"type=\"assertion\"", "tipe=\"assertion\"", "valid"},
        {"timestamp=\"2", "timestomp=\"2", "valid"},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct junit_document d = junit_kit_one("failed", NULL);
        struct error why = {0};
        damage(&d.xml, damages[i][0], damages[i][1]);
        ck_assert_int_eq(junit_check(d.xml.data, d.xml.len, false, &why), STATUS_INVALID);
        ck_assert_msg(strstr(error_text(&why), damages[i][2]) != NULL, "%s", error_text(&why));
        junit_kit_fini(&d);
    }
}

/* An empty file is a failing "[empty]" case in Jenkins, a suite without cases an error in others. */
static void no_suite_and_no_file_is_empty(void)
{
    struct made_run made;
    made_run_begin(&made);
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "count(//testsuite)", "1");
    junit_kit_expect(&d, "count(//testsuite[not(testcase)])", "0");
    junit_kit_expect(&d, "count(//testcase[@classname='live_e2e.gate'])", "3");
    junit_kit_fini(&d);
    ck_assert_int_eq(junit_check("", 0, false, NULL), STATUS_INVALID);
    ck_assert_int_eq(junit_check("<testsuites/>", 13, false, NULL), STATUS_INVALID);
}

static void timestamps_are_utc_without_zone_or_fraction(void)
{
    struct junit_document d = junit_kit_one("passed", NULL);
    junit_kit_expect(&d, "string(//testsuite[1]/@timestamp)", "2026-11-20T23:46:05");
    junit_kit_fini(&d);
}

static void times_are_plain_decimals(void)
{
    static const char *const rows[][2] = {{"0.0000004", "0.000000"}, {"1e-3", "0.001000"},
        {"1234567.5", "1234567.500000"}, {"0", "0.000000"}, {"1e5", "100000.000000"},
        {"1e300", "31536000.000000"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char members[64];
        snprintf(members, sizeof members, "{\"duration\": %s}", rows[i][0]);
        struct junit_document d = junit_kit_one("passed", members);
        junit_kit_expect(&d, "string(//testcase[@name='chat.short']/@time)", rows[i][1]);
        junit_kit_fini(&d);
    }
}

static void a_locale_with_a_decimal_comma_changes_nothing(void)
{
    static const char *const locales[] = {
        "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8", "pl_PL.UTF-8"};
    struct junit_document plain = junit_kit_one("passed", NULL);
    const char *chosen = NULL;
    for (size_t i = 0; i < sizeof locales / sizeof *locales && !chosen; i++)
        chosen = setlocale(LC_ALL, locales[i]);
    if (!chosen) {
        junit_kit_fini(&plain);
        TESTKIT_SKIP("no locale with a decimal comma is installed");
    }
    struct junit_document comma = junit_kit_one("passed", NULL);
    setlocale(LC_ALL, "C");
    ck_assert_str_eq(plain.xml.data, comma.xml.data);
    junit_kit_fini(&plain);
    junit_kit_fini(&comma);
}

static void the_time_of_a_suite_is_wall_time_and_not_a_sum(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "passed",
        "{\"duration\": 4, \"start_unix_ns\": 10000000000, \"end_unix_ns\": 14000000000}");
    made_run_add(&made, "chat.b[sim/tiny]", "passed",
        "{\"duration\": 4, \"start_unix_ns\": 11000000000, \"end_unix_ns\": 15000000000}");
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "string(//testsuite[@name='chat.sim.tiny']/@time)", "5.000");
    junit_kit_expect(&d, "string(/testsuites/@time)", "5.000");
    junit_kit_fini(&d);
}

static void the_place_of_a_failure_is_given_where_it_is_known(void)
{
    struct junit_document d =
        junit_kit_one("failed", "{\"location\": {\"file\": \"suite/chat.c\", \"line\": 31}}");
    junit_kit_expect(&d, "string(//testcase[@name='chat.short']/@file)", "suite/chat.c");
    junit_kit_expect(&d, "string(//testcase[@name='chat.short']/@line)", "31");
    junit_kit_expect(&d, "contains(//failure[@type='assertion'], 'suite/chat.c:31')", "true");
    junit_kit_fini(&d);
}

static void a_dirty_machine_is_a_property_and_no_failure(void)
{
    struct junit_document d =
        junit_kit_one("passed", "{" MADE_HEALTH("degraded", "\"degraded_swap\", \"degraded_io\"", "") "}");
    junit_kit_expect(&d, "string(//testcase[@name='chat.short']//property[@name='quality']/@value)",
        "dirty:degraded_swap,degraded_io");
    junit_kit_expect(&d, "count(//failure | //error)", "0");
    junit_kit_fini(&d);
}

static void quality(bool require_clean, const char *element)
{
    struct made_run made;
    struct run_data data;
    struct junit_options options = {.strict = false};
    char path[128];
    made_run_begin(&made);
    made_run_add(&made, JUNIT_KIT_TEST, "passed", "{" MADE_HEALTH("degraded", "\"degraded_swap\"", "") "}");
    made_run_load(&made, &data);
    struct junit_document d = junit_kit_write(&data, &options, require_clean);
    snprintf(path, sizeof path, "contains(//testcase[@name='gate.quality']/%s, 'degraded_swap')", element);
    junit_kit_expect(&d, path, "true");
    junit_kit_expect(&d, "count(//testcase[@name='gate.records' or @name='gate.outcomes']/*)", "0");
    junit_kit_fini(&d);
    run_data_fini(&data);
}

static void the_gate_says_in_cases_of_its_own_why_a_release_is_blocked(void)
{
    quality(true, "failure[@type='gate']");
    quality(false, "skipped");
    struct junit_document d = junit_kit_one("crashed", NULL);
    junit_kit_expect(&d, "count(//testcase[@name='gate.outcomes']/failure[@type='gate'])", "1");
    junit_kit_fini(&d);
}

static void a_report_that_cannot_be_written_leaves_the_old_one(void)
{
    struct made_run made;
    struct run_data data;
    struct report_options options = {.formats = REPORT_JUNIT};
    struct error why = {0};
    made_run_begin(&made);
    made_run_add(&made, JUNIT_KIT_TEST, "passed", NULL);
    made_run_load(&made, &data);
    const char *path = testkit_tmp_path("saved.xml");
    ck_assert_msg(
        report_save(&data, &options, REPORT_JUNIT, path, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(junit_check_file(path, false, &why), STATUS_OK);
    ck_assert_int_eq(
        report_save(&data, &options, REPORT_JUNIT, "/nowhere/at/all.xml", &why), STATUS_NOT_FOUND);
    ck_assert_int_ne(access(path, R_OK), -1);
    ck_assert_int_eq(junit_check_file("/nowhere/at/all.xml", false, &why), STATUS_NOT_FOUND);
    run_data_fini(&data);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_passed_test_is_a_case_without_result),
        TESTKIT_TEST(each_outcome_has_its_element_and_type),
        TESTKIT_TEST(a_planned_test_without_record_is_an_error),
        TESTKIT_TEST(the_message_stands_in_the_attribute_and_in_the_text),
        TESTKIT_TEST(a_long_message_is_cut_in_the_attribute_only),
        TESTKIT_TEST(no_part_of_a_classname_holds_a_point),
        TESTKIT_TEST(names_are_unique_within_a_classname),
        TESTKIT_TEST(earlier_attempts_stand_inside_the_case_of_the_last),
        TESTKIT_TEST(counts_are_those_of_the_cases),
        TESTKIT_TEST(reading_again_finds_what_is_wrong),
        TESTKIT_TEST(no_suite_and_no_file_is_empty),
        TESTKIT_TEST(timestamps_are_utc_without_zone_or_fraction),
        TESTKIT_TEST(times_are_plain_decimals),
        TESTKIT_TEST(a_locale_with_a_decimal_comma_changes_nothing),
        TESTKIT_TEST(the_time_of_a_suite_is_wall_time_and_not_a_sum),
        TESTKIT_TEST(the_place_of_a_failure_is_given_where_it_is_known),
        TESTKIT_TEST(a_dirty_machine_is_a_property_and_no_failure),
        TESTKIT_TEST(the_gate_says_in_cases_of_its_own_why_a_release_is_blocked),
        TESTKIT_TEST(a_report_that_cannot_be_written_leaves_the_old_one),
        {0},
    };
    return testkit_run("junit", tests);
}
