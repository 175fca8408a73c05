#include "event_shape.h"

#include "exchange.h"
#include "json_plain.h"

#include <string.h>

enum { MISSES_MAX = 32 };

static const struct {
    const char *name;
    unsigned kind;
} names[] = {
    {"\"content\"", EVENT_ANSWER},
    {"\"text\"", EVENT_ANSWER},
    {"\"reasoning_content\"", EVENT_REASONING},
    {"\"reasoning\"", EVENT_REASONING},
    {"\"thinking\"", EVENT_REASONING},
    {"\"refusal\"", EVENT_ANSWER},
};

bool event_shape_match(
    struct event_shape *shape, const char *data, size_t len, const char **text, size_t *text_len)
{
    size_t around = (size_t)shape->prefix_len + shape->suffix_len;
    if (!shape->kind || len <= around || memcmp(data, shape->bytes, shape->prefix_len) != 0 ||
        memcmp(data + len - shape->suffix_len, shape->bytes + shape->prefix_len, shape->suffix_len) != 0)
        return false;
    *text = data + shape->prefix_len;
    *text_len = len - around;
    if (!json_is_plain_text(*text, *text_len))
        return false;
    shape->misses = 0;
    return true;
}

/* The string that is the value of the name at `at`: its first byte and length; false: no string, or an empty
 * one. */
static bool string_behind(const char *at, const char *end, const char **text, size_t *len)
{
    while (at < end && (*at == ' ' || *at == ':'))
        at++;
    if (at == end || *at != '"')
        return false;
    const char *stop = memchr(at + 1, '"', (size_t)(end - at - 1));
    *text = at + 1;
    *len = stop ? (size_t)(stop - *text) : 0;
    return *len > 0;
}

/* No backslash anywhere: so a name in quotes is a name or a value, and names are found as they are written. */
void event_shape_learn(struct event_shape *shape, const char *data, size_t len, unsigned kind)
{
    const char *end = data + len, *text = NULL;
    size_t text_len = 0, found = 0;
    shape->kind = 0;
    if (shape->misses >= MISSES_MAX || memchr(data, '\\', len))
        return;
    shape->misses++;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t name_len = strlen(names[i].name), behind_len = 0;
        const char *behind = NULL;
        for (const char *at = data; (at = memmem(at, (size_t)(end - at), names[i].name, name_len));
             at += name_len) {
            if (!string_behind(at + name_len, end, &behind, &behind_len))
                continue;
            found += names[i].kind == kind ? 1 : 2;
            text = behind;
            text_len = behind_len;
        }
    }
    if (found != 1 || len - text_len > EVENT_SHAPE_BYTES)
        return;
    shape->kind = kind;
    shape->prefix_len = (unsigned short)(text - data);
    shape->suffix_len = (unsigned short)(len - text_len - shape->prefix_len);
    memcpy(shape->bytes, data, shape->prefix_len);
    memcpy(shape->bytes + shape->prefix_len, text + text_len, shape->suffix_len);
}
