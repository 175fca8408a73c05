#include "load_prompts.h"

#include "prompt_words.h"
#include "testkit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A plan of one item that a test changes as it likes. */
static struct load_item item;
static uint32_t prefix_lengths[] = {5, 40};
static const struct load_plan plan = {
    .items = &item, .count = 1, .prefix_lengths = prefix_lengths, .prefix_count = COUNT(prefix_lengths)};

static struct load_prompts prompts_of(uint64_t seed, uint32_t tokens, uint16_t prefix)
{
    struct load_prompts prompts;
    item = (struct load_item){.prompt_tokens = tokens, .prefix = prefix};
    load_prompts_init(&prompts, &plan, seed);
    return prompts;
}

/* To be freed. */
static char *write_text(const struct load_prompts *prompts, uint64_t number, size_t *words)
{
    struct buf text = BUF_INIT(1 << 24);
    struct load_prompts copy = *prompts;
    ck_assert_int_eq(load_prompts_write(&copy, &item, number, &text), STATUS_OK);
    ck_assert_uint_eq(text.len, strlen(text.data));
    if (words)
        *words = (size_t)load_prompts_words(prompts, &item);
    return buf_take(&text);
}

static size_t count_words(const char *text)
{
    size_t words = *text != 0;
    for (; *text; text++)
        words += *text == ' ';
    return words;
}

static void the_words_are_different_short_and_plain(void)
{
    for (int i = 0; i < PROMPT_WORDS; i++) {
        size_t letters = strspn(prompt_words[i], "abcdefghijklmnopqrstuvwxyz");
        ck_assert_msg(letters >= 2 && letters < PROMPT_WORD_SIZE, "%s", prompt_words[i]);
        ck_assert_uint_eq(letters + strspn(prompt_words[i] + letters, " "), PROMPT_WORD_SIZE);
        if (i > 0)
            ck_assert_int_lt(strcmp(prompt_words[i - 1], prompt_words[i]), 0);
    }
}

static void a_prompt_has_as_many_words_as_asked(void)
{
    static const uint32_t lengths[] = {1, 2, 7, 8, 9, 64, 1000, 100000};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct load_prompts prompts = prompts_of(1, lengths[i], LOAD_NO_PREFIX);
        size_t words = 0;
        char *text = write_text(&prompts, 3, &words);
        ck_assert_uint_eq(words, lengths[i]);
        ck_assert_uint_eq(count_words(text), lengths[i]);
        ck_assert_uint_eq(strspn(text, "abcdefghijklmnopqrstuvwxyz "), strlen(text));
        ck_assert_ptr_null(strstr(text, "  "));
        ck_assert(text[0] != ' ' && text[strlen(text) - 1] != ' ');
        free(text);
    }
}

static void a_prompt_of_0_tokens_is_the_salt_alone(void)
{
    struct load_prompts prompts = prompts_of(1, 0, LOAD_NO_PREFIX);
    char *text = write_text(&prompts, 3, NULL);
    ck_assert_uint_eq(count_words(text), LOAD_SALT_WORDS);
    free(text);
}

