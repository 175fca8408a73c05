#include "schema_parts.h"

#include <stdlib.h>
#include <string.h>

static size_t word_count(const struct seen *s)
{
    return (s->count + 63) / 64;
}

bool seen_init(struct run *run, struct seen *s, size_t count)
{
    *s = (struct seen){.count = count};
    charge(run, word_count(s) / 4);
    size_t few = sizeof s->few / sizeof *s->few;
    s->words = word_count(s) <= few ? s->few : calloc(word_count(s), sizeof *s->words);
    return s->words != NULL || give_up(run, STATUS_NO_MEMORY, NULL);
}

void seen_fini(struct seen *s)
{
    if (s->words != s->few)
        free(s->words);
    s->words = NULL;
}

void seen_mark(struct seen *s, size_t index)
{
    s->words[index / 64] |= UINT64_C(1) << index % 64;
}

bool seen_has(const struct seen *s, size_t index)
{
    return (s->words[index / 64] >> index % 64 & 1) != 0;
}

void seen_mark_all(struct seen *s)
{
    memset(s->words, 0xff, word_count(s) * sizeof *s->words);
}

void seen_merge(struct seen *into, const struct seen *from)
{
    for (size_t i = 0; i < word_count(into); i++)
        into->words[i] |= from->words[i];
}
