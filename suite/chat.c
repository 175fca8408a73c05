/* chat.* - chat completions: how fast the first token comes, how fast the others, and whether they are right.
 */
#include "suite.h"

#include "answered.h"
#include "stats.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void measure_prompt(struct assay_context *ctx, const char *prompt)
{
    struct chat_request request = assay_request(ctx, prompt);
    for (int repeat = 0; assay_next(ctx, &repeat);)
        check_answered(assay_chat(ctx, &request));
}

static void short_answer(struct assay_context *ctx)
{
    measure_prompt(ctx, "short");
}

static void long_answer(struct assay_context *ctx)
{
    measure_prompt(ctx, "decode");
}

/* Prefill: many words that no cache has seen (they follow the salt), and hardly any answer. */
enum { LONG_PROMPT_WORDS = 600, LONG_PROMPT_CONTEXT = 2048 };

static void long_prompt(struct assay_context *ctx)
{
    int64_t context = assay_model(ctx)->context_length;
    if (context > 0 && context < LONG_PROMPT_CONTEXT)
        assay_skip(ctx, "the model's context is %lld tokens, this prompt needs %d", (long long)context,
            LONG_PROMPT_CONTEXT);
    struct chat_request request = assay_request_words(
        ctx, LONG_PROMPT_WORDS, "The words above have no meaning. Answer with one word: read.", 16);
    for (int repeat = 0; assay_next(ctx, &repeat);)
        check_answered(assay_chat(ctx, &request));
}

/* A conversation of three turns; each sends all that was said before. */
enum { TURNS = 3 };

static void one_conversation(struct assay_context *ctx, char *answers[TURNS])
{
    static const char *const prompts[TURNS] = {"turn_1", "turn_2", "turn_3"};
    struct chat_message messages[2 * TURNS];
    size_t said = 0;
    for (size_t turn = 0; turn < TURNS; turn++) {
        struct chat_request asked = assay_request(ctx, prompts[turn]);
        messages[said++] = asked.messages[asked.message_count - 1];
        struct chat_request request = assay_request_messages(ctx, messages, said);
        request.max_tokens = asked.max_tokens;
        const struct exchange *x = assay_chat(ctx, &request);
        check_answered(x);
        answers[turn] = strdup(buf_text(&x->answer));
        ck_assert_ptr_nonnull(answers[turn]);
        messages[said++] = (struct chat_message){"assistant", answers[turn]};
    }
}

static void several_turns(struct assay_context *ctx)
{
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        char *answers[TURNS] = {0};
        one_conversation(ctx, answers);
        for (size_t turn = 0; turn < TURNS; turn++)
            free(answers[turn]);
    }
}

/* End marks of the chat templates in use; none of them belongs into an answer. */
static const char *const end_marks[] = {"<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|eot_id|>",
    "<|end_of_text|>", "<|end|>", "<|user|>", "<|assistant|>", "<end_of_turn>", "<start_of_turn>", "</s>",
    "[/INST]", "<|return|>", "<|channel|>", "<|eom_id|>", "<｜end▁of▁sentence｜>", NULL};

static size_t find_marks(const char *answer, const char *found[], size_t room)
{
    size_t n = 0;
    for (size_t i = 0; end_marks[i] && n < room; i++)
        if (strstr(answer, end_marks[i]))
            found[n++] = end_marks[i];
    return n;
}

/* The middle word of an answer that stands there once: what we ask the server to stop at. False: no such
 * word. */
static bool choose_stop_word(const char *answer, char *word, size_t size)
{
    size_t len = strlen(answer);
    for (const char *p = answer + len / 3; *p; p++) {
        if (p[0] != ' ')
            continue;
        size_t n = strcspn(p + 1, " \n\t.,;:!?*\"'");
        if (n < 3 || n >= size)
            continue;
        memcpy(word, p + 1, n);
        word[n] = '\0';
        const char *first = strstr(answer, word);
        if (first == p + 1 && !strstr(first + n, word))
            return true;
    }
    return false;
}

/*
 * Asks once freely, then again with a word of that very answer as stop sequence: the second answer must end
 * before the word. Works with any model, because the greedy answer says itself what will come.
 */
