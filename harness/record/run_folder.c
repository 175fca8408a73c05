#include "run_folder.h"

#include "clock.h"
#include "fs.h"
#include "json.h"
#include "rng.h"
#include "our_schemas.h"
#include "schema_reading.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void run_folder_name(char *name, size_t size, int64_t wall_ns, const char *host, unsigned salt)
{
    struct buf slug = BUF_INIT(256);
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm utc = {0};
    gmtime_r(&seconds, &utc);
    (void)text_slug(&slug, host);
    snprintf(name, size, "%04d-%02d-%02dT%02d%02d%02dZ-%.60s-%04x", (utc.tm_year + 1900) % 10000,
        utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, buf_text(&slug), salt & 0xffffU);
    buf_fini(&slug);
}

static enum status make_inside(const struct run_folder *folder, const char *name, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_path(folder, name, &path);
    if (s == STATUS_OK)
        s = fs_make_dirs(buf_text(&path), e);
    buf_fini(&path);
    return s;
}

enum status run_folder_create(
    const char *runs, const char *host, int64_t wall_ns, struct run_folder *folder, struct error *e)
{
    memset(folder, 0, sizeof *folder);
    enum status s = fs_make_dirs(runs, e);
    for (int tries = 0; s == STATUS_OK; tries++) {
        run_folder_name(folder->run_id, sizeof folder->run_id, wall_ns, host, (unsigned)rng_entropy());
        int len = snprintf(folder->path, sizeof folder->path, "%s/%s", runs, folder->run_id);
        if (len < 0 || (size_t)len >= sizeof folder->path)
            return error_set(e, STATUS_LIMIT, "the path of the runs is too long: %s", runs);
        if (mkdir(folder->path, 0755) == 0)
            break;
        if (errno != EEXIST || tries == 100)
            return error_set_errno(e, "cannot make the folder %s", folder->path);
    }
    if (s == STATUS_OK)
        s = make_inside(folder, "logs", e);
    if (s == STATUS_OK)
        s = make_inside(folder, "spool", e);
    return s == STATUS_OK ? fs_sync_dir(runs, e) : s;
}

static enum status write_run(const struct run_folder *folder, const struct json_object *run, struct error *e)
{
    struct buf path = BUF_INIT(4096), text = BUF_INIT(JSON_FILE_MAX);
    enum status s = schema_check_for_writing_again("run", run, e);
    if (s == STATUS_OK)
        s = schema_check(schema_for("run"), run, e);
    if (s == STATUS_OK)
        s = json_write_pretty(run, &text, e);
    if (s == STATUS_OK)
        s = run_folder_path(folder, "run.json", &path);
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), buf_text(&text), text.len, e);
    buf_fini(&path);
    buf_fini(&text);
    return s;
}

enum status run_folder_save(struct run_folder *folder, struct json_object *run, struct error *e)
{
    if (run != folder->run)
        json_object_put(folder->run);
    folder->run = run;
    if (run == NULL)
        return error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    return write_run(folder, run, e);
}

static enum status read_run(struct run_folder *folder, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_path(folder, "run.json", &path);
    if (s == STATUS_OK)
        s = json_read_file(buf_text(&path), &folder->run, e);
    if (s == STATUS_OK)
        s = schema_check_for_reading("run", folder->run, e);
    if (s == STATUS_INVALID)
        error_locate(e, buf_text(&path), 0, 0, NULL);
    buf_fini(&path);
    return s;
}

enum status run_folder_open(const char *path, struct run_folder *folder, struct error *e)
{
    memset(folder, 0, sizeof *folder);
    size_t len = strlen(path);
    const char *file = strrchr(path, '/');
    if (file != NULL && strcmp(file, "/run.json") == 0)
        len = (size_t)(file - path);
    else if (strcmp(path, "run.json") == 0)
        path = ".", len = 1;
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len >= sizeof folder->path)
        return error_set(e, STATUS_LIMIT, "the path of the run is too long");
    memcpy(folder->path, path, len);
    enum status s = read_run(folder, e);
    if (s != STATUS_OK)
        run_folder_fini(folder);
    else
        snprintf(folder->run_id, sizeof folder->run_id, "%s", json_get_text(folder->run, "/run_id"));
    return s;
}

void run_folder_fini(struct run_folder *folder)
{
    json_object_put(folder->run);
    folder->run = NULL;
}

enum status run_folder_link_latest(const struct run_folder *folder, struct error *e)
{
    struct buf link = BUF_INIT(4096), draft = BUF_INIT(4096);
    const char *slash = strrchr(folder->path, '/');
    int parent = slash != NULL ? (int)(slash - folder->path) : 1;
    buf_printf(&link, "%.*s/latest", parent, slash != NULL ? folder->path : ".");
    buf_printf(&draft, "%s.%ld", buf_text(&link), (long)getpid());
    enum status s = STATUS_OK;
    (void)unlink(buf_text(&draft));
    if (symlink(slash != NULL ? slash + 1 : folder->path, buf_text(&draft)) != 0 ||
        rename(buf_text(&draft), buf_text(&link)) != 0)
        s = error_set_errno(e, "cannot make the link %s", buf_text(&link));
    buf_fini(&link);
    buf_fini(&draft);
    return s;
}

enum status run_folder_path(const struct run_folder *folder, const char *name, struct buf *out)
{
    return buf_printf(out, "%s/%s", folder->path, name);
}
