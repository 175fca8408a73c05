/* How many times a file has had a test: by 64-bit hashes of the names, so that names need no room. */
#include "migration_parts.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 256 };

struct attempt_count {
    uint64_t hash; /* 0: the slot is free */
    int64_t count;
};

static struct attempt_count *slot_of(struct attempt_count *slots, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].hash != 0 && slots[at].hash != hash)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

/* At least a quarter of the slots stays free. */
static bool make_room(struct migrate_attempts *a)
{
    if (a->used * 4 < a->capacity * 3)
        return true;
    size_t capacity = a->capacity > 0 ? a->capacity * 2 : SLOTS_FIRST;
    struct attempt_count *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < a->capacity; i++)
        if (a->slots[i].hash != 0)
            *slot_of(slots, capacity, a->slots[i].hash) = a->slots[i];
    free(a->slots);
    a->slots = slots;
    a->capacity = capacity;
    return true;
}

int64_t migrate_attempts_count(struct migrate_attempts *a, const char *name)
{
    if (!make_room(a))
        return 0;
    uint64_t hash = text_hash(name, strlen(name));
    hash += hash == 0;
    struct attempt_count *slot = slot_of(a->slots, a->capacity, hash);
    a->used += slot->hash == 0;
    slot->hash = hash;
    return ++slot->count;
}

void migrate_attempts_fini(struct migrate_attempts *a)
{
    free(a->slots);
    *a = (struct migrate_attempts){0};
}
