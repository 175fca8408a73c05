/* text_sanitise and text_slug: what comes from outside, made safe. */
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { ESC = 0x1b, BEL = 0x07 };

static bool is_in(char c, int low, int high)
{
    unsigned char u = (unsigned char)c;
    return u >= low && u <= high;
}

/* ESC [ parameters intermediates final, as far as it goes: a truncated or malformed one ends where it stops
 * fitting. */
static size_t csi_length(const char *s, size_t len)
{
    size_t at = 2;
    while (at < len && is_in(s[at], 0x30, 0x3f))
        at++;
    while (at < len && is_in(s[at], 0x20, 0x2f))
        at++;
    return at < len && is_in(s[at], 0x40, 0x7e) ? at + 1 : at;
}

/*
 * A control string (OSC, DCS, SOS, PM, APC) up to BEL or ESC \. An open one ends at the next control
 * character, so that it cannot swallow the lines behind it.
 */
static size_t control_string_length(const char *s, size_t len)
{
    size_t at = 2;
    while (at < len && ((unsigned char)s[at] >= 0x20 || s[at] == '\t'))
        at++;
    if (at < len && s[at] == BEL)
        return at + 1;
    if (at + 1 < len && s[at] == ESC && s[at + 1] == '\\')
        return at + 2;
    return at;
}

/* Length of the terminal sequence at s, 0 if there is none that is to be removed. */
static size_t terminal_sequence_length(const char *s, size_t len)
{
    if (len < 2 || s[0] != ESC)
        return 0;
    if (s[1] == '[')
        return csi_length(s, len);
    return strchr("]PX^_", s[1]) != NULL && s[1] != '\0' ? control_string_length(s, len) : 0;
}

static bool is_bidi_override(uint32_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static bool is_control(uint32_t code)
{
    return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code <= 0x9f);
}

/* What stands for some bytes of the input: nothing, one character, or an escape. Never divided. */
struct piece {
    char text[16];
    size_t len;
};

static void set_piece(struct piece *p, const char *text, size_t len)
{
    memcpy(p->text, text, len);
    p->len = len;
}

static void set_escape(struct piece *p, const char *format, uint32_t code)
    __attribute__((format(printf, 2, 0)));

static void set_escape(struct piece *p, const char *format, uint32_t code)
{
    p->len = (size_t)snprintf(p->text, sizeof p->text, format, (unsigned)code);
}

/* Fills p with what stands for the beginning of s and returns the bytes that it stands for. */
static size_t next_piece(const char *s, size_t len, struct piece *p)
{
    uint32_t code = 0;
    size_t n = terminal_sequence_length(s, len);
    p->len = 0;
    if (n > 0)
        return n;
    n = text_utf8_decode(s, len, &code);
    if (n == 0) {
        set_escape(p, "\\x%02x", (unsigned char)s[0]);
        return 1;
    }
    if (code == '\r') {
        set_piece(p, "\n", 1);
        return len > 1 && s[1] == '\n' ? 2 : 1;
    }
    if (is_control(code))
        set_escape(p, "\\x%02x", code);
    else if (is_bidi_override(code) || code == 0xfffe || code == 0xffff)
        set_escape(p, "\\u{%04X}", code);
    else
        set_piece(p, s, n);
    return n;
}

static size_t sanitised_length(const char *s, size_t len)
{
    struct piece piece;
    size_t total = 0;
    for (size_t at = 0; at < len; total += piece.len)
        at += next_piece(s + at, len - at, &piece);
    return total;
}

/*
 * Appends the pieces that end at or before `head` and those that start at or behind `tail`, the mark between.
 * Returns how many bytes that leaves out. out may be NULL: then it only counts.
 */
static size_t append_ends(
    struct buf *out, const char *s, size_t len, size_t head, size_t tail, const char *mark)
{
    struct piece piece;
    size_t made = 0, left_out = 0;
    for (size_t at = 0; at < len; made += piece.len) {
        at += next_piece(s + at, len - at, &piece);
        bool keep = (left_out == 0 && made + piece.len <= head) || made >= tail;
        if (out != NULL && keep)
            (void)buf_append(out, piece.text, piece.len);
        else if (out != NULL && left_out == 0)
            (void)buf_append_text(out, mark);
        left_out += keep ? 0 : piece.len;
    }
    return left_out;
}

enum status text_sanitise(struct buf *out, const char *s, size_t len, size_t max_bytes)
{
    size_t total = sanitised_length(s, len), head = total, tail = total;
    char mark[64] = "";
    if (total > max_bytes) {
        (void)snprintf(mark, sizeof mark, "... [%zu bytes left out] ...", total); /* as wide as it can get */
        bool room = max_bytes >= strlen(mark) + 2;
        size_t keep = room ? max_bytes - strlen(mark) : max_bytes;
        head = room ? keep - keep / 3 : keep;
        tail = room ? total - keep / 3 : total;
        size_t left_out = append_ends(NULL, s, len, head, tail, "");
        (void)snprintf(mark, sizeof mark, "... [%zu bytes left out] ...", left_out);
        if (!room)
            mark[0] = '\0';
    }
    (void)append_ends(out, s, len, head, tail, mark);
    return out->failed;
}

enum status text_sanitise_line(struct buf *out, const char *s, size_t len, size_t max_bytes)
{
    size_t before = out->len;
    enum status status = text_sanitise(out, s, len, max_bytes);
    for (size_t i = before; i < out->len; i++)
        if (out->data[i] == '\n' || out->data[i] == '\t')
            out->data[i] = ' ';
    return status;
}

static bool is_plain(char c)
{
    return is_in(c, 'a', 'z') || is_in(c, 'A', 'Z') || is_in(c, '0', '9') || c == '_' || c == '.' || c == '-';
}

enum status text_slug(struct buf *out, const char *name)
{
    enum { LONGEST = 100, SUFFIX = 5 };
    size_t len = strlen(name);
    bool changed = len == 0 || len > LONGEST || name[0] == '.' || name[0] == '-';
    for (size_t i = 0; i < len; i++)
        changed = changed || !is_plain(name[i]);
    if (!changed)
        return buf_append(out, name, len);
    size_t kept = len > LONGEST - SUFFIX ? LONGEST - SUFFIX : len;
    for (size_t i = 0; i < kept; i++) {
        bool plain = is_plain(name[i]) && !(i == 0 && (name[i] == '.' || name[i] == '-'));
        (void)buf_append_char(out, plain ? name[i] : '_');
    }
    /* Folded, so that all 64 bits take part in the four digits. */
    uint64_t h = text_hash(name, len);
    h ^= h >> 32;
    h ^= h >> 16;
    return buf_printf(out, kept > 0 ? "-%04x" : "_-%04x", (unsigned)(h & 0xffff));
}
