/*
 * buf.h - the one growing byte buffer of the project.
 *
 * A buf owns its bytes, never grows beyond its limit, and is always NUL-terminated behind its last byte, so
 * data may be used as a C string where the content has no NUL. The first failure sticks: later calls do
 * nothing and return the same status, so a series of appends may be checked once at its end. Not shared
 * between threads.
 *
 *     struct buf b = BUF_INIT(1 << 20);
 *     buf_printf(&b, "%d models", n);
 *     if (buf_status(&b) != STATUS_OK) ...
 *     buf_fini(&b);
 */
#ifndef ASSAY_BUF_H
#define ASSAY_BUF_H

#include "buf_view.h"
#include "status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define BUF_INIT(limit_bytes)                                                                                \
    {                                                                                                        \
        .limit = (limit_bytes)                                                                               \
    }

void buf_init(struct buf *b, size_t limit_bytes);
void buf_fini(struct buf *b);  /* also of a zeroed buf; leaves it empty and usable again */
void buf_clear(struct buf *b); /* keeps the memory, forgets content and failure */

/* Room for so many bytes more, in one allocation. */
enum status buf_reserve(struct buf *b, size_t len);
enum status buf_append(struct buf *b, const void *bytes, size_t len);
enum status buf_append_text(struct buf *b, const char *text);
enum status buf_append_char(struct buf *b, char c);
enum status buf_append_int(struct buf *b, int64_t number); /* decimal; a fraction of what printf costs */
enum status buf_printf(struct buf *b, const char *format, ...) ASSAY_PRINTF(2, 3);
enum status buf_vprintf(struct buf *b, const char *format, va_list args) ASSAY_PRINTF(2, 0);

/* Removes the first n bytes (all of them if fewer). */
void buf_consume(struct buf *b, size_t n);

/* STATUS_OK, or the first failure since init or clear: STATUS_NO_MEMORY or STATUS_LIMIT. */
enum status buf_status(const struct buf *b) ASSAY_MUST_CHECK;

/* Transfers the bytes to the caller, who frees them with free(); NULL after a failure. Leaves the buf empty.
 */
char *buf_take(struct buf *b);

#endif
