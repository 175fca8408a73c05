/*
 * answer_text.h - what is meant, in what a model said: the final answer without the chat around it.
 *
 *     struct buf final = BUF_INIT(1 << 16);
 *     answer_final("Let me think.\n**Answer:** `42`.", 30, &final);      // "42"
 */
#ifndef ASSAY_ANSWER_TEXT_H
#define ASSAY_ANSWER_TEXT_H

#include "buf.h"

/*
 * Appends the final answer: what stands in \boxed{}, else behind the last "answer:" or "answer is", else the
 * last line that is not empty; without Markdown's marks, quotes and the full stop around it.
 */
enum status answer_final(const char *answer, size_t len, struct buf *out);

/* Appends the content of the first fenced block (``` or ~~~), else the text from the first { or [ to its end,
 * else all of it. */
enum status answer_code(const char *answer, size_t len, struct buf *out);

/* Lower case (ASCII), every run of white space one space, no punctuation at the ends, no leading article: for
 * comparing texts. */
enum status answer_normalise(const char *text, size_t len, struct buf *out);

/* Counts as a reader does: words are runs without white space that hold a letter or a digit. */
size_t answer_words(const char *text);
size_t answer_sentences(const char *text); /* ends at . ! ? before white space or the end */
size_t answer_lines(const char *text);     /* that are not empty */

/* Where needle (as words, in any case) stands in text at or behind `from`; NULL: nowhere. A letter or digit on
 * either side makes it another word. */
const char *answer_find_words(const char *text, const char *from, const char *needle);

#endif
