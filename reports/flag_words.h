/*
 * flag_words.h - each quality flag in plain words: what happened, and what it does to a measurement.
 *
 *     flag_words_happened("degraded_swap")     // "memory moved between RAM and disk"
 *     flag_words_effect("degraded_swap")       // "any time may hold waiting for the disk"
 */
#ifndef ASSAY_FLAG_WORDS_H
#define ASSAY_FLAG_WORDS_H

/* One clause without capital and full stop each; never NULL. */
const char *flag_words_happened(const char *flag);
const char *flag_words_effect(const char *flag);

#endif
