#include "answer_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* Bytes above 127 belong to letters of other scripts. */
static bool is_word_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 128 || isalnum(u);
}

/* What may stand around an answer and is no part of it. */
static bool is_wrapping(char c)
{
    return is_space(c) || strchr("*_`\"'#>", c) != NULL;
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_wrapping(**text))
        ++*text, --*len;
    while (*len > 0 && (is_wrapping((*text)[*len - 1]) || strchr(".;,:!", (*text)[*len - 1])))
        --*len;
}

/* ---- the final answer ---- */

static const char *find_last(const char *text, size_t len, const char *needle, bool any_case)
{
    size_t n = strlen(needle);
    for (size_t i = len >= n ? len - n + 1 : 0; i-- > 0;)
        if (any_case ? strncasecmp(text + i, needle, n) == 0 : memcmp(text + i, needle, n) == 0)
            return text + i;
    return NULL;
}

/* The content of the last \boxed{...}, braces nested. */
static bool find_boxed(const char *answer, size_t len, const char **text, size_t *found)
{
    static const char mark[] = "\\boxed{";
    const char *at = find_last(answer, len, mark, false);
    if (!at)
        return false;
    *text = at + sizeof mark - 1;
    int depth = 1;
    for (const char *p = *text; p < answer + len; p++) {
        depth += *p == '{' ? 1 : *p == '}' ? -1 : 0;
        if (depth == 0) {
            *found = (size_t)(p - *text);
            return true;
        }
    }
    return false;
}

static size_t line_length(const char *text, const char *end)
{
    const char *p = text;
    while (p < end && *p != '\n')
        p++;
    return (size_t)(p - text);
}

/* The rest of the line behind the mark; where that is empty, the next line that is not. */
static bool take_behind(const char *at, const char *end, const char **text, size_t *found)
{
    while (at < end) {
        size_t len = line_length(at, end);
        const char *line = at;
        at += len + 1;
        trim(&line, &len);
        if (len > 0) {
            *text = line;
            *found = len;
            return true;
        }
    }
    return false;
}

static bool find_marked(const char *answer, size_t len, const char **text, size_t *found)
{
    static const char *const marks[] = {
        "answer is", "answer:", "answer**:", "answer:**", "result:", "result is"};
    const char *last = NULL;
    size_t mark_len = 0;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const char *at = find_last(answer, len, marks[i], true);
        if (!at || (last && at < last) || (at == last && strlen(marks[i]) < mark_len))
            continue;
        last = at;
        mark_len = strlen(marks[i]);
    }
    if (!last)
        return false;
    const char *behind = last + mark_len;
    if (behind < answer + len && *behind == ':')
        behind++;
    return take_behind(behind, answer + len, text, found);
}

static void find_last_line(const char *answer, size_t len, const char **text, size_t *found)
{
    const char *end = answer + len;
    *text = answer;
    *found = 0;
    while (end > answer) {
        const char *start = end;
        while (start > answer && start[-1] != '\n')
            start--;
        const char *line = start;
        size_t n = (size_t)(end - start);
        trim(&line, &n);
        if (n > 0) {
            *text = line;
            *found = n;
            return;
        }
        end = start > answer ? start - 1 : answer;
    }
}

enum status answer_final(const char *answer, size_t len, struct buf *out)
{
    const char *text;
    size_t found;
    if (!find_boxed(answer, len, &text, &found) && !find_marked(answer, len, &text, &found))
        find_last_line(answer, len, &text, &found);
    trim(&text, &found);
    return buf_append(out, text, found);
}

/* ---- code ---- */

static bool find_fence(const char *answer, size_t len, const char **text, size_t *found)
{
    const char *end = answer + len, *open = memmem(answer, len, "```", 3);
    const char *mark = "```";
    if (!open) {
        open = memmem(answer, len, "~~~", 3);
        mark = "~~~";
    }
    if (!open)
        return false;
    const char *start = open + line_length(open, end);
    start += start < end; /* behind the language's name */
    const char *close = memmem(start, (size_t)(end - start), mark, 3);
    *text = start;
    *found = (size_t)((close ? close : end) - start);
    return true;
}

enum status answer_code(const char *answer, size_t len, struct buf *out)
{
    const char *text = answer;
    size_t found = len;
    if (!find_fence(answer, len, &text, &found)) {
        const char *object = memchr(answer, '{', len), *list = memchr(answer, '[', len);
        const char *start = !object || (list && list < object) ? list : object;
        const char *end = start ? find_last(answer, len, start == object ? "}" : "]", false) : NULL;
        if (start && end && end > start) {
            text = start;
            found = (size_t)(end - start) + 1;
        }
    }
    while (found > 0 && is_space(text[found - 1]))
        found--;
    while (found > 0 && is_space(*text))
        text++, found--;
    return buf_append(out, text, found);
}

/* ---- comparing ---- */

static void skip_article(const char **text, size_t *len)
{
    static const char *const articles[] = {"the ", "a ", "an "};
    for (size_t i = 0; i < sizeof articles / sizeof articles[0]; i++) {
        size_t n = strlen(articles[i]);
        if (*len > n && strncasecmp(*text, articles[i], n) == 0) {
            *text += n;
            *len -= n;
            return;
        }
    }
}

enum status answer_normalise(const char *text, size_t len, struct buf *out)
{
    while (len > 0 && !is_word_byte(*text) && *text != '-' && *text != '+' && *text != '$')
        text++, len--;
    while (len > 0 && !is_word_byte(text[len - 1]) && text[len - 1] != '%')
        len--;
    skip_article(&text, &len);
    bool pending = false;
    for (size_t i = 0; i < len; i++) {
        if (is_space(text[i])) {
            pending = true;
            continue;
        }
        if (pending)
            buf_append_char(out, ' ');
        pending = false;
        buf_append_char(out, (char)tolower((unsigned char)text[i]));
    }
    return buf_status(out);
}

size_t answer_words(const char *text)
{
    size_t words = 0;
    bool in_run = false, counted = false;
    for (const char *p = text; *p; p++) {
        if (is_space(*p)) {
            in_run = false;
            continue;
        }
        if (!in_run)
            counted = false;
        in_run = true;
        if (!counted && is_word_byte(*p)) {
            words++;
            counted = true;
        }
    }
    return words;
}

size_t answer_sentences(const char *text)
{
    size_t sentences = 0;
    bool open = false;
    for (const char *p = text; *p; p++) {
        if (is_word_byte(*p))
            open = true;
        const char *behind = p + 1;
        while (*behind && strchr("\"')*_`]", *behind))
            behind++;
        if (open && strchr(".!?", *p) && (!*behind || is_space(*behind))) {
            sentences++;
            open = false;
        }
    }
    return sentences + open;
}

size_t answer_lines(const char *text)
{
    size_t lines = 0;
    bool open = false;
    for (const char *p = text; *p; p++) {
        if (*p == '\n')
            open = false;
        else if (!open && !is_space(*p)) {
            open = true;
            lines++;
        }
    }
    return lines;
}

const char *answer_find_words(const char *text, const char *from, const char *needle)
{
    size_t n = strlen(needle);
    if (n == 0)
        return NULL;
    for (const char *p = from; (p = strcasestr(p, needle)); p++) {
        bool begins = p == text || !is_word_byte(p[-1]) || !is_word_byte(*needle);
        bool ends = !is_word_byte(p[n]) || !is_word_byte(needle[n - 1]);
        if (begins && ends)
            return p;
    }
    return NULL;
}
