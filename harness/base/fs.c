/* Single files: whole reads and writes, appends, room, locks. Folders are in fs_tree.c. */
#include "fs.h"

#include "clock.h"
#include "rng.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static enum status fail(struct error *e, const char *doing, const char *path)
{
    if (errno == ENOENT)
        return error_set(e, STATUS_NOT_FOUND, "cannot %s %s: %s", doing, path, strerror(errno));
    return error_set_errno(e, "cannot %s %s", doing, path);
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

enum status fs_sync_fd(int fd, struct error *e)
{
#ifdef __APPLE__
    if (fcntl(fd, F_FULLFSYNC) == 0) /* fsync() alone stops at the drive's cache there */
        return STATUS_OK;
#endif
    if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) /* a pipe or terminal has nothing to sync */
        return error_set_errno(e, "cannot sync");
    return STATUS_OK;
}

static enum status sync_parent(const char *path, struct error *e)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    if (slash == NULL)
        return fs_sync_dir(".", e);
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    if (len >= sizeof folder)
        return error_set(e, STATUS_LIMIT, "the path is too long");
    memcpy(folder, path, len);
    folder[len] = '\0';
    return fs_sync_dir(folder, e);
}

/* The open descriptor that a path means, -1 for a path that means a file. Opening it anew would begin at its
 * start. */
static int descriptor_of(const char *path)
{
    static const char prefix[] = "/dev/fd/";
    int64_t number;
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    bool numbered = strncmp(path, prefix, sizeof prefix - 1) == 0 &&
                    text_parse_i64(path + sizeof prefix - 1, &number) && number >= 0 && number <= INT_MAX;
    return numbered ? (int)number : -1;
}

bool fs_is_stream(const char *path)
{
    struct stat st;
    return descriptor_of(path) >= 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

static enum status write_in_place(const char *path, const void *bytes, size_t len, struct error *e)
{
    int own = descriptor_of(path);
    int fd = own >= 0 ? own : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd < 0)
        return fail(e, "open", path);
    enum status s = write_all(fd, bytes, len) ? STATUS_OK : fail(e, "write", path);
    if (own < 0 && close(fd) != 0 && s == STATUS_OK)
        s = fail(e, "write", path);
    return s;
}

bool fs_is_left_behind(const char *name)
{
    static const char end[] = ".tmp";
    size_t len = strlen(name), tail = 1 + 8 + strlen(end);
    return len > tail && name[len - tail] == '.' && strcmp(name + len - strlen(end), end) == 0 &&
           strspn(name + len - tail + 1, "0123456789abcdef") == 8;
}

enum status fs_write_atomic(const char *path, const void *bytes, size_t len, struct error *e)
{
    if (fs_is_stream(path)) /* a rename would put a file in its place */
        return write_in_place(path, bytes, len, e);
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof temporary, "%s.%08" PRIx64 ".tmp", path, rng_entropy() & 0xffffffffu);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return error_set(e, STATUS_LIMIT, "the path is too long: %.64s...", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(e, "create", temporary);
    enum status s = STATUS_OK;
    if (!write_all(fd, bytes, len))
        s = fail(e, "write", path);
    if (s == STATUS_OK)
        s = fs_sync_fd(fd, e);
    if (close(fd) != 0 && s == STATUS_OK)
        s = fail(e, "write", path);
    if (s == STATUS_OK && rename(temporary, path) != 0)
        s = fail(e, "rename to", path);
    if (s != STATUS_OK) {
        (void)unlink(temporary);
        return s;
    }
    return sync_parent(path, e);
}

bool fs_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum status fs_write_output(const char *path, const void *bytes, size_t len, bool *readable, struct error *e)
{
    struct stat st;
    bool stream = fs_is_stream(path);
    if (readable)
        *readable = !stream;
    char *real = stream ? NULL : realpath(path, NULL);
    bool leads_nowhere = !real && lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    enum status s = leads_nowhere ? write_in_place(path, bytes, len, e)
                                  : fs_write_atomic(real ? real : path, bytes, len, e);
    free(real);
    return s;
}

static enum status read_all(int fd, const char *path, struct buf *out, struct error *e)
{
    char chunk[65536];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(e, "read", path);
        if (n == 0)
            return buf_append(out, "", 0); /* makes an empty file an empty text */
        enum status s = buf_append(out, chunk, (size_t)n);
        if (s == STATUS_LIMIT)
            return error_set(e, s, "%s is larger than the %zu bytes that are read of it", path, out->limit);
        if (s != STATUS_OK)
            return error_set(e, s, "no memory for %s", path);
    }
}

enum status fs_read_file(const char *path, struct buf *out, struct error *e)
{
    bool from_stdin = strcmp(path, "-") == 0;
    int fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(e, "open", path);
    enum status s = read_all(fd, from_stdin ? "standard input" : path, out, e);
    if (!from_stdin)
        (void)close(fd);
    return s;
}

