#include "load_prompts.h"

#include "prompt_words.h"
#include "rng.h"
#include "text.h"

#include <math.h>
#include <string.h>

/* One to one: equal results have equal arguments, so salts differ where numbers do. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void load_prompts_init(struct load_prompts *p, const struct load_plan *plan, uint64_t seed)
{
    *p = (struct load_prompts){
        .plan = plan, .seed = mix(seed + UINT64_C(0x9e3779b97f4a7c15)), .scale = {.tokens_per_word = 1}};
    for (int i = 0; i < PROMPT_WORDS; i++)
        p->word_bytes[i] = (uint8_t)(strcspn(prompt_words[i], " ") + 1);
}

static uint64_t words_of(double tokens, double tokens_per_word)
{
    double words = floor(tokens / tokens_per_word + 0.5);
    return words < 1 ? 1 : words > LOAD_TOKENS_MAX ? LOAD_TOKENS_MAX : (uint64_t)words;
}

static uint64_t own_words(const struct load_prompts *p, const struct load_item *item)
{
    if (item->prompt_tokens == 0)
        return LOAD_SALT_WORDS;
    return words_of(item->prompt_tokens - p->scale.overhead, p->scale.tokens_per_word);
}

static bool begins_with_prefix(const struct load_prompts *p, const struct load_item *item)
{
    return item->turn == 0 && item->prefix < p->plan->prefix_count;
}

static uint64_t prefix_words(const struct load_prompts *p, uint16_t prefix)
{
    return words_of(p->plan->prefix_lengths[prefix], p->scale.tokens_per_word);
}

size_t load_prompts_most_bytes(const struct load_prompts *p)
{
    uint64_t most = 0;
    for (size_t i = 0; i < p->plan->count; i++) {
        const struct load_item *item = &p->plan->items[i];
        uint64_t words = own_words(p, item);
        if (begins_with_prefix(p, item))
            words += prefix_words(p, item->prefix);
        most = words > most ? words : most;
    }
    return (size_t)most * PROMPT_WORD_SIZE + PROMPT_WORD_SIZE;
}

/* Eight words from each draw; whole words are copied and the next one begins behind the first blank. */
static char *write_words(const struct load_prompts *p, uint64_t draw, uint64_t words, char *out)
{
    struct rng r;
    rng_seed(&r, draw);
    while (words > 0) {
        for (int k = 0; k < 8 && words > 0; k++, words--, draw >>= 8) {
            unsigned chosen = draw & 0xff;
            memcpy(out, prompt_words[chosen], PROMPT_WORD_SIZE);
            out += p->word_bytes[chosen];
        }
        draw = rng_next(&r);
    }
    return out;
}

size_t load_prompts_write(
    const struct load_prompts *p, const struct load_item *item, uint64_t number, char *out, size_t *words)
{
    uint64_t own = own_words(p, item), shared = 0;
    char *end = out;
    if (begins_with_prefix(p, item)) {
        shared = prefix_words(p, item->prefix);
        end = write_words(p, mix(mix(p->seed ^ UINT64_C(0x7072656669786573)) + item->prefix), shared, end);
    }
    end = write_words(p, mix(p->seed ^ number), own, end);
    *--end = 0; /* instead of the last blank */
    if (words)
        *words = (size_t)(own + shared);
    return (size_t)(end - out);
}

void prompt_calibration_add(struct prompt_calibration *seen, uint64_t words, int64_t tokens)
{
    if (words == 0 || tokens <= 0)
        return;
    seen->count++;
    double off_words = (double)words - seen->mean_words, off_tokens = (double)tokens - seen->mean_tokens;
    seen->mean_words += off_words / seen->count;
    seen->mean_tokens += off_tokens / seen->count;
    seen->words_squared += off_words * ((double)words - seen->mean_words);
    seen->words_tokens += off_words * ((double)tokens - seen->mean_tokens);
}

struct prompt_scale prompt_calibration_fit(const struct prompt_calibration *seen)
{
    if (seen->count == 0)
        return (struct prompt_scale){.tokens_per_word = 1};
    if (seen->words_squared > 0) {
        double slope = seen->words_tokens / seen->words_squared;
        double overhead = seen->mean_tokens - slope * seen->mean_words;
        if (slope >= 0.1 && slope <= 20 && overhead >= 0)
            return (struct prompt_scale){.tokens_per_word = slope, .overhead = overhead};
    }
    return (struct prompt_scale){.tokens_per_word = seen->mean_tokens / seen->mean_words};
}
