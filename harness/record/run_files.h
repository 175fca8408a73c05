/*
 * run_files.h - the files of a run's folder, looked at without trust: no link is followed, nothing outside is opened.
 *
 *     if (run_files_each("runs/latest", visit, arg, &why) != STATUS_OK) ...     // visit("logs/chat.short.1.log", arg)
 *     int fd = run_files_open(folder_fd, "logs/chat.short.1.log", &bytes);
 *     if (fd >= 0 && run_files_digest(fd, hex, &bytes)) ...                      // SHA-256, streamed
 *
 * Left out are run.json and its signatures, the spool, and what begins with a dot.
 */
#ifndef ASSAY_RUN_FILES_H
#define ASSAY_RUN_FILES_H

#include "status.h"

#include <stdint.h>

/* Calls visit with the name of each file or link, in byte order; stops at non-zero. STATUS_LIMIT: folders lie too
 * deep in one another. */
enum status run_files_each(const char *folder, int (*visit)(const char *name, void *arg), void *arg,
    struct error *e) ASSAY_MUST_CHECK;

/* False for what may not stand in a list: "", "/etc/passwd", "a/../b", ".hidden", control characters. */
bool run_files_name_is_safe(const char *name);

/* run.json.<16 hex digits>.sig */
bool run_files_is_signature(const char *name);

/*
 * A regular file below an open folder, with no link on the way to it; -1 with errno (ELOOP: a link, EINVAL: not a
 * regular file or no safe name). *bytes is its size now.
 */
int run_files_open(int folder_fd, const char *name, int64_t *bytes);

/* Reads the rest of fd; *bytes: how many. False with errno. */
bool run_files_digest(int fd, char hex[65], int64_t *bytes);

#endif
