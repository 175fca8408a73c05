#include "gguf_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
    const char *at, *end;
};

static uint64_t take_uint(struct cursor *c, size_t bytes)
{
    uint64_t value = 0;
    ck_assert_msg((size_t)(c->end - c->at) >= bytes, "the file ends within a number");
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)c->at[i] << (8 * i);
    c->at += bytes;
    return value;
}

static const char *take_text(struct cursor *c, uint64_t *len)
{
    *len = take_uint(c, 8);
    ck_assert_msg((uint64_t)(c->end - c->at) >= *len, "the file ends within a text");
    const char *text = c->at;
    c->at += *len;
    return text;
}

static void take_name(struct cursor *c, char *name, size_t size)
{
    uint64_t len;
    const char *text = take_text(c, &len);
    ck_assert_uint_lt(len, size);
    memcpy(name, text, len);
    name[len] = '\0';
}

static float real_from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void take_array(struct cursor *c, struct reader_key *key)
{
    key->item_type = (uint32_t)take_uint(c, 4);
    key->number = take_uint(c, 8);
    key->bytes = c->at;
    for (uint64_t i = 0; i < key->number; i++) {
        uint64_t len;
        if (key->item_type == 8)
            (void)take_text(c, &len);
        else
            (void)take_uint(c, 4);
    }
}

static void take_key(struct cursor *c, struct reader_key *key)
{
    take_name(c, key->name, sizeof key->name);
    key->type = (uint32_t)take_uint(c, 4);
    switch (key->type) {
    case 4:
    case 5:
    case 6:
        key->number = take_uint(c, 4);
        key->real = real_from_bits((uint32_t)key->number);
        break;
    case 7:
        key->number = take_uint(c, 1);
        break;
    case 8:
        key->bytes = take_text(c, &key->number);
        break;
    case 9:
        take_array(c, key);
        break;
    case 10:
        key->number = take_uint(c, 8);
        break;
    default:
        ck_abort_msg("key %s has type %u", key->name, key->type);
    }
}

static void take_tensor(struct cursor *c, struct reader_tensor *t)
{
    take_name(c, t->name, sizeof t->name);
    t->dim_count = (uint32_t)take_uint(c, 4);
    ck_assert_uint_le(t->dim_count, 4);
    uint64_t values = 1;
    for (uint32_t i = 0; i < t->dim_count; i++)
        values *= t->dims[i] = take_uint(c, 8);
    t->type = (uint32_t)take_uint(c, 4);
    ck_assert(t->type <= 1 || t->type == 8);
    t->offset = take_uint(c, 8);
    t->bytes = t->type == 8 ? values / 32 * 34 : values * (t->type == 0 ? 4 : 2);
}

/* Tensors stand one behind the other, each at the next multiple of 32, and nothing is behind the last. */
static void place_tensors(struct gguf_reader *r)
{
    uint64_t at = 0;
    for (size_t i = 0; i < r->tensor_count; i++) {
        struct reader_tensor *t = &r->tensors[i];
        ck_assert_uint_eq(t->offset, at);
        ck_assert_uint_le(r->data_start + t->offset + t->bytes, r->file.len);
        t->data = (const unsigned char *)r->file.data + r->data_start + t->offset;
        at = (at + t->bytes + 31) / 32 * 32;
    }
    ck_assert_uint_eq(r->file.len, r->data_start + at);
}

struct gguf_reader *gguf_reader_open(const char *path)
{
    struct gguf_reader *r = calloc(1, sizeof *r);
    ck_assert_ptr_nonnull(r);
    r->file = testkit_read(path);
    struct cursor c = {r->file.data, r->file.data + r->file.len};
    ck_assert_uint_gt(r->file.len, 24);
    ck_assert_mem_eq(c.at, "GGUF", 4);
    c.at += 4;
    r->version = (uint32_t)take_uint(&c, 4);
    r->tensor_count = take_uint(&c, 8);
    r->key_count = take_uint(&c, 8);
    ck_assert_uint_le(r->tensor_count, READER_TENSORS);
    ck_assert_uint_le(r->key_count, READER_KEYS);
    for (size_t i = 0; i < r->key_count; i++)
        take_key(&c, &r->keys[i]);
    for (size_t i = 0; i < r->tensor_count; i++)
        take_tensor(&c, &r->tensors[i]);
    r->data_start = ((uint64_t)(c.at - r->file.data) + 31) / 32 * 32;
    place_tensors(r);
    return r;
}

void gguf_reader_close(struct gguf_reader *r)
{
    buf_fini(&r->file);
    free(r);
}

const struct reader_key *gguf_reader_key(const struct gguf_reader *r, const char *name)
{
    for (size_t i = 0; i < r->key_count; i++)
        if (strcmp(r->keys[i].name, name) == 0)
            return &r->keys[i];
    ck_abort_msg("no key %s", name);
    return NULL;
}

const struct reader_tensor *gguf_reader_tensor(const struct gguf_reader *r, const char *name)
{
    for (size_t i = 0; i < r->tensor_count; i++)
        if (strcmp(r->tensors[i].name, name) == 0)
            return &r->tensors[i];
    ck_abort_msg("no tensor %s", name);
    return NULL;
}

const char *gguf_reader_text(const struct reader_key *array, uint64_t at)
{
    static char text[4096];
    struct cursor c = {array->bytes, array->bytes + (1 << 30)};
    uint64_t len = 0;
    const char *bytes = "";
    ck_assert_uint_eq(array->item_type, 8);
    ck_assert_uint_lt(at, array->number);
    for (uint64_t i = 0; i <= at; i++)
        bytes = take_text(&c, &len);
    ck_assert_uint_lt(len, sizeof text);
    memcpy(text, bytes, len);
    text[len] = '\0';
    return text;
}

static float value_of_half(unsigned bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double mantissa = (double)(bits & 1023) / 1024;
    double value = exponent == 0 ? ldexp(mantissa, -14) : ldexp(1 + mantissa, exponent - 15);
    return (float)(bits & 0x8000 ? -value : value);
}

static float value_of_q8(const unsigned char *data, uint64_t at)
{
    const unsigned char *block = data + at / 32 * 34;
    return value_of_half((unsigned)(block[0] | block[1] << 8)) * (float)(signed char)block[2 + at % 32];
}

float gguf_reader_value(const struct reader_tensor *t, uint64_t at)
{
    uint64_t end = t->type == 8 ? (at / 32 + 1) * 34 : (at + 1) * (t->type == 0 ? 4 : 2);
    if (end > t->bytes) /* called by the million: ck_assert would take seconds */
        ck_abort_msg("tensor %s has no value %llu", t->name, (unsigned long long)at);
    if (t->type == 8)
        return value_of_q8(t->data, at);
    const unsigned char *p = t->data + at * (t->type == 0 ? 4 : 2);
    if (t->type == 1)
        return value_of_half((unsigned)(p[0] | p[1] << 8));
    return real_from_bits((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
}
