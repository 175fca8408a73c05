/* schema_pattern.h - a pattern of ECMA 262 as PCRE2 writes it. Inside harness/json. */
#ifndef ASSAY_SCHEMA_PATTERN_H
#define ASSAY_SCHEMA_PATTERN_H

#include "buf.h"

/* Appends the pattern in PCRE2's syntax. Whether it is one is for PCRE2 to say. */
enum status pattern_translate(const char *pattern, size_t len, struct buf *out);

#endif
