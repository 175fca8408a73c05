/* The parser of answers gives the same result however the bytes are split. */
#include "http_parse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

struct outcome {
    struct buf body, fields;
    int status;
    bool ended, closed_in_order, keep_alive;
    enum http_error error;
    size_t behind; /* bytes that are not the answer's */
};

static void write_down(const char *name, const char *value, void *arg)
{
    require(strlen(name) < HTTP_HEAD_BYTES_MAX && strlen(value) < HTTP_HEAD_BYTES_MAX);
    buf_printf(arg, "%s=%s;", name, value);
}

static enum http_piece_kind push(struct http_parse *p, const char *bytes, size_t len, struct outcome *o)
{
    struct http_piece piece;
    do {
        size_t used = http_parse_next(p, bytes, len, &piece);
        require(used <= len);
        if (piece.kind == HTTP_PIECE_BODY) {
            require(piece.len > 0 && piece.bytes >= bytes && piece.bytes + piece.len <= bytes + used);
            buf_append(&o->body, piece.bytes, piece.len);
        }
        if (piece.kind == HTTP_PIECE_HEAD)
            o->status = p->status;
        bytes += used;
        len -= used;
    } while (piece.kind == HTTP_PIECE_HEAD || piece.kind == HTTP_PIECE_BODY);
    require(piece.kind != HTTP_PIECE_NONE || len == 0);
    o->behind = len;
    return piece.kind;
}

/* Pieces of 1 to `most` bytes, drawn from seed; most 0: all at once. */
static struct outcome parse(const char *bytes, size_t len, bool no_body, size_t most, uint32_t seed)
{
    struct outcome o = {.body = BUF_INIT(64 << 20), .fields = BUF_INIT(64 << 20)};
    enum http_piece_kind kind = HTTP_PIECE_NONE;
    struct http_piece piece;
    struct http_parse p;
    http_parse_init(&p, no_body);
    for (size_t at = 0; at < len && kind == HTTP_PIECE_NONE;) {
        seed = seed * 1664525u + 1013904223u;
        size_t n = most ? 1 + (seed >> 16) % most : len;
        n = n < len - at ? n : len - at;
        kind = push(&p, bytes + at, n, &o);
        at += n;
        o.behind += len - at;
    }
    o.ended = kind != HTTP_PIECE_NONE;
    http_parse_close(&p, &piece);
    o.closed_in_order = piece.kind == HTTP_PIECE_END;
    o.error = o.closed_in_order ? HTTP_OK : p.error;
    o.keep_alive = o.status && p.keep_alive;
    if (o.status)
        http_parse_each_field(&p, write_down, &o.fields);
    require(o.closed_in_order || (p.error != HTTP_OK && p.text && *p.text));
    http_parse_fini(&p);
    return o;
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && memcmp(buf_text(a), buf_text(b), a->len) == 0;
}

/* The first byte says whether a body may follow, the second how the bytes are split; the rest is the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *bytes = (const char *)data + 2;
    struct outcome whole = parse(bytes, size - 2, data[0] & 1, 0, 0);
    const size_t most[] = {1, 2, 1 + data[1] % 64u};
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        struct outcome split = parse(bytes, size - 2, data[0] & 1, most[i], data[1]);
        require(whole.status == split.status && whole.error == split.error && whole.ended == split.ended);
        require(whole.closed_in_order == split.closed_in_order && whole.keep_alive == split.keep_alive);
        require(same(&whole.body, &split.body) && same(&whole.fields, &split.fields));
        if (whole.closed_in_order && whole.ended)
            require(whole.behind == split.behind);
        buf_fini(&split.body);
        buf_fini(&split.fields);
    }
    buf_fini(&whole.body);
    buf_fini(&whole.fields);
    return 0;
}
