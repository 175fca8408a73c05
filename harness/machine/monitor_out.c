#include "monitor_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELD_MAX ((size_t)4 << 20)

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
    out->drops = true;
    return STATUS_OK;
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
    buf_fini(&out->held);
}

/* Takes back the part of a line that still went in before the disk was full: what follows later would join it. */
static void untear(const struct monitor_out *out, size_t done)
{
    struct stat file;
    if (out->regular && done > 0 && fstat(out->fd, &file) == 0 && file.st_size >= (off_t)done)
        (void)!ftruncate(out->fd, file.st_size - (off_t)done);
}

/* A pipe that somebody else made non-blocking is waited for like any other. */
static bool may_go_on(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (errno == EAGAIN)
        (void)poll(&ready, 1, -1);
    return errno == EINTR || errno == EAGAIN;
}

static void put(struct monitor_out *out, const char *text, size_t len)
{
    if (out->drops && ftruncate(out->fd, 0) != 0) {
        (void)error_set_errno(&out->error, "cannot empty it");
        return;
    }
    out->drops = false;
    for (size_t done = 0; done < len;) {
        ssize_t n = write(out->fd, text + done, len - done);
        if (n < 0 && may_go_on(out->fd))
            continue;
        if (n <= 0) {
            (void)error_set_errno(&out->error, "cannot append a line");
            untear(out, done);
            return;
        }
        done += (size_t)n;
    }
}

void monitor_out_line(struct monitor_out *out, struct buf *line)
{
    if (out->fd < 0 || out->muted || out->error.status != STATUS_OK)
        return;
    struct buf *full = buf_append_char(line, '\n') != STATUS_OK ? line : NULL;
    if (full == NULL && out->holds && buf_append(&out->held, line->data, line->len) != STATUS_OK)
        full = &out->held;
    if (full != NULL)
        (void)error_set(&out->error, buf_status(full), "a sample does not fit in memory");
    else if (!out->holds)
        put(out, line->data, line->len);
}

void monitor_out_hold(struct monitor_out *out)
{
    buf_init(&out->held, HELD_MAX);
    out->holds = true;
}

void monitor_out_release(struct monitor_out *out)
{
    out->holds = false;
    if (out->held.len > 0 && out->error.status == STATUS_OK)
        put(out, out->held.data, out->held.len);
    buf_fini(&out->held);
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
