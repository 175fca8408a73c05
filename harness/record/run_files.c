#include "run_files.h"

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 8, NAME_MAX_BYTES = 1024 };
#define CHUNK_BYTES ((size_t)256 << 10)

struct walk {
    const char *folder;
    struct buf below; /* "logs/" */
    int depth;
    int (*visit)(const char *name, void *arg);
    void *arg;
    struct error *e;
    enum status status;
    bool stopped;
};

bool run_files_is_signature(const char *name)
{
    static const char before[] = "run.json.", behind[] = ".sig";
    size_t len = strlen(before);
    return strncmp(name, before, len) == 0 && strspn(name + len, "0123456789abcdef") == 16 &&
           strcmp(name + len + 16, behind) == 0;
}

/* What says what the files are, and what is gone or changes when the run is over. */
static bool is_left_out(const struct walk *w, const char *name)
{
    if (name[0] == '.' || fs_is_left_behind(name))
        return true;
    return w->depth == 0 &&
           (strcmp(name, "run.json") == 0 || strcmp(name, "spool") == 0 || run_files_is_signature(name));
}

static int visit_entry(const char *name, void *arg);

static void walk_into(struct walk *w, const char *path)
{
    if (w->depth == DEPTH_MAX) {
        w->status = error_set(w->e, STATUS_LIMIT, "%s: the folders of a run do not lie so deep", path);
        return;
    }
    w->depth++;
    enum status s = fs_list(path, visit_entry, w, w->e);
    w->depth--;
    if (w->status == STATUS_OK)
        w->status = s;
}

static int visit_entry(const char *name, void *arg)
{
    struct walk *w = arg;
    struct stat about;
    struct buf path = BUF_INIT(1 << 16);
    size_t above = w->below.len;
    if (is_left_out(w, name))
        return 0;
    w->status = buf_append_text(&w->below, name);
    if (w->status == STATUS_OK)
        w->status = buf_printf(&path, "%s/%s", w->folder, buf_text(&w->below));
    if (w->status == STATUS_OK && lstat(buf_text(&path), &about) == 0) {
        if (!S_ISDIR(about.st_mode))
            w->stopped = w->visit(buf_text(&w->below), w->arg) != 0;
        else if ((w->status = buf_append_char(&w->below, '/')) == STATUS_OK)
            walk_into(w, buf_text(&path));
    }
    if (w->below.len > above) {
        w->below.len = above;
        w->below.data[above] = '\0';
    }
    buf_fini(&path);
    return w->stopped || w->status != STATUS_OK;
}

enum status run_files_each(
    const char *folder, int (*visit)(const char *name, void *arg), void *arg, struct error *e)
{
    struct walk w = {.folder = folder, .below = BUF_INIT(1 << 14), .visit = visit, .arg = arg, .e = e};
    enum status s = fs_list(folder, visit_entry, &w, e);
    buf_fini(&w.below);
    if (w.status != STATUS_OK && w.status != STATUS_LIMIT)
        return w.status == STATUS_NO_MEMORY ? error_set(e, w.status, "no memory for the files of %s", folder)
                                            : w.status;
    return w.status != STATUS_OK ? w.status : s;
}

bool run_files_name_is_safe(const char *name)
{
    size_t len = strlen(name);
    bool begins = true;
    if (len == 0 || len > NAME_MAX_BYTES || name[len - 1] == '/')
        return false;
    for (size_t i = 0; i < len; begins = name[i] == '/', i++) {
        unsigned char c = (unsigned char)name[i];
        if (c < 0x20 || c == 0x7f || (begins && (c == '/' || c == '.')))
            return false;
    }
    return true;
}

/* One step down. Takes fd unless it is the caller's own. */
static int step(int fd, int own_fd, const char *name, size_t len, int flags)
{
    char part[256];
    int next = -1;
    errno = ENAMETOOLONG;
    if (len < sizeof part) {
        memcpy(part, name, len);
        part[len] = '\0';
        next = openat(fd, part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags);
    }
    int code = errno;
    if (fd != own_fd)
        (void)close(fd);
    errno = code;
    return next;
}

int run_files_open(int folder_fd, const char *name, int64_t *bytes)
{
    struct stat about;
    int fd = folder_fd;
    if (!run_files_name_is_safe(name)) {
        errno = EINVAL;
        return -1;
    }
    for (const char *slash; fd >= 0 && (slash = strchr(name, '/')) != NULL; name = slash + 1)
        fd = step(fd, folder_fd, name, (size_t)(slash - name), O_DIRECTORY);
    if (fd >= 0)
        fd = step(fd, folder_fd, name, strlen(name), O_NOCTTY);
    if (fd < 0)
        return -1;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        *bytes = (int64_t)about.st_size;
        return fd;
    }
    (void)close(fd);
    errno = EINVAL;
    return -1;
}

static void to_hex(const unsigned char digest[32], char hex[65])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[64] = '\0';
}

/* By OpenSSL, which uses what the processor has for it: 15 times as fast as sha256.h, and files may have gigabytes. */
bool run_files_digest(int fd, char hex[65], int64_t *bytes)
{
    unsigned char digest[32] = {0}, *chunk = malloc(CHUNK_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = chunk != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    ssize_t n = ok ? 1 : -1;
    *bytes = 0;
    errno = ok ? 0 : ENOMEM;
    while (ok && ((n = read(fd, chunk, CHUNK_BYTES)) > 0 || (n < 0 && errno == EINTR))) {
        size_t got = n > 0 ? (size_t)n : 0;
        ok = EVP_DigestUpdate(ctx, chunk, got) == 1;
        *bytes += (int64_t)got;
    }
    int code = errno;
    ok = ok && n == 0 && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    free(chunk);
    to_hex(digest, hex);
    errno = code;
    return ok;
}
