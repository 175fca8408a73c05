/*
 * fs.h - files that are either whole or not there.
 *
 * Machine-readable files are written under a temporary name in the same folder, synced, renamed, and the
 * folder is synced: after a crash the old content or the new one is there, never a mixture.
 */
#ifndef ASSAY_FS_H
#define ASSAY_FS_H

#include "buf.h"

#include <stdint.h>

/* What is no file (a pipe, a device) is written to as it is. */
enum status fs_write_atomic(
    const char *path, const void *bytes, size_t len, struct error *e) ASSAY_MUST_CHECK;
bool fs_is_left_behind(const char *name); /* by a fs_write_atomic() that was killed: "NAME.<8 hex>.tmp" */

/*
 * The same for a file that a user names (--junit, --output): a symbolic link stays, and what it leads to is
 * replaced. *readable, where not NULL, says whether what was written can be read again.
 */
enum status fs_write_output(
    const char *path, const void *bytes, size_t len, bool *readable, struct error *e) ASSAY_MUST_CHECK;

/* A pipe, a device, one of our own descriptors (/dev/stdout): writing it twice is not the same as once. */
bool fs_is_stream(const char *path);

/* Reads a whole file of at most out->limit bytes (appends to out). STATUS_NOT_FOUND, _LIMIT, _IO. "-" is
 * stdin. */
enum status fs_read_file(const char *path, struct buf *out, struct error *e) ASSAY_MUST_CHECK;

/*
 * A small file of a pseudo file system below a root folder ("" for the real one): "/proc/stat" under
 * "tests/trees/swapping". Returns bytes read into text (NUL-terminated, cut at size - 1), or -1 with errno
 * set.
 */
long fs_read_small(const char *root, const char *path, char *text, size_t size);

enum status fs_make_dirs(const char *path, struct error *e) ASSAY_MUST_CHECK; /* mkdir -p, mode 0755 */
enum status fs_sync_dir(const char *path, struct error *e) ASSAY_MUST_CHECK;
enum status fs_remove_tree(
    const char *path, struct error *e) ASSAY_MUST_CHECK; /* rm -rf; never follows links */
bool fs_exists(const char *path);
bool fs_is_folder(const char *path);

/* One write(2) of a whole line (text without newline) with O_APPEND; the caller syncs with fs_sync_fd when it
 * wants. */
enum status fs_append_line(int fd, const char *text, size_t len, struct error *e) ASSAY_MUST_CHECK;

/* The bytes written so far are on the disk when it returns. */
enum status fs_sync_fd(int fd, struct error *e) ASSAY_MUST_CHECK;

/* Keeps room on the disk: posix_fallocate on a file of its own. STATUS_IO says the disk is full. */
enum status fs_reserve(int fd, size_t bytes, struct error *e) ASSAY_MUST_CHECK;

/*
 * An exclusive lock on path (created if absent; holder's pid written into it). *fd is to be closed to release
 * it. STATUS_BUSY after wait_ns without success, with the holder's pid in the error text. A file that is no
 * lock is left as it is, a link is not followed, and a lock that another user made is taken as well (without
 * our pid).
 */
enum status fs_lock(const char *path, int64_t wait_ns, int *fd, struct error *e) ASSAY_MUST_CHECK;

/* "a/b" + "c" -> "a/b/c" (c absolute -> c). Appends to out. */
enum status fs_join(struct buf *out, const char *folder, const char *name);

/* Calls visit for each entry of a folder in byte order of the names, "." and ".." left out; stops at
 * non-zero. */
enum status fs_list(const char *folder, int (*visit)(const char *name, void *arg), void *arg,
    struct error *e) ASSAY_MUST_CHECK;

#endif
