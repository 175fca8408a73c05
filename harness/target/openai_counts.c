#include "openai_counts.h"

#include <math.h>
#include <string.h>

enum { FEW_MEMBERS = 16 };

/* Among a few, comparing costs less than a hash of the key. */
struct json_object *openai_member(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;
    if (!json_object_is_type(object, json_type_object))
        return NULL;
    struct lh_table *members = json_object_get_object(object);
    if (lh_table_length(members) > FEW_MEMBERS) {
        json_object_object_get_ex(object, key, &value);
        return value;
    }
    for (const struct lh_entry *at = members->head; at; at = at->next) {
        const char *name = lh_entry_k(at);
        if (*name == *key && strcmp(name, key) == 0)
            return lh_entry_v(at);
    }
    return NULL;
}

/* More tokens than any request has: what is beyond is no count, and sums of counts cannot overflow. */
#define COUNT_MAX INT64_C(1000000000000)

int64_t openai_count(struct json_object *object, const char *key)
{
    struct json_object *value = openai_member(object, key);
    if (!json_object_is_type(value, json_type_int))
        return -1;
    int64_t count = json_object_get_int64(value);
    return count < 0 || count > COUNT_MAX ? -1 : count;
}

static double openai_real(struct json_object *object, const char *key, double scale)
{
    struct json_object *value = openai_member(object, key);
    if (!json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int))
        return -1;
    double real = json_object_get_double(value);
    return isfinite(real) && real >= 0 ? real * scale : -1;
}

/* Some servers put a usage of zeros in every chunk but the last: it says nothing. */
static bool take_usage(struct exchange *x, struct json_object *usage)
{
    int64_t prompt = openai_count(usage, "prompt_tokens"),
            completion = openai_count(usage, "completion_tokens");
    if (prompt <= 0 && completion <= 0)
        return false;
    struct exchange_tokens *t = &x->tokens;
    int64_t reasoning = openai_count(openai_member(usage, "completion_tokens_details"), "reasoning_tokens");
    int64_t cached = openai_count(openai_member(usage, "prompt_tokens_details"), "cached_tokens");
    t->source = TOKENS_SERVER_USAGE;
    t->prompt = prompt;
    t->completion = completion;
    t->reasoning = reasoning >= 0 ? reasoning : t->reasoning;
    t->cached = cached >= 0 ? cached : t->cached;
    return true;
}

static bool take_timings(struct exchange *x, struct json_object *timings)
{
    if (!json_object_is_type(timings, json_type_object))
        return false;
    struct exchange_native *n = &x->native;
    n->source = "llamacpp_timings";
    n->prompt_n = openai_count(timings, "prompt_n");
    n->decode_n = openai_count(timings, "predicted_n");
    n->cached_n = openai_count(timings, "cache_n");
    n->prompt_s = openai_real(timings, "prompt_ms", 1e-3);
    n->decode_s = openai_real(timings, "predicted_ms", 1e-3);
    n->prefill_per_s = openai_real(timings, "prompt_per_second", 1);
    n->decode_per_s = openai_real(timings, "predicted_per_second", 1);
    return true;
}

/* LM Studio's own API: its rate is all tokens over the time behind the first of them. /v1 has an empty object
 * there. */
static bool take_stats(struct exchange *x, struct json_object *stats)
{
    struct exchange_native *n = &x->native;
    double ttft_s = openai_real(stats, "time_to_first_token", 1);
    double decode_s = openai_real(stats, "generation_time", 1);
    double per_s = openai_real(stats, "tokens_per_second", 1);
    if (ttft_s < 0 && decode_s < 0 && per_s < 0)
        return false;
    n->source = "lmstudio_stats";
    n->ttft_s = ttft_s;
    n->decode_s = decode_s;
    n->decode_per_s = per_s;
    return true;
}

bool openai_take_counts(struct exchange *x, struct json_object *root)
{
    bool usage = take_usage(x, openai_member(root, "usage"));
    bool timings = take_timings(x, openai_member(root, "timings"));
    bool stats = take_stats(x, openai_member(root, "stats"));
    return usage || timings || stats;
}

int64_t openai_cumulative_tokens(struct json_object *root)
{
    int64_t count = openai_count(openai_member(root, "usage"), "completion_tokens");
    if (count <= 0)
        count = openai_count(openai_member(root, "timings"), "predicted_n");
    return count > 0 ? count : -1;
}

static int64_t array_length(struct json_object *value)
{
    size_t len = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
    return len ? (int64_t)len : -1;
}

int64_t openai_choice_tokens(struct json_object *choice)
{
    int64_t ids = array_length(openai_member(choice, "token_ids"));
    return ids > 0 ? ids : array_length(openai_member(openai_member(choice, "logprobs"), "content"));
}

/* llama.cpp leaves the cached part out of prompt_n. */
static int64_t native_prompt_tokens(const struct exchange_native *n)
{
    return n->prompt_n < 0 ? -1 : n->prompt_n + (n->cached_n > 0 ? n->cached_n : 0);
}

void openai_settle_counts(struct exchange *x)
{
    struct exchange_tokens *t = &x->tokens;
    const struct exchange_native *n = &x->native;
    if (!n->source || n->decode_n < 0)
        return;
    if (t->cached < 0)
        t->cached = n->cached_n;
    if (t->source == TOKENS_SERVER_USAGE) {
        t->agrees = t->completion == n->decode_n && (n->prompt_n < 0 || t->prompt == native_prompt_tokens(n));
        return;
    }
    t->source = TOKENS_SERVER_NATIVE;
    t->prompt = native_prompt_tokens(n);
    t->completion = n->decode_n;
}
