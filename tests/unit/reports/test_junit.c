/* One test per rule that consumers of JUnit XML impose: Jenkins, GitLab, strict schemas, XML itself. */
#include "junit.h"
#include "report_files.h"

#include "made_run.h"
#include "rng.h"
#include "testkit.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEST "chat.short[sim/tiny]"

/* A report in memory and as a tree; checked against our schema. */
struct document {
    struct buf xml;
    xmlDocPtr doc;
};

static struct document write_document(
    const struct run_data *data, const struct junit_options *options, bool require_clean)
{
    struct document d = {.xml = BUF_INIT(JUNIT_BYTES_MAX)};
    struct gate gate;
    struct error why = {0};
    ck_assert_int_eq(gate_judge(data, require_clean, &gate, &why), STATUS_OK);
    ck_assert_msg(junit_write(data, &gate, options, &d.xml, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_msg(
        junit_check(d.xml.data, d.xml.len, options->strict, &why) == STATUS_OK, "%s", error_text(&why));
    d.doc = xmlReadMemory(d.xml.data, (int)d.xml.len, "junit.xml", NULL, XML_PARSE_NONET);
    ck_assert_ptr_nonnull(d.doc);
    gate_fini(&gate);
    return d;
}

static struct document document_of(struct made_run *made, bool strict)
{
    struct run_data data;
    struct junit_options options = {.strict = strict};
    made_run_load(made, &data);
    struct document d = write_document(&data, &options, false);
    run_data_fini(&data);
    return d;
}

static struct document one_test(const char *outcome, const char *members)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, TEST, outcome, members);
    return document_of(&made, false);
}

static void document_fini(struct document *d)
{
    xmlFreeDoc(d->doc);
    buf_fini(&d->xml);
}

/* XPath as a text; to be freed with xmlFree. */
static char *query(const struct document *d, const char *path)
{
    xmlXPathContextPtr context = xmlXPathNewContext(d->doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST path, context);
    ck_assert_msg(found != NULL, "%s is no XPath", path);
    xmlChar *text = xmlXPathCastToString(found);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return (char *)text;
}

static void expect(const struct document *d, const char *path, const char *expected)
{
    char *text = query(d, path);
    ck_assert_msg(strcmp(text, expected) == 0, "%s is \"%s\" and not \"%s\"", path, text, expected);
    xmlFree(text);
}

static void a_passed_test_is_a_case_without_result(void)
{
    struct document d = one_test("passed", NULL);
    expect(&d, "count(//testcase[@name='chat.short']/*[name() != 'properties'])", "0");
    expect(&d, "string(//testcase[@name='chat.short']/@classname)", "live_e2e.chat.sim.tiny");
    document_fini(&d);
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
        struct document d = one_test(rows[i].outcome, rows[i].members);
        snprintf(path, sizeof path, "string(//testcase[@name='chat.short']/%s/@type)", rows[i].element);
        expect(&d, path, rows[i].type);
        snprintf(
            path, sizeof path, "count(//testcase[@name='chat.short']/%s[@message != ''])", rows[i].element);
        expect(&d, path, "1");
        document_fini(&d);
    }
}

static void a_planned_test_without_record_is_an_error(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_plan(&made, TEST);
    struct document d = document_of(&made, false);
    expect(&d, "string(//testcase[@name='chat.short']/error/@type)", "no_record");
    document_fini(&d);
}

/* GitLab shows the text of the element and not its attribute. */
static void the_message_stands_in_the_attribute_and_in_the_text(void)
{
    struct document d = one_test("failed", "{\"message\": \"first line\\nsecond line\"}");
    expect(&d, "string(//failure[@type='assertion']/@message)", "first line second line");
    expect(&d, "starts-with(//failure[@type='assertion'], 'first line\nsecond line')", "true");
    document_fini(&d);
    d = one_test("skipped", "{\"skip_reason\": \"no model\"}");
    expect(&d, "string(//testcase[@name='chat.short']/skipped)", "no model");
    document_fini(&d);
}

