/*
 * kept_file.h - a small file of /proc or /sys that is opened once and read again and again with pread.
 *
 *     struct kept_file f;
 *     kept_open(&f, root, "/proc/vmstat");
 *     if (!kept_read(&f, text, sizeof text))
 *         reading_unavailable(r, f.path, f.reason);     // or reading_failed, as f.status says
 *     kept_close(&f);
 */
#ifndef ASSAY_KEPT_FILE_H
#define ASSAY_KEPT_FILE_H

#include "sensor.h"

struct kept_file {
    int fd;                    /* -1 where it could not be opened */
    enum sensor_status status; /* of the last attempt; unavailable: absent, forbidden or not supported here */
    char path[768];            /* without the root */
    char reason[96];           /* "" if ok */
};

void kept_open(struct kept_file *file, const char *root, const char *path);
void kept_close(struct kept_file *file);

/* Stands for a file that this machine cannot have: unavailable for that reason. */
void kept_absent(struct kept_file *file, const char *reason);

/* The whole file, NUL-terminated. False with status and reason set; longer than size - 1 is an error. */
bool kept_read(struct kept_file *file, char *text, size_t size);

/* The same, but only the start is wanted: longer files are cut. */
bool kept_read_start(struct kept_file *file, char *text, size_t size);

/* Makes a reading unavailable or failed as the file's status says. */
void kept_explain(const struct kept_file *file, struct reading *reading, const char *source);

#endif
