/*
 * measure_lock.h - one measurement at a time on this machine: two that share it would measure each other.
 *
 * The lock is a file of the user's, the same for every folder: ASSAY_LOCK_FILE, else assay.lock in
 * XDG_RUNTIME_DIR, else assay-<uid>.lock in TMPDIR or /tmp. ASSAY_LOCK_FILE=none switches it off (tests that
 * measure nothing).
 *
 *     int fd;
 *     if (measure_lock(0, &fd, &why) == STATUS_BUSY) ...     // why names the holder
 *     close(fd);
 */
#ifndef ASSAY_MEASURE_LOCK_H
#define ASSAY_MEASURE_LOCK_H

#include "buf.h"

#include <stdint.h>

/* *fd is -1 where the lock is switched off. */
enum status measure_lock(int64_t wait_ns, int *fd, struct error *e) ASSAY_MUST_CHECK;

/* Appends the path of the lock file; nothing where it is switched off. */
enum status measure_lock_path(struct buf *out);

#endif
