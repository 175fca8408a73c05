#include "text.h"

#include <string.h>

/* Smallest code point that needs 2, 3, 4 bytes: anything below it in that many bytes is overlong. */
static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 0;
}

size_t text_utf8_decode(const char *s, size_t len, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t n = len > 0 ? sequence_length(p[0]) : 0;
    if (n == 0 || n > len)
        return 0;
    uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    if (code != NULL)
        *code = c;
    return n;
}

bool text_utf8_valid(const char *s, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t n = text_utf8_decode(s + at, len - at, NULL);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

size_t text_utf8_cut(const char *s, size_t len, size_t max_bytes)
{
    if (len <= max_bytes)
        return len;
    size_t cut = max_bytes;
    /* s[cut] is the first byte left out: step back while it continues a character (at most three bytes). */
    while (cut > 0 && max_bytes - cut < 4 && ((unsigned char)s[cut] & 0xc0) == 0x80)
        cut--;
    bool whole = ((unsigned char)s[cut] & 0xc0) != 0x80;
    return whole ? cut : max_bytes;
}

static unsigned char lower(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool text_match(const char *pattern, const char *name)
{
    const char *star = NULL, *resume = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            resume = name;
        } else if (*pattern != '\0' && (*pattern == '?' || lower(*pattern) == lower(*name))) {
            pattern++;
            name++;
        } else if (star != NULL) { /* let the last star take one more */
            pattern = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

uint64_t text_hash(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return h;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Three rows of the dynamic programme: two back (for a swap), the one before, this one. */
size_t text_distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t m = strlen(a), n = strlen(b);
    if (m >= LONGEST || n >= LONGEST)
        return m > n ? m : n;
    size_t rows[3][LONGEST];
    size_t *two_back = rows[0], *before = rows[1], *row = rows[2];
    for (size_t j = 0; j <= n; j++)
        before[j] = j;
    for (size_t i = 1; i <= m; i++) {
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t differs = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(before[j] + 1, row[j - 1] + 1, before[j - 1] + differs);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]) &&
                two_back[j - 2] + 1 < row[j])
                row[j] = two_back[j - 2] + 1;
        }
        size_t *oldest = two_back;
        two_back = before;
        before = row;
        row = oldest;
    }
    return before[n];
}

bool text_is_near(const char *asked, const char *known, size_t *distance)
{
    size_t asked_len = strlen(asked), known_len = strlen(known);
    size_t longer = asked_len > known_len ? asked_len : known_len;
    *distance = text_distance(asked, known);
    if (asked_len >= 3 && strncmp(asked, known, asked_len) == 0)
        *distance = 1; /* the beginning of the name */
    return *distance <= (longer <= 3 ? 1 : longer / 3);
}

int text_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
