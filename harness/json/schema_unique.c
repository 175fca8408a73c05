#include "schema_unique.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_value(const struct json_object *value);

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

static uint64_t hash_number(const struct json_object *value)
{
    double real = 0;
    uint64_t bits;
    (void)json_get_real(value, "", &real);
    real += 0.0; /* -0 is 0 */
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

static uint64_t hash_object(const struct json_object *value)
{
    uint64_t sum = 0; /* order does not count */
    json_object_object_foreach(value, key, member)
    {
        sum += mix(text_hash(key, strlen(key)) + 3 * hash_value(member));
    }
    return sum;
}

/* Equal for values that are equal. */
static uint64_t hash_value(const struct json_object *value)
{
    enum json_type type = json_object_get_type(value);
    uint64_t h = 0;
    switch (type) {
    case json_type_int:
    case json_type_double:
        return mix(hash_number(value) + 1);
    case json_type_string:
        return text_hash(
            json_object_get_string((struct json_object *)value), (size_t)json_object_get_string_len(value));
    case json_type_boolean:
        return mix(2 + (uint64_t)json_object_get_boolean(value));
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++)
            h = mix(h * 31 + hash_value(json_object_array_get_idx(value, i)) + 4);
        return mix(h + 5);
    case json_type_object:
        return mix(hash_object(value) + 6);
    default:
        return mix(7);
    }
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

enum status unique_find_pair(const struct json_object *array, size_t *first, size_t *second)
{
    size_t count = json_object_array_length(array);
    if (count <= 12)
        return find_among_few(array, count, first, second);
    struct hashed *items = malloc(count * sizeof *items);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct hashed){hash_value(json_object_array_get_idx(array, i)), i};
    qsort(items, count, sizeof *items, compare_hashed);
    enum status s = STATUS_NOT_FOUND;
    for (size_t i = 0; i < count && s != STATUS_OK; i++)
        for (size_t j = i + 1; j < count && items[j].hash == items[i].hash && s != STATUS_OK; j++) {
            *first = items[i].index;
            *second = items[j].index;
            if (json_deep_equal(
                    json_object_array_get_idx(array, *first), json_object_array_get_idx(array, *second)))
                s = STATUS_OK;
        }
    free(items);
    return s;
}
