/*
 * sign_key.h - Ed25519 keys in the PEM files of OpenSSL, and what they sign.
 *
 *     struct sign_key key = {0};
 *     unsigned char signature[SIGNATURE_BYTES];
 *     if (sign_key_read_private("me.pem", &key, &why) == STATUS_OK &&
 *         sign_key_sign(&key, bytes, len, signature, &why) == STATUS_OK) ...
 *     sign_key_fini(&key);
 *
 * A private key is PKCS#8, as `openssl genpkey -algorithm ed25519` writes it, encrypted or not. Its file must be its
 * owner's alone: whoever can read it can sign in the owner's name. A passphrase comes from ASSAY_KEY_PASSPHRASE or
 * from the terminal, never from the command line, where other users see it.
 */
#ifndef ASSAY_SIGN_KEY_H
#define ASSAY_SIGN_KEY_H

#include "status.h"

#include <stddef.h>

#define SIGNATURE_BYTES 64
#define SIGN_KEY_ID_SIZE 17

struct sign_key {
    struct evp_pkey_st *pkey;
    char id[SIGN_KEY_ID_SIZE]; /* 16 hex digits: the first of the SHA-256 of the public key as DER */
};

/* STATUS_NOT_FOUND, STATUS_IO, STATUS_USAGE: no such key, or not to be used so. */
enum status sign_key_read_private(const char *path, struct sign_key *key, struct error *e) ASSAY_MUST_CHECK;
enum status sign_key_read_public(const char *path, struct sign_key *key, struct error *e) ASSAY_MUST_CHECK;

/* A new pair in `path` (mode 0600; encrypted where there is a passphrase) and `path`.pub. Nothing is overwritten. */
enum status sign_key_create(const char *path, struct sign_key *key, struct error *e) ASSAY_MUST_CHECK;

enum status sign_key_sign(const struct sign_key *key, const void *bytes, size_t len,
    unsigned char signature[SIGNATURE_BYTES], struct error *e) ASSAY_MUST_CHECK;

/* Is this the key's signature of these bytes? Of any other length it is none. */
bool sign_key_fits(
    const struct sign_key *key, const void *bytes, size_t len, const void *signature, size_t signature_len);

void sign_key_fini(struct sign_key *key); /* also of a zeroed one */

#endif
