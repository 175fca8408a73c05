#include "spool.h"

#include "fs.h"
#include "json.h"
#include "process.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kind_names[SPOOL_KIND_COUNT] = {
    [SPOOL_INTENT] = "intent.json",
    [SPOOL_ROOM] = "result.room",
    [SPOOL_RESULT] = "result.json",
    [SPOOL_EXCHANGES] = "exchanges.jsonl",
    [SPOOL_ANSWERS] = "answers.jsonl",
    [SPOOL_SAMPLES] = "samples.jsonl",
    [SPOOL_REQUESTS] = "requests.jsonl",
};

enum status spool_path(
    const struct run_folder *folder, const char *test, int attempt, enum spool_kind kind, struct buf *out)
{
    struct buf slug = BUF_INIT(1024);
    enum status s = text_slug(&slug, test);
    if (s == STATUS_OK)
        s = spool_path_of_slug(folder, buf_text(&slug), attempt, kind, out);
    buf_fini(&slug);
    return s;
}

enum status spool_path_of_slug(
    const struct run_folder *folder, const char *slug, int attempt, enum spool_kind kind, struct buf *out)
{
    return buf_printf(out, "%s/spool/%s.%d.%s", folder->path, slug, attempt, kind_names[kind]);
}

/* The kind whose name ends the text, behind a point; SPOOL_KIND_COUNT if none does. */
static enum spool_kind kind_at_end(const char *name, size_t *before)
{
    size_t len = strlen(name);
    for (int k = 0; k < SPOOL_KIND_COUNT; k++) {
        size_t own = strlen(kind_names[k]);
        if (len <= own + 1 || strcmp(name + len - own, kind_names[k]) != 0 || name[len - own - 1] != '.')
            continue;
        *before = len - own - 1;
        return (enum spool_kind)k;
    }
    return SPOOL_KIND_COUNT;
}

bool spool_parse_name(const char *name, char *slug, size_t slug_size, int *attempt, enum spool_kind *kind)
{
    size_t end = 0;
    enum spool_kind found = kind_at_end(name, &end);
    if (found == SPOOL_KIND_COUNT)
        return false;
    size_t digits = end;
    while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
        digits--;
    if (digits == end || end - digits > 9 || digits < 2 || name[digits - 1] != '.' || digits > slug_size)
        return false;
    memcpy(slug, name, digits - 1);
    slug[digits - 1] = '\0';
    *attempt = (int)strtol(name + digits, NULL, 10);
    *kind = found;
    return true;
}

bool spool_slug_is(const char *slug, const char *test)
{
    struct buf own = BUF_INIT(1024);
    bool same = text_slug(&own, test) == STATUS_OK && strcmp(buf_text(&own), slug) == 0;
    buf_fini(&own);
    return same;
}

enum status spool_take_attempt(
    const struct run_folder *folder, const char *test, int *attempt, int *log_fd, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = STATUS_OK;
    for (*attempt = 1, *log_fd = -1; s == STATUS_OK && *log_fd < 0; ++*attempt) {
        buf_clear(&path);
        s = run_folder_path(folder, "logs/", &path);
        if (s == STATUS_OK)
            s = text_slug(&path, test);
        if (s == STATUS_OK)
            s = buf_printf(&path, ".%d.log", *attempt);
        if (s != STATUS_OK)
            break;
        *log_fd = open(buf_text(&path), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
        if (*log_fd < 0 && errno != EEXIST)
            s = error_set_errno(e, "cannot make %s", buf_text(&path));
    }
    --*attempt;
    buf_fini(&path);
    return s;
}

static enum status write_whole(int fd, const struct buf *text, struct error *e)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t n = pwrite(fd, text->data + done, text->len - done, (off_t)done);
        if (n < 0 && errno != EINTR)
            return error_set_errno(e, "cannot write to the spool");
        done += n > 0 ? (size_t)n : 0;
    }
    return ftruncate(fd, (off_t)text->len) == 0 ? STATUS_OK
                                                : error_set_errno(e, "cannot cut a file to its size");
}

static enum status sync_spool(const struct run_folder *folder, struct error *e)
{
    struct buf dir = BUF_INIT(4096);
    enum status s = run_folder_path(folder, "spool", &dir);
    if (s == STATUS_OK)
        s = fs_sync_dir(buf_text(&dir), e);
    buf_fini(&dir);
    return s;
}

