#include "buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t limit_bytes)
{
    *b = (struct buf)BUF_INIT(limit_bytes);
}

void buf_fini(struct buf *b)
{
    free(b->data);
    *b = (struct buf)BUF_INIT(b->limit);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = STATUS_OK;
    if (b->data != NULL)
        b->data[0] = '\0';
}

/* Makes room for `more` bytes and the NUL behind them. Doubles, so that n appends cost O(n). */
static enum status grow(struct buf *b, size_t more)
{
    if (b->failed != STATUS_OK)
        return b->failed;
    size_t limit = b->limit < SIZE_MAX / 2 ? b->limit : SIZE_MAX / 2;
    if (more > limit || b->len > limit - more)
        return b->failed = STATUS_LIMIT;
    size_t need = b->len + more + 1;
    if (need <= b->cap)
        return STATUS_OK;
    size_t cap = b->cap < 32 ? 64 : b->cap * 2;
    if (cap > limit + 1)
        cap = limit + 1;
    if (cap < need)
        cap = need;
    char *data = realloc(b->data, cap);
    if (data == NULL)
        return b->failed = STATUS_NO_MEMORY;
    b->data = data;
    b->cap = cap;
    return STATUS_OK;
}

enum status buf_reserve(struct buf *b, size_t len)
{
    enum status s = grow(b, len);
    if (s == STATUS_OK)
        b->data[b->len] = '\0';
    return s;
}

enum status buf_append(struct buf *b, const void *bytes, size_t len)
{
    enum status s = grow(b, len);
    if (s != STATUS_OK)
        return s;
    if (len > 0)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return STATUS_OK;
}

enum status buf_append_text(struct buf *b, const char *text)
{
    return buf_append(b, text, strlen(text));
}

enum status buf_append_char(struct buf *b, char c)
{
    return buf_append(b, &c, 1);
}

enum status buf_append_int(struct buf *b, int64_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        digits[--at] = '-';
    return buf_append(b, digits + at, sizeof digits - at);
}

enum status buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    enum status s = buf_vprintf(b, format, args);
    va_end(args);
    return s;
}

enum status buf_vprintf(struct buf *b, const char *format, va_list args)
{
    if (b->failed != STATUS_OK)
        return b->failed;
    va_list tried;
    va_copy(tried, args);
    size_t room = b->cap - b->len; /* mostly enough: then it is formatted once */
    int len = vsnprintf(b->data ? b->data + b->len : NULL, room, format, tried);
    va_end(tried);
    if (len >= 0 && (size_t)len < room && b->len + (size_t)len <= b->limit) {
        b->len += (size_t)len;
        return STATUS_OK;
    }
    if (b->data)
        b->data[b->len] = '\0';
    if (len < 0)
        return b->failed = STATUS_LIMIT;
    enum status s = grow(b, (size_t)len);
    if (s != STATUS_OK)
        return s;
    (void)vsnprintf(b->data + b->len, (size_t)len + 1, format, args);
    b->len += (size_t)len;
    return STATUS_OK;
}

void buf_consume(struct buf *b, size_t n)
{
    if (n > b->len)
        n = b->len;
    if (n == 0)
        return;
    b->len -= n;
    memmove(b->data, b->data + n, b->len + 1);
}

enum status buf_status(const struct buf *b)
{
    return b->failed;
}

char *buf_take(struct buf *b)
{
    char *data = NULL;
    if (b->failed == STATUS_OK && grow(b, 0) == STATUS_OK) {
        data = b->data;
        data[b->len] = '\0';
        b->data = NULL;
    }
    buf_fini(b);
    return data;
}
