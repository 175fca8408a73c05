/* sha256.h - FIPS 180-4 SHA-256, for identities and file digests. */
#ifndef ASSAY_SHA256_H
#define ASSAY_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
};

void sha256_init(struct sha256 *h);
void sha256_update(struct sha256 *h, const void *bytes, size_t len);
void sha256_final(struct sha256 *h, unsigned char digest[32]);

/* 64 lower-case hex digits and a NUL. */
void sha256_hex(const void *bytes, size_t len, char hex[65]);

#endif
