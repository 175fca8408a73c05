#include "provenance_check.h"

#include "fs.h"
#include "json.h"
#include "run_files.h"
#include "run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const state_names[] = {
    [PROVENANCE_AS_LISTED] = "as_listed",
    [PROVENANCE_MADE_AGAIN] = "made_again",
    [PROVENANCE_EXTRA] = "extra",
    [PROVENANCE_CHANGED] = "changed",
    [PROVENANCE_MISSING] = "missing",
    [PROVENANCE_SLIPPED_IN] = "slipped_in",
    [PROVENANCE_REFUSED] = "refused",
    [PROVENANCE_UNREADABLE] = "unreadable",
};

const char *provenance_state_name(enum provenance_state state)
{
    return state_names[state];
}

/* ---- can anything be said? ---- */

/* What cannot be read is kept as *.bad for good. */
static int note_unmerged(const char *name, void *arg)
{
    size_t len = strlen(name);
    bool *unmerged = arg;
    *unmerged = len < 4 || strcmp(name + len - 4, ".bad") != 0;
    return *unmerged;
}

static bool has_unmerged(const char *folder)
{
    struct buf path = BUF_INIT(1 << 16);
    bool unmerged = false;
    if (fs_join(&path, folder, "spool") == STATUS_OK && fs_is_folder(buf_text(&path)) &&
        fs_list(buf_text(&path), note_unmerged, &unmerged, NULL) != STATUS_OK)
        unmerged = true;
    buf_fini(&path);
    return unmerged;
}

/* A migrated run is whole from the start, and its original may not say when it ended. */
bool provenance_is_over(const char *folder, const struct json_object *run)
{
    const char *anonymous = json_get_text(run, "/anonymous");
    bool ended = json_get_text(run, "/ended") != NULL || json_get_object(run, "/migrated") != NULL;
    return ended && !has_unmerged(folder) && (anonymous == NULL || strcmp(anonymous, "done") == 0);
}

const char *provenance_why_not(const char *folder, const struct json_object *run)
{
    if (!provenance_is_over(folder, run))
        return "the run is not finished: it goes on, or was killed and nobody has read it since";
    struct json_object *files = json_get_array(run, "/files");
    if (files != NULL && json_object_array_length(files) == 0)
        return "run.json lists no files: what changed them was stopped before it listed them again; do it "
               "once more";
    return files != NULL ? NULL : "run.json lists no files";
}

/* ---- files ---- */

struct checking {
    struct provenance_check *check;
    struct json_object *list;
    const char **sorted; /* names of the list */
    size_t listed;
    int folder_fd;
    bool no_memory;
};

static struct provenance_file *add(struct checking *c, const char *name)
{
    struct provenance_check *check = c->check;
    if (check->count == check->capacity) {
        size_t capacity = check->capacity ? check->capacity * 2 : 64;
        struct provenance_file *grown = reallocarray(check->files, capacity, sizeof *grown);
        if (grown == NULL)
            return NULL;
        check->files = grown;
        check->capacity = capacity;
    }
    struct provenance_file *f = &check->files[check->count];
    *f = (struct provenance_file){.name = strdup(name), .kind = provenance_kind_of(name)};
    if (f->name == NULL)
        return NULL;
    check->count++;
    return f;
}

/* A report may be made again at any time; nothing else may. */
static void judge(struct provenance_file *f, enum provenance_state state, const char *text)
{
    bool may_change =
        f->kind == PROVENANCE_REPORT && (state == PROVENANCE_CHANGED || state == PROVENANCE_MISSING);
    f->state = may_change ? PROVENANCE_MADE_AGAIN : state;
    snprintf(f->text, sizeof f->text, "%s%s", text, may_change ? ": a report, which may be made again" : "");
}

static void judge_size(struct provenance_file *f, int64_t found, int64_t listed)
{
    char text[120];
    snprintf(text, sizeof text, "has %" PRId64 " bytes and not the %" PRId64 " of the list", found, listed);
    judge(f, PROVENANCE_CHANGED, text);
}

static void judge_unopened(struct provenance_file *f, int code)
{
    char text[120];
    if (code == ENOENT)
        judge(f, PROVENANCE_MISSING, "is missing");
    else if (code == ELOOP || code == ENOTDIR || code == EMLINK)
        judge(f, PROVENANCE_REFUSED, "is a link, or lies behind one: it is not followed");
    else if (code == EINVAL)
        judge(f, PROVENANCE_REFUSED, "is not a regular file");
    else {
        snprintf(text, sizeof text, "cannot be read: %s", strerror(code));
        judge(f, PROVENANCE_UNREADABLE, text);
    }
}

static void check_content(
    struct checking *c, struct provenance_file *f, int fd, const struct json_object *entry)
{
    const char *listed_hex = json_get_text(entry, "/sha256");
    int64_t listed = -1, bytes = 0;
    char hex[65];
    (void)json_get_int(entry, "/bytes", &listed);
    if (!run_files_digest(fd, hex, &bytes))
        judge_unopened(f, errno);
    else if (bytes != listed)
        judge_size(f, bytes, listed);
    else if (listed_hex == NULL || strcmp(hex, listed_hex) != 0)
        judge(f, PROVENANCE_CHANGED, "has another content (SHA-256)");
    c->check->bytes += bytes;
}

