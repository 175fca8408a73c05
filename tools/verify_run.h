/*
 * verify_run.h - one run judged: are its files those that run.json lists, and who signed that list?
 *
 *     struct verified v;
 *     if (verify_run("runs/latest", keys, key_count, &v, &why) != STATUS_OK) ...   // no run.json, unreadable, ...
 *     if (v.verdict == VERIFY_GOOD) ...
 *     verified_fini(&v);
 *
 * A signature is the file run.json.<id of the key>.sig: 64 bytes, Ed25519 of the bytes of run.json as they are. It
 * stands for all other files through their SHA-256 in run.json (docs/provenance.md).
 */
#ifndef ASSAY_VERIFY_RUN_H
#define ASSAY_VERIFY_RUN_H

#include "buf.h"
#include "provenance_check.h"
#include "sign_key.h"

enum verify_verdict {
    VERIFY_GOOD,
    VERIFY_BAD,        /* a file or a signature is not what it should be */
    VERIFY_UNFINISHED, /* nothing can be said yet */
    VERIFY_UNLISTED,   /* nor ever: run.json lists no files */
};

const char *verify_verdict_name(enum verify_verdict verdict);

enum signature_state {
    SIGNATURE_UNCHECKED, /* its key was not given */
    SIGNATURE_GOOD,
    SIGNATURE_BAD,     /* of another run.json, or of another key */
    SIGNATURE_MISSING, /* a key was given, and it did not sign */
};

const char *signature_state_name(enum signature_state state);

struct verified_signature {
    char id[SIGN_KEY_ID_SIZE];
    enum signature_state state;
};

#define VERIFY_SIGNATURES_MAX 64

struct verified {
    enum verify_verdict verdict;
    struct buf run_json; /* its bytes */
    char run_id[128];
    char why_not[160];             /* VERIFY_UNFINISHED, VERIFY_UNLISTED */
    struct provenance_check check; /* empty where nothing could be said */
    struct verified_signature signatures[VERIFY_SIGNATURES_MAX];
    size_t signature_count;
};

/* STATUS_NOT_FOUND, STATUS_INVALID (run.json), STATUS_IO, STATUS_NO_MEMORY: not judged. */
enum status verify_run(const char *folder, const struct sign_key *keys, size_t key_count, struct verified *v,
    struct error *e) ASSAY_MUST_CHECK;
void verified_fini(struct verified *v); /* also of a zeroed one */

/* Appends "<folder>/run.json.<id>.sig". */
enum status signature_path(const char *folder, const char *id, struct buf *out) ASSAY_MUST_CHECK;

#endif
