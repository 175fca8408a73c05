#include "set_cache.h"

#include "fs.h"
#include "json.h"
#include "our_schemas.h"
#include "sha256.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum status set_cache_folder(struct buf *folder, struct error *e)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/')
        buf_printf(folder, "%s/assay/sets", cache);
    else if (home && home[0] == '/')
        buf_printf(folder, "%s/.cache/assay/sets", home);
    else
        return error_set(e, STATUS_USAGE, "there is no folder for sets: set XDG_CACHE_HOME or HOME");
    return buf_status(folder) == STATUS_OK ? STATUS_OK
                                           : error_set(e, STATUS_LIMIT, "the path of the cache is too long");
}

static enum status path_of(
    const char *folder, const char *name, const char *end, struct buf *path, struct error *e)
{
    struct buf slug = BUF_INIT(4096);
    enum status s = text_slug(&slug, name);
    buf_append_text(&slug, end);
    if (s == STATUS_OK)
        s = fs_join(path, folder, buf_text(&slug));
    buf_fini(&slug);
    return s == STATUS_OK ? s : error_set(e, s, "the path of the cache is too long");
}

static enum status check_manifest(const char *path, struct json_object **manifest, struct error *e)
{
    enum status s = json_read_file(path, manifest, e);
    if (s == STATUS_OK)
        s = schema_check(schema_for("set"), *manifest, e);
    if (s != STATUS_OK && e)
        error_locate(e, path, 0, 0, NULL);
    return s;
}

static enum status read_tasks(
    const char *folder, const struct json_object *manifest, struct buf *tasks, struct error *e)
{
    const char *digest = json_get_text(manifest, "/sha256");
    char hex[65];
    struct buf path = BUF_INIT(1 << 16);
    enum status s = path_of(folder, digest, ".jsonl", &path, e);
    if (s == STATUS_OK)
        s = fs_read_file(buf_text(&path), tasks, e);
    if (s == STATUS_NOT_FOUND)
        s = error_set(e, STATUS_INVALID, "%s is gone", buf_text(&path));
    if (s == STATUS_OK) {
        sha256_hex(buf_text(tasks), tasks->len, hex);
        if (strcmp(hex, digest) != 0)
            s = error_set(
                e, STATUS_INVALID, "%s is not what was fetched: its digest differs", buf_text(&path));
    }
    buf_fini(&path);
    return s;
}

enum status set_cache_find(
    const char *folder, const char *key, struct json_object **manifest, struct buf *tasks, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    *manifest = NULL;
    enum status s = path_of(folder, key, ".json", &path, e);
    if (s == STATUS_OK)
        s = check_manifest(buf_text(&path), manifest, e);
    if (s == STATUS_OK)
        s = read_tasks(folder, *manifest, tasks, e);
    if (s != STATUS_OK) {
        json_object_put(*manifest);
        *manifest = NULL;
        buf_clear(tasks);
    }
    buf_fini(&path);
    return s;
}

static enum status write_manifest(const char *path, const struct json_object *manifest, struct error *e)
{
    struct buf text = BUF_INIT(1 << 20);
    enum status s = schema_check(schema_for("set"), manifest, e);
    if (s == STATUS_OK)
        s = json_write_pretty(manifest, &text, e);
    if (s == STATUS_OK)
        s = fs_write_atomic(path, buf_text(&text), text.len, e);
    buf_fini(&text);
    return s;
}

enum status set_cache_keep(const char *folder, const char *key, struct json_object *manifest,
    const struct buf *tasks, struct error *e)
{
    char hex[65];
    struct buf path = BUF_INIT(1 << 16), named = BUF_INIT(1 << 16);
    sha256_hex(buf_text(tasks), tasks->len, hex);
    enum status s =
        json_set_text(manifest, "sha256", hex) && json_set_int(manifest, "bytes", (int64_t)tasks->len)
            ? STATUS_OK
            : error_set(e, STATUS_NO_MEMORY, "no memory for what is known of a set");
    if (s == STATUS_OK)
        s = fs_make_dirs(folder, e);
    if (s == STATUS_OK)
        s = path_of(folder, hex, ".jsonl", &path, e);
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), buf_text(tasks), tasks->len, e);
    if (s == STATUS_OK)
        s = path_of(folder, key, ".json", &named, e);
    if (s == STATUS_OK)
        s = write_manifest(buf_text(&named), manifest, e);
    buf_fini(&path);
    buf_fini(&named);
    return s;
}
