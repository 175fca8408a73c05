/* The run folder that a migration writes: under a temporary name until it is whole. */
#include "migration_parts.h"

#include "fs.h"
#include "json.h"
#include "jsonl.h"
#include "line_out.h"
#include "our_schemas.h"
#include "provenance.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status inside(const struct migration *m, const char *name, struct buf *path, struct error *e)
{
    if (fs_join(path, m->making, name) != STATUS_OK)
        return error_set(e, STATUS_NO_MEMORY, "out of memory");
    return STATUS_OK;
}

static enum status open_lines(struct migration *m, struct line_out **out, const char *name, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    enum status s = inside(m, name, &path, e);
    if (s == STATUS_OK)
        s = line_out_open(buf_text(&path), out, e);
    buf_fini(&path);
    return s;
}

static enum status name_folders(struct migration *m, struct error *e)
{
    const char *runs = m->request->runs;
    struct migrate_result *r = m->result;
    int len = (int)strlen(runs);
    while (len > 1 && runs[len - 1] == '/')
        len--;
    int final = snprintf(r->folder, sizeof r->folder, "%.*s/%s", len, runs, m->run_id);
    int making = snprintf(m->making, sizeof m->making, "%.*s/.%s.%ld", len, runs, m->run_id, (long)getpid());
    if (final < 0 || making < 0 || (size_t) final >= sizeof r->folder || (size_t)making >= sizeof m->making) {
        m->making[0] = '\0';
        return error_set(e, STATUS_LIMIT, "the path of the runs is too long: %s", runs);
    }
    return STATUS_OK;
}

enum status migrate_folder_begin(struct migration *m, struct error *e)
{
    enum status s = name_folders(m, e);
    if (s == STATUS_OK)
        s = fs_make_dirs(m->request->runs, e);
    if (s == STATUS_OK && fs_exists(m->result->folder)) {
        s = error_set(e, STATUS_USAGE,
            "%s is there already: this file has been migrated, and nothing is "
            "overwritten",
            m->result->folder);
        m->making[0] = '\0';
    }
    if (s == STATUS_OK && mkdir(m->making, 0755) != 0) {
        s = error_set_errno(e, "cannot make the folder %s", m->making);
        m->making[0] = '\0';
    }
    return s == STATUS_OK ? open_lines(m, &m->records, "benchmark.jsonl", e) : s;
}

enum status migrate_folder_add(struct migration *m, struct line_out **out, const char *name,
    const struct json_object *line, struct error *e)
{
    struct buf text = BUF_INIT(2 * JSONL_LINE_MAX);
    enum status s = *out == NULL ? open_lines(m, out, name, e) : STATUS_OK;
    if (s == STATUS_OK)
        s = json_write(line, &text, e);
    if (s == STATUS_OK && text.len > JSONL_LINE_MAX)
        s = error_set(e, STATUS_INVALID, "what comes of it is longer than %zu bytes", JSONL_LINE_MAX);
    if (s == STATUS_OK)
        s = line_out_add(*out, buf_text(&text), text.len, e);
    buf_fini(&text);
    return s;
}

static enum status close_lines(struct line_out **out, struct error *e)
{
    struct line_out *open = *out;
    *out = NULL;
    return line_out_close(open, e);
}

/* With the list of the others, so it comes last. */
static enum status write_run(struct migration *m, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16), text = BUF_INIT(JSON_FILE_MAX);
    struct json_object *files = NULL;
    enum status s = provenance_list(m->making, &files, e);
    if (s == STATUS_OK && !json_set(m->run, "files", files))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    if (s == STATUS_OK)
        s = schema_check(schema_for("run"), m->run, e);
    if (s == STATUS_OK)
        s = json_write_pretty(m->run, &text, e);
    if (s == STATUS_OK)
        s = inside(m, "run.json", &path, e);
    if (s == STATUS_OK)
        s = fs_write_atomic(buf_text(&path), buf_text(&text), text.len, e);
    buf_fini(&path);
    buf_fini(&text);
    return s;
}

enum status migrate_folder_finish(struct migration *m, struct error *e)
{
    enum status s = close_lines(&m->records, e),
                of_samples = close_lines(&m->samples, s == STATUS_OK ? e : NULL);
    if (s == STATUS_OK)
        s = of_samples;
    if (s == STATUS_OK)
        s = write_run(m, e);
    if (s == STATUS_OK && rename(m->making, m->result->folder) != 0)
        return error_set_errno(e, "cannot rename %s to %s", m->making, m->result->folder);
    if (s == STATUS_OK) {
        m->making[0] = '\0';
        s = fs_sync_dir(m->request->runs, e);
    }
    return s;
}

void migrate_folder_drop(struct migration *m)
{
    (void)close_lines(&m->records, NULL);
    (void)close_lines(&m->samples, NULL);
    if (m->making[0] != '\0' && fs_remove_tree(m->making, NULL) != STATUS_OK)
        return; /* what is left has a name of its own, and the failure that led here is told */
    m->making[0] = '\0';
}
