/*
 * base64.h - RFC 4648 base64 with padding, both ways.
 *
 *     struct buf text = BUF_INIT(1 << 20), bytes = BUF_INIT(1 << 20);
 *     base64_encode(&text, "hi", 2);                                     // "aGk="
 *     if (!base64_decode(&bytes, buf_text(&text), text.len)) ...         // not base64
 */
#ifndef ASSAY_BASE64_H
#define ASSAY_BASE64_H

#include "buf.h"

/* Appends; a failure sticks to the buf. */
void base64_encode(struct buf *out, const void *bytes, size_t len);

/* Appends what text stands for; white space within it is skipped, padding may be missing. False: another
 * character, or a length that no bytes have; what was appended before it stays. */
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
