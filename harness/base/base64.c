#include "base64.h"

#include <stdint.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, const void *bytes, size_t len)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t three = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)b[i + 2] : 0);
        char four[4] = {letters[three >> 18], letters[three >> 12 & 63],
            left > 1 ? letters[three >> 6 & 63] : '=', left > 2 ? letters[three & 63] : '='};
        buf_append(out, four, sizeof four);
    }
}

static int value_of(char c)
{
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? (int)(at - letters) : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool base64_decode(struct buf *out, const char *text, size_t len)
{
    uint32_t bits = 0;
    size_t letters_read = 0, padding = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_space(text[i]))
            continue;
        int value = value_of(text[i]);
        padding += text[i] == '=';
        if (text[i] == '=' && padding <= 2)
            continue;
        if (value < 0 || padding)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++letters_read % 4 != 1)
            buf_append_char(out, (char)(bits >> (6 - 2 * ((letters_read - 1) % 4)) & 0xff));
    }
    return letters_read % 4 != 1 && (padding == 0 || (letters_read + padding) % 4 == 0) &&
           buf_status(out) == STATUS_OK;
}
