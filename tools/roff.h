/*
 * roff.h - text as manual pages want it, for macros of man(7).
 *
 *     struct buf page = BUF_INIT(1 << 20);
 *     roff_macro(&page, "SH", "EXIT STATUS");
 *     roff_paragraph(&page, text, len);          // .PP and the words, in lines of ordinary length
 *     roff_append(&page, "--no-warmup", 11);     // in a line that the caller makes: \-\-no\-warmup
 *
 * Whatever the text is, it is text: no line of it becomes a request, no backslash an escape. Failures stay in the
 * buf.
 */
#ifndef ASSAY_ROFF_H
#define ASSAY_ROFF_H

#include "buf.h"

#include <stddef.h>

void roff_append(struct buf *page, const char *text, size_t len); /* within a line */
void roff_text(struct buf *page, const char *text);               /* the same, of a whole string */

/* ".NAME argument", the argument as one; NULL: none. */
void roff_macro(struct buf *page, const char *name, const char *argument);

/* Words of a paragraph in lines of at most some 80 bytes, without a macro before them. */
void roff_fill(struct buf *page, const char *text, size_t len);
void roff_paragraph(struct buf *page, const char *text, size_t len); /* .PP, then roff_fill */

/* A line that stays as it is, blanks included; between .EX and .EE. */
void roff_line(struct buf *page, const char *text, size_t len);

#endif