static void a_long_message_is_cut_in_the_attribute_only(void)
{
    struct made_run made;
    char text[4001];
    memset(text, 'x', sizeof text - 1);
    text[4000] = '\0';
    made_run_begin(&made);
    made_run_add_text(&made, TEST, "failed", text, 4000);
    struct document d = document_of(&made, false);
    expect(&d, "string-length(//failure[@type='assertion']/@message) <= 500", "true");
    expect(&d, "string-length(//failure[@type='assertion']) >= 4000", "true");
    document_fini(&d);
}

/* Jenkins shows what is behind the last point of a classname as the class. */
static void no_part_of_a_classname_holds_a_point(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/qwen2.5-0.5b.gguf]", "passed", NULL);
    struct document d = document_of(&made, false);
    expect(&d, "string(//testcase[@name='chat.short']/@classname)", "live_e2e.chat.sim.qwen2_5-0_5b_gguf");
    document_fini(&d);
}

/* GitLab keeps the first of two cases of one name, and CI systems add up their history by name. */
static void names_are_unique_within_a_classname(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/a.b]", "passed", NULL);
    made_run_add(&made, "chat.short[sim/a_b]", "passed", NULL);
    struct document d = document_of(&made, false);
    expect(&d, "count(//testsuite[@name='chat.sim.a_b']/testcase)", "2");
    expect(&d, "count(//testcase[@name='chat.short'])", "1");
    expect(&d, "count(//testcase[@name='chat.short (2)'])", "1");
    document_fini(&d);
}

static void earlier_attempts_stand_inside_the_case_of_the_last(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, TEST, "failed", NULL);
    made_run_add(&made, TEST, "timeout", "{\"attempt\": 2}");
    made_run_add(&made, TEST, "passed", "{\"attempt\": 3}");
    made_run_add(&made, "chat.long[sim/tiny]", "passed", NULL);
    made_run_add(&made, "chat.long[sim/tiny]", "failed", "{\"attempt\": 2}");
    made_run_add(&made, "chat.long[sim/tiny]", "failed", "{\"attempt\": 3}");
    struct document d = document_of(&made, false);
    expect(&d, "count(//testsuite[@name='chat.sim.tiny']/testcase)", "2");
    expect(&d, "count(//testcase[@name='chat.short']/flakyFailure)", "1");
    expect(&d, "count(//testcase[@name='chat.short']/flakyError[@type='timeout'])", "1");
    expect(&d, "count(//testcase[@name='chat.long']/rerunFailure)", "1");
    expect(&d, "string(//testcase[@name='chat.long']//property[@name='attempts']/@value)",
        "1:passed,2:failed,3:failed");
    expect(&d, "string(//testsuite[@name='chat.sim.tiny']/@failures)", "1");
    document_fini(&d);
}

static void counts_are_those_of_the_cases(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "failed", NULL);
    made_run_add(&made, "chat.b[sim/tiny]", "crashed", NULL);
    made_run_add(&made, "chat.c[sim/tiny]", "skipped", NULL);
    made_run_add(&made, "chat.d[sim/tiny]", "passed", NULL);
    struct document d = document_of(&made, false);
    expect(&d, "string(//testsuite[1]/@tests)", "4");
    expect(&d, "string(//testsuite[1]/@failures)", "1");
    expect(&d, "string(//testsuite[1]/@errors)", "1");
    expect(&d, "string(//testsuite[1]/@skipped)", "1");
    expect(&d, "/testsuites/@tests = count(//testcase)", "true");
    expect(&d, "/testsuites/@failures = count(//failure)", "true");
    expect(&d, "/testsuites/@errors = count(//error)", "true");
    document_fini(&d);
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
        struct document d = one_test("failed", NULL);
        struct error why = {0};
        damage(&d.xml, damages[i][0], damages[i][1]);
        ck_assert_int_eq(junit_check(d.xml.data, d.xml.len, false, &why), STATUS_INVALID);
        ck_assert_msg(strstr(error_text(&why), damages[i][2]) != NULL, "%s", error_text(&why));
        document_fini(&d);
    }
}

