/*
 * openai_counts.h - how many tokens an answer of OpenAI's protocol says it has: `usage`, llama.cpp's
 * `timings`, LM Studio's `stats`, and what single events say of themselves.
 */
#ifndef ASSAY_OPENAI_COUNTS_H
#define ASSAY_OPENAI_COUNTS_H

#include "exchange.h"

#include <json-c/json.h>

/* Member of an object, or NULL: not an object, no such member, null. Borrowed. */
struct json_object *openai_member(struct json_object *object, const char *key);
int64_t openai_count(
    struct json_object *object, const char *key); /* a member that is an integer >= 0, else -1 */

/* `usage`, `timings` and `stats` of a chunk or of a whole answer, into x. True if one of them said something. */
bool openai_take_counts(struct exchange *x, struct json_object *root);

/* Completion tokens up to and with this chunk, -1 where it does not say. */
int64_t openai_cumulative_tokens(struct json_object *root);

/* Tokens of this one choice by its token_ids or logprobs, -1 where it does not say. */
int64_t openai_choice_tokens(struct json_object *choice);

/* Once all is read: fills tokens from timings where usage is absent, compares the two where both are there.
 */
void openai_settle_counts(struct exchange *x);

#endif
