/*
 * word_errors.h - the word error rate of a transcript: (substitutions + deletions + insertions) / words spoken,
 * by the alignment with the fewest errors (Levenshtein on words).
 *
 * Both texts are made comparable first: lower case (ASCII), apostrophes (' and U+2019) fall away, every other run
 * of bytes that are neither an ASCII letter nor a digit nor part of a longer UTF-8 sequence separates words; what
 * stands in [brackets] or (parentheses) is a remark, no speech. Numbers are not spelt out: a reference has none.
 *
 *     struct word_errors w;
 *     if (word_errors_count("the kettle is warm", heard, heard_len, &w, &why) != STATUS_OK) ...  // no memory
 *     printf("%.3f\n", word_errors_rate(&w));          // above 1 where more was made up than was said
 */
#ifndef ASSAY_WORD_ERRORS_H
#define ASSAY_WORD_ERRORS_H

#include "status.h"

#include <stddef.h>

enum { WORD_ERRORS_HEARD_MAX = 20000 }; /* words behind it count as insertions without being looked at */

struct word_errors {
    size_t spoken, heard; /* words */
    size_t substitutions, deletions, insertions;
};

/* STATUS_INVALID: no word was spoken, or too many. heard is hostile text. */
enum status word_errors_count(const char *spoken, const char *heard, size_t heard_len, struct word_errors *w,
    struct error *e) ASSAY_MUST_CHECK;
double word_errors_rate(const struct word_errors *w);

#endif
