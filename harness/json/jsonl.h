/*
 * jsonl.h - reads a file of one JSON value per line, in constant memory, unpacked where it is compressed (byte_in.h).
 *
 * Empty lines are skipped (and counted). A line that is too long or not JSON is an error of that line: the
 * next call goes on behind it. What a crash left behind the last newline is marked torn. A byte order mark is skipped,
 * and marked. Lines are borrowed until the next call.
 *
 *     struct jsonl *lines;
 *     if (jsonl_open(path, &lines, &why) != STATUS_OK) ...
 *     for (struct jsonl_line line; jsonl_next(lines, &line);) {
 *         if (line.status != STATUS_OK) { report(line.number, error_text(&line.error)); continue; }
 *         use(line.tree);
 *     }
 *     enum status s = jsonl_close(lines, &why);          // STATUS_IO if reading stopped early
 */
#ifndef ASSAY_JSONL_H
#define ASSAY_JSONL_H

#include "byte_in.h"
#include "json.h"

#define JSONL_LINE_MAX ((size_t)16 << 20) /* bytes */

struct jsonl_line {
    long number;      /* 1-based */
    int64_t offset;   /* of its first byte in the file (unpacked) */
    const char *text; /* without newline; NULL where too long */
    size_t len;
    bool torn;                /* no newline behind it */
    bool cut;                 /* and it is no JSON because it ends too early */
    bool marked;              /* a byte order mark stood before it, which JSON does not allow */
    struct json_object *tree; /* owned by the reader; NULL unless status is STATUS_OK (or for null) */
    enum status status;       /* STATUS_OK, STATUS_INVALID, STATUS_LIMIT (too long), STATUS_NO_MEMORY */
    struct error error;       /* file, line and column filled */
};

struct jsonl;

/* "-" is stdin. STATUS_NOT_FOUND, STATUS_IO, STATUS_NO_MEMORY. */
enum status jsonl_open(const char *path, struct jsonl **reader, struct error *e) ASSAY_MUST_CHECK;

/* The same; the file seems to end where a signal handler raises stop (NULL allowed). */
enum status jsonl_open_until(const char *path, const volatile sig_atomic_t *stop, struct jsonl **reader,
    struct error *e) ASSAY_MUST_CHECK;

/* "gzip", "zstd"; NULL: the file is not compressed, or no line was read yet. */
const char *jsonl_packing(const struct jsonl *reader);

/* The next line that is not empty; false at the end of the file or of what can be read. */
bool jsonl_next(struct jsonl *reader, struct jsonl_line *line);

/*
 * Frees the reader (NULL allowed). STATUS_OK if the file was readable as far as it was read; STATUS_INVALID: what is
 * compressed is damaged there.
 */
enum status jsonl_close(struct jsonl *reader, struct error *e);

#endif
