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

uint64_t load_prompts_words(const struct load_prompts *p, const struct load_item *item)
{
    return own_words(p, item) + (begins_with_prefix(p, item) ? prefix_words(p, item->prefix) : 0);
}

/* Words come eight from a draw, and go into the buf by the piece. */
enum { PIECE_DRAWS = 32, DRAW_WORDS = 8 };

/* The first words of the text that belongs to `draw`, each with a blank behind it. */
static void write_words(const struct load_prompts *p, uint64_t draw, uint64_t words, struct buf *text)
{
    struct rng r;
    rng_seed(&r, draw);
    while (words > 0 && buf_status(text) == STATUS_OK) {
        char piece[PIECE_DRAWS * DRAW_WORDS * PROMPT_WORD_SIZE], *end = piece;
        for (int k = 0; k < PIECE_DRAWS && words > 0; k++, draw = rng_next(&r))
            for (int i = 0; i < DRAW_WORDS && words > 0; i++, words--, draw >>= 8) {
                memcpy(end, prompt_words[draw & 0xff], PROMPT_WORD_SIZE);
                end += p->word_bytes[draw & 0xff];
            }
        buf_append(text, piece, (size_t)(end - piece));
    }
}

/* Of those that `prefix` begins with (itself included), the one behind `above` on the way down to it. */
static uint16_t prefix_below(const struct load_plan *plan, uint16_t prefix, uint16_t above)
{
    while (plan->prefix_parents && plan->prefix_parents[prefix] != above)
        prefix = plan->prefix_parents[prefix];
    return prefix;
}

/* From the outermost to the innermost, each what it adds to the one that it begins with. */
static void write_prefix(const struct load_prompts *p, uint16_t prefix, struct buf *text)
{
    uint64_t seed = mix(p->seed ^ UINT64_C(0x7072656669786573)), written = 0;
    uint16_t at = LOAD_NO_PREFIX;
    do {
        at = prefix_below(p->plan, prefix, at);
        uint64_t words = prefix_words(p, at);
        write_words(p, mix(seed + at), words > written ? words - written : 0, text);
        written = words > written ? words : written;
    } while (at != prefix);
}

enum status load_prompts_write(
    const struct load_prompts *p, const struct load_item *item, uint64_t number, struct buf *text)
{
    size_t before = text->len;
    if (begins_with_prefix(p, item))
        write_prefix(p, item->prefix, text);
    write_words(p, mix(p->seed ^ number), own_words(p, item), text);
    if (text->len > before)
        text->data[--text->len] = 0; /* the last blank */
    return buf_status(text);
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