/* An empty file is a failing "[empty]" case in Jenkins, a suite without cases an error in others. */
static void no_suite_and_no_file_is_empty(void)
{
    struct made_run made;
    made_run_begin(&made);
    struct document d = document_of(&made, false);
    expect(&d, "count(//testsuite)", "1");
    expect(&d, "count(//testsuite[not(testcase)])", "0");
    expect(&d, "count(//testcase[@classname='live_e2e.gate'])", "3");
    document_fini(&d);
    ck_assert_int_eq(junit_check("", 0, false, NULL), STATUS_INVALID);
    ck_assert_int_eq(junit_check("<testsuites/>", 13, false, NULL), STATUS_INVALID);
}

static void timestamps_are_utc_without_zone_or_fraction(void)
{
    struct document d = one_test("passed", NULL);
    expect(&d, "string(//testsuite[1]/@timestamp)", "2026-11-20T23:46:05");
    document_fini(&d);
}

static void times_are_plain_decimals(void)
{
    static const char *const rows[][2] = {{"0.0000004", "0.000000"}, {"1e-3", "0.001000"},
        {"1234567.5", "1234567.500000"}, {"0", "0.000000"}, {"1e5", "100000.000000"},
        {"1e300", "31536000.000000"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char members[64];
        snprintf(members, sizeof members, "{\"duration\": %s}", rows[i][0]);
        struct document d = one_test("passed", members);
        expect(&d, "string(//testcase[@name='chat.short']/@time)", rows[i][1]);
        document_fini(&d);
    }
}

static void a_locale_with_a_decimal_comma_changes_nothing(void)
{
    static const char *const locales[] = {
        "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8", "pl_PL.UTF-8"};
    struct document plain = one_test("passed", NULL);
    const char *chosen = NULL;
    for (size_t i = 0; i < sizeof locales / sizeof *locales && !chosen; i++)
        chosen = setlocale(LC_ALL, locales[i]);
    if (!chosen) {
        document_fini(&plain);
        TESTKIT_SKIP("no locale with a decimal comma is installed");
    }
    struct document comma = one_test("passed", NULL);
    setlocale(LC_ALL, "C");
    ck_assert_str_eq(plain.xml.data, comma.xml.data);
    document_fini(&plain);
    document_fini(&comma);
}

static void the_time_of_a_suite_is_wall_time_and_not_a_sum(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.a[sim/tiny]", "passed",
        "{\"duration\": 4, \"start_unix_ns\": 10000000000, \"end_unix_ns\": 14000000000}");
    made_run_add(&made, "chat.b[sim/tiny]", "passed",
        "{\"duration\": 4, \"start_unix_ns\": 11000000000, \"end_unix_ns\": 15000000000}");
    struct document d = document_of(&made, false);
    expect(&d, "string(//testsuite[@name='chat.sim.tiny']/@time)", "5.000");
    expect(&d, "string(/testsuites/@time)", "5.000");
    document_fini(&d);
}

static void the_place_of_a_failure_is_given_where_it_is_known(void)
{
    struct document d = one_test("failed", "{\"location\": {\"file\": \"suite/chat.c\", \"line\": 31}}");
    expect(&d, "string(//testcase[@name='chat.short']/@file)", "suite/chat.c");
    expect(&d, "string(//testcase[@name='chat.short']/@line)", "31");
    expect(&d, "contains(//failure[@type='assertion'], 'suite/chat.c:31')", "true");
    document_fini(&d);
}

