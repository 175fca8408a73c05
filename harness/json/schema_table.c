#include "schema_table.h"

#include "rng.h"

#include <stdlib.h>

void table_init(struct table *t)
{
    *t = (struct table){.seed = rng_entropy()};
}

void table_fini(struct table *t)
{
    free(t->entries);
    t->entries = NULL;
    t->size = t->count = 0;
}

static struct table_entry *find(
    const struct table *t, uint64_t hash, const void *owner, const char *name, size_t len)
{
    for (size_t at = hash;; at++) {
        struct table_entry *e = &t->entries[at & (t->size - 1)];
        if (e->value == NULL || (e->hash == hash && e->owner == owner && e->len == len &&
                                    (len == 0 || memcmp(e->name, name, len) == 0)))
            return e;
    }
}

static uint64_t hash_of(const struct table *t, const void *owner, const char *name, size_t len)
{
    return table_hash(table_mix(t->seed ^ (uint64_t)(uintptr_t)owner), name, len);
}

void *table_get(const struct table *t, const void *owner, const char *name, size_t len)
{
    return t->size > 0 ? find(t, hash_of(t, owner, name, len), owner, name, len)->value : NULL;
}

static enum status grow(struct table *t)
{
    struct table bigger = {.size = t->size > 0 ? t->size * 2 : 64, .count = t->count, .seed = t->seed};
    bigger.entries = calloc(bigger.size, sizeof *bigger.entries);
    if (bigger.entries == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < t->size; i++) {
        const struct table_entry *e = &t->entries[i];
        if (e->value != NULL)
            *find(&bigger, e->hash, e->owner, e->name, e->len) = *e;
    }
    free(t->entries);
    *t = bigger;
    return STATUS_OK;
}

enum status table_put(struct table *t, const void *owner, const char *name, size_t len, void *value)
{
    if (t->count * 2 >= t->size && grow(t) != STATUS_OK)
        return STATUS_NO_MEMORY;
    uint64_t hash = hash_of(t, owner, name, len);
    struct table_entry *e = find(t, hash, owner, name, len);
    t->count += e->value == NULL;
    *e = (struct table_entry){.hash = hash, .owner = owner, .name = name, .len = len, .value = value};
    return STATUS_OK;
}
