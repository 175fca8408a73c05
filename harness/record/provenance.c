#include "provenance.h"

#include "fs.h"
#include "json.h"
#include "run_files.h"
#include "run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *const kind_names[] = {
    [PROVENANCE_MEASURED] = "measured",
    [PROVENANCE_INPUT] = "input",
    [PROVENANCE_GRADE] = "grade",
    [PROVENANCE_REPORT] = "report",
    [PROVENANCE_LOG] = "log",
    [PROVENANCE_OTHER] = "other",
};

/* A name that ends in a point or a slash is the beginning of one; a compressed file counts as what is in it. */
static const struct {
    const char *name;
    enum provenance_kind kind;
} known_files[] = {
    {"answers.jsonl", PROVENANCE_MEASURED},
    {"benchmark.jsonl", PROVENANCE_MEASURED},
    {"exchanges.jsonl", PROVENANCE_MEASURED},
    {"requests.jsonl", PROVENANCE_MEASURED},
    {"samples.jsonl", PROVENANCE_MEASURED},
    {"server_samples.jsonl", PROVENANCE_MEASURED},
    {"prompt.txt", PROVENANCE_INPUT},
    {"set.json", PROVENANCE_INPUT},
    {"tasks.", PROVENANCE_INPUT},
    {"grades.jsonl", PROVENANCE_GRADE},
    {"junit.", PROVENANCE_REPORT},
    {"report.", PROVENANCE_REPORT},
    {"timeline.", PROVENANCE_REPORT},
    {"logs/", PROVENANCE_LOG},
};

const char *provenance_kind_name(enum provenance_kind kind)
{
    return kind_names[kind];
}

enum provenance_kind provenance_kind_of(const char *name)
{
    size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, ".zst") == 0)
        len -= 4;
    for (size_t i = 0; i < sizeof known_files / sizeof known_files[0]; i++) {
        const char *known = known_files[i].name;
        size_t n = strlen(known);
        bool is_start = known[n - 1] == '.' || known[n - 1] == '/';
        if (is_start ? strncmp(name, known, n) == 0 : len == n && memcmp(name, known, n) == 0)
            return known_files[i].kind;
    }
    return PROVENANCE_OTHER;
}

struct listing {
    int folder_fd;
    struct json_object *files, *before;
    size_t next_before;        /* both are sorted: the next one is probably this */
    enum provenance_kind kind; /* to be read; of the others what `before` says stands. COUNT: all */
    bool no_memory;
};

static struct json_object *entry_before(struct listing *l, const char *name)
{
    size_t count = l->before != NULL ? json_object_array_length(l->before) : 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = (l->next_before + i) % count;
        struct json_object *entry = json_object_array_get_idx(l->before, at);
        const char *known = json_get_text(entry, "/name");
        if (known == NULL || strcmp(known, name) != 0)
            continue;
        l->next_before = at + 1;
        return json_object_get(entry);
    }
    return NULL;
}

static struct json_object *new_entry(const char *name, int64_t bytes, const char *hex)
{
    struct json_object *entry = json_object_new_object();
    if (json_set_text(entry, "name", name) && json_set_int(entry, "bytes", bytes) &&
        json_set_text(entry, "sha256", hex) &&
        json_set_text(entry, "kind", provenance_kind_name(provenance_kind_of(name))))
        return entry;
    json_object_put(entry);
    return NULL;
}

static int list_file(const char *name, void *arg)
{
    struct listing *l = arg;
    struct json_object *entry = NULL;
    int64_t bytes = 0;
    char hex[65];
    if (l->kind != PROVENANCE_KIND_COUNT && provenance_kind_of(name) != l->kind) {
        entry = entry_before(l, name);
        l->no_memory |= entry != NULL && !json_add(l->files, entry);
        return l->no_memory;
    }
    int fd = run_files_open(l->folder_fd, name, &bytes);
    if (fd < 0)
        return 0;
    if (run_files_digest(fd, hex, &bytes))
        l->no_memory |= !json_add(l->files, new_entry(name, bytes, hex));
    (void)close(fd);
    return l->no_memory;
}

static enum status list(const char *folder, struct listing *l, struct json_object **files, struct error *e)
{
    enum status s = STATUS_OK;
    l->files = json_object_new_array();
    l->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l->folder_fd < 0)
        s = error_set_errno(e, "cannot open the folder %s", folder);
    if (s == STATUS_OK)
        s = run_files_each(folder, list_file, l, e);
    if (s == STATUS_OK && (l->no_memory || l->files == NULL))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for the list of files");
    if (l->folder_fd >= 0)
        (void)close(l->folder_fd);
    if (s != STATUS_OK) {
        json_object_put(l->files);
        l->files = NULL;
    }
    *files = l->files;
    return s;
}

enum status provenance_list(const char *folder, struct json_object **files, struct error *e)
{
    struct listing l = {.kind = PROVENANCE_KIND_COUNT};
    return list(folder, &l, files, e);
}

enum status provenance_renew(struct run_folder *folder, enum provenance_kind kind, struct error *e)
{
    struct listing l = {.kind = kind, .before = json_get_array(folder->run, "/files")};
    struct json_object *files = NULL;
    bool withdrawn = l.before != NULL && json_object_array_length(l.before) == 0;
    if (l.before == NULL || (withdrawn && kind != PROVENANCE_KIND_COUNT))
        return STATUS_OK;
    enum status s = list(folder->path, &l, &files, e);
    if (s == STATUS_OK && !json_set(folder->run, "files", files))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for the list of files");
    return s;
}

static int note_signature(const char *name, void *arg)
{
    bool *found = arg;
    *found = run_files_is_signature(name);
    return *found;
}

static enum status save_list(struct run_folder *run, struct json_object *list, struct error *e)
{
    if (list == NULL || !json_set(run->run, "files", list))
        return error_set(e, STATUS_NO_MEMORY, "no memory for the list of files");
    return run_folder_save(run, run->run, e);
}

enum status provenance_withdraw(const char *folder, struct json_object **listed, struct error *e)
{
    struct run_folder run = {0};
    enum status s = run_folder_open(folder, &run, e);
    *listed = s == STATUS_OK ? json_object_get(json_get_array(run.run, "/files")) : NULL;
    if (*listed != NULL)
        s = save_list(&run, json_object_new_array(), e);
    run_folder_fini(&run);
    return s;
}

enum status provenance_restore(const char *folder, struct json_object *listed, struct error *e)
{
    struct run_folder run = {0};
    if (listed == NULL)
        return STATUS_OK;
    enum status s = run_folder_open(folder, &run, e);
    if (s == STATUS_OK)
        s = save_list(&run, json_object_get(listed), e);
    run_folder_fini(&run);
    return s;
}

enum status provenance_again(
    const char *folder, enum provenance_kind kind, bool *signed_before, struct error *e)
{
    struct run_folder run = {0};
    struct json_object *before = NULL;
    bool found = false;
    enum status s = run_folder_open(folder, &run, e);
    if (s == STATUS_OK) {
        before = json_object_get(json_get_array(run.run, "/files"));
        s = provenance_renew(&run, kind, e);
    }
    if (s == STATUS_OK && !json_deep_equal(before, json_get_array(run.run, "/files"))) {
        s = run_folder_save(&run, run.run, e);
        if (s == STATUS_OK)
            s = fs_list(run.path, note_signature, &found, e);
    }
    if (signed_before != NULL)
        *signed_before = found;
    json_object_put(before);
    run_folder_fini(&run);
    return s;
}
