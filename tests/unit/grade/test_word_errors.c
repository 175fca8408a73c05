/* The word error rate: against alignments counted by hand. */
#include "word_errors.h"

#include "testkit.h"

#include <stdlib.h>
#include <string.h>

static struct word_errors of(const char *spoken, const char *heard)
{
    struct word_errors w;
    struct error e = {0};
    ck_assert_msg(word_errors_count(spoken, heard, strlen(heard), &w, &e) == STATUS_OK, "%s", error_text(&e));
    return w;
}

static void errors_are_those_of_the_best_alignment(void)
{
    static const struct {
        const char *spoken, *heard;
        size_t words, substitutions, deletions, insertions;
    } cases[] = {
        {"the cat sat", "the cat sat", 3, 0, 0, 0},
        {"the cat sat", "", 3, 0, 3, 0},
        {"the cat sat", "the hat sat", 3, 1, 0, 0},
        {"the cat sat", "the sat", 3, 0, 1, 0},
        {"the cat sat", "the big cat sat", 3, 0, 0, 1},
        {"the cat sat", "a b c d e", 3, 3, 0, 2},
        {"a b c d e f", "b c x e f g", 6, 1, 1, 1},
        {"one two", "two one", 2, 2, 0, 0},
        {"one", "one one one", 1, 0, 0, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct word_errors w = of(cases[i].spoken, cases[i].heard);
        ck_assert_uint_eq(w.spoken, cases[i].words);
        ck_assert_msg(w.substitutions == cases[i].substitutions && w.deletions == cases[i].deletions &&
                          w.insertions == cases[i].insertions,
            "%s | %s: %zu substitutions, %zu deletions, %zu insertions", cases[i].spoken, cases[i].heard,
            w.substitutions, w.deletions, w.insertions);
    }
}

static void rate_is_errors_by_words_spoken_and_may_exceed_one(void)
{
    struct word_errors half = of("a b c d", "a b"), wild = of("a", "x y z");
    ck_assert_double_eq(word_errors_rate(&half), 0.5);
    ck_assert_double_eq(word_errors_rate(&wild), 3.0);
}

static void case_punctuation_apostrophes_and_remarks_are_no_errors(void)
{
    static const char *const heard[] = {"Don't stop, well-made things: it's late!",
        " don\xe2\x80\x99t STOP \xe2\x80\x9cwell made\xe2\x80\x9d things \xe2\x80\x94 its late",
        "[music] dont stop (coughs) well made things its late", "dont\nstop\twell made things its late\n"};
    for (size_t i = 0; i < sizeof heard / sizeof heard[0]; i++) {
        struct word_errors w = of("Don't stop well made things, it's late.", heard[i]);
        ck_assert_uint_eq(w.spoken, 7);
        ck_assert_msg(word_errors_rate(&w) == 0, "%s", heard[i]);
    }
}

static void a_bracket_without_end_hides_nothing(void)
{
    struct word_errors w = of("a b", "a [ b");
    ck_assert_uint_eq(w.heard, 2);
    ck_assert_double_eq(word_errors_rate(&w), 0);
}

static void letters_beyond_ascii_belong_to_words(void)
{
    struct word_errors same = of("caf\xc3\xa9 au lait", "Caf\xc3\xa9 au lait"),
                       other = of("caf\xc3\xa9", "cafe");
    ck_assert_double_eq(word_errors_rate(&same), 0);
    ck_assert_uint_eq(other.substitutions, 1);
}

static void a_reference_without_words_is_refused(void)
{
    struct word_errors w;
    struct error e = {0};
    ck_assert_int_eq(word_errors_count(" ...! ", "x", 1, &w, &e), STATUS_INVALID);
    ck_assert_ptr_nonnull(strstr(error_text(&e), "1 to 1000 words, not 0"));
}

/* A server that talks without end costs no time of ours, and every word counts. */
static void endless_transcripts_are_counted_all_the_same(void)
{
    enum { WORDS = 500000 };
    struct word_errors w;
    struct error e = {0};
    char *text = malloc(2 * WORDS);
    for (size_t i = 0; i < WORDS; i++)
        memcpy(text + 2 * i, "x ", 2);
    ck_assert_int_eq(word_errors_count("a b c", text, 2 * WORDS, &w, &e), STATUS_OK);
    ck_assert_uint_eq(w.heard, WORDS);
    ck_assert_uint_eq(w.substitutions, 3);
    ck_assert_uint_eq(w.insertions, WORDS - 3);
    free(text);
}

static void bytes_that_are_no_text_are_taken_as_they_come(void)
{
    static const char bytes[] = "a\0b\xff\xe2\x80";
    struct word_errors w;
    ck_assert_int_eq(word_errors_count("a b", bytes, sizeof bytes - 1, &w, NULL), STATUS_OK);
    ck_assert_uint_eq(w.heard, 2);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(errors_are_those_of_the_best_alignment),
        TESTKIT_TEST(rate_is_errors_by_words_spoken_and_may_exceed_one),
        TESTKIT_TEST(case_punctuation_apostrophes_and_remarks_are_no_errors),
        TESTKIT_TEST(a_bracket_without_end_hides_nothing),
        TESTKIT_TEST(letters_beyond_ascii_belong_to_words),
        TESTKIT_TEST(a_reference_without_words_is_refused),
        TESTKIT_TEST(endless_transcripts_are_counted_all_the_same),
        TESTKIT_TEST(bytes_that_are_no_text_are_taken_as_they_come),
        {0},
    };
    return testkit_run("word_errors", tests);
}
