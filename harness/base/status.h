/*
 * status.h - errors are values.
 *
 * A function that can fail returns enum status, which the compiler makes the caller look at. The detail
 * (what, where, what to do) goes into a struct error that the caller owns and may pass as NULL. Nothing in
 * the library prints, logs, exits or aborts.
 *
 *     struct error why = {0};
 *     if (json_read_file(path, &tree, &why) != STATUS_OK)
 *         fprintf(stderr, "assay: %s\n", error_text(&why));   // "run.json:3:14: /plan/0: expected a string"
 */
#ifndef ASSAY_STATUS_H
#define ASSAY_STATUS_H

#include "assay_api.h"

#include <stdbool.h>

enum status {
    STATUS_OK = 0,
    STATUS_INVALID,     /* the input is wrong: malformed, against its schema, out of range */
    STATUS_USAGE,       /* the command line or the configuration is wrong */
    STATUS_NOT_FOUND,   /* a file, model, case or server that was named does not exist */
    STATUS_IO,          /* the operating system refused: errno is in the text */
    STATUS_NO_MEMORY,   /* allocation failed */
    STATUS_LIMIT,       /* a stated bound (size, depth, count) was exceeded */
    STATUS_TIMEOUT,     /* a deadline passed */
    STATUS_UNAVAILABLE, /* not offered on this machine or by this server; a reason, not a failure */
    STATUS_BUSY,        /* somebody else holds the lock */
    STATUS_INTERNAL,    /* our own fault */
};

struct error {
    enum status status;
    char file[256];    /* file concerned, or "" */
    long line;         /* 1-based, 0 if unknown */
    long column;       /* 1-based, 0 if unknown */
    char pointer[256]; /* JSON pointer concerned, or "" */
    char text[1024]; /* one sentence without a full stop: what is wrong, and what to do where that is known */
    char rendered[2048]; /* used by error_text() */
};

/* No error: what = {0} says too, which clears four kilobytes of text. For what happens thousands of times a second. */
static inline void error_clear(struct error *e)
{
    e->status = STATUS_OK;
    e->line = e->column = 0;
    e->file[0] = e->pointer[0] = e->text[0] = e->rendered[0] = '\0';
}

/* Fills *e (which may be NULL) with status and formatted text and returns status, so: return error_set(e,
 * ...). */
enum status error_set(struct error *e, enum status status, const char *format, ...) ASSAY_PRINTF(3, 4);

/* The same with ": strerror(errno)" appended; status is STATUS_IO (STATUS_NO_MEMORY for ENOMEM). */
enum status error_set_errno(struct error *e, const char *format, ...) ASSAY_PRINTF(2, 3);

/* Adds the place; later calls do not overwrite a place that is already known. Each of file, pointer may be
 * NULL. */
void error_locate(struct error *e, const char *file, long line, long column, const char *pointer);

/* "file:line:column: pointer: text" with the unknown parts left out. Valid until the next call on the same
 * *e. */
const char *error_text(struct error *e);

/* "ok", "invalid", "usage", ... */
const char *status_name(enum status status);

#endif
