/* Figures as properties of a JUnit report, in both profiles, and which of them a file too large leaves out. */
#include "junit_kit.h"

#include "junit.h"
#include "report_files.h"
#include "made_run.h"
#include "testkit.h"

#include <stdio.h>

#define FIGURES                                                                                              \
    "\"performance\": {\"ttft_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": 3, \"median\": 0.0123, "  \
    "\"mad\": 0.0004, \"values\": [0.0119, 0.0123, 0.0127]}}"

static void figures_are_properties_of_the_case(void)
{
    struct junit_document d = junit_kit_one("passed", "{" FIGURES "}");
    junit_kit_expect(&d, "string(//testcase//property[@name='ttft_s.median']/@value)", "0.012300");
    junit_kit_expect(&d, "string(//testcase//property[@name='ttft_s.mad']/@value)", "0.000400");
    junit_kit_expect(&d, "string(//testcase//property[@name='ttft_s.n']/@value)", "3");
    junit_kit_expect(&d, "string(//testcase//property[@name='simulated']/@value)", "true");
    junit_kit_fini(&d);
}

static void a_load_test_says_what_was_asked_and_whether_its_client_kept_up(void)
{
    struct junit_document d = junit_kit_one("passed",
        "{\"load\": {\"arrivals\": \"closed\", \"unit\": \"streams\", \"asked\": 4, \"achieved\": 3.5}, "
        "\"client\": {\"verdict\": \"invalid\", \"reason\": \"late\"}, \"performance\": {\"ttft_s\": "
        "{\"unit\": "
        "\"s\", \"better\": \"lower\", \"n\": 400, \"median\": 0.05, \"p99\": 0.25, \"values\": [0.05]}, "
        "\"latency_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": 9, \"median\": 1, \"p99\": 2, "
        "\"values\": [1]}}}");
    junit_kit_expect(&d, "string(//property[@name='load.asked']/@value)", "4.000000");
    junit_kit_expect(&d, "string(//property[@name='load.achieved']/@value)", "3.500000");
    junit_kit_expect(&d, "string(//property[@name='load.unit']/@value)", "streams");
    junit_kit_expect(&d, "string(//property[@name='client.verdict']/@value)", "invalid");
    junit_kit_expect(&d, "string(//property[@name='client.reason']/@value)", "late");
    junit_kit_expect(&d, "string(//property[@name='ttft_s.p99']/@value)", "0.250000");
    junit_kit_expect(&d, "count(//property[@name='latency_s.p99'])", "0"); /* below its floor */
    junit_kit_fini(&d);
}

static void the_strict_profile_moves_what_junit_10_does_not_know(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, JUNIT_KIT_TEST, "failed",
        "{" FIGURES ", \"location\": {\"file\": \"suite/chat.c\", \"line\": 31}}");
    struct junit_document d = junit_kit_of(&made, true);
    junit_kit_expect(&d, "count(//testcase/properties)", "0");
    junit_kit_expect(&d, "count(//testcase/@file | //testcase/@line)", "0");
    junit_kit_expect(
        &d, "string(//testsuite/properties/property[@name='chat.short.ttft_s.median']/@value)", "0.012300");
    junit_kit_expect(&d, "contains(//testcase/system-out, '[[PROPERTY|ttft_s.median=0.012300]]')", "true");
    junit_kit_expect(&d, "contains(//failure[@type='assertion'], 'suite/chat.c:31')", "true");
    junit_kit_fini(&d);
}

static void the_two_profiles_do_not_pass_for_each_other(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, JUNIT_KIT_TEST, "passed", NULL);
    struct junit_document d = junit_kit_of(&made, false);
    ck_assert_int_eq(junit_check(d.xml.data, d.xml.len, true, NULL), STATUS_INVALID);
    junit_kit_fini(&d);
    made_run_begin(&made);
    made_run_add(&made, JUNIT_KIT_TEST, "passed", NULL);
    d = junit_kit_of(&made, true);
    ck_assert_int_eq(junit_check(d.xml.data, d.xml.len, false, NULL), STATUS_INVALID);
    junit_kit_fini(&d);
}

/* GitLab takes 30 MB and 250 000 elements. */
static void a_report_that_is_too_large_leaves_details_out_and_says_so(void)
{
    static const struct {
        size_t bytes, elements;
        const char *left_out;
    } rows[] = {
        {0, 0, ""},
        {13000, 0, "figures"},
        {0, 230, "figures"},
        {4000, 0, "figures, properties, long texts"},
    };
    struct made_run made;
    struct run_data data;
    made_run_begin(&made);
    for (int i = 0; i < 20; i++) {
        char test[64];
        snprintf(test, sizeof test, "chat.c%d[sim/tiny]", i);
        made_run_add(&made, test, "passed", "{" FIGURES "}");
    }
    made_run_load(&made, &data);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct junit_options options = {.bytes_wanted = rows[i].bytes, .elements_wanted = rows[i].elements};
        struct junit_document d = junit_kit_write(&data, &options, false);
        junit_kit_expect(
            &d, "string(//testsuite[1]/properties/property[@name='left_out']/@value)", rows[i].left_out);
        junit_kit_expect(&d, "count(//testcase)", "23");
        junit_kit_fini(&d);
    }
    run_data_fini(&data);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(figures_are_properties_of_the_case),
        TESTKIT_TEST(a_load_test_says_what_was_asked_and_whether_its_client_kept_up),
        TESTKIT_TEST(the_strict_profile_moves_what_junit_10_does_not_know),
        TESTKIT_TEST(the_two_profiles_do_not_pass_for_each_other),
        TESTKIT_TEST(a_report_that_is_too_large_leaves_details_out_and_says_so),
        {0},
    };
    return testkit_run("junit_figures", tests);
}
