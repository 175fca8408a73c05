#include "old_operand.h"

#include "fs.h"
#include "migrate.h"
#include "migrated.h"

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
    struct migrate_request request = {.runs = folder, .assay_version = ASSAY_VERSION};
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
    if (stat(operand, &about) != 0 || !S_ISREG(about.st_mode))
        return STATUS_NOT_FOUND;
    enum status s = make_folder(folder, sizeof folder, e);
    if (s != STATUS_OK)
        return s;
    s = migrate_and_read(operand, folder, data, e);
    enum status removed = fs_remove_tree(folder, s == STATUS_OK ? e : &ignored);
    if (s == STATUS_OK && removed != STATUS_OK)
        run_data_fini(data);
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
