/*
 * flag_words.h - each quality flag in a plain sentence: what happened, and what it does to a measurement.
 *
 *     flag_words_effect("degraded_swap")   // "the machine moved memory to disk: ..."
 */
#ifndef ASSAY_FLAG_WORDS_H
#define ASSAY_FLAG_WORDS_H

/* One clause without capital and full stop; never NULL. */
const char *flag_words_effect(const char *flag);

#endif