static void the_same_number_makes_the_same_text_and_another_seed_another(void)
{
    struct load_prompts prompts = prompts_of(1, 200, 1), others = prompts_of(2, 200, 1);
    char *one = write_text(&prompts, 77, NULL), *again = write_text(&prompts, 77, NULL);
    char *other = write_text(&others, 77, NULL);
    ck_assert_str_eq(one, again);
    ck_assert_str_ne(one, other);
    ck_assert_int_ne(
        strncmp(one, other, 40), 0); /* their prefixes differ too: no cache of an older test helps */
    free(one);
    free(again);
    free(other);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A million salts would be too slow to compare here; one to one is what the mixing promises, 20000 show it. */
static void no_two_salts_are_equal(void)
{
    enum { SALTS = 20000 };
    static char *texts[SALTS];
    struct load_prompts prompts = prompts_of(1, LOAD_SALT_WORDS, LOAD_NO_PREFIX);
    for (uint64_t i = 0; i < SALTS; i++)
        texts[i] = write_text(&prompts, i, NULL);
    qsort(texts, SALTS, sizeof *texts, by_text);
    size_t equal = 0, in_common = 0;
    for (size_t i = 1; i < SALTS; i++) {
        size_t same = 0;
        while (texts[i][same] && texts[i][same] == texts[i - 1][same])
            same++;
        equal += texts[i][same] == texts[i - 1][same];
        in_common = same > in_common ? same : in_common;
    }
    ck_assert_uint_eq(equal, 0);
    ck_assert_uint_lt(in_common, 6 * PROMPT_WORD_SIZE); /* even sorted neighbours part within the salt */
    for (size_t i = 0; i < SALTS; i++)
        free(texts[i]);
}

static void those_with_a_prefix_share_it_whole_and_nothing_more(void)
{
    struct load_prompts prompts = prompts_of(1, 64, 1);
    size_t words = 0, same = 0;
    char *one = write_text(&prompts, 1, &words), *other = write_text(&prompts, 2, NULL);
    ck_assert_uint_eq(words, 40 + 64);
    ck_assert_uint_eq(count_words(one), 40 + 64);
    while (one[same] == other[same])
        same++;
    one[same] = 0;
    ck_assert_uint_ge(count_words(one), 40 + 1); /* a part of the next word at most */
    ck_assert_uint_le(count_words(one), 40 + 2);
    free(one);
    free(other);
}

static void prefixes_differ_and_keep_their_own_lengths(void)
{
    struct load_prompts prompts = prompts_of(1, 8, 0);
    size_t short_words = 0, long_words = 0;
    char *one = write_text(&prompts, 1, &short_words);
    item.prefix = 1;
    char *other = write_text(&prompts, 1, &long_words);
    ck_assert_uint_eq(short_words, 5 + 8);
    ck_assert_uint_eq(long_words, 40 + 8);
    ck_assert_int_ne(strncmp(one, other, 16), 0);
    free(one);
    free(other);
}

/* As of a trace: 1 begins with 0, and 2 begins with 1; 3 with 0 alone. */
static void prefixes_begin_with_those_above_them(void)
{
    static uint32_t lengths[] = {10, 25, 60, 30};
    static uint16_t parents[] = {LOAD_NO_PREFIX, 0, 1, 0};
    static const size_t shared[4][4] = {
        {10, 10, 10, 10}, {10, 25, 25, 10}, {10, 25, 60, 10}, {10, 10, 10, 30}};
    struct load_plan nested = plan;
    nested.prefix_lengths = lengths;
    nested.prefix_parents = parents;
    nested.prefix_count = COUNT(lengths);
    struct load_prompts prompts;
    load_prompts_init(&prompts, &nested, 4);
    for (uint16_t a = 0; a < COUNT(lengths); a++)
        for (uint16_t b = 0; b < COUNT(lengths); b++) {
            size_t words = 0, same = 0;
            item = (struct load_item){.prompt_tokens = 20, .prefix = a};
            char *one = write_text(&prompts, 1, &words);
            ck_assert_uint_eq(count_words(one), lengths[a] + 20);
            ck_assert_uint_eq(words, lengths[a] + 20);
            item.prefix = b;
            char *other = write_text(&prompts, 2, NULL);
            while (one[same] == other[same])
                same++;
            one[same] = 0;
            ck_assert_uint_ge(count_words(one), shared[a][b] + 1);
            ck_assert_uint_le(count_words(one), shared[a][b] + 2);
            free(one);
            free(other);
        }
}

static void a_text_is_appended_and_a_full_buf_is_told(void)
{
    struct load_prompts prompts = prompts_of(1, 3, LOAD_NO_PREFIX);
    struct buf text = BUF_INIT(40);
    buf_append_text(&text, "before ");
    ck_assert_int_eq(load_prompts_write(&prompts, &item, 1, &text), STATUS_OK);
    ck_assert_uint_eq(count_words(buf_text(&text)), 4);
    item.prompt_tokens = 1000;
    ck_assert_int_eq(load_prompts_write(&prompts, &item, 1, &text), STATUS_LIMIT);
    buf_fini(&text);
}

static void a_later_turn_has_no_prefix_of_its_own(void)
{
    struct load_prompts prompts = prompts_of(1, 10, 1);
    item.turn = 1;
    size_t words = 0;
    char *text = write_text(&prompts, 5, &words);
    ck_assert_uint_eq(words, 10);
    free(text);
}

/* Bytes are chosen with equal chance: chi square of 255 degrees of freedom below its 0.001 quantile. */
static void words_have_equal_chances(void)
{
    static double seen[PROMPT_WORDS];
    struct load_prompts prompts = prompts_of(9, 100000, LOAD_NO_PREFIX);
    char *text = write_text(&prompts, 1, NULL);
    for (const char *at = text; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        for (int i = 0; i < PROMPT_WORDS; i++)
            seen[i] += strncmp(prompt_words[i], at, len) == 0 && prompt_words[i][len] == ' ';
        at += len;
    }
    double sum = 0, wanted = 100000.0 / PROMPT_WORDS;
    for (int i = 0; i < PROMPT_WORDS; i++)
        sum += (seen[i] - wanted) * (seen[i] - wanted) / wanted;
    ck_assert_msg(sum < 330.5, "chi square %g", sum);
    free(text);
}

static void a_scale_makes_prompts_of_as_many_tokens_as_asked(void)
{
    struct load_prompts prompts = prompts_of(1, 220, 1);
    prompts.scale = (struct prompt_scale){.tokens_per_word = 1.25, .overhead = 20};
    size_t words = 0;
    free(write_text(&prompts, 1, &words));
    ck_assert_uint_eq(words, 160 + 32); /* 220 = 20 + 1.25 * 160, and the prefix of 40 = 1.25 * 32 */
    item.prompt_tokens = 10;            /* less than the template alone: as short as it gets */
    free(write_text(&prompts, 1, &words));
    ck_assert_uint_eq(words, 1 + 32);
}

static void calibration_finds_the_line_behind_the_pairs(void)
{
    struct prompt_calibration seen = {0};
    for (uint64_t words = 10; words <= 1000; words += 10)
        prompt_calibration_add(&seen, words, (int64_t)(17.5 + 1.3 * (double)words));
    struct prompt_scale scale = prompt_calibration_fit(&seen);
    ck_assert_double_lt(fabs(scale.tokens_per_word - 1.3), 0.001);
    ck_assert_double_lt(fabs(scale.overhead - 17), 0.6); /* cut to whole tokens: half a token less */
}

static void calibration_on_one_length_takes_the_ratio(void)
{
    struct prompt_calibration seen = {0};
    struct prompt_scale scale = prompt_calibration_fit(&seen);
    ck_assert(scale.tokens_per_word == 1 && scale.overhead == 0);
    prompt_calibration_add(&seen, 0, 5);
    prompt_calibration_add(&seen, 5, -1);
    ck_assert(prompt_calibration_fit(&seen).tokens_per_word == 1); /* what cannot be teaches nothing */
    for (int i = 0; i < 10; i++)
        prompt_calibration_add(&seen, 64, 96);
    scale = prompt_calibration_fit(&seen);
    ck_assert(scale.tokens_per_word == 1.5 && scale.overhead == 0);
}

static void calibration_does_not_believe_a_line_that_falls(void)
{
    struct prompt_calibration seen = {0};
    prompt_calibration_add(&seen, 100, 300); /* a server that counts strangely */
    prompt_calibration_add(&seen, 200, 100);
    struct prompt_scale scale = prompt_calibration_fit(&seen);
    ck_assert_double_lt(fabs(scale.tokens_per_word - 200.0 / 150), 1e-9);
    ck_assert(scale.overhead == 0);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(the_words_are_different_short_and_plain),
        TESTKIT_TEST(a_prompt_has_as_many_words_as_asked),
        TESTKIT_TEST(a_prompt_of_0_tokens_is_the_salt_alone),
        TESTKIT_TEST(the_same_number_makes_the_same_text_and_another_seed_another),
        TESTKIT_TEST(no_two_salts_are_equal),
        TESTKIT_TEST(those_with_a_prefix_share_it_whole_and_nothing_more),
        TESTKIT_TEST(prefixes_differ_and_keep_their_own_lengths),
        TESTKIT_TEST(prefixes_begin_with_those_above_them),
        TESTKIT_TEST(a_text_is_appended_and_a_full_buf_is_told),
        TESTKIT_TEST(a_later_turn_has_no_prefix_of_its_own),
        TESTKIT_TEST(words_have_equal_chances),
        TESTKIT_TEST(a_scale_makes_prompts_of_as_many_tokens_as_asked),
        TESTKIT_TEST(calibration_finds_the_line_behind_the_pairs),
        TESTKIT_TEST(calibration_on_one_length_takes_the_ratio),
        TESTKIT_TEST(calibration_does_not_believe_a_line_that_falls),
        {0},
    };
    return testkit_run("load_prompts", tests);
}