/* XML 1.0 has no way at all to write these, not even as numeric references. */
static void characters_that_xml_cannot_hold_are_shown_and_not_written(void)
{
    static const char hostile[] =
        "\x01\x02\x08\x0b\x0c\x0e\x1b\x1f\x7f \xef\xbf\xbe\xef\xbf\xbf \xc2\x80 \x1b[31mred\x1b[0m "
        "\x1b]0;title\x07 \x1b[12";
    struct made_run made;
    made_run_begin(&made);
    made_run_add_text(&made, TEST, "failed", hostile, sizeof hostile - 1);
    struct document d = document_of(&made, false);
    expect(&d, "contains(//failure[@type='assertion'], '\\x01\\x02')", "true");
    expect(&d, "contains(//failure[@type='assertion'], 'red')", "true");
    expect(&d, "contains(//failure[@type='assertion'], '[31m')", "false");
    for (size_t i = 0; i < d.xml.len; i++)
        ck_assert((unsigned char)d.xml.data[i] >= 0x20 || d.xml.data[i] == '\n');
    document_fini(&d);
}

static void text_is_written_as_text_nodes_and_never_as_cdata(void)
{
    static const char hostile[] = "]]><![CDATA[ </failure></testcase> <!-- & &amp; &#27; <script>";
    struct made_run made;
    made_run_begin(&made);
    made_run_add_text(&made, TEST, "failed", hostile, sizeof hostile - 1);
    struct document d = document_of(&made, false);
    ck_assert_ptr_null(strstr(d.xml.data, "<![CDATA["));
    expect(&d, "contains(//failure[@type='assertion'], '</failure></testcase> <!-- & &amp; &#27; <script>')",
        "true");
    document_fini(&d);
}

/* "[[ATTACHMENT|path]]" makes GitLab and Jenkins fetch a file. */
static void model_output_cannot_attach_files(void)
{
    static const char hostile[] = "[[ATTACHMENT|/etc/passwd]] and [[[[PROPERTY|x=y]]]]";
    for (int strict = 0; strict < 2; strict++) {
        struct made_run made;
        made_run_begin(&made);
        made_run_add_text(&made, TEST, "failed", hostile, sizeof hostile - 1);
        made_run_add_text(&made, TEST, "failed", hostile, sizeof hostile - 1);
        struct document d = document_of(&made, strict);
        expect(&d, "count(//*[contains(text(), '[[ATTACHMENT')])", "0");
        expect(&d, "contains(//failure[@type='assertion'], 'ATTACHMENT')", "true");
        document_fini(&d);
    }
}

static void a_text_node_above_the_limit_of_readers_is_refused(void)
{
    struct document d = one_test("failed", NULL);
    struct buf big = BUF_INIT(64 << 20);
    struct error why = {0};
    char *at = strstr(d.xml.data, "something happened</failure>");
    ck_assert_ptr_nonnull(at);
    buf_append(&big, d.xml.data, (size_t)(at - d.xml.data));
    for (int i = 0; i < 11 << 10; i++) {
        char kilobyte[1025] = "";
        memset(kilobyte, 'x', sizeof kilobyte - 1);
        buf_append_text(&big, kilobyte);
    }
    buf_append_text(&big, at);
    ck_assert_int_eq(junit_check(big.data, big.len, false, &why), STATUS_INVALID);
    buf_fini(&big);
    document_fini(&d);
}

#define FIGURES                                                                                              \
    "\"performance\": {\"ttft_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": 3, \"median\": 0.0123, "  \
    "\"mad\": 0.0004, \"values\": [0.0119, 0.0123, 0.0127]}}"

static void figures_are_properties_of_the_case(void)
{
    struct document d = one_test("passed", "{" FIGURES "}");
    expect(&d, "string(//testcase//property[@name='ttft_s.median']/@value)", "0.012300");
    expect(&d, "string(//testcase//property[@name='ttft_s.mad']/@value)", "0.000400");
    expect(&d, "string(//testcase//property[@name='ttft_s.n']/@value)", "3");
    expect(&d, "string(//testcase//property[@name='simulated']/@value)", "true");
    document_fini(&d);
}

