#include "http_parse.h"

#include <string.h>
#include <strings.h>

enum { FIELD_BYTES_USUAL = 384 };

struct cursor {
    const char *at, *end;
};

void http_parse_init(struct http_parse *p, bool no_body)
{
    *p = (struct http_parse){.no_body = no_body};
    buf_init(&p->line, HTTP_HEAD_BYTES_MAX + 1);
    buf_init(&p->fields, HTTP_HEAD_BYTES_MAX * 2);
}

void http_parse_fini(struct http_parse *p)
{
    buf_fini(&p->line);
    buf_fini(&p->fields);
}

/* Most names differ in their first letter. */
static bool same_name(const char *a, const char *b)
{
    return ((*a ^ *b) & 0x5f) == 0 && strcasecmp(a, b) == 0;
}

static bool parse_fail(struct http_parse *p, enum http_error error, const char *text)
{
    p->state = HTTP_AT_FAULT;
    p->error = error;
    p->text = text;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static const char *leave_blanks(const char *at, const char *end)
{
    while (end > at && (is_blank(end[-1]) || end[-1] == '\r'))
        end--;
    return end;
}

/* ---- the status line ---- */

/* "HTTP/1.1 200 whatever": blanks, three digits, and a blank or nothing behind them. */
static void parse_status(struct http_parse *p, const char *line, size_t len)
{
    if (len < 8 || line[5] != '1' || line[6] != '.' || (line[7] != '0' && line[7] != '1')) {
        parse_fail(p, HTTP_PROTOCOL, "the answer is of a version of HTTP other than 1.0 and 1.1");
        return;
    }
    const char *end = line + len, *at = skip_blanks(line + 8, end);
    if (at == line + 8 || end - at < 3 || !is_digit(at[0]) || !is_digit(at[1]) || !is_digit(at[2]) ||
        at[0] == '0' || (end - at > 3 && !is_blank(at[3]))) {
        parse_fail(p, HTTP_PROTOCOL, "the answer's first line has no status of three digits");
        return;
    }
    p->status = (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
    p->http = line[7] == '1' ? 11 : 10;
    p->keep_alive = p->http == 11;
    p->chunked = p->encoded = p->has_length = false;
    buf_clear(&p->fields);
    buf_reserve(&p->fields, FIELD_BYTES_USUAL);
    p->state = HTTP_AT_FIELD;
}

/* ---- fields ---- */

static void take_length(struct http_parse *p, const char *value)
{
    int64_t length = 0;
    if (!is_digit(*value)) {
        parse_fail(p, HTTP_PROTOCOL, "the announced length of the body is no number");
        return;
    }
    for (; is_digit(*value); value++) {
        if (length > (INT64_MAX - 9) / 10)
            return; /* more than anybody can send: until close */
        length = length * 10 + (*value - '0');
    }
    p->has_length = true;
    p->left = length;
}

static void take_encoding(struct http_parse *p, const char *value)
{
    while (*value) {
        size_t len = strcspn(value, ", \t");
        if (len == 7 && strncasecmp(value, "chunked", len) == 0)
            p->chunked = true;
        else if (len && !(len == 8 && strncasecmp(value, "identity", len) == 0))
            p->encoded = true;
        value += len + (value[len] != '\0');
    }
}

static void take_connection(struct http_parse *p, const char *value)
{
    if (strcasestr(value, "close"))
        p->keep_alive = false;
    else if (strcasestr(value, "keep-alive"))
        p->keep_alive = true;
}

static const struct {
    const char *name;
    void (*take)(struct http_parse *p, const char *value);
} telling_fields[] = {
    {"Content-Length", take_length},
    {"Transfer-Encoding", take_encoding},
    {"Connection", take_connection},
};

/* A line that begins with a blank goes on with the field before it. */
static void parse_folded(struct http_parse *p, const char *line, size_t len)
{
    const char *at = skip_blanks(line, line + len), *end = leave_blanks(at, line + len);
    if (p->fields.len == 0) {
        parse_fail(p, HTTP_PROTOCOL, "the answer's head begins in the middle of a field");
        return;
    }
    p->fields.len--; /* the NUL behind the value */
    if (end > at && p->fields.data[p->fields.len - 1] != '\0')
        buf_append(&p->fields, at - 1, 1); /* one blank is left */
    buf_append(&p->fields, at, (size_t)(end - at));
    buf_append_char(&p->fields, '\0');
}

static void parse_field(struct http_parse *p, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (memchr(line, '\0', len) || !colon) {
        parse_fail(p, HTTP_PROTOCOL, "a line of the answer's head is no field: it has no colon, or a NUL");
        return;
    }
    const char *at = skip_blanks(colon + 1, line + len), *end = leave_blanks(at, line + len);
    size_t start = p->fields.len, name_len = (size_t)(colon - line);
    buf_append(&p->fields, line, name_len);
    buf_append_char(&p->fields, '\0');
    buf_append(&p->fields, at, (size_t)(end - at));
    buf_append_char(&p->fields, '\0');
    if (buf_status(&p->fields) != STATUS_OK) {
        parse_fail(p, HTTP_INTERNAL, "out of memory");
        return;
    }
    const char *name = p->fields.data + start, *value = name + name_len + 1;
    for (size_t i = 0; i < sizeof telling_fields / sizeof telling_fields[0]; i++)
        if (same_name(name, telling_fields[i].name))
            telling_fields[i].take(p, value);
}

/* How the body will end. */
static enum http_parse_state state_of_body(const struct http_parse *p)
{
    if (p->no_body || p->status == 204 || p->status == 304)
        return HTTP_AT_END;
    if (p->chunked)
        return HTTP_AT_CHUNK_SIZE;
    if (!p->has_length || p->status == 101)
        return HTTP_AT_REST;
    return p->left > 0 ? HTTP_AT_BODY : HTTP_AT_END;
}

/* True: the head is that of the answer, and not of an interim one. */
static bool end_head(struct http_parse *p)
{
    if (p->status < 200 && p->status != 101) {
        p->state = HTTP_AT_STATUS;
        return false;
    }
    p->state = state_of_body(p);
    if (p->encoded && p->state != HTTP_AT_END)
        parse_fail(p, HTTP_PROTOCOL, "the body has a transfer encoding that nobody asked for");
    if (p->state == HTTP_AT_REST)
        p->keep_alive = false;
    if (p->state == HTTP_AT_CHUNK_SIZE)
        p->left = p->digits = 0;
    return true;
}

/* ---- lines ---- */

/* What is not HTTP is found out before its line, which may never end, is complete. */
static bool begins_as_http(const struct http_parse *p, const char *bytes, size_t len)
{
    static const char prefix[] = "HTTP/";
    for (size_t i = 0; i < sizeof prefix - 1 && i < p->line.len + len; i++)
        if ((i < p->line.len ? p->line.data[i] : bytes[i - p->line.len]) != prefix[i])
            return false;
    return true;
}

/* Takes one line, or what there is of it: true with the line without its end, which holds until the next one. */
static bool next_line(struct http_parse *p, struct cursor *c, const char **line, size_t *len)
{
    const char *bytes = c->at, *lf = memchr(c->at, '\n', (size_t)(c->end - c->at));
    size_t used = (size_t)((lf ? lf + 1 : c->end) - bytes);
    p->head_bytes += used;
    if (p->state == HTTP_AT_STATUS && !begins_as_http(p, bytes, used))
        return parse_fail(p, HTTP_PROTOCOL, "what the server sent is not HTTP");
    if (p->head_bytes > HTTP_HEAD_BYTES_MAX)
        return parse_fail(p, HTTP_TOO_LARGE, "the answer's head is larger than 256 KiB");
    c->at += used;
    *line = bytes;
    *len = used;
    if (!lf || p->line.len) {
        if (buf_append(&p->line, bytes, used) != STATUS_OK)
            return parse_fail(p, HTTP_INTERNAL, "out of memory");
        *line = p->line.data;
        *len = p->line.len;
    }
    if (!lf)
        return false;
    *len -= 1;
    if (*len && (*line)[*len - 1] == '\r')
        *len -= 1;
    return true;
}

/* ---- steps: false where the state has changed and the next step may go on at once ---- */

static bool step_status(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    const char *line;
    size_t len;
    (void)piece;
    if (next_line(p, c, &line, &len))
        parse_status(p, line, len);
    else
        return p->state != HTTP_AT_FAULT;
    buf_clear(&p->line);
    return false;
}

static bool step_field(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    const char *line;
    size_t len;
    bool complete = false;
    if (!next_line(p, c, &line, &len))
        return p->state != HTTP_AT_FAULT;
    if (len == 0)
        complete = end_head(p);
    else if (is_blank(*line))
        parse_folded(p, line, len);
    else
        parse_field(p, line, len);
    buf_clear(&p->line);
    if (complete)
        piece->kind = HTTP_PIECE_HEAD;
    return complete;
}

static bool step_trailer(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    const char *line;
    size_t len;
    (void)piece;
    if (!next_line(p, c, &line, &len))
        return p->state != HTTP_AT_FAULT;
    if (len == 0)
        p->state = HTTP_AT_END;
    buf_clear(&p->line);
    return false;
}

static bool take_body(struct http_parse *p, struct cursor *c, struct http_piece *piece, size_t most)
{
    size_t len = (size_t)(c->end - c->at);
    len = len < most ? len : most;
    if (len)
        *piece = (struct http_piece){HTTP_PIECE_BODY, c->at, len};
    c->at += len;
    p->left -= (int64_t)len;
    return true;
}

static bool step_body(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    take_body(p, c, piece, (size_t)p->left);
    if (p->left == 0)
        p->state = HTTP_AT_END;
    return true;
}

static bool step_rest(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    return take_body(p, c, piece, SIZE_MAX);
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool step_chunk_size(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    (void)piece;
    for (; c->at < c->end; c->at++) {
        int value = hex_value(*c->at);
        if (value < 0) {
            if (p->digits == 0)
                return parse_fail(p, HTTP_PROTOCOL, "the size of a chunk is no number");
            p->state = HTTP_AT_CHUNK_LINE;
            p->chunk_line_bytes = 0;
            return false;
        }
        if (p->left > INT64_MAX >> 4 || ++p->digits > 16)
            return parse_fail(p, HTTP_PROTOCOL, "the size of a chunk is too large a number");
        p->left = p->left << 4 | value;
    }
    return true;
}

static bool step_chunk_line(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    const char *lf = memchr(c->at, '\n', (size_t)(c->end - c->at));
    (void)piece;
    p->chunk_line_bytes += (size_t)((lf ? lf : c->end) - c->at);
    if (p->chunk_line_bytes > HTTP_CHUNK_LINE_MAX)
        return parse_fail(p, HTTP_PROTOCOL, "the line of a chunk's size does not end");
    c->at = lf ? lf + 1 : c->end;
    if (!lf)
        return true;
    p->state = p->left ? HTTP_AT_CHUNK : HTTP_AT_TRAILER;
    return false;
}

static bool step_chunk(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    take_body(p, c, piece, (size_t)p->left);
    if (p->left == 0)
        p->state = HTTP_AT_CHUNK_END;
    return true;
}

static bool step_chunk_end(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    (void)piece;
    while (c->at < c->end && *c->at == '\r')
        c->at++;
    if (c->at == c->end)
        return true;
    if (*c->at != '\n')
        return parse_fail(p, HTTP_PROTOCOL, "a chunk is longer than its size says");
    c->at++;
    p->digits = 0;
    p->left = 0;
    p->state = HTTP_AT_CHUNK_SIZE;
    return false;
}

static bool step_end(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    (void)p;
    (void)c;
    piece->kind = HTTP_PIECE_END;
    return true;
}

static bool step_fault(struct http_parse *p, struct cursor *c, struct http_piece *piece)
{
    (void)p;
    (void)c;
    piece->kind = HTTP_PIECE_BAD;
    return true;
}

static bool (*const steps[])(struct http_parse *p, struct cursor *c, struct http_piece *piece) = {
    [HTTP_AT_STATUS] = step_status,
    [HTTP_AT_FIELD] = step_field,
    [HTTP_AT_BODY] = step_body,
    [HTTP_AT_REST] = step_rest,
    [HTTP_AT_CHUNK_SIZE] = step_chunk_size,
    [HTTP_AT_CHUNK_LINE] = step_chunk_line,
    [HTTP_AT_CHUNK] = step_chunk,
    [HTTP_AT_CHUNK_END] = step_chunk_end,
    [HTTP_AT_TRAILER] = step_trailer,
    [HTTP_AT_END] = step_end,
    [HTTP_AT_FAULT] = step_fault,
};

size_t http_parse_next(struct http_parse *p, const char *bytes, size_t len, struct http_piece *piece)
{
    struct cursor c = {bytes, bytes + len};
    *piece = (struct http_piece){0};
    while (!steps[p->state](p, &c, piece))
        ;
    return (size_t)(c.at - bytes);
}

void http_parse_close(struct http_parse *p, struct http_piece *piece)
{
    *piece = (struct http_piece){.kind = HTTP_PIECE_BAD};
    if (p->state == HTTP_AT_END || p->state == HTTP_AT_REST)
        piece->kind = HTTP_PIECE_END;
    else if (p->state != HTTP_AT_FAULT)
        parse_fail(p, HTTP_TRUNCATED,
            p->head_bytes ? "the connection was closed before the answer was complete"
                          : "the connection was closed without an answer");
}

/* ---- the head ---- */

static const char *next_text(const char *text)
{
    return text + strlen(text) + 1;
}

const char *http_parse_field(const struct http_parse *p, const char *name)
{
    const char *end = buf_text(&p->fields) + p->fields.len;
    for (const char *at = buf_text(&p->fields); at < end; at = next_text(next_text(at)))
        if (same_name(at, name))
            return next_text(at);
    return NULL;
}

void http_parse_each_field(
    const struct http_parse *p, void (*each)(const char *name, const char *value, void *arg), void *arg)
{
    const char *end = buf_text(&p->fields) + p->fields.len;
    for (const char *at = buf_text(&p->fields); at < end; at = next_text(next_text(at)))
        each(at, next_text(at), arg);
}
