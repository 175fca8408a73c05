/*
 * load_prompts.h - the text of each request of a load test: words at random, of about as many tokens as asked.
 *
 * A shared prefix comes first, the same for all that have it; then eight words of salt, which no other request
 * of the test has (seed and number, mixed one to one) and no test of another seed; then words drawn from both.
 * So no cache helps further than the prefix asked for, and a number makes the same text again, which is how
 * the history of a conversation is had. Below eight words the salt is cut, and such prompts can be equal.
 *
 * The text has letters and blanks only: it goes into JSON as it is. Nothing is allocated but by the buf;
 * threads may share one struct as long as its scale is left alone.
 *
 *     struct load_prompts prompts;
 *     load_prompts_init(&prompts, &plan, rng_entropy());  // not the plan's seed: servers remember the texts of it
 *     load_prompts_write(&prompts, &plan.items[i], number, &text);
 *
 * How many tokens a word has is the server's to say (usage); prompts of the warm-up teach it:
 *
 *     struct prompt_calibration seen = {0};
 *     prompt_calibration_add(&seen, words, usage_prompt_tokens);      // for each
 *     prompts.scale = prompt_calibration_fit(&seen);                  // before the measured part
 */
#ifndef ASSAY_LOAD_PROMPTS_H
#define ASSAY_LOAD_PROMPTS_H

#include "buf.h"
#include "load_plan.h"

enum { LOAD_SALT_WORDS = 8 };

/* tokens = overhead + tokens_per_word * words: the overhead is that of the chat's template. */
struct prompt_scale {
    double tokens_per_word, overhead;
};

struct load_prompts {
    const struct load_plan *plan; /* borrowed */
    uint64_t seed;
    struct prompt_scale scale; /* at first 1 and 0 */
    uint8_t word_bytes[256];   /* with the blank behind it */
};

/* Equal seeds make equal texts, which a server that was asked them before finds in its cache. */
void load_prompts_init(struct load_prompts *prompts, const struct load_plan *plan, uint64_t seed);

/*
 * Appends the text. `number` is the request's own within the test (also of a later turn, and where items are
 * used again). Only a first turn begins with the prefix. A prompt of 0 tokens is the
 * salt alone. STATUS_NO_MEMORY, STATUS_LIMIT: the buf's.
 */
enum status load_prompts_write(const struct load_prompts *prompts, const struct load_item *item,
    uint64_t number, struct buf *text) ASSAY_MUST_CHECK;

/* How many words that are, with the prefix. */
uint64_t load_prompts_words(const struct load_prompts *prompts, const struct load_item *item);

/* Sums of pairs, centred so that none is lost to rounding. All zero at first. */
struct prompt_calibration {
    double count, mean_words, mean_tokens, words_squared, words_tokens;
};

/* Pairs that cannot be (no words, no tokens) are left out. */
void prompt_calibration_add(struct prompt_calibration *seen, uint64_t words, int64_t tokens);

/* Least squares; where all prompts had one length, or the line makes no sense, the ratio of the means; without
 * any pair, 1 and 0. */
struct prompt_scale prompt_calibration_fit(const struct prompt_calibration *seen);

#endif
