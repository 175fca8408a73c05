#include "monitor_out.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* One writer only, and nobody's results overwritten by accident. */
static enum status claim(const char *path, enum monitor_out_mode mode, const struct stat *file,
    struct monitor_out *out, struct error *e)
{
    if (mode == MONITOR_OUT_ADD || !out->regular)
        return STATUS_OK;
    if (flock(out->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return error_set(e, STATUS_BUSY, "another monitor writes to %s", path);
    if (file->st_size == 0)
        return STATUS_OK;
    if (mode == MONITOR_OUT_NEW)
        return error_set(e, STATUS_USAGE,
            "%s is there already: name another file with --output, or say --overwrite", path);
    return ftruncate(out->fd, 0) == 0 ? STATUS_OK : error_set_errno(e, "cannot empty %s", path);
}

enum status monitor_out_open(
    const char *path, enum monitor_out_mode mode, struct monitor_out *out, struct error *e)
{
    struct stat file;
    *out = (struct monitor_out){.fd = -1};
    out->made = strcmp(path, "-") != 0 && access(path, F_OK) != 0;
    out->fd = strcmp(path, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                                     : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
    if (out->fd < 0 || fstat(out->fd, &file) != 0) {
        enum status s = error_set_errno(e, "cannot append to %s", path);
        monitor_out_close(out);
        return s;
    }
    out->regular = S_ISREG(file.st_mode) && strcmp(path, "-") != 0;
    enum status s = claim(path, mode, &file, out, e);
    if (s != STATUS_OK)
        monitor_out_close(out);
    return s;
}

void monitor_out_close(struct monitor_out *out)
{
    if (out->fd >= 0)
        close(out->fd);
    out->fd = -1;
}

/* Takes back the part of a line that still went in before the disk was full: what follows later would join it. */
static void untear(const struct monitor_out *out, size_t done)
{
    struct stat file;
    if (out->regular && done > 0 && fstat(out->fd, &file) == 0 && file.st_size >= (off_t)done)
        (void)!ftruncate(out->fd, file.st_size - (off_t)done);
}

void monitor_out_line(struct monitor_out *out, struct buf *line)
{
    if (out->fd < 0 || out->muted || out->error.status != STATUS_OK)
        return;
    if (buf_append_char(line, '\n') != STATUS_OK) {
        (void)error_set(&out->error, buf_status(line), "a sample does not fit in memory");
        return;
    }
    for (size_t done = 0; done < line->len;) {
        ssize_t n = write(out->fd, line->data + done, line->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            (void)error_set_errno(&out->error, "cannot append a line");
            untear(out, done);
            return;
        }
        done += (size_t)n;
    }
}

void monitor_out_look(struct monitor_out *out)
{
    struct stat file;
    if (out->fd < 0 || !out->regular || out->error.status != STATUS_OK)
        return;
    if (fstat(out->fd, &file) == 0 && file.st_nlink == 0)
        (void)error_set(&out->error, STATUS_IO, "the file was removed while it was written to");
}

enum status monitor_out_status(const struct monitor_out *out, struct error *e)
{
    if (e != NULL && out->error.status != STATUS_OK)
        *e = out->error;
    return out->error.status;
}
