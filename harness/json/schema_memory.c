#include "schema_parts.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)32 << 10)

/* What a schema consists of is made once and freed at once: pieces of blocks that are never moved. */
struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

void *schema_alloc(struct schema *s, size_t bytes)
{
    size_t rounded = (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct block *b = s->blocks;
    if (rounded < bytes || rounded > SIZE_MAX / 2)
        return NULL;
    if (b == NULL || b->size - b->used < rounded) {
        size_t size = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;
        b = calloc(1, sizeof *b + size);
        if (b == NULL)
            return NULL;
        b->size = size;
        b->next = s->blocks;
        s->blocks = b;
    }
    void *piece = b->bytes + b->used;
    b->used += rounded;
    return piece;
}

char *schema_copy_text(struct schema *s, const char *text, size_t len)
{
    char *copy = schema_alloc(s, len + 1);
    if (copy != NULL)
        memcpy(copy, text, len);
    return copy;
}

void schema_free(struct schema *s)
{
    if (s == NULL)
        return;
    while (s->regexes != NULL)
        s->regexes = regex_free(s->regexes);
    for (size_t i = 0; i < s->document_count; i++)
        json_object_put(s->documents[i]);
    free(s->documents);
    table_fini(&s->names);
    for (struct block *next; s->blocks != NULL; s->blocks = next) {
        next = s->blocks->next;
        free(s->blocks);
    }
    free(s);
}