static void a_load_test_says_what_was_asked_and_whether_its_client_kept_up(void)
{
    struct document d = one_test("passed",
        "{\"load\": {\"arrivals\": \"closed\", \"unit\": \"streams\", \"asked\": 4, \"achieved\": 3.5}, "
        "\"client\": {\"verdict\": \"invalid\", \"reason\": \"late\"}, \"performance\": {\"ttft_s\": "
        "{\"unit\": "
        "\"s\", \"better\": \"lower\", \"n\": 400, \"median\": 0.05, \"p99\": 0.25, \"values\": [0.05]}, "
        "\"latency_s\": {\"unit\": \"s\", \"better\": \"lower\", \"n\": 9, \"median\": 1, \"p99\": 2, "
        "\"values\": [1]}}}");
    expect(&d, "string(//property[@name='load.asked']/@value)", "4.000000");
    expect(&d, "string(//property[@name='load.achieved']/@value)", "3.500000");
    expect(&d, "string(//property[@name='load.unit']/@value)", "streams");
    expect(&d, "string(//property[@name='client.verdict']/@value)", "invalid");
    expect(&d, "string(//property[@name='client.reason']/@value)", "late");
    expect(&d, "string(//property[@name='ttft_s.p99']/@value)", "0.250000");
    expect(&d, "count(//property[@name='latency_s.p99'])", "0"); /* below its floor */
    document_fini(&d);
}

static void the_strict_profile_moves_what_junit_10_does_not_know(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(
        &made, TEST, "failed", "{" FIGURES ", \"location\": {\"file\": \"suite/chat.c\", \"line\": 31}}");
    struct document d = document_of(&made, true);
    expect(&d, "count(//testcase/properties)", "0");
    expect(&d, "count(//testcase/@file | //testcase/@line)", "0");
    expect(
        &d, "string(//testsuite/properties/property[@name='chat.short.ttft_s.median']/@value)", "0.012300");
    expect(&d, "contains(//testcase/system-out, '[[PROPERTY|ttft_s.median=0.012300]]')", "true");
    expect(&d, "contains(//failure[@type='assertion'], 'suite/chat.c:31')", "true");
    document_fini(&d);
}

static void the_two_profiles_do_not_pass_for_each_other(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, TEST, "passed", NULL);
    struct document d = document_of(&made, false);
    ck_assert_int_eq(junit_check(d.xml.data, d.xml.len, true, NULL), STATUS_INVALID);
    document_fini(&d);
    made_run_begin(&made);
    made_run_add(&made, TEST, "passed", NULL);
    d = document_of(&made, true);
    ck_assert_int_eq(junit_check(d.xml.data, d.xml.len, false, NULL), STATUS_INVALID);
    document_fini(&d);
}

static void a_property_line_cannot_be_ended_from_inside(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/x]]\n[[PROPERTY|evil=1]]y]", "passed", NULL);
    struct document d = document_of(&made, true);
    expect(&d, "contains(//testcase/system-out, '[[PROPERTY|evil')", "false");
    document_fini(&d);
}

static void a_dirty_machine_is_a_property_and_no_failure(void)
{
    struct document d =
        one_test("passed", "{" MADE_HEALTH("degraded", "\"degraded_swap\", \"degraded_io\"", "") "}");
    expect(&d, "string(//testcase[@name='chat.short']//property[@name='quality']/@value)",
        "dirty:degraded_swap,degraded_io");
    expect(&d, "count(//failure | //error)", "0");
    document_fini(&d);
}

