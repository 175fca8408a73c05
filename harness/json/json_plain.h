/*
 * json_plain.h - text that stands in a JSON string as it is: printable ASCII without quote and backslash.
 *
 * What is plain needs no escapes to be written, and is read without looking for any:
 *
 *     if (json_is_plain_text(string, len)) take(string, len);     // what is between the quotes is the value
 *     else parse(string, len);
 */
#ifndef ASSAY_JSON_PLAIN_H
#define ASSAY_JSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

static inline bool json_is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Looks at all of it, without leaving early: so several bytes at a time. */
static inline bool json_is_plain_text(const char *text, size_t len)
{
    bool plain = true;
    for (size_t i = 0; i < len; i++)
        plain &= json_is_plain(text[i]);
    return plain;
}

#endif
