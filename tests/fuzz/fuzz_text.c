/* Everything that base does with text from outside: what comes out keeps its promises for any bytes. */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void check_sanitise(const char *s, size_t len, size_t max_bytes)
{
    struct buf once = BUF_INIT(4 * len + 64), twice = BUF_INIT(4 * len + 64);
    require(text_sanitise(&once, s, len, max_bytes) == STATUS_OK);
    require(once.len <= max_bytes && text_utf8_valid(buf_text(&once), once.len));
    require(memchr(buf_text(&once), 0x1b, once.len) == NULL);
    require(text_sanitise(&twice, buf_text(&once), once.len, max_bytes) == STATUS_OK);
    require(once.len == twice.len && memcmp(buf_text(&once), buf_text(&twice), once.len) == 0);
    buf_fini(&once);
    buf_fini(&twice);
}

static void check_slug(const char *name)
{
    struct buf slug = BUF_INIT(200), again = BUF_INIT(200);
    require(text_slug(&slug, name) == STATUS_OK && slug.len >= 1 && slug.len <= 100);
    require(text_slug(&again, buf_text(&slug)) == STATUS_OK);
    require(strcmp(buf_text(&slug), buf_text(&again)) == 0);
    buf_fini(&slug);
    buf_fini(&again);
}

static void check_numbers(const char *s)
{
    int64_t i = -1;
    double d = 0;
    char text[400];
    (void)text_parse_i64(s, &i);
    if (text_parse_double(s, &d)) {
        text_format_decimal(text, sizeof text, d, 9);
        require(text_parse_double(text, &d));
    }
    if (text_parse_duration_ns(s, &i))
        require(i >= 0);
    if (text_parse_bytes(s, &i))
        require(i >= 0);
}

/* The first byte chooses the cut; the rest is the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t len = size - 1, max_bytes = data[0];
    char *s = malloc(len + 1);
    if (s == NULL)
        return 0;
    memcpy(s, data + 1, len);
    s[len] = '\0';
    size_t cut = text_utf8_cut(s, len, max_bytes);
    require(cut <= len && cut <= max_bytes && (!text_utf8_valid(s, len) || text_utf8_valid(s, cut)));
    check_sanitise(s, len, max_bytes);
    check_sanitise(s, len, SIZE_MAX);
    check_slug(s);
    check_numbers(s);
    require(text_match("*", s));
    (void)text_match(s, s);
    free(s);
    return 0;
}
