/*
 * macos_libc.h - what the C libraries of Linux have and those of most releases of macOS have not; the build includes
 * it into every source there, and nowhere else.
 *
 *     explicit_bzero(key, sizeof key);
 *     items = reallocarray(items, count, sizeof *items);
 *
 * Newer releases have some of it; the names are taken over, so that a program built there runs on older ones, too.
 */
#ifndef ASSAY_MACOS_LIBC_H
#define ASSAY_MACOS_LIBC_H

#ifdef __APPLE__
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void macos_explicit_bzero(void *bytes, size_t size)
{
    volatile unsigned char *at = bytes; /* what is volatile is written, although nobody reads it again */
    while (size > 0)
        at[--size] = 0;
}

static inline void *macos_reallocarray(void *items, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(items, count * size);
}

static inline char *macos_strchrnul(const char *text, int c)
{
    while (*text != '\0' && *text != (char)c)
        text++;
    return (char *)(uintptr_t)text;
}

/* O_CLOEXEC and O_NONBLOCK. A process that another thread starts between the two calls inherits them. */
static inline int macos_pipe2(int ends[2], int flags)
{
    if (pipe(ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        if (flags & O_CLOEXEC)
            (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        if (flags & O_NONBLOCK)
            (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

#define explicit_bzero macos_explicit_bzero
#define reallocarray macos_reallocarray
#define strchrnul macos_strchrnul
#define pipe2 macos_pipe2
#endif

#endif