static void stop_tokens(struct assay_context *ctx)
{
    assay_measure(ctx, false);
    assay_salt(ctx, "stop");
    struct chat_request request = assay_request(ctx, "stop");
    request.temperature = 0;
    const struct exchange *x = assay_chat(ctx, &request);
    check_answered(x);
    const char *detected[8] = {0};
    size_t leaks = find_marks(buf_text(&x->answer), detected, 6);
    char word[64];
    if (!choose_stop_word(buf_text(&x->answer), word, sizeof word))
        assay_skip(ctx, "the answer of %zu bytes has no word that stands in it once", x->answer.len);

    const char *stop[] = {word, NULL};
    request.stop = stop;
    x = assay_chat(ctx, &request);
    bool ended_at_once = x->error == EXCHANGE_EMPTY; /* the word came first: nothing is left to say */
    ck_assert_msg(x->error == EXCHANGE_OK || ended_at_once, "with stop \"%s\": %s: %s", word,
        exchange_error_name(x->error), x->error_text);
    bool leaked_word = strstr(buf_text(&x->answer), word) != NULL;
    if (leaked_word)
        detected[leaks++] = word;
    assay_note(ctx, "finish_reason", "%s", x->finish_reason);
    assay_stop_tokens(ctx, stop, detected, leaks > 0);
    ck_assert_msg(!leaked_word, "asked to stop at \"%s\", the server went on or sent the word itself", word);
    ck_assert_msg(leaks == 0, "the answer contains the end mark %s of a chat template", detected[0]);
    ck_assert_msg(strcmp(x->finish_reason, "stop") == 0, "stopped at \"%s\", but finish_reason is \"%s\"",
        word, x->finish_reason);
}

/* What the streamed and the unstreamed answer to the same request took and said. */
struct answer {
    char *text;
    int64_t completion_tokens;
    double latency_s;
};

static struct answer ask(struct assay_context *ctx, struct chat_request *request, bool stream)
{
    request->stream = stream;
    const struct exchange *x = assay_chat(ctx, request);
    check_answered(x);
    struct answer a = {.text = strdup(buf_text(&x->answer)), .completion_tokens = x->tokens.completion};
    ck_assert_ptr_nonnull(a.text);
    ck_assert_msg(exchange_latency_s(x, &a.latency_s), "the exchange has no latency");
    return a;
}

/*
 * Same salt, same seed, greedy: streaming may cost time, but must not change a byte. The first answer fills
 * the prompt cache, so that the two that are compared both find it warm; their order alternates.
 */
static double compare_pair(struct assay_context *ctx, struct chat_request *request, bool stream_first)
{
    struct answer cold = ask(ctx, request, false);
    struct answer a = ask(ctx, request, stream_first);
    struct answer b = ask(ctx, request, !stream_first);
    const struct answer *streamed = stream_first ? &a : &b, *whole = stream_first ? &b : &a;
    bool same_text = strcmp(streamed->text, whole->text) == 0 && strcmp(cold.text, whole->text) == 0;
    bool same_count = whole->completion_tokens < 0 || streamed->completion_tokens < 0 ||
                      whole->completion_tokens == streamed->completion_tokens;
    free(cold.text);
    free(a.text);
    free(b.text);
    ck_assert_msg(same_text, "the streamed answer differs from the unstreamed one");
    ck_assert_msg(same_count, "streamed %lld completion tokens, unstreamed %lld",
        (long long)streamed->completion_tokens, (long long)whole->completion_tokens);
    assay_observe(ctx, "latency_s", streamed->latency_s);
    return whole->latency_s > 0 ? streamed->latency_s / whole->latency_s : 0;
}

static void streamed_equals_unstreamed(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "pair");
    request.temperature = 0;
    assay_measure(ctx, false);
    double ratios[64];
    size_t count = 0;
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        char pair[32];
        snprintf(pair, sizeof pair, "pair-%d", repeat);
        assay_salt(ctx, pair);
        double ratio = compare_pair(ctx, &request, repeat % 2 != 0);
        if (repeat >= 0 && ratio > 0 && count < sizeof ratios / sizeof ratios[0])
            ratios[count++] = ratio;
    }
    if (count == 0)
        return;
    char median[32];
    text_format_decimal(median, sizeof median, stats_median(ratios, count), 3);
    assay_note(ctx, "streamed_over_unstreamed", "%s (median latency ratio of %zu pairs, prompt cache warm)",
        median, count);
}

/*
 * A prompt that no cache knows, then the same again: what a prompt cache saves. Whether there is one is said by
 * the server's count of cached tokens, else seen in the time to first token.
 */
enum { CACHE_WORDS = 400, CACHE_CONTEXT = 2048 };