/* A line of JSON in a file of that name, whole at once, on the disk when it returns. */
static enum status write_promise(
    const struct run_folder *folder, const char *path, const struct buf *text, struct error *e)
{
    struct buf draft = BUF_INIT(4096);
    int fd = -1;
    enum status s = buf_printf(&draft, "%s.tmp", path);
    if (s == STATUS_OK)
        fd = open(buf_text(&draft), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (s == STATUS_OK && fd < 0)
        s = error_set_errno(e, "cannot make %s", buf_text(&draft));
    if (s == STATUS_OK)
        s = write_whole(fd, text, e);
    if (s == STATUS_OK && rename(buf_text(&draft), path) != 0)
        s = error_set_errno(e, "cannot put %s in its place", path);
    if (s == STATUS_OK)
        s = fs_sync_fd(fd, e);
    if (s == STATUS_OK)
        s = sync_spool(folder, e);
    if (fd >= 0)
        (void)close(fd);
    buf_fini(&draft);
    return s;
}

enum status spool_write_intent(const struct run_folder *folder, const char *test, int attempt,
    const struct json_object *intent, struct error *e)
{
    struct buf path = BUF_INIT(4096), text = BUF_INIT(JSON_FILE_MAX);
    enum status s = spool_path(folder, test, attempt, SPOOL_INTENT, &path);
    if (s == STATUS_OK)
        s = json_write(intent, &text, e);
    if (s == STATUS_OK)
        s = buf_append_char(&text, '\n');
    if (s == STATUS_OK)
        s = write_promise(folder, buf_text(&path), &text, e);
    buf_fini(&path);
    buf_fini(&text);
    return s;
}

enum status spool_keep_room(
    const struct run_folder *folder, const char *test, int attempt, int *fd, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    *fd = -1;
    enum status s = spool_path(folder, test, attempt, SPOOL_ROOM, &path);
    if (s == STATUS_OK)
        *fd = open(buf_text(&path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (s == STATUS_OK && *fd < 0)
        s = error_set_errno(e, "cannot make %s", buf_text(&path));
    if (s == STATUS_OK)
        s = fs_reserve(*fd, SPOOL_ROOM_BYTES, e);
    buf_fini(&path);
    return s;
}

enum status spool_fill_room(const struct run_folder *folder, const char *test, int attempt, int fd,
    const struct json_object *record, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX), room = BUF_INIT(4096), result = BUF_INIT(4096);
    enum status s = json_write(record, &text, e);
    if (s == STATUS_OK)
        s = buf_append_char(&text, '\n');
    if (s == STATUS_OK)
        s = spool_path(folder, test, attempt, SPOOL_ROOM, &room);
    if (s == STATUS_OK)
        s = spool_path(folder, test, attempt, SPOOL_RESULT, &result);
    if (s == STATUS_OK)
        s = write_whole(fd, &text, e);
    if (s == STATUS_OK)
        s = fs_sync_fd(fd, e);
    if (s == STATUS_OK && rename(buf_text(&room), buf_text(&result)) != 0)
        s = error_set_errno(e, "cannot put %s in its place", buf_text(&result));
    buf_fini(&text);
    buf_fini(&room);
    buf_fini(&result);
    return s;
}

static enum status owner_path(const struct run_folder *folder, struct buf *path)
{
    return run_folder_path(folder, "spool/owner.json", path);
}

enum status spool_claim(const struct run_folder *folder, pid_t pid, struct error *e)
{
    char boot_id[PROCESS_BOOT_ID_SIZE];
    struct buf path = BUF_INIT(4096), text = BUF_INIT(4096);
    struct json_object *tree = json_object_new_object();
    process_boot_id(boot_id);
    bool ok = json_set_int(tree, "pid", pid) && json_set_int(tree, "start_ticks", process_start_ticks(pid)) &&
              json_set_text(tree, "boot_id", boot_id);
    enum status s = ok ? json_write(tree, &text, e) : error_set(e, STATUS_NO_MEMORY, "no memory");
    if (s == STATUS_OK)
        s = owner_path(folder, &path);
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), buf_text(&text), text.len, e);
    json_object_put(tree);
    buf_fini(&path);
    buf_fini(&text);
    return s;
}

enum status spool_drop_claim(const struct run_folder *folder, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = owner_path(folder, &path);
    if (s == STATUS_OK && unlink(buf_text(&path)) != 0 && errno != ENOENT)
        s = error_set_errno(e, "cannot remove %s", buf_text(&path));
    buf_fini(&path);
    return s;
}

/* Whether a process is the caller or one of those that started it. */
static bool is_above_us(pid_t pid)
{
    struct process p = {.pid = getpid(), .parent = getppid()};
    for (int depth = 0; depth < 64 && p.pid > 1; depth++) {
        if (p.pid == pid)
            return true;
        if (!process_read(p.parent, &p))
            return p.parent == pid;
    }
    return false;
}

pid_t spool_owner(const struct run_folder *folder)
{
    struct buf path = BUF_INIT(4096);
    struct json_object *tree = NULL;
    int64_t pid = 0, ticks = -1;
    if (owner_path(folder, &path) == STATUS_OK && json_read_file(buf_text(&path), &tree, NULL) == STATUS_OK &&
        json_get_int(tree, "/pid", &pid))
        (void)json_get_int(tree, "/start_ticks", &ticks);
    bool lives = pid > 0 && process_is((pid_t)pid, ticks, json_get_text(tree, "/boot_id"));
    json_object_put(tree);
    buf_fini(&path);
    return lives && !is_above_us((pid_t)pid) ? (pid_t)pid : 0;
}
