/* Folders: made, listed, synced, removed. */
#include "fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_dir(const char *path)
{
    struct stat st;
    if (mkdir(path, 0755) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    errno = ENOTDIR;
    return false;
}

enum status fs_make_dirs(const char *path, struct error *e)
{
    char made[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof made)
        return error_set(e, STATUS_LIMIT, "the path is empty or too long: %.64s", path);
    memcpy(made, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (made[i] != '/' && made[i] != '\0')
            continue;
        made[i] = '\0';
        if (!make_dir(made))
            return error_set_errno(e, "cannot make the folder %s", made);
        made[i] = path[i];
    }
    return STATUS_OK;
}

enum status fs_sync_dir(const char *path, struct error *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(e, "cannot open the folder %s", path);
    enum status s = STATUS_OK;
    if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) /* some network file systems cannot */
        s = error_set_errno(e, "cannot sync the folder %s", path);
    (void)close(fd);
    return s;
}

static int remove_entry(int folder, const char *name);

/* Takes fd. Works on descriptors, so that nobody can put a link in the way meanwhile. */
static int remove_content(int fd)
{
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        (void)close(fd);
        return -1;
    }
    int rc = 0;
    for (struct dirent *entry; rc == 0 && (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = remove_entry(fd, entry->d_name);
    int code = errno;
    (void)closedir(dir);
    errno = code;
    return rc;
}

static int remove_entry(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        return remove_content(fd) == 0 ? unlinkat(folder, name, AT_REMOVEDIR) : -1;
    if (errno != ENOTDIR && errno != ELOOP && errno != ENOENT && errno != EMLINK && errno != EACCES)
        return -1;
    return unlinkat(folder, name, 0);
}

enum status fs_remove_tree(const char *path, struct error *e)
{
    if (remove_entry(AT_FDCWD, path) != 0 && errno != ENOENT)
        return error_set_errno(e, "cannot remove %s", path);
    return STATUS_OK;
}

enum status fs_join(struct buf *out, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    if (name[0] == '/' || len == 0)
        return buf_append_text(out, name);
    return buf_printf(out, "%s%s%s", folder, folder[len - 1] == '/' ? "" : "/", name);
}

static int is_not_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Not alphasort(), whose order follows the locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

enum status fs_list(const char *folder, int (*visit)(const char *name, void *arg), void *arg, struct error *e)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_not_dots, by_bytes);
    if (count < 0 && errno == ENOENT)
        return error_set(e, STATUS_NOT_FOUND, "there is no folder %s", folder);
    if (count < 0)
        return error_set_errno(e, "cannot read the folder %s", folder);
    bool stopped = false;
    for (int i = 0; i < count; i++) {
        stopped = stopped || visit(entries[i]->d_name, arg) != 0;
        free(entries[i]);
    }
    free(entries);
    return STATUS_OK;
}
