/*
 * prefill_decode.* - exact numbers of prompt tokens and of generated tokens, as llama-bench counts them, but
 * over HTTP. Prompts are token numbers where the server takes them; else words are counted out until the server
 * says that the prompt has the length asked for.
 */
#include "suite.h"

#include "answered.h"

#include "buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point {
    int64_t prompt, generated; /* tokens */
};

/* Words that differ from repeat to repeat from the first one on, so that no cache knows them. */
static void append_words(struct buf *out, size_t words, int repeat)
{
    static const char *const list[] = {"river", "lamp", "stone", "paper", "window", "garden", "metal",
        "cloud", "bread", "horse", "silver", "engine", "forest", "letter", "market", "bridge"};
    size_t at = (size_t)(repeat + 16);
    for (size_t i = 0; i < words; i++) {
        at = at * 5 + 3;
        buf_printf(out, "%s%s", i ? " " : "", list[(at >> 2) % (sizeof list / sizeof list[0])]);
    }
    ck_assert_msg(buf_status(out) == STATUS_OK, "no memory for a prompt of %zu words", words);
}

static void skip_where_context_is_short(struct assay_context *ctx, const struct point *point)
{
    int64_t context = assay_model(ctx)->context_length, needed = point->prompt + point->generated + 16;
    if (context > 0 && context < needed)
        assay_skip(ctx, "the model's context is %lld tokens, this point needs %lld", (long long)context,
            (long long)needed);
}

/* What the figures are about is what came, not what was wished for. */
static void check_lengths(
    struct assay_context *ctx, const struct point *point, const struct exchange *x, int64_t prompt_may_differ)
{
    check_answered(x);
    int64_t prompt = x->tokens.prompt, made = x->tokens.completion;
    assay_note(ctx, "prompt_tokens", "%lld", (long long)prompt);
    assay_note(ctx, "completion_tokens", "%lld", (long long)made);
    if (prompt >= 0)
        ck_assert_msg(llabs(prompt - point->prompt) <= prompt_may_differ,
            "the prompt was to have %lld tokens, the server counts %lld", (long long)point->prompt,
            (long long)prompt);
    if (made >= 0 && made < point->generated)
        assay_note(ctx, "ended_early", "the model ended its answer after %lld of %lld tokens",
            (long long)made, (long long)point->generated);
}

/* ---- prompts as tokens ---- */

/* At least `count` tokens of text; the caller cuts. */
static struct token_list tokens_for(struct assay_context *ctx, size_t count, int repeat)
{
    struct token_list tokens;
    struct error why = {0};
    struct buf text = BUF_INIT((size_t)64 << 20);
    size_t words = count;
    for (;;) {
        buf_clear(&text);
        append_words(&text, words, repeat);
        enum status s = target_tokenize(
            assay_target(ctx), assay_model(ctx)->id, buf_text(&text), text.len, &tokens, &why);
        ck_assert_msg(s == STATUS_OK, "the tokenizer: %s", error_text(&why));
        if (tokens.count >= count && tokens.items)
            break;
        ck_assert_msg(tokens.items && tokens.count > 0, "the tokenizer gives no numbers");
        words = words * count / tokens.count + words / 8 + 8;
        token_list_fini(&tokens);
    }
    buf_fini(&text);
    return tokens;
}

static void measure_tokens(struct assay_context *ctx, const struct point *point)
{
    assay_note(ctx, "prompt", "token numbers: exact");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct token_list tokens = tokens_for(ctx, (size_t)point->prompt, repeat);
        struct target_request r = {.task = TASK_COMPLETION,
            .completion = {.model = assay_model(ctx)->id,
                .tokens = tokens.items,
                .token_count = (size_t)point->prompt,
                .max_tokens = point->generated,
                .temperature = 0,
                .seed = -1,
                .stream = true,
                .want_usage = true,
                .engine = {.cache_prompt = CHOICE_NO, .ignore_eos = CHOICE_YES}}};
        check_lengths(ctx, point, assay_ask(ctx, &r), 2); /* a start token may be added */
        token_list_fini(&tokens);
    }
}

/* ---- prompts as words ---- */

static struct chat_request words_request(
    struct assay_context *ctx, struct buf *text, size_t words, int repeat, int64_t generated)
{
    /* One word over and over has the same length each time; the number before it is what no cache knows. */
    buf_clear(text);
    buf_printf(text, "%d", repeat + 5000);
    for (size_t i = 0; i < words; i++)
        buf_append_text(text, " lamp");
    ck_assert_msg(buf_status(text) == STATUS_OK, "no memory for a prompt of %zu words", words);
    struct chat_message message = {.role = "user", .content = buf_text(text)};
    struct chat_request r = assay_request_messages(ctx, &message, 1);
    r.max_tokens = generated;
    r.engine.ignore_eos = CHOICE_YES;
    r.engine.cache_prompt = CHOICE_NO;
    return r;
}

