#include "run_operand.h"

#include "finalise.h"
#include "old_operand.h"

#include "fs.h"
#include "json.h"
#include "log.h"
#include "schema_reading.h"

#include <string.h>

static bool is_run(const char *folder)
{
    struct buf path = BUF_INIT(1 << 16);
    bool found = fs_join(&path, folder, "run.json") == STATUS_OK && fs_exists(buf_text(&path));
    buf_clear(&path);
    found = found || (fs_join(&path, folder, "benchmark.jsonl") == STATUS_OK && fs_exists(buf_text(&path)));
    buf_fini(&path);
    return found;
}

/* "runs/x/run.json" and "runs/x/benchmark.jsonl" mean the folder they are in. */
static void folder_of_file(const char *operand, struct buf *folder)
{
    static const char *const files[] = {"run.json", "benchmark.jsonl"};
    size_t len = strlen(operand);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t n = strlen(files[i]);
        bool ends_so =
            len >= n && strcmp(operand + len - n, files[i]) == 0 && (len == n || operand[len - n - 1] == '/');
        if (!ends_so)
            continue;
        buf_append(folder, operand, len - n);
        buf_append_text(folder, len == n ? "." : "");
        return;
    }
    buf_append_text(folder, operand);
}

enum status run_operand_find(const char *operand, struct buf *folder, struct error *e)
{
    folder_of_file(operand, folder);
    if (is_run(buf_text(folder)))
        return buf_status(folder);
    buf_clear(folder);
    enum status s = fs_join(folder, RUNS_FOLDER, operand);
    if (s == STATUS_OK && is_run(buf_text(folder)))
        return STATUS_OK;
    if (strcmp(operand, "latest") == 0)
        return error_set(
            e, STATUS_NOT_FOUND, "there is no run yet (%s/latest): start one with `assay run`", RUNS_FOLDER);
    return error_set(e, STATUS_NOT_FOUND,
        "%s is not a run: neither there nor in %s/ is a run.json or benchmark.jsonl", operand, RUNS_FOLDER);
}

static int note_work(const char *name, void *arg)
{
    bool *work = arg;
    *work = strcmp(name, "owner.json") != 0;
    return *work;
}

/* Tests are left in the spool, or nobody wrote the run's end. A migrated one was whole from the start. */
static bool is_unfinished(const char *folder)
{
    struct buf path = BUF_INIT(1 << 16);
    struct json_object *run = NULL;
    bool work = false;
    if (fs_join(&path, folder, "run.json") == STATUS_OK &&
        json_read_file(buf_text(&path), &run, NULL) == STATUS_OK)
        work = json_get_text(run, "/ended") == NULL && json_get_object(run, "/migrated") == NULL;
    json_object_put(run);
    buf_clear(&path);
    if (!work && fs_join(&path, folder, "spool") == STATUS_OK && fs_exists(buf_text(&path)) &&
        fs_list(buf_text(&path), note_work, &work, NULL) != STATUS_OK)
        work = false; /* a spool that cannot be read cannot be merged either */
    buf_fini(&path);
    return work;
}

/* *going_on: somebody still measures, so what is there is not all there will be. */
static enum status finish(const char *folder, bool *going_on, struct error *e)
{
    struct finalised sum;
    *going_on = false;
    if (!is_unfinished(folder))
        return STATUS_OK;
    enum status s = finalise_run(folder, &sum, e);
    *going_on = s == STATUS_BUSY;
    if (s == STATUS_IO) /* a read-only archive, a full disk: what is there can be read all the same */
        log_warning("the run is not finished, and that cannot be made good: %s", error_text(e));
    return s == STATUS_NO_MEMORY ? s : STATUS_OK; /* what is missing or invalid, the reader will say */
}

enum status run_operand_load(const char *operand, struct run_data *data, bool *going_on, struct error *e)
{
    struct buf folder = BUF_INIT(1 << 16);
    *going_on = false;
    enum status s = old_operand_load(operand, data, e);
    if (s != STATUS_NOT_FOUND)
        return s;
    s = run_operand_find(operand, &folder, e);
    if (s == STATUS_OK)
        s = finish(buf_text(&folder), going_on, e);
    if (s == STATUS_OK)
        s = run_data_load(buf_text(&folder), data, e);
    if (s == STATUS_OK && data->run != NULL && schema_age_of("run", data->run) == SCHEMA_AGE_LATER)
        log_note("a newer assay wrote %s (schema_version %s): what is new in it is passed over", operand,
            json_get_text(data->run, "/schema_version"));
    buf_fini(&folder);
    return s;
}
