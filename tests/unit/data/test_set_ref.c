/* Names of public sets, as a user writes them. */
#include "set_ref.h"

#include "testkit.h"

#include <string.h>

static struct set_ref ref;
static struct error why;

static void parse(const char *text)
{
    why = (struct error){0};
    ck_assert_msg(set_ref_parse(text, &ref, &why) == STATUS_OK, "%s", error_text(&why));
}

static void a_known_set_is_a_row_of_the_table(void)
{
    parse("imdb");
    ck_assert_str_eq(ref.known.dataset, "stanfordnlp/imdb");
    ck_assert_str_eq(ref.known.split, "test");
    ck_assert_str_eq(ref.category, "imdb");
    ck_assert_str_eq(ref.revision, "");
    parse("awesome-chatgpt-prompts");
    ck_assert_str_eq(ref.category, "awesome_chatgpt_prompts");
}

static void split_revision_and_columns_stand_behind_the_name(void)
{
    parse("imdb:train@abc");
    ck_assert_str_eq(ref.known.split, "train");
    ck_assert_str_eq(ref.revision, "abc");
    parse("hf:openai/gsm8k:test@main#prompt=question,answer=answer,kind=number,config=main");
    ck_assert_str_eq(ref.known.dataset, "openai/gsm8k");
    ck_assert_str_eq(ref.known.split, "test");
    ck_assert_str_eq(ref.known.prompt, "question");
    ck_assert_str_eq(ref.known.answer, "answer");
    ck_assert_str_eq(ref.known.config, "main");
    ck_assert_int_eq(ref.known.kind, SET_NUMBER);
    ck_assert_str_eq(ref.category, "gsm8k");
}

static void what_is_a_path_is_no_set(void)
{
    ck_assert(set_ref_is_one("imdb"));
    ck_assert(set_ref_is_one("imdb:train"));
    ck_assert(set_ref_is_one("hf:a/b"));
    ck_assert(!set_ref_is_one("./imdb"));
    ck_assert(!set_ref_is_one("imdb.jsonl"));
    ck_assert(!set_ref_is_one("mine.csv"));
}

static void slips_are_refused(void)
{
    static const char *const slips[] = {"hf:", "hf:a/b:", "hf:a/b@", "hf:../etc/passwd", "hf:a/../b",
        "hf:a\nb", "hf:a?b", "imdb#kind=odd", "imdb#colour=red", "imdb#prompt=", "nosuch"};
    char longer[600];
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        why = (struct error){0};
        ck_assert_msg(set_ref_parse(slips[i], &ref, &why) == STATUS_USAGE, "%s is taken", slips[i]);
        ck_assert_msg(why.text[0] != '\0', "%s is refused without a reason", slips[i]);
    }
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    memcpy(longer, "hf:", 3);
    ck_assert_int_eq(set_ref_parse(longer, &ref, &why), STATUS_USAGE);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(a_known_set_is_a_row_of_the_table),
        TESTKIT_TEST(split_revision_and_columns_stand_behind_the_name),
        TESTKIT_TEST(what_is_a_path_is_no_set),
        TESTKIT_TEST(slips_are_refused),
        {0},
    };
    return testkit_run("set_ref", tests);
}