enum { BEHIND_MARK = 4 };

/* Some servers keep the mark that opens a reasoning to themselves: of one token nothing would arrive. */
static int64_t shortest_answer(struct assay_context *ctx, struct buf *text)
{
    struct chat_request r = words_request(ctx, text, 1, -1002, 1);
    if (assay_chat(ctx, &r)->error != EXCHANGE_EMPTY)
        return 1;
    assay_note(ctx, "shortest_answer", "%d tokens: of one, the server sends nothing", BEHIND_MARK);
    return BEHIND_MARK;
}

/* How many words make the prompt as long as asked, template and salt included: two counts give the line. */
static size_t find_words(
    struct assay_context *ctx, const struct point *point, int64_t shortest, struct buf *text)
{
    size_t tried[2] = {8, 8 + (size_t)point->prompt / 4};
    int64_t counted[2];
    for (size_t i = 0; i < 2; i++) {
        struct chat_request r = words_request(ctx, text, tried[i], -1000 - (int)i, shortest);
        const struct exchange *x = assay_chat(ctx, &r);
        check_answered(x);
        counted[i] = x->tokens.prompt;
        if (counted[i] < 0)
            assay_skip(ctx, "the server does not say how many tokens a prompt has");
    }
    double per_word = (double)(counted[1] - counted[0]) / (double)(tried[1] - tried[0]);
    double words = per_word > 0 ? 8 + (double)(point->prompt - counted[0]) / per_word : 0;
    if (words < 1)
        assay_skip(ctx, "the chat template alone has more than %lld tokens", (long long)point->prompt);
    return (size_t)(words + 0.5);
}

static void measure_words(struct assay_context *ctx, const struct point *point)
{
    struct buf text = BUF_INIT((size_t)64 << 20);
    assay_measure(ctx, false);
    assay_salt(ctx, NULL);
    int64_t shortest = shortest_answer(ctx, &text);
    int64_t generated = point->generated > shortest ? point->generated : shortest;
    size_t words = find_words(ctx, point, shortest, &text);
    assay_measure(ctx, true);
    assay_note(ctx, "prompt", "words counted out: as long as asked within a twentieth");
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        struct chat_request r = words_request(ctx, &text, words, repeat, generated);
        check_lengths(ctx, point, assay_chat(ctx, &r), 4 + point->prompt / 20);
    }
    buf_fini(&text);
}

static void measure_point(struct assay_context *ctx)
{
    const struct point *point = assay_data(ctx);
    unsigned exact = OFFER_COMPLETION | OFFER_TOKENIZE | OFFER_TOKEN_PROMPTS;
    skip_where_context_is_short(ctx, point);
    if ((target_offers(assay_target(ctx)) & exact) == exact)
        measure_tokens(ctx, point);
    else
        measure_words(ctx, point);
}

#define POINT(name, text, prompt_tokens, generated_tokens)                                                   \
    {                                                                                                        \
        .id = "prefill_decode." name, .summary = text, .body = measure_point, .version = 1,                  \
        .on_request = true, .per_model = true, .server_memory = true, .needs = MODALITY_TEXT,                \
        .tokens = (generated_tokens), .timeout_s = 900, .data = &(const struct point)                        \
        {                                                                                                    \
            (prompt_tokens), (generated_tokens)                                                              \
        }                                                                                                    \
    }

const struct assay_case cases_prefill_decode[] = {
    POINT("pp128", "128 prompt tokens, 1 generated", 128, 1),
    POINT("pp512", "512 prompt tokens, 1 generated", 512, 1),
    POINT("pp2048", "2048 prompt tokens, 1 generated", 2048, 1),
    POINT("pp8192", "8192 prompt tokens, 1 generated", 8192, 1),
    POINT("tg32", "32 tokens generated after 64", 64, 32),
    POINT("tg128", "128 tokens generated after 64", 64, 128),
    POINT("tg512", "512 tokens generated after 64", 64, 512),
    POINT("pp512_tg128", "512 prompt tokens, 128 generated", 512, 128),
    POINT("depth2048_tg64", "64 tokens generated behind 2048", 2048, 64),
    POINT("depth8192_tg64", "64 tokens generated behind 8192", 8192, 64),
    {0},
};