static void quality(bool require_clean, const char *element)
{
    struct made_run made;
    struct run_data data;
    struct junit_options options = {.strict = false};
    char path[128];
    made_run_begin(&made);
    made_run_add(&made, TEST, "passed", "{" MADE_HEALTH("degraded", "\"degraded_swap\"", "") "}");
    made_run_load(&made, &data);
    struct document d = write_document(&data, &options, require_clean);
    snprintf(path, sizeof path, "contains(//testcase[@name='gate.quality']/%s, 'degraded_swap')", element);
    expect(&d, path, "true");
    expect(&d, "count(//testcase[@name='gate.records' or @name='gate.outcomes']/*)", "0");
    document_fini(&d);
    run_data_fini(&data);
}

static void the_gate_says_in_cases_of_its_own_why_a_release_is_blocked(void)
{
    quality(true, "failure[@type='gate']");
    quality(false, "skipped");
    struct document d = one_test("crashed", NULL);
    expect(&d, "count(//testcase[@name='gate.outcomes']/failure[@type='gate'])", "1");
    document_fini(&d);
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
        struct document d = write_document(&data, &options, false);
        expect(&d, "string(//testsuite[1]/properties/property[@name='left_out']/@value)", rows[i].left_out);
        expect(&d, "count(//testcase)", "23");
        document_fini(&d);
    }
    run_data_fini(&data);
}

static void nothing_hostile_breaks_either_profile(void)
{
    const char *given = getenv("ASSAY_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20261120;
    struct rng rng;
    rng_seed(&rng, seed);
    printf("seed %llu (ASSAY_TEST_SEED)\n", (unsigned long long)seed);
    for (int round = 0; round < 40; round++) {
        struct made_run made;
        struct run_data data;
        made_run_begin(&made);
        for (int i = 0; i < 5; i++) {
            static const char *const outcomes[] = {"failed", "error", "skipped", "lost", "not_run"};
            struct buf text = BUF_INIT(8192), test = BUF_INIT(8192);
            made_hostile_text(&rng, &text, 1500);
            buf_append_text(&test, "chat.x");
            made_hostile_text(&rng, &test, 60);
            made_run_add_text(&made, buf_text(&test), outcomes[i], text.data, text.len);
            buf_fini(&text);
            buf_fini(&test);
        }
        made_run_load(&made, &data);
        for (int strict = 0; strict < 2; strict++) {
            struct junit_options options = {.strict = strict};
            struct document d = write_document(&data, &options, round % 2);
            document_fini(&d);
        }
        run_data_fini(&data);
    }
}

static void a_report_that_cannot_be_written_leaves_the_old_one(void)
{
    struct made_run made;
    struct run_data data;
    struct report_options options = {.formats = REPORT_JUNIT};
    struct error why = {0};
    made_run_begin(&made);
    made_run_add(&made, TEST, "passed", NULL);
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
        TESTKIT_TEST(characters_that_xml_cannot_hold_are_shown_and_not_written),
        TESTKIT_TEST(text_is_written_as_text_nodes_and_never_as_cdata),
        TESTKIT_TEST(model_output_cannot_attach_files),
        TESTKIT_TEST(a_text_node_above_the_limit_of_readers_is_refused),
        TESTKIT_TEST(figures_are_properties_of_the_case),
        TESTKIT_TEST(a_load_test_says_what_was_asked_and_whether_its_client_kept_up),
        TESTKIT_TEST(the_strict_profile_moves_what_junit_10_does_not_know),
        TESTKIT_TEST(the_two_profiles_do_not_pass_for_each_other),
        TESTKIT_TEST(a_property_line_cannot_be_ended_from_inside),
        TESTKIT_TEST(a_dirty_machine_is_a_property_and_no_failure),
        TESTKIT_TEST(the_gate_says_in_cases_of_its_own_why_a_release_is_blocked),
        TESTKIT_TEST(a_report_that_is_too_large_leaves_details_out_and_says_so),
        TESTKIT_TEST(nothing_hostile_breaks_either_profile),
        TESTKIT_TEST(a_report_that_cannot_be_written_leaves_the_old_one),
        {0},
    };
    return testkit_run("junit", tests);
}
