/*
 * http_parse.h - one answer of HTTP/1.x, pulled out of its bytes as they come. Pure: no clock, no socket.
 *
 * Lines may end in LF alone; interim answers (1xx) are passed over; folded lines are joined; bodies are as
 * long as announced, chunked (extensions and trailers are passed over) or until close. The result does not
 * depend on how the bytes are split, but for the number of pieces that a body comes in. Private to this room.
 *
 *     struct http_parse p;
 *     http_parse_init(&p, false);
 *     do {
 *         size_t used = http_parse_next(&p, bytes, len, &piece);
 *         bytes += used, len -= used;
 *         ... piece.kind ...                    // after _END what is left in bytes belongs to nobody
 *     } while (piece.kind == HTTP_PIECE_HEAD || piece.kind == HTTP_PIECE_BODY);
 *     ... at the end of the connection: http_parse_close(&p, &piece);
 *     http_parse_fini(&p);
 */
#ifndef ASSAY_HTTP_PARSE_H
#define ASSAY_HTTP_PARSE_H

#include "buf.h"
#include "http.h"

enum { HTTP_HEAD_BYTES_MAX = 256 * 1024, HTTP_CHUNK_LINE_MAX = 16 * 1024 };

enum http_piece_kind {
    HTTP_PIECE_NONE, /* all bytes are used; more are needed */
    HTTP_PIECE_HEAD, /* status and fields are complete */
    HTTP_PIECE_BODY, /* bytes, len */
    HTTP_PIECE_END,  /* the answer is complete */
    HTTP_PIECE_BAD,  /* p->error and p->text say why; sticks */
};

struct http_piece {
    enum http_piece_kind kind;
    const char *bytes; /* borrowed from what was pushed */
    size_t len;
};

enum http_parse_state {
    HTTP_AT_STATUS,
    HTTP_AT_FIELD,
    HTTP_AT_BODY,
    HTTP_AT_REST, /* a body until close */
    HTTP_AT_CHUNK_SIZE,
    HTTP_AT_CHUNK_LINE, /* what stands behind the size */
    HTTP_AT_CHUNK,
    HTTP_AT_CHUNK_END,
    HTTP_AT_TRAILER,
    HTTP_AT_END,
    HTTP_AT_FAULT,
};

struct http_parse {
    enum http_parse_state state;
    bool no_body;                      /* asked with HEAD */
    bool keep_alive;                   /* the connection may serve another request after this answer */
    bool chunked, encoded, has_length; /* encoded: in a way that we do not read */
    int status, http;                  /* 10, 11: the version */
    int64_t left;                      /* bytes of the body, or of the chunk, still to come */
    int digits;                        /* of the chunk's size */
    size_t head_bytes, chunk_line_bytes;
    struct buf line;   /* an unfinished one only */
    struct buf fields; /* name NUL value NUL ... */
    enum http_error error;
    const char *text; /* static */
};

void http_parse_init(struct http_parse *p, bool no_body);
void http_parse_fini(struct http_parse *p);

/* Takes some of the bytes and returns how many; piece says what they were. */
size_t http_parse_next(struct http_parse *p, const char *bytes, size_t len, struct http_piece *piece);
/* Nothing more will come: HTTP_PIECE_END or HTTP_PIECE_BAD. */
void http_parse_close(struct http_parse *p, struct http_piece *piece);

/* Of the head, once that is complete: the first field of a name, whatever its case; NULL without. */
const char *http_parse_field(const struct http_parse *p, const char *name);
void http_parse_each_field(
    const struct http_parse *p, void (*each)(const char *name, const char *value, void *arg), void *arg);

#endif
