/*
 * schema_table.h - finds again what was put in under a pair of owner and name. Inside harness/json.
 *
 *     if (table_put(&table, resource, name, strlen(name), anchor) != STATUS_OK) ...
 *     struct anchor *a = table_get(&table, resource, name, strlen(name));     // NULL: none
 *     table_fini(&table);
 *
 * The hash is seeded by table_init(), so that nobody can choose names that all meet in one place. Names are
 * borrowed; the values are the caller's. NULL and "" is a name as good as another: the owner alone then counts.
 */
#ifndef ASSAY_SCHEMA_TABLE_H
#define ASSAY_SCHEMA_TABLE_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct table_entry {
    uint64_t hash;
    const void *owner;
    const char *name;
    size_t len;
    void *value; /* NULL: an empty entry */
};

struct table {
    struct table_entry *entries;
    size_t size; /* of entries: 0 or a power of two, at least half of them empty */
    size_t count;
    uint64_t seed;
};

void table_init(struct table *t);
void table_fini(struct table *t);
void *table_get(const struct table *t, const void *owner, const char *name, size_t len);
/* What was there under the same name is replaced. STATUS_NO_MEMORY. */
enum status table_put(
    struct table *t, const void *owner, const char *name, size_t len, void *value) ASSAY_MUST_CHECK;

static inline uint64_t table_mix(uint64_t h)
{
    h *= UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

/* Of the bytes of a text, eight at a time. */
static inline uint64_t table_hash(uint64_t seed, const char *text, size_t len)
{
    uint64_t h = seed ^ len, word = 0;
    for (; len >= sizeof word; text += sizeof word, len -= sizeof word) {
        memcpy(&word, text, sizeof word);
        h = table_mix(h ^ word);
    }
    word = 0;
    for (size_t i = 0; i < len; i++)
        word = word << 8 | (unsigned char)text[i];
    return table_mix(table_mix(h ^ word));
}

#endif
