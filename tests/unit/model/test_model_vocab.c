#include "model_vocab.h"

#include "model_words.h"
#include "testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct model_vocab *new_vocab(void)
{
    struct model_vocab *v = model_vocab_new();
    ck_assert_ptr_nonnull(v);
    return v;
}

static void words_are_lower_case_sorted_and_unique(void)
{
    for (size_t i = 0; i < MODEL_WORD_COUNT; i++) {
        ck_assert_ptr_nonnull(model_words[i]);
        ck_assert_uint_ge(strlen(model_words[i]), 2);
        ck_assert_uint_eq(strspn(model_words[i], "abcdefghijklmnopqrstuvwxyz"), strlen(model_words[i]));
        ck_assert(i == 0 || strcmp(model_words[i - 1], model_words[i]) < 0);
    }
}

static void bytes_are_written_as_gpt2_writes_them(void)
{
    static const struct {
        unsigned byte;
        const char *text;
    } pairs[] = {{'A', "A"}, {' ', "\u0120"}, {'\n', "\u010A"}, {0, "\u0100"}, {127, "\u0121"},
        {128, "\u0122"}, {160, "\u0142"}, {161, "\u00A1"}, {173, "\u0143"}, {174, "\u00AE"}, {255, "\u00FF"}};
    struct model_vocab *v = new_vocab();
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        ck_assert_str_eq(v->texts[pairs[i].byte], pairs[i].text);
    model_vocab_free(v);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void no_token_is_there_twice(void)
{
    struct model_vocab *v = new_vocab();
    qsort(v->texts, v->count, sizeof *v->texts, by_text);
    for (size_t i = 1; i < v->count; i++)
        ck_assert_str_ne(v->texts[i - 1], v->texts[i]);
    model_vocab_free(v);
}

static size_t index_of(char *const *texts, size_t count, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(texts[i]) == len && memcmp(texts[i], text, len) == 0)
            return i;
    return SIZE_MAX;
}

/*
 * BPE as GPT-2 defines it, of one piece of text: again and again the pair with the lowest rank is joined.
 * Slow, without the insight that makes the encoder short.
 */
static size_t encode_by_ranks(const struct model_vocab *v, const char *text, uint32_t *ids)
{
    char pieces[64][64];
    size_t count = 0;
    for (; text[count] != '\0'; count++)
        snprintf(pieces[count], sizeof pieces[0], "%s", v->texts[(unsigned char)text[count]]);
    for (;;) {
        size_t best_rank = SIZE_MAX, best_at = 0;
        for (size_t i = 0; i + 1 < count; i++) {
            char merge[130];
            int len = snprintf(merge, sizeof merge, "%s %s", pieces[i], pieces[i + 1]);
            size_t rank = index_of(v->merges, v->merge_count, merge, (size_t)len);
            if (rank < best_rank) {
                best_rank = rank;
                best_at = i;
            }
        }
        if (best_rank == SIZE_MAX)
            break;
        size_t head = strlen(pieces[best_at]), tail = strlen(pieces[best_at + 1]);
        ck_assert_uint_lt(head + tail, sizeof pieces[0]);
        memmove(pieces[best_at] + head, pieces[best_at + 1], tail + 1);
        memmove(pieces[best_at + 1], pieces[best_at + 2], (count - best_at - 2) * sizeof pieces[0]);
        count--;
    }
    for (size_t i = 0; i < count; i++)
        ids[i] = (uint32_t)index_of(v->texts, v->count, pieces[i], strlen(pieces[i]));
    return count;
}

static void the_encoder_agrees_with_bpe_by_ranks(void)
{
    static const char *const pieces[] = {" the", " they", " thes", " xylophone", " water", " w", " within",
        "within", " counted", " a", ".", " 42", "\n", " ", " streaming", " zzz", " the-"};
    struct model_vocab *v = new_vocab();
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        uint32_t expected[64], ids[64];
        size_t n = encode_by_ranks(v, pieces[i], expected);
        ck_assert_msg(model_vocab_encode(v, pieces[i], strlen(pieces[i]), ids, 64) == n, "\"%s\"", pieces[i]);
        ck_assert_mem_eq(ids, expected, n * sizeof *ids);
    }
    model_vocab_free(v);
}

static void each_word_behind_a_space_is_one_token(void)
{
    struct model_vocab *v = new_vocab();
    for (size_t i = 0; i < MODEL_WORD_COUNT; i++) {
        char text[64];
        uint32_t id = 0;
        int len = snprintf(text, sizeof text, " %s", model_words[i]);
        ck_assert_uint_eq(model_vocab_encode(v, text, (size_t)len, &id, 1), 1);
        ck_assert_uint_eq(id, v->words[i]);
    }
    model_vocab_free(v);
}

static void control_tokens_and_foreign_bytes_are_counted(void)
{
    static const char text[] = "<|im_start|>user\n\xC3\xA4 the<|im_end|><|endoftext|><|im_end";
    struct model_vocab *v = new_vocab();
    uint32_t ids[64];
    /* 1 + "user\n" 5 + two bytes + " the" + 2 + "<|im_end" 8 */
    ck_assert_uint_eq(model_vocab_encode(v, text, strlen(text), ids, 64), 19);
    ck_assert_uint_eq(ids[0], v->turn_start);
    ck_assert_uint_eq(ids[9], v->turn_end);
    ck_assert_uint_eq(ids[10], v->end_of_text);
    ck_assert_int_eq(v->types[ids[10]], MODEL_TOKEN_CONTROL);
    ck_assert_uint_eq(model_vocab_encode(v, "", 0, NULL, 0), 0);
    model_vocab_free(v);
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(words_are_lower_case_sorted_and_unique),
        TESTKIT_TEST(bytes_are_written_as_gpt2_writes_them),
        TESTKIT_TEST(no_token_is_there_twice),
        TESTKIT_TEST(the_encoder_agrees_with_bpe_by_ranks),
        TESTKIT_TEST(each_word_behind_a_space_is_one_token),
        TESTKIT_TEST(control_tokens_and_foreign_bytes_are_counted),
        {0},
    };
    return testkit_run("model_vocab", tests);
}
