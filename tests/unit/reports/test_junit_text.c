/* Hostile text in a JUnit report: what XML cannot hold, and what its readers would obey. */
#include "junit_kit.h"

#include "junit.h"
#include "made_run.h"
#include "rng.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* XML 1.0 has no way at all to write these, not even as numeric references. */
static void characters_that_xml_cannot_hold_are_shown_and_not_written(void)
{
    static const char hostile[] =
        "\x01\x02\x08\x0b\x0c\x0e\x1b\x1f\x7f \xef\xbf\xbe\xef\xbf\xbf \xc2\x80 \x1b[31mred\x1b[0m "
        "\x1b]0;title\x07 \x1b[12";
    struct made_run made;
    made_run_begin(&made);
    made_run_add_text(&made, JUNIT_KIT_TEST, "failed", hostile, sizeof hostile - 1);
    struct junit_document d = junit_kit_of(&made, false);
    junit_kit_expect(&d, "contains(//failure[@type='assertion'], '\\x01\\x02')", "true");
    junit_kit_expect(&d, "contains(//failure[@type='assertion'], 'red')", "true");
    junit_kit_expect(&d, "contains(//failure[@type='assertion'], '[31m')", "false");
    for (size_t i = 0; i < d.xml.len; i++)
        ck_assert((unsigned char)d.xml.data[i] >= 0x20 || d.xml.data[i] == '\n');
    junit_kit_fini(&d);
}

static void text_is_written_as_text_nodes_and_never_as_cdata(void)
{
    static const char hostile[] = "]]><![CDATA[ </failure></testcase> <!-- & &amp; &#27; <script>";
    struct made_run made;
    made_run_begin(&made);
    made_run_add_text(&made, JUNIT_KIT_TEST, "failed", hostile, sizeof hostile - 1);
    struct junit_document d = junit_kit_of(&made, false);
    ck_assert_ptr_null(strstr(d.xml.data, "<![CDATA["));
    junit_kit_expect(&d,
        "contains(//failure[@type='assertion'], '</failure></testcase> <!-- & &amp; &#27; <script>')",
        "true");
    junit_kit_fini(&d);
}

/* "[[ATTACHMENT|path]]" makes GitLab and Jenkins fetch a file. */
static void model_output_cannot_attach_files(void)
{
    static const char hostile[] = "[[ATTACHMENT|/etc/passwd]] and [[[[PROPERTY|x=y]]]]";
    for (int strict = 0; strict < 2; strict++) {
        struct made_run made;
        made_run_begin(&made);
        made_run_add_text(&made, JUNIT_KIT_TEST, "failed", hostile, sizeof hostile - 1);
        made_run_add_text(&made, JUNIT_KIT_TEST, "failed", hostile, sizeof hostile - 1);
        struct junit_document d = junit_kit_of(&made, strict);
        junit_kit_expect(&d, "count(//*[contains(text(), '[[ATTACHMENT')])", "0");
        junit_kit_expect(&d, "contains(//failure[@type='assertion'], 'ATTACHMENT')", "true");
        junit_kit_fini(&d);
    }
}

static void a_text_node_above_the_limit_of_readers_is_refused(void)
{
    struct junit_document d = junit_kit_one("failed", NULL);
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
    junit_kit_fini(&d);
}

static void a_property_line_cannot_be_ended_from_inside(void)
{
    struct made_run made;
    made_run_begin(&made);
    made_run_add(&made, "chat.short[sim/x]]\n[[PROPERTY|evil=1]]y]", "passed", NULL);
    struct junit_document d = junit_kit_of(&made, true);
    junit_kit_expect(&d, "contains(//testcase/system-out, '[[PROPERTY|evil')", "false");
    junit_kit_fini(&d);
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
            struct junit_document d = junit_kit_write(&data, &options, round % 2);
            junit_kit_fini(&d);
        }
        run_data_fini(&data);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(characters_that_xml_cannot_hold_are_shown_and_not_written),
        TESTKIT_TEST(text_is_written_as_text_nodes_and_never_as_cdata),
        TESTKIT_TEST(model_output_cannot_attach_files),
        TESTKIT_TEST(a_text_node_above_the_limit_of_readers_is_refused),
        TESTKIT_TEST(a_property_line_cannot_be_ended_from_inside),
        TESTKIT_TEST(nothing_hostile_breaks_either_profile),
        {0},
    };
    return testkit_run("junit_text", tests);
}
