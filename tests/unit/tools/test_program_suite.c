/* A program that links to the library hands over its cases and prompts: what is taken, what is refused and how, and
 * what stands behind them. Each test is a process of its own: the suite is set once. */
#include "program_suite.h"

#include "plan.h"
#include "testkit.h"

#include <string.h>

static void nothing(struct assay_context *ctx)
{
    (void)ctx;
}

#define CASE(the_id)                                                                                         \
    {                                                                                                        \
        .id = (the_id), .summary = "s", .body = nothing, .version = 1                                        \
    }

static const struct assay_case two_cases[] = {CASE("my.one"), CASE("my.two"), {0}};

static size_t count(const struct assay_case *cases)
{
    size_t n = 0;
    while (cases[n].id)
        n++;
    return n;
}

static const char *text_of_prompt(const char *name)
{
    for (const struct assay_prompt *p = program_suite()->prompts; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p->text;
    return NULL;
}

static void without_a_suite_the_program_is_assay(void)
{
    ck_assert_int_eq(program_suite_use(NULL, NULL), STATUS_OK);
    ck_assert_ptr_null(program_suite()->name);
    ck_assert_str_eq(program_name(), "assay");
    ck_assert_ptr_nonnull(plan_find_case(program_suite()->cases, "chat.short"));
    ck_assert_ptr_nonnull(text_of_prompt("short"));
}

static void a_suite_has_its_own_cases_and_no_others(void)
{
    struct assay_suite s = {.cases = two_cases, .name = "mine", .version = "1.2"};
    ck_assert_int_eq(program_suite_use(&s, NULL), STATUS_OK);
    ck_assert_uint_eq(count(program_suite()->cases), 2);
    ck_assert_str_eq(program_name(), "mine");
    ck_assert_str_eq(program_suite()->version, "1.2");
}

static void assays_cases_stand_behind_those_of_a_suite_that_wants_them(void)
{
    struct assay_suite s = {.cases = two_cases, .name = "mine", .with_builtin = true};
    ck_assert_int_eq(program_suite_use(&s, NULL), STATUS_OK);
    ck_assert_str_eq(program_suite()->cases[1].id, "my.two");
    ck_assert_ptr_nonnull(plan_find_case(program_suite()->cases, "chat.short"));
}

static void a_prompt_hides_assays_of_the_same_name(void)
{
    static const struct assay_prompt prompts[] = {{.name = "short", .text = "Mine."}, {0}};
    struct assay_suite s = {.cases = two_cases, .prompts = prompts, .name = "mine"};
    ck_assert_int_eq(program_suite_use(&s, NULL), STATUS_OK);
    ck_assert_str_eq(text_of_prompt("short"), "Mine.");
    ck_assert_ptr_nonnull(text_of_prompt("decode"));
}

static const struct assay_case no_case[] = {{0}};
static const struct assay_case no_point[] = {CASE("my"), {0}};
static const struct assay_case large_letter[] = {CASE("my.One"), {0}};
static const struct assay_case two_points[] = {CASE("my.one.two"), {0}};
static const struct assay_case bracket[] = {CASE("my.one[x]"), {0}};
static const struct assay_case twice[] = {CASE("my.one"), CASE("my.one"), {0}};
static const struct assay_case taken[] = {CASE("chat.short"), {0}};
static const struct assay_case no_body[] = {{.id = "my.one", .summary = "s", .version = 1}, {0}};
static const struct assay_case no_summary[] = {{.id = "my.one", .body = nothing, .version = 1}, {0}};
static const struct assay_case no_version[] = {{.id = "my.one", .summary = "s", .body = nothing}, {0}};
static const struct assay_case neither[] = {
    {.id = "my.one", .summary = "s", .body = nothing, .version = 1, .no_target = true, .per_model = true},
    {0}};
static const struct assay_prompt no_text[] = {{.name = "p"}, {0}};
static const struct assay_prompt less_than_none[] = {{.name = "p", .text = "t", .max_tokens = -1}, {0}};
static const struct assay_prompt same_name[] = {{.name = "p", .text = "t"}, {.name = "p", .text = "u"}, {0}};

static const struct {
    struct assay_suite suite;
    const char *says;
} refused[] = {
    {{.cases = two_cases}, "the suite needs a name"},
    {{.cases = two_cases, .name = ""}, "the suite needs a name"},
    {{.cases = two_cases, .name = "my suite"}, "the suite needs a name"},
    {{.name = "mine"}, "the suite mine has no case"},
    {{.cases = no_case, .name = "mine"}, "the suite mine has no case"},
    {{.cases = no_point, .name = "mine"}, "case 1: the id \"my\""},
    {{.cases = large_letter, .name = "mine"}, "case 1: the id \"my.One\""},
    {{.cases = two_points, .name = "mine"}, "case 1: the id \"my.one.two\""},
    {{.cases = bracket, .name = "mine"}, "case 1: the id \"my.one[x]\""},
    {{.cases = twice, .name = "mine"}, "my.one stands twice"},
    {{.cases = taken, .name = "mine", .with_builtin = true}, "chat.short: assay has a case of that id"},
    {{.cases = no_body, .name = "mine"}, "case my.one needs a body"},
    {{.cases = no_summary, .name = "mine"}, "case my.one needs a summary"},
    {{.cases = no_version, .name = "mine"}, "case my.one needs a version of 1 or more"},
    {{.cases = neither, .name = "mine"}, "both per_model and no_target"},
    {{.cases = two_cases, .prompts = no_text, .name = "mine"}, "prompt p needs a text"},
    {{.cases = two_cases, .prompts = less_than_none, .name = "mine"}, "prompt p: max_tokens is -1"},
    {{.cases = two_cases, .prompts = same_name, .name = "mine"}, "prompt p stands twice"},
};

static void tables_that_cannot_be_used_are_refused_with_the_place(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct error why = {0};
        ck_assert_int_eq(program_suite_use(&refused[i].suite, &why), STATUS_INVALID);
        ck_assert_msg(strstr(why.text, refused[i].says) != NULL, "%zu: \"%s\" not in: %s", i, refused[i].says,
            why.text);
    }
    ck_assert_str_eq(program_name(), "assay");
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(without_a_suite_the_program_is_assay),
        TESTKIT_TEST(a_suite_has_its_own_cases_and_no_others),
        TESTKIT_TEST(assays_cases_stand_behind_those_of_a_suite_that_wants_them),
        TESTKIT_TEST(a_prompt_hides_assays_of_the_same_name),
        TESTKIT_TEST(tables_that_cannot_be_used_are_refused_with_the_place),
        {0},
    };
    return testkit_run("program_suite", tests);
}
