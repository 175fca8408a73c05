/* The page of a load test or of a search, from their JSON. */
#include "load_report.h"

#include "json.h"
#include "testkit.h"

#include <string.h>

#define REASONS                                                                                              \
    "\"client\":{\"verdict\":\"invalid\",\"reasons\":["                                                      \
    "{\"fitness\":\"invalid\",\"text\":\"the loop was late\"},"                                              \
    "{\"fitness\":\"degraded\",\"text\":\"a token was lost\"}]},"                                            \
    "\"simulator\":{\"events\":5,\"p99_s\":0.02},"

static struct buf page_of(const char *text)
{
    struct json_object *tree = NULL;
    struct buf page = BUF_INIT(1 << 20);
    struct error why = {0};
    ck_assert_msg(json_parse(text, strlen(text), &tree, &why) == STATUS_OK, "%s", error_text(&why));
    ck_assert_int_eq(load_report_write(tree, &page, &why), STATUS_OK);
    json_object_put(tree);
    return page;
}

static void expect(const struct buf *page, const char *text)
{
    ck_assert_msg(strstr(buf_text(page), text) != NULL, "no '%s' in\n%s", text, buf_text(page));
}

static void check_verdict(const struct buf *page)
{
    expect(page, "**Given up**: too many requests failed.\n");
    expect(
        page, "The client: **invalid**.\n\n- invalid: the loop was late\n- degraded: a token was lost\n\n");
    expect(page, "The simulator was late itself by 20");
}

static void a_test_without_figures_says_why_and_what_the_client_was(void)
{
    struct buf page = page_of("{\"kind\":\"load_test\",\"aborted\":true,\"stopped\":false," REASONS
                              "\"no_figures\":\"too short\"}");
    expect(&page, "**No figures**: too short\n");
    check_verdict(&page);
    ck_assert_ptr_null(strstr(buf_text(&page), "**Stopped**"));
    buf_fini(&page);
}

static void a_test_with_figures_says_all_of_it_too(void)
{
    struct buf page = page_of("{\"kind\":\"load_test\",\"aborted\":true,\"stopped\":true," REASONS
                              "\"asked\":{\"arrivals\":\"closed\",\"streams\":4}}");
    check_verdict(&page);
    expect(&page, "**Stopped** by a signal");
    expect(&page, "INVALID");
    buf_fini(&page);
}

static void a_search_on_a_simulator_is_marked(void)
{
    struct buf page =
        page_of("{\"kind\":\"load_search\",\"find\":\"knee\",\"unit\":\"streams\",\"end\":\"found\","
                "\"simulated\":true,\"points\":[]}");
    expect(&page, "**Simulated**: no model.");
    buf_fini(&page);
}

static void what_a_client_could_not_make_did_not_break(void)
{
    struct buf page = page_of(
        "{\"kind\":\"load_search\",\"find\":\"highest\",\"unit\":\"streams\",\"end\":\"client_limit\","
        "\"low\":64,\"not_judged\":67,\"points\":[]}");
    expect(&page, "- the highest load that held: 64 streams\n"
                  "- whether it holds is not known, because the client could not make it: 67 streams\n");
    ck_assert_ptr_null(strstr(buf_text(&page), "broke:"));
    buf_fini(&page);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_test_without_figures_says_why_and_what_the_client_was),
        TESTKIT_TEST(a_test_with_figures_says_all_of_it_too),
        TESTKIT_TEST(a_search_on_a_simulator_is_marked),
        TESTKIT_TEST(what_a_client_could_not_make_did_not_break),
        {0},
    };
    return testkit_run("load_report", tests);
}
