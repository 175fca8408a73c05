/*
 * decoder.h - a picture as programs that are not ours unpack it: pngtopnm and jpegtopnm of netpbm, where installed.
 *
 *     struct buf pixels = {0};
 *     if (!decoder_unpack("pngtopnm", bytes, len, &pixels)) TESTKIT_SKIP("no pngtopnm");   // r, g, b; row by row
 */
#ifndef ASSAY_DECODER_H
#define ASSAY_DECODER_H

#include "buf.h"

#include <stdbool.h>

/* Fails the test where the program refuses the picture, or warns; false where it is not installed. */
bool decoder_unpack(const char *program, const void *bytes, size_t len, struct buf *pixels);

#endif