long fs_read_small(const char *root, const char *path, char *text, size_t size)
{
    char full[PATH_MAX];
    int len = snprintf(full, sizeof full, "%s%s", root, path);
    if (len < 0 || (size_t)len >= sizeof full || size == 0) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t used = 0;
    ssize_t n = 0;
    while (used < size - 1 && ((n = read(fd, text + used, size - 1 - used)) > 0 || (n < 0 && errno == EINTR)))
        used += n > 0 ? (size_t)n : 0;
    int code = errno;
    (void)close(fd);
    text[used] = '\0';
    errno = code;
    return n < 0 ? -1 : (long)used;
}

bool fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

enum status fs_append_line(int fd, const char *text, size_t len, struct error *e)
{
    /* writev does not change what it points to; the cast only takes const away from its interface. */
    union {
        const void *from;
        void *to;
    } line = {text}, newline = {"\n"};
    struct iovec parts[] = {{line.to, len}, {newline.to, 1}};
    ssize_t n;
    do
        n = writev(fd, parts, 2);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return error_set_errno(e, "cannot append a line");
    if ((size_t)n != len + 1)
        return error_set(
            e, STATUS_IO, "only %zd of %zu bytes of a line could be written: the disk is full", n, len + 1);
    return STATUS_OK;
}

#ifdef __APPLE__
static int allocate(int fd, off_t bytes)
{
    fstore_t store = {.fst_flags = F_ALLOCATEALL, .fst_posmode = F_PEOFPOSMODE, .fst_length = bytes};
    return fcntl(fd, F_PREALLOCATE, &store) == 0 && ftruncate(fd, bytes) == 0 ? 0 : errno;
}
#else
static int allocate(int fd, off_t bytes)
{
    return posix_fallocate(fd, 0, bytes);
}
#endif

enum status fs_reserve(int fd, size_t bytes, struct error *e)
{
    int code = bytes == 0 ? 0 : EINTR;
    while (code == EINTR)
        code = allocate(fd, (off_t)bytes);
    if (code == 0)
        return STATUS_OK;
    errno = code;
    return error_set_errno(e, "cannot keep room for %zu bytes on the disk", bytes);
}

static enum status lock_is_busy(const char *path, struct error *e)
{
    char holder[32] = "";
    int64_t pid = 0;
    (void)fs_read_small("", path, holder, sizeof holder);
    holder[strcspn(holder, "\n")] = '\0';
    if (text_parse_i64(holder, &pid))
        return error_set(e, STATUS_BUSY, "%s is held by process %" PRId64, path, pid);
    return error_set(e, STATUS_BUSY, "%s is held by another process", path);
}

static enum status lock_wait(int fd, const char *path, int64_t until_ns, struct error *e)
{
    const struct clock *clock = clock_system();
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return error_set_errno(e, "cannot lock %s", path);
        int64_t now_ns = clock_mono_ns(clock);
        if (now_ns >= until_ns)
            return lock_is_busy(path, e);
        int64_t next_ns = now_ns + 10 * NS_PER_MS;
        clock_sleep_until(clock, next_ns < until_ns ? next_ns : until_ns);
    }
    return STATUS_OK;
}

/* Another user's lock can be held, too: for flock() it need not be writable. A link in /tmp is not followed.
 */
static int lock_open(const char *path, bool *writable)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    *writable = fd >= 0;
    if (fd < 0 && (errno == EACCES || errno == EROFS))
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd;
}

/* A lock holds a process id at most. Whatever else stands at that path is somebody's file and stays as it is.
 */
static enum status lock_is_ours(int fd, const char *path, struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_set_errno(e, "cannot look at the lock %s", path);
    if (!S_ISREG(st.st_mode) || st.st_size > 32)
        return error_set(e, STATUS_IO, "%s is not a lock: it is not empty, or no file", path);
    return STATUS_OK;
}

enum status fs_lock(const char *path, int64_t wait_ns, int *fd, struct error *e)
{
    int64_t now_ns = clock_mono_ns(clock_system());
    int64_t until_ns = wait_ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + wait_ns;
    bool writable;
    int locked = lock_open(path, &writable);
    if (locked < 0)
        return fail(e, "open the lock", path);
    enum status s = lock_is_ours(locked, path, e);
    if (s == STATUS_OK)
        s = lock_wait(locked, path, until_ns, e);
    char pid[32];
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (s == STATUS_OK && writable && (ftruncate(locked, 0) != 0 || !write_all(locked, pid, (size_t)len)))
        s = error_set_errno(e, "cannot write %s", path);
    if (s != STATUS_OK) {
        (void)close(locked);
        return s;
    }
    *fd = locked;
    return STATUS_OK;
}
