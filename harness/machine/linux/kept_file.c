#include "kept_file.h"

#include "errand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* PSI that was switched off answers EOPNOTSUPP, a controller without a device ENODEV. */
static enum sensor_status status_of_errno(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
    case EOPNOTSUPP:
    case ENODEV:
    case EINVAL:
        return SENSOR_UNAVAILABLE;
    default:
        return SENSOR_ERROR;
    }
}

static bool fail_errno(struct kept_file *file)
{
    file->status = status_of_errno(errno);
    snprintf(file->reason, sizeof file->reason, "%s", strerror(errno));
    return false;
}

void kept_open(struct kept_file *file, const char *root, const char *path)
{
    char full[1024];
    file->fd = -1;
    file->status = SENSOR_OK;
    file->reason[0] = '\0';
    snprintf(file->path, sizeof file->path, "%s", path);
    if ((size_t)snprintf(full, sizeof full, "%s%s", root, path) >= sizeof full) {
        file->status = SENSOR_ERROR;
        snprintf(file->reason, sizeof file->reason, "the path is too long");
        return;
    }
    errand_doing(path);
    file->fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0)
        fail_errno(file);
}

void kept_absent(struct kept_file *file, const char *reason)
{
    *file = (struct kept_file){.fd = -1, .status = SENSOR_UNAVAILABLE};
    snprintf(file->reason, sizeof file->reason, "%s", reason);
}

void kept_close(struct kept_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/*
 * Bytes read (at most size - 1), or -1. A long file of /proc comes in pieces: as many whole lines as fit into a page,
 * so that a piece of less than half a page is the last one, and nobody has to be asked for the end of a short file.
 */
static ssize_t read_pieces(int fd, char *text, size_t size)
{
    enum { HALF_A_PAGE = 2048 };
    size_t len = 0;
    while (len + 1 < size) {
        ssize_t n = pread(fd, text + len, size - 1 - len, (off_t)len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        len += (size_t)n;
        if (n < HALF_A_PAGE)
            break;
    }
    text[len] = '\0';
    return (ssize_t)len;
}

bool kept_read_start(struct kept_file *file, char *text, size_t size)
{
    if (file->fd < 0)
        return false;
    errand_doing(file->path);
    if (read_pieces(file->fd, text, size) < 0)
        return fail_errno(file);
    file->status = SENSOR_OK;
    file->reason[0] = '\0';
    return true;
}

bool kept_read(struct kept_file *file, char *text, size_t size)
{
    if (!kept_read_start(file, text, size))
        return false;
    if (strlen(text) + 1 < size)
        return true;
    file->status = SENSOR_ERROR;
    snprintf(file->reason, sizeof file->reason, "longer than %zu bytes", size - 1);
    return false;
}

void kept_explain(const struct kept_file *file, struct reading *reading, const char *source)
{
    if (file->status == SENSOR_UNAVAILABLE)
        reading_unavailable(reading, source, file->reason);
    else
        reading_failed(reading, source, file->reason);
}
