#include "finalising.h"

#include "fs.h"
#include "json.h"
#include "our_schemas.h"

#include <stdlib.h>
#include <string.h>

static int note_file(const char *name, void *arg)
{
    struct finalising *f = arg;
    struct attempt seen = {.number = 0};
    enum spool_kind kind;
    if (!spool_parse_name(name, seen.slug, sizeof seen.slug, &seen.number, &kind))
        return 0;
    for (size_t i = 0; i < f->count; i++) {
        if (f->attempts[i].number == seen.number && strcmp(f->attempts[i].slug, seen.slug) == 0) {
            f->attempts[i].has[kind] = true;
            return 0;
        }
    }
    if (f->count == f->cap) {
        struct attempt *moved = realloc(f->attempts, (f->cap + 64) * sizeof *moved);
        if (moved == NULL)
            return -1;
        f->attempts = moved;
        f->cap += 64;
    }
    seen.has[kind] = true;
    f->attempts[f->count++] = seen;
    return 0;
}

enum status finalising_list_spool(struct finalising *f, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    enum status s = run_folder_path(&f->folder, "spool", &path);
    if (s == STATUS_OK)
        s = fs_list(buf_text(&path), note_file, f, e);
    buf_fini(&path);
    return s == STATUS_NOT_FOUND ? STATUS_OK : s;
}

/* Files are named by slug here: the test's own name may be what cannot be read. */
enum status finalising_path(
    const struct finalising *f, const struct attempt *a, enum spool_kind kind, struct buf *path)
{
    return spool_path_of_slug(&f->folder, a->slug, a->number, kind, path);
}

enum status finalising_read(const struct finalising *f, struct attempt *a, enum spool_kind kind,
    const char *schema, struct json_object **tree, struct error *e)
{
    struct buf path = BUF_INIT(4096);
    *tree = NULL;
    enum status s = finalising_path(f, a, kind, &path);
    if (s == STATUS_OK)
        s = json_read_file(buf_text(&path), tree, e);
    if (s == STATUS_OK)
        s = schema_check(schema_for(schema), *tree, e);
    if (s == STATUS_OK && strcmp(json_get_text(*tree, "/run_id"), f->folder.run_id) != 0)
        s = error_set(e, STATUS_INVALID, "it belongs to another run");
    if (s != STATUS_OK) {
        json_object_put(*tree);
        *tree = NULL;
        a->bad[kind] = s == STATUS_INVALID || s == STATUS_LIMIT;
    }
    buf_fini(&path);
    return s;
}
