/* context_private.h - a context, shared between context.c (its life and loop), context_request.c (what is
 * asked) and context_ask.c (asking it). */
#ifndef ASSAY_CONTEXT_PRIVATE_H
#define ASSAY_CONTEXT_PRIVATE_H

#include "context.h"
#include "journal.h"
#include "load_prompts.h"
#include "repeat.h"

enum {
    SALT_SIZE = 20,        /* "[0123456789abcdef] " */
    PROMPT_MAX = 16 << 20, /* a user's prompt */
    MESSAGES_MAX = 256,
};

struct assay_context {
    const struct context_spec *spec;
    struct journal *journal;
    const struct clock *clock;
    struct target *target;
    struct exchange exchange;
    int exchange_index;
    int last_index; /* of the exchange that the case was handed last */

    int repeats, warmup;
    int next_repeat; /* the one that assay_next() gives out next */
    int repeat;      /* the current one */
    bool in_repeat;  /* between two calls of assay_next() */
    bool measuring;
    bool no_tokenizer, counts_nowhere; /* seen: the server has none; does not count unstreamed either */
    bool counted_once;                 /* the tokenizer was held beside usage */
    struct repeat_figures figures;     /* of the current repeat */

    char salt[SALT_SIZE];
    char salt_of[64]; /* what the salt is made from instead of the repeat, or "" */
    bool unsalted;

    char *user_prompt;         /* --prompt, or NULL */
    struct buf tasks;          /* --tasks */
    struct buf words;          /* text of assay_request_words() */
    struct prompt_scale scale; /* of load tests; zero: not learned */
    bool scale_tried;
    size_t request_bytes, requests_left_out; /* of requests.jsonl */

    struct chat_message
        messages[MESSAGES_MAX];             /* of the last assay_request*(): contents borrowed or in words */
    struct chat_message sent[MESSAGES_MAX]; /* the same with the salt in front */
    struct buf salted;                      /* first message with its salt */
};

/* The repeat under way, 0 outside of the loop. */
static inline int context_repeat(const struct assay_context *ctx)
{
    return ctx->in_repeat ? ctx->repeat : 0;
}

/* context_request.c: the request with its salt (ctx->salt); only its first message or prompt is another. */
struct target_request context_salt(struct assay_context *ctx, const struct target_request *request);

/* context_tokens.c: fills x->tokens where the answer did not say. request: as it was sent. True: only the same
 * request, asked again without streaming, may tell; its answer is to be given to context_take_counts. */
bool context_count_tokens(
    struct assay_context *ctx, const struct target_request *request, struct exchange *x);
void context_take_counts(struct assay_context *ctx, struct exchange *x, const struct exchange *whole);

#endif
