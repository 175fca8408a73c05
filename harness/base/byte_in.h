/*
 * byte_in.h - the bytes of a file, unpacked on the way where it is compressed (gzip, zstd: told by its first bytes).
 *
 * Memory stays constant however large the file is, or what it unpacks to. Several members or frames behind one another
 * are one text. xz and bzip2 are recognised and refused with what to do, as is what this build cannot unpack.
 *
 *     struct byte_in *in;
 *     if (byte_in_open("samples.jsonl.zst", NULL, &in, &why) != STATUS_OK) ...
 *     while ((s = byte_in_read(in, block, sizeof block, &len, &why)) == STATUS_OK && len > 0) ...
 *     byte_in_close(in);
 */
#ifndef ASSAY_BYTE_IN_H
#define ASSAY_BYTE_IN_H

#include "buf.h"

#include <signal.h>

struct byte_in;

/*
 * "-" is stdin. stop may be NULL; where a signal handler raises it, reading ends as at the end of the file.
 * STATUS_NOT_FOUND, STATUS_IO, STATUS_NO_MEMORY.
 */
enum status byte_in_open(const char *path, const volatile sig_atomic_t *stop, struct byte_in **in,
    struct error *e) ASSAY_MUST_CHECK;

/*
 * At least one byte, or *len = 0 at the end. STATUS_IO; STATUS_INVALID: what is compressed is damaged or ends early;
 * STATUS_UNAVAILABLE: it is compressed in a way that cannot be read here.
 */
enum status byte_in_read(
    struct byte_in *in, char *bytes, size_t size, size_t *len, struct error *e) ASSAY_MUST_CHECK;

/* "gzip", "zstd"; NULL: the file is as it is, or nothing was read yet. */
const char *byte_in_packing(const struct byte_in *in);

void byte_in_close(struct byte_in *in); /* NULL allowed */

/* The whole file, appended to out. Also STATUS_LIMIT. */
enum status byte_in_read_file(
    const char *path, const volatile sig_atomic_t *stop, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/* The length of a file's name without ".gz" or ".zst" at its end. */
size_t byte_in_name_len(const char *path);

#endif