static const char *cache_seen(int64_t cached, double cold_s, double warm_s)
{
    if (cached > 0)
        return "yes, as the server counts";
    if (cached == 0)
        return "no, as the server counts";
    return warm_s < cold_s / 2 ? "yes, as the time to first token shows" : "none to be seen";
}

static void prompt_cache(struct assay_context *ctx)
{
    double cold[64], warm[64];
    size_t count = 0;
    int64_t cached = -1;
    struct chat_request request =
        assay_request_words(ctx, CACHE_WORDS, "The words above have no meaning. Answer with one word.", 8);
    assay_measure(ctx, false);
    for (int repeat = 0; assay_next(ctx, &repeat);) {
        char pair[32];
        snprintf(pair, sizeof pair, "cache-%d", repeat);
        assay_salt(ctx, pair);
        double cold_s = check_ttft_s(assay_chat(ctx, &request));
        const struct exchange *again = assay_chat(ctx, &request);
        double warm_s = check_ttft_s(again);
        cached = again->tokens.cached;
        assay_observe(ctx, "cold_ttft_s", cold_s);
        assay_observe(ctx, "warm_ttft_s", warm_s);
        if (repeat >= 0 && count < sizeof cold / sizeof cold[0]) {
            cold[count] = cold_s;
            warm[count++] = warm_s;
        }
    }
    if (count > 0)
        assay_note(ctx, "prompt_cache", "%s",
            cache_seen(cached, stats_median(cold, count), stats_median(warm, count)));
}

/* A cap far below what the prompt asks for: the answer must end at it, and say that it did. */
enum { CAP = 12 };

static void output_cap(struct assay_context *ctx)
{
    struct chat_request request = assay_request(ctx, "decode");
    request.max_tokens = CAP;
    assay_measure(ctx, false);
    const struct exchange *x = assay_chat(ctx, &request);
    check_answered(x);
    int64_t tokens = x->tokens.completion, events = (int64_t)exchange_token_events(x);
    assay_note(ctx, "finish_reason", "%s", x->finish_reason);
    assay_note(ctx, "completion_tokens", "%lld", (long long)tokens);
    ck_assert_msg(
        tokens <= CAP, "asked for at most %d tokens, the server counts %lld", CAP, (long long)tokens);
    ck_assert_msg(events <= CAP, "asked for at most %d tokens, %lld came", CAP, (long long)events);
    bool says_why = target_offers(assay_target(ctx)) & OFFER_FINISH_REASON;
    if (says_why && (tokens == CAP || (tokens < 0 && events == CAP)))
        ck_assert_msg(strcmp(x->finish_reason, "length") == 0,
            "the answer was cut at %d tokens, but its finish_reason is \"%s\"", CAP, x->finish_reason);
}

const struct assay_case cases_chat[] = {
    {.id = "chat.short",
        .summary = "a short answer, streamed",
        .body = short_answer,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .tokens = 32},
    {.id = "chat.long_prompt",
        .summary = "a long prompt and a short answer: prefill",
        .body = long_prompt,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .tokens = 16},
    {.id = "chat.long_answer",
        .summary = "a short prompt and a long answer: decode",
        .body = long_answer,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .tokens = 256},
    {.id = "chat.turns",
        .summary = "a conversation of three turns",
        .body = several_turns,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .requests = 3,
        .tokens = 96},
    {.id = "chat.stop_tokens",
        .summary = "a stop sequence ends the answer and does not appear in it",
        .body = stop_tokens,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .needs_offers = OFFER_STOP,
        .repeats = 1,
        .warmup = -1,
        .requests = 2,
        .tokens = 96},
    {.id = "chat.streamed_equals_unstreamed",
        .summary = "streaming changes no byte of the answer, and what it costs",
        .body = streamed_equals_unstreamed,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .requests = 3,
        .tokens = 192},
    {.id = "chat.cache",
        .summary = "a prompt asked twice: what the server's prompt cache saves",
        .body = prompt_cache,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .needs_context = CACHE_CONTEXT,
        .requests = 2,
        .tokens = 16},
    {.id = "chat.output_cap",
        .summary = "an answer ends at the number of tokens that was asked for, and says so",
        .body = output_cap,
        .version = 1,
        .per_model = true,
        .needs = MODALITY_TEXT,
        .repeats = 1,
        .warmup = -1,
        .tokens = 12},
    {0},
};
