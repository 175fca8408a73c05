/*
 * prompt_words.h - the 256 words that load prompts are made of: common, short, one token each to most
 * tokenisers where a blank precedes them, and nothing that JSON would escape.
 *
 *     memcpy(out, prompt_words[byte], PROMPT_WORD_SIZE);   // "river  ": padded with blanks
 */
#ifndef ASSAY_PROMPT_WORDS_H
#define ASSAY_PROMPT_WORDS_H

enum { PROMPT_WORDS = 256, PROMPT_WORD_SIZE = 8 /* at most 7 letters and a blank */ };

extern const char prompt_words[PROMPT_WORDS][PROMPT_WORD_SIZE + 1];

#endif
