/*
 * gguf_reader.h - reads a GGUF file back, written from the format's documentation and not from our writer.
 *
 * Everything is checked with ck_assert: a file that is not as documented fails the test that reads it.
 */
#ifndef ASSAY_TEST_GGUF_READER_H
#define ASSAY_TEST_GGUF_READER_H

#include "testkit.h"

#include <stdint.h>

enum { READER_KEYS = 64, READER_TENSORS = 256 };

struct reader_key {
    char name[128];
    uint32_t type, item_type; /* item_type of an array */
    uint64_t number;          /* of a number or a bool; items of an array; length of a text */
    float real;               /* of a 32-bit float */
    const char *bytes;        /* of a text, or of an array's items */
};

struct reader_tensor {
    char name[64];
    uint32_t dim_count, type;
    uint64_t dims[4], offset, bytes;
    const unsigned char *data;
};

struct gguf_reader {
    struct buf file;
    uint32_t version;
    struct reader_key keys[READER_KEYS];
    size_t key_count;
    struct reader_tensor tensors[READER_TENSORS];
    size_t tensor_count;
    uint64_t data_start;
};

struct gguf_reader *gguf_reader_open(const char *path); /* free with gguf_reader_close */
void gguf_reader_close(struct gguf_reader *r);
const struct reader_key *gguf_reader_key(const struct gguf_reader *r, const char *name); /* fails if absent */
const struct reader_tensor *gguf_reader_tensor(const struct gguf_reader *r, const char *name);
/* Text number at of an array of texts; valid until the next call. */
const char *gguf_reader_text(const struct reader_key *array, uint64_t at);
float gguf_reader_value(const struct reader_tensor *t, uint64_t at);

#endif
