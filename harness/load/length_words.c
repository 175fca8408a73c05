/* The words of load_words.h that say lengths and pauses: one grammar, two ways to write a number. */
#include "load_words.h"

#include "buf.h"
#include "fs.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 80 };

struct grammar {
    bool (*parse)(const char *text, double *value); /* tokens or milliseconds */
    double least, most;
    const char *instead; /* what can be written */
};

static bool parse_tokens(const char *text, double *value)
{
    return text_parse_double(text, value);
}

static bool parse_ms(const char *text, double *value)
{
    int64_t ns;
    if (!text_parse_duration_ns(text, &ns))
        return false;
    *value = (double)ns / 1e6;
    return true;
}

static const struct grammar tokens = {parse_tokens, 1, LOAD_TOKENS_MAX,
    "is no length; write a number of at least 1, as 128, or 100-200, normal:MEAN,STDDEV, "
    "lognormal:MEAN,STDDEV (and ,LOW-HIGH behind either) or @FILE"};
static const struct grammar pauses = {parse_ms, 0, 86400e3,
    "is no pause; write a time of at most a day, as 2s, or 500ms-3s, normal:MEAN,STDDEV, "
    "lognormal:MEAN,STDDEV (and ,LOW-HIGH behind either) or @FILE"};

/* The first len bytes as a number between the least and the most, a whole one if asked for. */
static bool parse_part(const struct grammar *g, const char *text, size_t len, bool whole, double *value)
{
    char part[64];
    if (len >= sizeof part)
        return false;
    memcpy(part, text, len);
    part[len] = 0;
    return g->parse(part, value) && *value >= g->least && *value <= g->most &&
           (!whole || *value == floor(*value));
}

static bool parse_range(const struct grammar *g, const char *text, struct length *length)
{
    size_t len = strcspn(text, "-");
    double low, high;
    if (!text[len] || !parse_part(g, text, len, true, &low) ||
        !parse_part(g, text + len + 1, strlen(text + len + 1), true, &high) || low > high || high < 1)
        return false;
    length->low = (int64_t)low;
    length->high = (int64_t)high;
    return true;
}

/* "MEAN,STDDEV" or "MEAN,STDDEV,LOW-HIGH"; the deviation may be 0, whatever the least. */
static bool parse_law(const struct grammar *g, const char *text, struct length *length)
{
    size_t mean_len = strcspn(text, ",");
    if (!text[mean_len] || !parse_part(g, text, mean_len, false, &length->mean) || !(length->mean > 0))
        return false;
    text += mean_len + 1;
    struct grammar deviation = *g;
    size_t len = strcspn(text, ",");
    deviation.least = 0;
    if (!parse_part(&deviation, text, len, false, &length->stddev))
        return false;
    return !text[len] || parse_range(g, text + len + 1, length);
}

static bool parse_length(const struct grammar *g, const char *word, struct length *length)
{
    if (strncmp(word, "normal:", 7) == 0) {
        length->kind = LENGTH_NORMAL;
        return parse_law(g, word + 7, length);
    }
    if (strncmp(word, "lognormal:", 10) == 0) {
        length->kind = LENGTH_LOGNORMAL;
        return parse_law(g, word + 10, length);
    }
    if (strchr(word, '-')) {
        length->kind = LENGTH_UNIFORM;
        return parse_range(g, word, length);
    }
    length->kind = LENGTH_FIXED;
    return parse_part(g, word, strlen(word), true, &length->mean);
}

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* The numbers of a text, one a line; empty lines are left out. 0, or the line that has none. */
static long parse_lines(const struct grammar *g, const char *text, int64_t *list, size_t *count)
{
    for (long line = 1; *text; line++) {
        size_t len = strcspn(text, "\n"), end = len;
        while (end > 0 && strchr(" \t\r", text[end - 1]))
            end--;
        double value;
        if (end > 0 && !parse_part(g, text, end, true, &value))
            return line;
        if (end > 0)
            list[(*count)++] = (int64_t)value;
        text += len + (text[len] == '\n');
    }
    return 0;
}

static enum status read_list(
    const struct grammar *g, const char *path, struct length *length, struct error *e)
{
    struct buf text = BUF_INIT((size_t)256 << 20);
    int64_t *list = NULL;
    size_t count = 0;
    enum status s = fs_read_file(path, &text, e);
    if (s != STATUS_OK)
        goto out;
    list = malloc(count_lines(buf_text(&text)) * sizeof *list);
    if (!list) {
        s = error_set(e, STATUS_NO_MEMORY, "no memory for the lengths of %s", path);
        goto out;
    }
    long bad = parse_lines(g, buf_text(&text), list, &count);
    if (bad > 0)
        s = error_set(e, STATUS_INVALID, "this %s", g->instead);
    else if (count == 0)
        s = error_set(e, STATUS_INVALID, "no number is in it; write one on each line");
    if (s != STATUS_OK)
        error_locate(e, path, bad, 0, NULL);
    if (s == STATUS_OK)
        *length = (struct length){.kind = LENGTH_LIST, .list = list, .list_count = count};
out:
    if (s != STATUS_OK)
        free(list);
    buf_fini(&text);
    return s;
}

static enum status take_word(
    const struct grammar *g, const char *option, const char *word, struct length *length, struct error *e)
{
    struct length made = {0};
    if (word[0] == '@' && word[1])
        return read_list(g, word + 1, length, e);
    if (!parse_length(g, word, &made))
        return error_set(e, STATUS_USAGE, "%s: '%.*s' %s", option, SHOWN, word, g->instead);
    *length = made;
    return STATUS_OK;
}

enum status load_words_length(const char *option, const char *word, struct length *length, struct error *e)
{
    return take_word(&tokens, option, word, length, e);
}

enum status load_words_pause(const char *option, const char *word, struct length *length, struct error *e)
{
    return take_word(&pauses, option, word, length, e);
}

void load_words_length_fini(struct length *length)
{
    free((void *)(uintptr_t)length->list);
    *length = (struct length){0};
}
