/*
 * How many tokens an answer has where the server does not say: its tokenizer is asked, or the same greedy
 * request is made once more without streaming, where servers count that do not count in a stream. Neither is
 * measured. A count is taken over only for the very same text; else it stays absent.
 */
#include "context_private.h"

#include <string.h>

/* -1: nobody counts. */
static int64_t count_text(struct assay_context *ctx, const char *text, size_t len)
{
    struct token_list tokens;
    struct error why = {0};
    if (len == 0)
        return 0;
    enum status s = target_tokenize(
        ctx->target, ctx->spec->model ? ctx->spec->model->id : NULL, text, len, &tokens, &why);
    if (s != STATUS_OK) {
        ctx->no_tokenizer = s == STATUS_UNAVAILABLE;
        return -1;
    }
    int64_t count = (int64_t)tokens.count;
    token_list_fini(&tokens);
    return count;
}

static bool has_tokenizer(const struct assay_context *ctx)
{
    return !ctx->no_tokenizer && (target_offers(ctx->target) & OFFER_TOKENIZE);
}

/* What was said, channel by channel; marks between the channels are in neither. */
static bool tokenize_answer(struct assay_context *ctx, const struct exchange *x, struct exchange_tokens *t)
{
    int64_t answer = count_text(ctx, buf_text(&x->answer), x->answer.len);
    int64_t reasoning = answer < 0 ? -1 : count_text(ctx, buf_text(&x->reasoning), x->reasoning.len);
    if (reasoning < 0 || x->tool_calls.len > 0)
        return false;
    t->completion = answer + reasoning;
    t->reasoning = reasoning;
    t->source = TOKENS_TOKENIZER;
    return true;
}

static bool same_text(const struct exchange *x, const struct exchange *y)
{
    return x->answer.len == y->answer.len && x->reasoning.len == y->reasoning.len &&
           memcmp(buf_text(&x->answer), buf_text(&y->answer), x->answer.len) == 0 &&
           memcmp(buf_text(&x->reasoning), buf_text(&y->reasoning), x->reasoning.len) == 0;
}

void context_take_counts(struct assay_context *ctx, struct exchange *x, const struct exchange *whole)
{
    if (whole->error != EXCHANGE_OK)
        return;
    ctx->counts_nowhere = whole->tokens.source == TOKENS_NONE;
    if (same_text(x, whole))
        x->tokens = whole->tokens;
}

/* The usage of one exchange of a case is held beside the tokenizer: more would only cost time. */
static void count_once(struct assay_context *ctx, struct exchange *x)
{
    struct exchange_tokens counted;
    if (!ctx->counted_once && has_tokenizer(ctx) && tokenize_answer(ctx, x, &counted))
        x->tokenized = counted.completion;
    ctx->counted_once = true;
}

bool context_count_tokens(struct assay_context *ctx, const struct target_request *request, struct exchange *x)
{
    bool text = request->task == TASK_CHAT || request->task == TASK_COMPLETION;
    if (!text || x->error != EXCHANGE_OK)
        return false;
    if (x->tokens.source != TOKENS_NONE) {
        count_once(ctx, x);
        return false;
    }
    if (has_tokenizer(ctx) && tokenize_answer(ctx, x, &x->tokens))
        return false;
    bool greedy = request->task == TASK_CHAT && request->chat.stream && request->chat.temperature == 0;
    return greedy && !ctx->counts_nowhere;
}
