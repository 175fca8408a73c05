#include "tree_kit.h"

#include "fs.h"
#include "testkit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(enum status status, struct error *e)
{
    if (status != STATUS_OK)
        ck_abort_msg("%s", error_text(e));
}

static void write_in_place(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ck_assert_msg(fd >= 0, "cannot open %s", path);
    ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
    close(fd);
}

struct copy {
    const char *from, *to;
};

static int copy_entry(const char *name, void *arg)
{
    const struct copy *parent = arg;
    char from[PATH_MAX], to[PATH_MAX], link[PATH_MAX];
    struct error why = {0};
    struct stat info;
    ck_assert(snprintf(from, sizeof from, "%s/%s", parent->from, name) < PATH_MAX);
    ck_assert(snprintf(to, sizeof to, "%s/%s", parent->to, name) < PATH_MAX);
    ck_assert_int_eq(lstat(from, &info), 0);
    if (S_ISLNK(info.st_mode)) {
        ssize_t len = readlink(from, link, sizeof link - 1);
        ck_assert_int_gt(len, 0);
        link[len] = '\0';
        ck_assert_int_eq(symlink(link, to), 0);
    } else if (S_ISDIR(info.st_mode)) {
        struct copy folder = {from, to};
        must(fs_make_dirs(to, &why), &why);
        must(fs_list(from, copy_entry, &folder, &why), &why);
    } else {
        struct buf text = testkit_read(from);
        write_in_place(to, buf_text(&text), text.len);
        buf_fini(&text);
    }
    return 0;
}

const char *tree_copy(const char *name)
{
    char relative[128];
    struct error why = {0};
    snprintf(relative, sizeof relative, "tests/trees/%s", name);
    struct copy tree = {testkit_path(relative), testkit_tmp_path(name)};
    if (fs_exists(tree.to))
        must(fs_remove_tree(tree.to, &why), &why);
    must(fs_make_dirs(tree.to, &why), &why);
    must(fs_list(tree.from, copy_entry, &tree, &why), &why);
    return tree.to;
}

void tree_restore(const char *root, const char *name, const char *path)
{
    char source[PATH_MAX], from[PATH_MAX], to[PATH_MAX];
    const char *last = strrchr(path, '/');
    struct error why = {0};
    ck_assert(
        snprintf(source, sizeof source, "%s/tests/trees/%s%s", testkit_path(""), name, path) < PATH_MAX);
    ck_assert(snprintf(to, sizeof to, "%s%s", root, path) < PATH_MAX);
    if (fs_exists(to))
        must(fs_remove_tree(to, &why), &why);
    if (!fs_exists(source))
        return;
    ck_assert(snprintf(from, sizeof from, "%.*s", (int)(strlen(source) - strlen(last)), source) < PATH_MAX);
    to[strlen(to) - strlen(last)] = '\0';
    struct copy parent = {from, to};
    (void)copy_entry(last + 1, &parent);
}

void tree_edit(const char *root, const char *path, const char *from, const char *to)
{
    char full[PATH_MAX];
    struct buf edited = BUF_INIT(1 << 20);
    ck_assert(snprintf(full, sizeof full, "%s%s", root, path) < PATH_MAX);
    struct buf text = testkit_read(full);
    const char *at = strstr(buf_text(&text), from);
    ck_assert_msg(at != NULL, "%s holds no \"%s\"", path, from);
    size_t before = (size_t)(at - buf_text(&text));
    buf_append(&edited, buf_text(&text), before);
    buf_append_text(&edited, to);
    buf_append_text(&edited, at + strlen(from));
    ck_assert_int_eq(buf_status(&edited), STATUS_OK);
    write_in_place(full, buf_text(&edited), edited.len);
    buf_fini(&edited);
    buf_fini(&text);
}

void tree_write(const char *root, const char *path, const char *text)
{
    char full[PATH_MAX], folder[PATH_MAX];
    struct error why = {0};
    ck_assert(snprintf(full, sizeof full, "%s%s", root, path) < PATH_MAX);
    memcpy(folder, full, sizeof folder);
    *strrchr(folder, '/') = '\0';
    must(fs_make_dirs(folder, &why), &why);
    write_in_place(full, text, strlen(text));
}

void tree_remove(const char *root, const char *path)
{
    char full[PATH_MAX];
    struct error why = {0};
    ck_assert(snprintf(full, sizeof full, "%s%s", root, path) < PATH_MAX);
    must(fs_remove_tree(full, &why), &why);
}
