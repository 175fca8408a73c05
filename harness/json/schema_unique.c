#include "schema_unique.h"

#include "json_number.h"
#include "schema_parts.h"
#include "text.h"

#define FEW 12 /* items are compared each with each */

#include <stdlib.h>
#include <string.h>

static uint64_t hash_value(const struct json_object *value, long *steps);

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

/* Whole numbers as such, so that those that are the same double differ. */
static uint64_t hash_number(const struct json_object *value)
{
    int64_t whole;
    uint64_t bits;
    if (json_object_is_type(value, json_type_int))
        return json_number_fits_i64(value, &whole, &bits) ? (uint64_t)whole : bits;
    double real = json_object_get_double(value);
    if (fabs(real) < 0x1p63 && (double)(int64_t)real == real)
        return (uint64_t)(int64_t)real;
    if (real >= 0x1p63 && real < 0x1p64)
        return (uint64_t)real;
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

static uint64_t hash_object(const struct json_object *value, long *steps)
{
    uint64_t sum = 0; /* order does not count */
    json_object_object_foreach(value, key, member)
    {
        sum += mix(text_hash(key, strlen(key)) + 3 * hash_value(member, steps));
    }
    return sum;
}

static uint64_t hash_array(const struct json_object *value, long *steps)
{
    uint64_t h = 0;
    for (size_t i = 0; i < json_object_array_length(value); i++)
        h = mix(h * 31 + hash_value(json_object_array_get_idx(value, i), steps) + 4);
    return h;
}

/* Equal for values that are equal. */
static uint64_t hash_value(const struct json_object *value, long *steps)
{
    size_t len = 0;
    ++*steps;
    switch (json_object_get_type(value)) {
    case json_type_int:
    case json_type_double:
        return mix(hash_number(value) + 1);
    case json_type_string:
        len = (size_t)json_object_get_string_len(value);
        *steps += (long)(len >> 6);
        return mix(text_hash(json_object_get_string((struct json_object *)value), len) + 2);
    case json_type_boolean:
        return mix(3 + (uint64_t)json_object_get_boolean(value));
    case json_type_array:
        return mix(hash_array(value, steps) + 5);
    case json_type_object:
        return mix(hash_object(value, steps) + 6);
    default:
        return mix(7);
    }
}

size_t unique_count(const struct json_object *value)
{
    long steps = 0;
    (void)hash_value(value, &steps);
    return (size_t)steps;
}

struct hashed {
    uint64_t hash;
    size_t index;
};

static int compare_hashed(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static enum status find_among_few(
    const struct json_object *array, size_t count, size_t *first, size_t *second)
{
    for (*second = 1; *second < count; (*second)++)
        for (*first = 0; *first < *second; (*first)++)
            if (json_deep_equal(
                    json_object_array_get_idx(array, *first), json_object_array_get_idx(array, *second)))
                return STATUS_OK;
    return STATUS_NOT_FOUND;
}

/* Comparing two of them is one step. */
static bool are_small(const struct json_object *array, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct json_object *item = json_object_array_get_idx(array, i);
        enum json_type type = json_object_get_type(item);
        if (type == json_type_object || type == json_type_array ||
            (type == json_type_string && json_object_get_string_len(item) > 64))
            return false;
    }
    return true;
}

static void hash_items(const struct json_object *array, struct hashed *items, size_t count, long *steps)
{
    for (size_t i = 0; i < count; i++)
        items[i] = (struct hashed){hash_value(json_object_array_get_idx(array, i), steps), i};
    qsort(items, count, sizeof *items, compare_hashed);
}

static enum status find_among_sorted(const struct json_object *array, const struct hashed *items,
    size_t count, size_t *first, size_t *second, long *steps, long steps_max)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && items[j].hash == items[i].hash; j++) {
            *first = items[i].index;
            *second = items[j].index;
            if (json_deep_equal(
                    json_object_array_get_idx(array, *first), json_object_array_get_idx(array, *second)))
                return STATUS_OK;
            if (++*steps > steps_max)
                return STATUS_LIMIT;
        }
    return STATUS_NOT_FOUND;
}

enum status unique_find_pair(
    const struct json_object *array, size_t *first, size_t *second, long *steps, long steps_max)
{
    size_t count = json_object_array_length(array);
    if (count <= FEW && are_small(array, count)) {
        *steps += (long)(count * count);
        return find_among_few(array, count, first, second);
    }
    struct hashed *items = malloc((count + 1) * sizeof *items);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    hash_items(array, items, count, steps);
    enum status s = find_among_sorted(array, items, count, first, second, steps, steps_max);
    free(items);
    return s;
}

/* ---- sets ---- */

struct value_set {
    size_t count;
    struct hashed items[]; /* by hash */
};

struct value_set *set_new(struct schema *schema, const struct json_object *array)
{
    long steps = 0;
    size_t count = json_object_array_length(array);
    struct value_set *set = schema_alloc(schema, sizeof *set + count * sizeof *set->items);
    if (set == NULL)
        return NULL;
    set->count = count;
    hash_items(array, set->items, count, &steps);
    return set;
}

bool set_has(const struct value_set *set, const struct json_object *array, const struct json_object *value,
    long *steps)
{
    uint64_t hash = hash_value(value, steps);
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->items[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < set->count && set->items[low].hash == hash; low++, ++*steps)
        if (json_deep_equal(json_object_array_get_idx(array, set->items[low].index), value))
            return true;
    return false;
}
