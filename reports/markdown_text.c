#include "markdown_text.h"

#include "text.h"

#include <ctype.h>
#include <string.h>

/* What replaces a character wherever it stands in running text. */
static const char *escaped(char c)
{
    switch (c) {
    case '\\':
        return "\\\\";
    case '`':
        return "&#96;"; /* also harmless next to a code span */
    case '*':
        return "\\*";
    case '<':
        return "&lt;";
    case '&':
        return "&amp;";
    case '|':
        return "&#124;"; /* a table's splitter never sees it, whatever stands before it */
    case '~':
        return "\\~";
    case '$':
        return "\\$";
    case '!':
        return "\\!";
    case '@':
        return "&#64;";
    default:
        return NULL;
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* "12. " and "12) " begin a list. */
static bool ends_list_number(const char *text, size_t at)
{
    return at > 0 && strspn(text, "0123456789") == at && (text[at + 1] == ' ' || text[at + 1] == '\0');
}

/* Characters that mean something only where they stand. */
static const char *escaped_by_place(const char *text, size_t at)
{
    char before = at ? text[at - 1] : ' ', after = text[at + 1];
    switch (text[at]) {
    case '_':
        return is_word(before) && is_word(after) ? NULL : "\\_";
    case '/':
        return before == ':' && after == '/' ? "\\/" : NULL; /* "http://" is a link by itself */
    case '.':
        if (at >= 3 && strncasecmp(text + at - 3, "www", 3) == 0)
            return "&#46;";
        return ends_list_number(text, at) ? "\\." : NULL;
    case ')':
        return ends_list_number(text, at) ? "\\)" : NULL;
    case '[':
        return at == 0 ? "\\[" : NULL; /* "[ ] " is a box to tick */
    case ']':
        return after && strchr("([", after) ? "\\]" : NULL; /* a link, or what a link refers to */
    case '>':
        return at == 0 ? "&gt;" : NULL; /* a quotation; nothing closes what < never opened */
    case '#':
        return at == 0 ? "\\#" : NULL;
    case '-':
        return at == 0 && (after == ' ' || after == '-' || after == '\0') ? "\\-" : NULL;
    case '+':
        return at == 0 && (after == ' ' || after == '\0') ? "\\+" : NULL;
    case '=':
        return at == 0 ? "\\=" : NULL;
    default:
        return NULL;
    }
}

/* Sanitised, on one line, without white space at its ends. Empty text stays empty. */
static enum status one_line(struct buf *out, const char *text, size_t max)
{
    struct buf safe = BUF_INIT(16 * max + 256);
    enum status s = text_sanitise(&safe, text, strlen(text), max);
    const char *p = buf_text(&safe);
    p += strspn(p, " \t\n\r");
    size_t len = strlen(p);
    while (len && strchr(" \t\n\r", p[len - 1]))
        len--;
    for (size_t i = 0; s == STATUS_OK && i < len; i++)
        s = buf_append_char(out, strchr("\t\n\r", p[i]) ? ' ' : p[i]);
    buf_fini(&safe);
    return s;
}

/* A failure before anything reached out must stick to out too: callers look at its status once, at the end.
 */
static enum status stick(struct buf *out, enum status s)
{
    if (s != STATUS_OK && out->failed == STATUS_OK)
        out->failed = s;
    return s;
}

enum status markdown_inline(struct buf *out, const char *text)
{
    struct buf line = BUF_INIT(32 * MARKDOWN_INLINE_MAX);
    enum status s = one_line(&line, text, MARKDOWN_INLINE_MAX);
    const char *p = buf_text(&line);
    for (size_t i = 0; s == STATUS_OK && p[i]; i++) {
        const char *replacement = escaped(p[i]);
        if (!replacement)
            replacement = escaped_by_place(p, i);
        s = replacement ? buf_append_text(out, replacement) : buf_append_char(out, p[i]);
    }
    buf_fini(&line);
    return stick(out, s);
}

static size_t longest_backtick_run(const char *text)
{
    size_t longest = 0, run = 0;
    for (; *text; text++) {
        run = *text == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static enum status append_repeated(struct buf *out, char c, size_t count)
{
    enum status s = STATUS_OK;
    while (count-- && s == STATUS_OK)
        s = buf_append_char(out, c);
    return s;
}

enum status markdown_code(struct buf *out, const char *text)
{
    struct buf line = BUF_INIT(32 * MARKDOWN_INLINE_MAX);
    enum status s = one_line(&line, text, MARKDOWN_INLINE_MAX);
    const char *p = buf_text(&line);
    size_t fence = longest_backtick_run(p) + 1;
    bool spaced = fence > 1; /* one space on each side is not part of the code */
    if (s == STATUS_OK && *p == '\0')
        s = buf_append_text(out, "(empty)");
    else if (s == STATUS_OK) {
        append_repeated(out, '`', fence);
        buf_append_text(out, spaced ? " " : "");
        buf_append_text(out, p);
        buf_append_text(out, spaced ? " " : "");
        s = append_repeated(out, '`', fence);
    }
    buf_fini(&line);
    return stick(out, s);
}

enum status markdown_block(struct buf *out, const char *text)
{
    struct buf safe = BUF_INIT(16 * MARKDOWN_BLOCK_MAX + 256);
    enum status s = text_sanitise(&safe, text, strlen(text), MARKDOWN_BLOCK_MAX);
    if (s == STATUS_OK) {
        const char *p = buf_text(&safe);
        size_t fence = longest_backtick_run(p) + 1;
        fence = fence < 3 ? 3 : fence;
        append_repeated(out, '`', fence);
        buf_append_text(out, "text\n");
        buf_append_text(out, p);
        buf_append_text(out, safe.len && p[safe.len - 1] == '\n' ? "" : "\n");
        append_repeated(out, '`', fence);
        s = buf_append_text(out, "\n\n");
    }
    buf_fini(&safe);
    return stick(out, s);
}
