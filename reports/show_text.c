#include "show_text.h"

#include "json.h"
#include "quantity.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

void show_safe(struct buf *out, const char *text, size_t len, size_t max)
{
    if (text)
        (void)text_sanitise(out, text, len, max);
}

/* "label   text", nothing where there is no text. */
void show_row(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_printf(out, "  %-14s ", label);
    show_safe(out, text, strlen(text), SHOW_TEXT_SHOWN);
    buf_append_char(out, '\n');
}

void show_row_count(struct buf *out, const char *label, struct json_object *tree, const char *pointer)
{
    int64_t count;
    if (json_get_int(tree, pointer, &count))
        buf_printf(out, "  %-14s %" PRId64 "\n", label, count);
}

void show_row_seconds(struct buf *out, const char *label, struct json_object *tree, const char *pointer)
{
    char text[QUANTITY_SIZE];
    double seconds;
    if (!json_get_real(tree, pointer, &seconds))
        return;
    text_format_duration(text, sizeof text, seconds);
    show_row(out, label, text);
}

/* A text of several lines, each behind a bar, so that nothing in it looks like ours. */
void show_block(struct buf *out, const char *label, const char *text, size_t len, size_t max)
{
    struct buf clean = BUF_INIT(16 * max + 256);
    show_safe(&clean, text, len, max);
    buf_printf(out, "  %s\n", label);
    for (const char *p = buf_text(&clean); *p;) {
        size_t line = strcspn(p, "\n");
        buf_append_text(out, "  | ");
        buf_append(out, p, line);
        buf_append_char(out, '\n');
        p += line + (p[line] == '\n');
    }
    buf_fini(&clean);
}
