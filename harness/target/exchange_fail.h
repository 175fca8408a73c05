/* exchange_fail.h - how the protocols write into an exchange; private to this room. */
#ifndef ASSAY_EXCHANGE_FAIL_H
#define ASSAY_EXCHANGE_FAIL_H

#include "exchange.h"

/* Sets error and a sanitised sentence; the first failure stays. */
void exchange_fail(struct exchange *x, enum exchange_error error, const char *format, ...) ASSAY_PRINTF(3, 4);

/* Hostile text into a field of fixed size: sanitised, on one line, cut between characters, NUL-terminated. */
void exchange_copy_text(char *field, size_t size, const char *text, size_t len);

#endif
