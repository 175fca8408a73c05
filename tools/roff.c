#include "roff.h"

#include <string.h>

enum { LINE_BYTES = 78 };

/* What stands for itself in a text, and would be something else in roff or be set as another character. */
static const char *escape_of(char c)
{
    switch (c) {
    case '\\':
        return "\\(rs";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    case '"':
        return "\\(dq";
    default:
        return NULL;
    }
}

void roff_append(struct buf *page, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *escaped = escape_of(text[i]);
        if (escaped != NULL)
            (void)buf_append_text(page, escaped);
        else
            (void)buf_append_char(page, text[i]);
    }
}

void roff_text(struct buf *page, const char *text)
{
    roff_append(page, text, strlen(text));
}

void roff_macro(struct buf *page, const char *name, const char *argument)
{
    (void)buf_printf(page, ".%s", name);
    if (argument != NULL) {
        (void)buf_append_text(page, " \"");
        roff_text(page, argument);
        (void)buf_append_char(page, '"');
    }
    (void)buf_append_char(page, '\n');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

void roff_fill(struct buf *page, const char *text, size_t len)
{
    size_t column = 0, word;
    for (size_t at = 0; at < len; at += word) {
        while (at < len && is_blank(text[at]))
            at++;
        for (word = 0; at + word < len && !is_blank(text[at + word]);)
            word++;
        bool breaks = column > 0 && column + 1 + word > LINE_BYTES;
        if (word > 0 && column > 0)
            (void)buf_append_char(page, breaks ? '\n' : ' ');
        column = breaks || column == 0 ? word : column + 1 + word;
        if (column == word && word > 0 && text[at] == '.')
            (void)buf_append_text(page, "\\&");
        roff_append(page, text + at, word);
    }
    (void)buf_append_char(page, '\n');
}

void roff_paragraph(struct buf *page, const char *text, size_t len)
{
    roff_macro(page, "PP", NULL);
    roff_fill(page, text, len);
}

void roff_line(struct buf *page, const char *text, size_t len)
{
    if (len > 0 && text[0] == '.')
        (void)buf_append_text(page, "\\&");
    roff_append(page, text, len);
    (void)buf_append_char(page, '\n');
}
