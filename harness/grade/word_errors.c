#include "word_errors.h"

#include "buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SPOKEN_MAX = 1000 };

/* ---- words: the comparable text, each word ended by a NUL ---- */

struct words {
    struct buf text;
    const char **items;
    size_t count; /* of items */
    size_t more;  /* behind the last item */
};

static void words_fini(struct words *w)
{
    free(w->items);
    buf_fini(&w->text);
}

/* How many bytes of an apostrophe begin here. */
static size_t apostrophe(const char *at, size_t left)
{
    if (*at == '\'')
        return 1;
    return left >= 3 && memcmp(at, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
}

/* Typographic marks are no letters: U+2000 to U+206F. */
static size_t mark(const char *at, size_t left)
{
    return left >= 3 && at[0] == '\xe2' && (at[1] == '\x80' || at[1] == '\x81') ? 3 : 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* The length of a remark that begins here; 0: none does, or it has no end. */
static size_t remark(const char *at, size_t left)
{
    const char *end = *at == '[' ? memchr(at, ']', left) : *at == '(' ? memchr(at, ')', left) : NULL;
    return end ? (size_t)(end - at) + 1 : 0;
}

static void end_word(struct buf *out)
{
    if (out->len > 0 && out->data[out->len - 1] != '\0')
        buf_append_char(out, '\0');
}

static void make_comparable(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0, skipped; i < len; i += skipped) {
        size_t left = len - i;
        char c = text[i];
        if ((skipped = apostrophe(text + i, left)))
            continue;
        if ((skipped = remark(text + i, left)) || (skipped = mark(text + i, left))) {
            end_word(out);
            continue;
        }
        skipped = 1;
        if (is_letter(c))
            buf_append_char(out, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
        else
            end_word(out);
    }
    end_word(out);
}

static size_t count_ends(const struct buf *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\0';
    return n;
}

static bool split(const char *text, size_t len, size_t most, struct words *w)
{
    *w = (struct words){.text = BUF_INIT(len + 2)};
    make_comparable(text, len, &w->text);
    size_t all = count_ends(&w->text);
    w->count = all < most ? all : most;
    w->more = all - w->count;
    w->items = calloc(w->count + 1, sizeof *w->items);
    if (buf_status(&w->text) != STATUS_OK || !w->items)
        return false;
    const char *at = buf_text(&w->text);
    for (size_t i = 0; i < w->count; at += strlen(at) + 1)
        w->items[i++] = at;
    return true;
}

/* ---- alignment ---- */

struct cell {
    uint32_t substitutions, deletions, insertions;
};

static uint32_t cost(const struct cell *c)
{
    return c->substitutions + c->deletions + c->insertions;
}

/* Of equal alignments the one that takes words for misheard rather than for missing and made up. */
static struct cell best_of(struct cell misheard, struct cell missing, struct cell made_up)
{
    struct cell *best = &misheard;
    if (cost(&missing) < cost(best))
        best = &missing;
    if (cost(&made_up) < cost(best))
        best = &made_up;
    return *best;
}

/* row[i]: the alignment of the first i words spoken with all that was heard up to this word. */
static void hear_word(struct cell *row, const struct words *spoken, const char *word)
{
    struct cell before = row[0]; /* one word spoken and one heard less */
    row[0].insertions++;
    for (size_t i = 1; i <= spoken->count; i++) {
        struct cell misheard = before, missing = row[i - 1], made_up = row[i];
        before = row[i];
        misheard.substitutions += strcmp(spoken->items[i - 1], word) != 0;
        missing.deletions++;
        made_up.insertions++;
        row[i] = best_of(misheard, missing, made_up);
    }
}

static bool align(const struct words *spoken, const struct words *heard, struct word_errors *w)
{
    struct cell *row = calloc(spoken->count + 1, sizeof *row);
    if (!row)
        return false;
    for (size_t i = 1; i <= spoken->count; i++)
        row[i].deletions = (uint32_t)i;
    for (size_t k = 0; k < heard->count; k++)
        hear_word(row, spoken, heard->items[k]);
    const struct cell *last = &row[spoken->count];
    *w = (struct word_errors){.spoken = spoken->count,
        .heard = heard->count + heard->more,
        .substitutions = last->substitutions,
        .deletions = last->deletions,
        .insertions = last->insertions + heard->more};
    free(row);
    return true;
}

enum status word_errors_count(
    const char *spoken, const char *heard, size_t heard_len, struct word_errors *w, struct error *e)
{
    struct words said, got = {0};
    bool ok = split(spoken, strlen(spoken), SPOKEN_MAX + 1, &said) &&
              split(heard, heard_len, WORD_ERRORS_HEARD_MAX, &got);
    bool usable = said.count > 0 && said.count <= SPOKEN_MAX;
    enum status s = STATUS_OK;
    if (ok && !usable)
        s = error_set(
            e, STATUS_INVALID, "a reference has 1 to %d words, not %zu", SPOKEN_MAX, said.count + said.more);
    else if (!ok || !align(&said, &got, w))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for a transcript of %zu bytes", heard_len);
    words_fini(&said);
    words_fini(&got);
    return s;
}

double word_errors_rate(const struct word_errors *w)
{
    return (double)(w->substitutions + w->deletions + w->insertions) / (double)w->spoken;
}
