/*
 * buf_view.h - the bytes of a buf for those who only read them: answers of servers, in an exchange.
 *
 *     printf("%zu bytes: %s\n", x->answer.len, buf_text(&x->answer));
 *
 * buf.h has all that changes one. A NUL stands behind the last byte.
 */
#ifndef ASSAY_BUF_VIEW_H
#define ASSAY_BUF_VIEW_H

#include <stddef.h>

struct buf {
    char *data;      /* NULL until the first append; buf_text() is never NULL */
    size_t len;      /* bytes used, without the NUL */
    size_t cap;      /* bytes allocated */
    size_t limit;    /* most bytes that may be used */
    unsigned failed; /* enum status of the first failure */
};

/* Borrowed, never NULL, valid until the next append. */
static inline const char *buf_text(const struct buf *b)
{
    return b->data ? b->data : "";
}

#endif