static void check_listed(struct checking *c, struct provenance_file *f, const struct json_object *entry)
{
    int64_t listed = -1, bytes = 0;
    (void)json_get_int(entry, "/bytes", &listed);
    if (!run_files_name_is_safe(f->name)) {
        judge(f, PROVENANCE_REFUSED, "is no name of a file of a run: it is not opened");
        return;
    }
    int fd = run_files_open(c->folder_fd, f->name, &bytes);
    if (fd < 0) {
        judge_unopened(f, errno);
        return;
    }
    if (bytes != listed)
        judge_size(f, bytes, listed);
    else
        check_content(c, f, fd, entry);
    (void)close(fd);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const struct json_object *entry_of(const struct checking *c, size_t i)
{
    return json_object_array_get_idx(c->list, i);
}

static bool take_names(struct checking *c)
{
    c->listed = c->list != NULL ? json_object_array_length(c->list) : 0;
    c->sorted = calloc(c->listed + 1, sizeof *c->sorted);
    for (size_t i = 0; c->sorted != NULL && i < c->listed; i++) {
        const char *name = json_get_text(entry_of(c, i), "/name");
        if (add(c, name != NULL ? name : "") == NULL)
            return false;
        c->sorted[i] = c->check->files[i].name;
    }
    if (c->sorted != NULL)
        qsort(c->sorted, c->listed, sizeof *c->sorted, by_name);
    return c->sorted != NULL;
}

/* Where the name stands among the sorted ones; NULL: it is not listed. */
static const char **find(const struct checking *c, const char *name)
{
    return bsearch(&name, c->sorted, c->listed, sizeof *c->sorted, by_name);
}

static bool is_listed_twice(const struct checking *c, const char *name)
{
    const char **at = find(c, name);
    size_t i = (size_t)(at - c->sorted);
    return (i > 0 && strcmp(at[-1], name) == 0) || (i + 1 < c->listed && strcmp(at[1], name) == 0);
}

static void check_list(struct checking *c)
{
    for (size_t i = 0; i < c->listed; i++) {
        struct provenance_file *f = &c->check->files[i];
        if (is_listed_twice(c, f->name))
            judge(f, PROVENANCE_REFUSED, "is listed twice");
        else
            check_listed(c, f, entry_of(c, i));
    }
}

static int note_unlisted(const char *name, void *arg)
{
    struct checking *c = arg;
    if (find(c, name) != NULL)
        return 0;
    struct provenance_file *f = add(c, name);
    if (f == NULL) {
        c->no_memory = true;
        return 1;
    }
    if (f->kind == PROVENANCE_REPORT)
        judge(f, PROVENANCE_MADE_AGAIN, "is not listed: a report of a later day");
    else if (f->kind == PROVENANCE_OTHER || f->kind == PROVENANCE_LOG)
        judge(f, PROVENANCE_EXTRA, "is not listed");
    else
        judge(f, PROVENANCE_SLIPPED_IN, "is not listed, and readers take it for a part of the run");
    return 0;
}

static void count_states(struct provenance_check *check)
{
    for (size_t i = 0; i < check->count; i++)
        check->counts[check->files[i].state]++;
}

enum status provenance_check_files(
    const char *folder, const struct json_object *run, struct provenance_check *check, struct error *e)
{
    struct checking c = {.check = check, .list = json_get_array(run, "/files")};
    enum status s = STATUS_OK;
    *check = (struct provenance_check){0};
    c.folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c.folder_fd < 0)
        return error_set_errno(e, "cannot open the folder %s", folder);
    c.no_memory = !take_names(&c);
    if (!c.no_memory) {
        check_list(&c);
        s = run_files_each(folder, note_unlisted, &c, e);
    }
    if (c.no_memory)
        s = error_set(e, STATUS_NO_MEMORY, "no memory for the list of files");
    (void)close(c.folder_fd);
    free(c.sorted);
    if (s != STATUS_OK)
        provenance_check_fini(check);
    else
        count_states(check);
    return s;
}

bool provenance_check_is_good(const struct provenance_check *check)
{
    size_t faults = 0;
    for (int state = PROVENANCE_CHANGED; state < PROVENANCE_STATE_COUNT; state++)
        faults += check->counts[state];
    return faults == 0;
}

enum status provenance_check_before_change(const char *folder, struct error *e)
{
    struct run_folder run = {0};
    struct provenance_check check = {0};
    enum status s = run_folder_open(folder, &run, e);
    if (s == STATUS_OK && provenance_why_not(folder, run.run) == NULL)
        s = provenance_check_files(folder, run.run, &check, e);
    if (s == STATUS_OK && !provenance_check_is_good(&check))
        s = error_set(e, STATUS_INVALID,
            "%s stays as it is: its files are not as run.json lists them, and a new list would hide that; "
            "assay verify says which",
            folder);
    provenance_check_fini(&check);
    run_folder_fini(&run);
    return s;
}

void provenance_check_fini(struct provenance_check *check)
{
    for (size_t i = 0; i < check->count; i++)
        free(check->files[i].name);
    free(check->files);
    *check = (struct provenance_check){0};
}
