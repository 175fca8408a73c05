#include "byte_in.h"

#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RAW = 64 << 10 };

struct byte_in {
    int fd;
    const volatile sig_atomic_t *stop;
    const struct unpacker *unpacker; /* NULL: the file is as it is */
    void *state;                     /* of the unpacker */
    bool recognised;                 /* the first bytes were looked at */
    size_t at, len;                  /* of what was read and not used yet */
    char raw[RAW];
};

static bool is_stopped(const struct byte_in *in)
{
    return in->stop != NULL && *in->stop != 0;
}

/* More bytes behind those that are there. *end: there are none. */
static enum status fill(struct byte_in *in, bool *end, struct error *e)
{
    ssize_t n;
    if (in->at == in->len)
        in->at = in->len = 0;
    do
        n = is_stopped(in) ? 0 : read(in->fd, in->raw + in->len, RAW - in->len);
    while (n < 0 && errno == EINTR);
    *end = n <= 0;
    in->len += n > 0 ? (size_t)n : 0;
    return n < 0 ? error_set_errno(e, "cannot read on") : STATUS_OK;
}

/* Who begins with these bytes; *more: that cannot be told before there are more of them. */
static const struct unpacker *unpacker_of(const char *bytes, size_t len, bool *more)
{
    *more = false;
    for (const struct unpacker *u = unpackers; u->name != NULL; u++) {
        size_t known = len < u->magic_len ? len : u->magic_len;
        if (memcmp(bytes, u->magic, known) != 0)
            continue;
        if (known == u->magic_len)
            return u;
        *more = true;
    }
    return NULL;
}

static enum status recognise(struct byte_in *in, struct error *e)
{
    bool more = true, end = false;
    enum status s = STATUS_OK;
    in->recognised = true;
    while (s == STATUS_OK && more && !end) {
        s = fill(in, &end, e);
        in->unpacker = unpacker_of(in->raw, in->len, &more);
    }
    if (s != STATUS_OK || in->unpacker == NULL)
        return s;
    if (in->unpacker->unpack == NULL)
        return error_set(e, STATUS_UNAVAILABLE,
            "the file is compressed (%s), which is not read here: unpack it first, "
            "with %s",
            in->unpacker->name, in->unpacker->command);
    in->state = in->unpacker->open();
    return in->state != NULL ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory to unpack the file");
}

enum status byte_in_open(
    const char *path, const volatile sig_atomic_t *stop, struct byte_in **opened, struct error *e)
{
    struct byte_in *in = malloc(sizeof *in);
    *opened = NULL;
    if (in == NULL)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    memset(in, 0, offsetof(struct byte_in, raw));
    in->stop = stop;
    do
        in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    while (in->fd < 0 && errno == EINTR && !is_stopped(in));
    if (in->fd >= 0) {
        *opened = in;
        return STATUS_OK;
    }
    enum status s = errno == ENOENT ? error_set(e, STATUS_NOT_FOUND, "there is no such file")
                                    : error_set_errno(e, "cannot open the file");
    byte_in_close(in);
    return s;
}

static enum status read_packed(struct byte_in *in, char *bytes, size_t size, size_t *len, struct error *e)
{
    const char *why = NULL;
    bool end = false;
    enum status s = STATUS_OK;
    for (;;) {
        enum unpack_result result =
            in->unpacker->unpack(in->state, in->raw, in->len, &in->at, bytes, size, len, &why);
        if (result == UNPACK_DAMAGED)
            return error_set(
                e, STATUS_INVALID, "what is compressed (%s) is damaged: %s", in->unpacker->name, why);
        if (*len > 0 || end || s != STATUS_OK)
            break;
        if (in->at == in->len)
            s = fill(in, &end, e);
        if (end && result == UNPACK_INSIDE && !is_stopped(in))
            return error_set(
                e, STATUS_INVALID, "what is compressed (%s) ends in the middle", in->unpacker->name);
    }
    return s;
}

enum status byte_in_read(struct byte_in *in, char *bytes, size_t size, size_t *len, struct error *e)
{
    bool end;
    *len = 0;
    enum status s = in->recognised ? STATUS_OK : recognise(in, e);
    if (s != STATUS_OK || is_stopped(in))
        return s;
    if (in->unpacker != NULL)
        return read_packed(in, bytes, size, len, e);
    if (in->at == in->len)
        s = fill(in, &end, e);
    *len = in->len - in->at < size ? in->len - in->at : size;
    memcpy(bytes, in->raw + in->at, *len);
    in->at += *len;
    return s;
}

const char *byte_in_packing(const struct byte_in *in)
{
    return in->unpacker != NULL ? in->unpacker->name : NULL;
}

void byte_in_close(struct byte_in *in)
{
    if (in == NULL)
        return;
    if (in->state != NULL)
        in->unpacker->close(in->state);
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    free(in);
}

enum status byte_in_read_file(
    const char *path, const volatile sig_atomic_t *stop, struct buf *out, struct error *e)
{
    struct byte_in *in;
    char block[16 << 10];
    size_t len = 1;
    enum status s = byte_in_open(path, stop, &in, e);
    while (s == STATUS_OK && len > 0) {
        s = byte_in_read(in, block, sizeof block, &len, e);
        if (s == STATUS_OK && buf_append(out, block, len) != STATUS_OK)
            s = error_set(e, buf_status(out), "the file is larger than %zu bytes", out->limit);
    }
    byte_in_close(in);
    return s;
}

size_t byte_in_name_len(const char *path)
{
    size_t len = strlen(path);
    if (len > 3 && strcmp(path + len - 3, ".gz") == 0)
        return len - 3;
    return len > 4 && strcmp(path + len - 4, ".zst") == 0 ? len - 4 : len;
}
