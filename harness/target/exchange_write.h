/* exchange_write.h - how the protocols write into an exchange; private to this room. */
#ifndef ASSAY_EXCHANGE_WRITE_H
#define ASSAY_EXCHANGE_WRITE_H

#include "buf.h"
#include "exchange.h"

/* Sets error and a sanitised sentence; the first failure stays. */
void exchange_fail(struct exchange *x, enum exchange_error error, const char *format, ...) ASSAY_PRINTF(3, 4);

/*
 * Appends what one event of a stream carried, and with it the first and last moments of the exchange. False:
 * there are more events than a client is willing to keep, and the exchange has failed.
 */
bool exchange_add_event(struct exchange *x, struct exchange_event event);

/* Hostile text into a field of fixed size: sanitised, on one line, cut between characters, NUL-terminated. */
void exchange_copy_text(char *field, size_t size, const char *text, size_t len);

#endif
