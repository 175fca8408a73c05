/* json_text.h - what the files of harness/json share about text. Inside harness/json. */
#ifndef ASSAY_JSON_TEXT_H
#define ASSAY_JSON_TEXT_H

#include "text.h"

/* Line and column (in characters), both from 1, of a place inside text. */
void json_count_lines(const char *text, const char *at, long *line, long *column);

/*
 * The next token of a JSON pointer: *pointer stands on its '/' and is moved behind the token; token gets it
 * without escapes. False at the end, where the pointer is malformed, or without memory.
 */
bool json_pointer_next(const char **pointer, struct buf *token);

/* An array index of a pointer: digits without leading zero. */
bool json_pointer_index(const char *token, size_t *index);

#endif
