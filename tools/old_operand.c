#include "old_operand.h"

#include "fs.h"
#include "json.h"
#include "jsonl.h"
#include "migrate.h"
#include "migrated.h"
#include "stop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The files of a run: what is wrong with them the reader of runs says better. */
static bool is_of_run(const char *operand)
{
    const char *slash = strrchr(operand, '/'), *name = slash ? slash + 1 : operand;
    return strcmp(name, "run.json") == 0 || strcmp(name, "benchmark.jsonl") == 0;
}

static bool says_ours(const struct json_object *tree)
{
    const char *version = json_get_text(tree, "/schema_version");
    return version != NULL && version[0] != '0'; /* mlx-knife's are 0.x */
}

/* Then nothing has to be migrated, nor a place for it to be found. */
static bool is_ours(const char *operand)
{
    struct jsonl *lines = NULL;
    struct jsonl_line line;
    struct json_object *tree = NULL;
    if (jsonl_open(operand, &lines, NULL) != STATUS_OK)
        return false;
    bool is_line = jsonl_next(lines, &line) && line.status == STATUS_OK;
    bool ours = is_line && says_ours(line.tree);
    if (jsonl_close(lines, NULL) != STATUS_OK || is_line)
        return ours;
    ours = json_read_file(operand, &tree, NULL) == STATUS_OK && says_ours(tree);
    json_object_put(tree);
    return ours;
}

static enum status make_folder(char *folder, size_t size, struct error *e)
{
    const char *base = getenv("TMPDIR");
    int len = snprintf(folder, size, "%s/assay-migrate-XXXXXX", base && *base ? base : "/tmp");
    if (len < 0 || (size_t)len >= size)
        return error_set(e, STATUS_LIMIT, "TMPDIR is too long");
    return mkdtemp(folder) ? STATUS_OK : error_set_errno(e, "cannot make a temporary folder");
}

static enum status migrate_and_read(
    const char *operand, const char *folder, struct run_data *data, struct error *e)
{
    struct migrate_request request = {
        .runs = folder, .assay_version = ASSAY_VERSION, .stop_asked = stop_asked};
    struct migrate_result result;
    enum status s = migrate_file(operand, &request, &result, e);
    if (s == STATUS_USAGE || (s != STATUS_OK && is_of_run(operand)))
        s = STATUS_NOT_FOUND;
    else if (s == STATUS_OK)
        s = run_data_load(result.folder, data, e);
    migrate_result_fini(&result);
    return s;
}

enum status old_operand_load(const char *operand, struct run_data *data, struct error *e)
{
    char folder[1024];
    struct stat about;
    struct error ignored;
    if (stat(operand, &about) != 0 || !S_ISREG(about.st_mode) || (is_of_run(operand) && is_ours(operand)))
        return STATUS_NOT_FOUND;
    stop_begin();
    enum status s = make_folder(folder, sizeof folder, e), removed = STATUS_OK;
    if (s == STATUS_OK) {
        s = migrate_and_read(operand, folder, data, e);
        removed = fs_remove_tree(folder, s == STATUS_OK ? e : &ignored);
    }
    if (s == STATUS_OK && removed != STATUS_OK)
        run_data_fini(data);
    int signal = stop_asked();
    stop_end();
    if (signal != 0) /* the folder is gone: what was asked for happens now */
        (void)raise(signal);
    return s == STATUS_OK ? removed : s;
}

bool old_operand_was_file(const struct run_data *data)
{
    return migrated_is(data) && !fs_exists(data->folder);
}

enum status old_operand_beside(const char *operand, const char *extension, struct buf *path)
{
    const char *slash = strrchr(operand, '/'), *point = strrchr(slash ? slash : operand, '.');
    size_t len = point && point > operand ? (size_t)(point - operand) : strlen(operand);
    buf_append(path, operand, len);
    return buf_printf(path, ".%s", extension);
}
