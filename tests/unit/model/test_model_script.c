#include "model_script.h"

#include "model_chain.h"
#include "testkit.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    enum model_kind kind;
    uint32_t answer, reasoning;
} all_kinds[] = {{MODEL_KIND_CHAIN, 0, 0}, {MODEL_KIND_CHAIN, MODEL_WORD_COUNT, 0}, {MODEL_KIND_UTF8, 0, 0},
    {MODEL_KIND_UTF8, 41, 0}, {MODEL_KIND_REASONING, 24, 16}, {MODEL_KIND_REASONING, 500, 12}};
enum { KINDS = sizeof all_kinds / sizeof all_kinds[0] };

static struct model_script made(size_t i)
{
    struct model_script script;
    struct error e = {0};
    ck_assert_msg(model_script_make(&script, all_kinds[i].kind, 1, all_kinds[i].answer,
                      all_kinds[i].reasoning, &e) == STATUS_OK,
        "%s", error_text(&e));
    return script;
}

/* A model that knows only the token before can follow it only then. */
static void no_token_of_a_script_comes_twice(void)
{
    struct model_vocab *v = model_vocab_new();
    for (size_t i = 0; i < KINDS; i++) {
        struct model_script script = made(i);
        char *seen = calloc(v->count, 1);
        for (size_t k = 0; k < script.count; k++) {
            uint32_t token = model_step_token(&script.steps[k], v);
            ck_assert_uint_lt(token, v->count);
            ck_assert_int_eq(seen[token]++, 0);
        }
        free(seen);
    }
    model_vocab_free(v);
}

static void the_tokens_of_what_is_said_are_the_tokens_of_the_script(void)
{
    struct model_vocab *v = model_vocab_new();
    for (size_t i = 0; i < KINDS; i++) {
        struct model_script script = made(i);
        struct buf text = BUF_INIT(1 << 16);
        uint32_t ids[MODEL_SCRIPT_MAX];
        ck_assert_int_eq(model_script_say(&script, 0, script.count, &text), STATUS_OK);
        ck_assert_uint_eq(
            model_vocab_encode(v, buf_text(&text), text.len, ids, MODEL_SCRIPT_MAX), script.count);
        for (size_t k = 0; k < script.count; k++)
            ck_assert_uint_eq(ids[k], model_step_token(&script.steps[k], v));
        buf_fini(&text);
    }
    model_vocab_free(v);
}

static void the_whole_utf8_script_is_utf8_and_its_characters_are_several_tokens(void)
{
    struct model_script script = made(2);
    struct buf text = BUF_INIT(1 << 16);
    size_t bytes = 0;
    ck_assert_int_eq(model_script_say(&script, 0, script.count, &text), STATUS_OK);
    ck_assert(text_utf8_valid(buf_text(&text), text.len));
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "\xF0\x9F\x98\x80"));
    for (size_t i = 0; i < script.count; i++)
        bytes += script.steps[i].kind == STEP_BYTE;
    ck_assert_uint_eq(bytes, 48);
    ck_assert_uint_eq(script.count, MODEL_WORD_COUNT + bytes);
    buf_fini(&text);
}

static void lengths_that_cannot_be_said_are_refused(void)
{
    static const struct {
        enum model_kind kind;
        uint32_t answer, reasoning;
        const char *says;
    } wrong[] = {
        {MODEL_KIND_CHAIN, 513, 0, "at most 512"},
        {MODEL_KIND_UTF8, 3, 0, "within a character"},
        {MODEL_KIND_UTF8, 561, 0, "at most 560"},
        {MODEL_KIND_REASONING, 0, 4, "how many words"},
        {MODEL_KIND_REASONING, 4, 0, "how many words"},
        {MODEL_KIND_REASONING, 500, 13, "512 words together"},
        {MODEL_KIND_REASONING, 4, UINT32_MAX, "512 words together"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct model_script script;
        struct error e = {0};
        ck_assert_int_eq(
            model_script_make(&script, wrong[i].kind, 1, wrong[i].answer, wrong[i].reasoning, &e),
            STATUS_USAGE);
        ck_assert_msg(strstr(error_text(&e), wrong[i].says) != NULL, "%s", error_text(&e));
    }
}

struct cut {
    size_t max_tokens, completion, reasoning;
    bool stopped;
    const char *thought, *answer;
};

/* Two words of reasoning, three of answer, wherever the limit falls. */
static void what_is_expected_of_reasoning_is_cut_at_the_limit(void)
{
    static const struct cut cuts[] = {
        {1, 1, 1, false, "", ""},
        {2, 2, 2, false, " above", ""},
        {3, 3, 3, false, " above head", ""},
        {4, 4, 4, false, " above head", ""},
        {5, 5, 4, false, " above head", " white"},
        {7, 7, 4, false, " above head", " white dream meat"},
        {8, 8, 4, true, " above head", " white dream meat"},
        {100, 8, 4, true, " above head", " white dream meat"},
    };
    struct model_chain_options o = model_chain_sizes[0].options;
    o.kind = MODEL_KIND_REASONING;
    o.reasoning_tokens = 2;
    o.answer_tokens = 3;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct model_chain_expected x;
        struct error e = {0};
        ck_assert_msg(model_chain_expect(&o, cuts[i].max_tokens, &x, &e) == STATUS_OK, "%s", error_text(&e));
        ck_assert_uint_eq(x.completion_tokens, cuts[i].completion);
        ck_assert_uint_eq(x.reasoning_tokens, cuts[i].reasoning);
        ck_assert_int_eq(x.stopped, cuts[i].stopped);
        ck_assert_str_eq(buf_text(&x.reasoning), cuts[i].thought);
        ck_assert_str_eq(buf_text(&x.answer), cuts[i].answer);
        model_chain_expected_fini(&x);
    }
}

/* Servers do not count the end where the limit came first, also where it comes with the last word. */
static void the_end_of_the_turn_is_a_token_of_its_own(void)
{
    struct model_chain_options o = model_chain_sizes[0].options;
    struct error e = {0};
    o.answer_tokens = 3;
    for (size_t limit = 2; limit < 6; limit++) {
        struct model_chain_expected x;
        ck_assert_int_eq(model_chain_expect(&o, limit, &x, &e), STATUS_OK);
        ck_assert_int_eq(x.stopped, limit > 3);
        ck_assert_uint_eq(x.completion_tokens, limit < 4 ? limit : 4);
        model_chain_expected_fini(&x);
    }
}

int main(void)
{
    static const struct testkit_test tests[] = {
        TESTKIT_TEST(no_token_of_a_script_comes_twice),
        TESTKIT_TEST(the_tokens_of_what_is_said_are_the_tokens_of_the_script),
        TESTKIT_TEST(the_whole_utf8_script_is_utf8_and_its_characters_are_several_tokens),
        TESTKIT_TEST(lengths_that_cannot_be_said_are_refused),
        TESTKIT_TEST(what_is_expected_of_reasoning_is_cut_at_the_limit),
        TESTKIT_TEST(the_end_of_the_turn_is_a_token_of_its_own),
        {0},
    };
    return testkit_run("model_script", tests);
}
