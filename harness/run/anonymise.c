#include "anonymise.h"

#include "fs.h"
#include "json.h"
#include "own_names.h"
#include "provenance.h"
#include "run_folder.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)64 << 20)

struct anonymising {
    struct own_names *names;
    struct run_folder folder;
    char below[64]; /* "", "logs/", "spool/" */
    struct error *e;
    enum status status;
};

void anonymise_machine(struct json_object *machine)
{
    if (machine == NULL)
        return;
    (void)json_set_text(machine, "host", ANONYMOUS_HOST);
    json_object_object_del(machine, "boot_id");
}

bool anonymise_is_asked(const struct json_object *run)
{
    return json_get_text(run, "/anonymous") != NULL;
}

/* ---- JSON ---- */

static bool replace_in(const struct own_names *names, struct json_object *tree);

static struct json_object *replaced_text(
    const struct own_names *names, const char *text, size_t len, bool *memory)
{
    struct buf clean = BUF_INIT(LINE_MAX_BYTES);
    struct json_object *value = NULL;
    if (own_names_replace(names, text, len, &clean))
        value = json_object_new_string_len(buf_text(&clean), (int)clean.len);
    *memory = value != NULL;
    buf_fini(&clean);
    return value;
}

/* What takes the place of a value; NULL where it stays, or without memory. */
static struct json_object *instead_of(const struct own_names *names, struct json_object *value, bool *memory)
{
    *memory = true;
    if (!json_object_is_type(value, json_type_string)) {
        *memory = replace_in(names, value);
        return NULL;
    }
    const char *text = json_object_get_string(value);
    size_t len = (size_t)json_object_get_string_len(value);
    return own_names_in(names, text, len) ? replaced_text(names, text, len, memory) : NULL;
}

static bool replace_in_array(const struct own_names *names, struct json_object *list)
{
    bool memory = true;
    for (size_t i = 0; memory && i < json_object_array_length(list); i++) {
        struct json_object *new_value = instead_of(names, json_object_array_get_idx(list, i), &memory);
        if (new_value != NULL)
            memory = json_object_array_put_idx(list, i, new_value) == 0;
    }
    return memory;
}

/* Keys are ours and stay; replacing the value of one that is there moves nothing. */
static bool replace_in(const struct own_names *names, struct json_object *tree)
{
    bool memory = true;
    if (json_object_is_type(tree, json_type_array))
        return replace_in_array(names, tree);
    if (!json_object_is_type(tree, json_type_object))
        return true;
    json_object_object_foreach(tree, key, value)
    {
        struct json_object *new_value = memory ? instead_of(names, value, &memory) : NULL;
        if (new_value != NULL)
            memory = json_set(tree, key, new_value);
    }
    return memory;
}

/* What is not JSON after all is text. */
static enum status replace_json(
    const struct own_names *names, const char *text, size_t len, bool pretty, struct buf *out)
{
    struct json_object *tree = NULL;
    if (json_parse(text, len, &tree, NULL) != STATUS_OK)
        return own_names_replace(names, text, len, out) ? STATUS_OK : STATUS_NO_MEMORY;
    enum status s = replace_in(names, tree) ? STATUS_OK : STATUS_NO_MEMORY;
    if (s == STATUS_OK)
        s = pretty ? json_write_pretty(tree, out, NULL) : json_write(tree, out, NULL);
    json_object_put(tree);
    return s;
}

/* ---- files ---- */

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

/* One line at a time; a line without a name is copied as it is. */
static enum status copy_lines(const struct own_names *names, FILE *from, FILE *to, bool json)
{
    struct buf clean = BUF_INIT(LINE_MAX_BYTES);
    char *line = NULL;
    size_t cap = 0;
    enum status s = STATUS_OK;
    for (ssize_t len; s == STATUS_OK && (len = getline(&line, &cap, from)) >= 0;) {
        size_t text = len > 0 && line[len - 1] == '\n' ? (size_t)len - 1 : (size_t)len;
        buf_clear(&clean);
        if (!own_names_in(names, line, text))
            s = buf_append(&clean, line, text);
        else if (json)
            s = replace_json(names, line, text, false, &clean);
        else
            s = own_names_replace(names, line, text, &clean) ? STATUS_OK : STATUS_NO_MEMORY;
        if (s == STATUS_OK && text < (size_t)len)
            s = buf_append_char(&clean, '\n');
        if (s == STATUS_OK && fwrite(buf_text(&clean), 1, clean.len, to) != clean.len)
            s = STATUS_IO;
    }
    free(line);
    buf_fini(&clean);
    return s == STATUS_OK && ferror(from) ? STATUS_IO : s;
}

static enum status rewrite_lines(const struct own_names *names, const char *path, bool json, struct error *e)
{
    struct buf draft = BUF_INIT(4096);
    FILE *from = fopen(path, "re"), *to = NULL;
    enum status s = buf_printf(&draft, "%s.anonymising", path);
    if (s == STATUS_OK && from != NULL)
        to = fopen(buf_text(&draft), "we");
    s = to != NULL ? copy_lines(names, from, to, json) : STATUS_IO;
    if (s == STATUS_OK && fflush(to) != 0)
        s = STATUS_IO;
    if (s == STATUS_OK)
        s = fs_sync_fd(fileno(to), NULL);
    if (from != NULL)
        fclose(from);
    if (to != NULL && fclose(to) != 0 && s == STATUS_OK)
        s = STATUS_IO;
    if (s == STATUS_OK && rename(buf_text(&draft), path) != 0)
        s = STATUS_IO;
    if (s != STATUS_OK) {
        (void)error_set_errno(e, "cannot take names out of %s", path);
        (void)unlink(buf_text(&draft));
    }
    buf_fini(&draft);
    return s;
}

static enum status rewrite_whole(const struct own_names *names, const char *path, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX), clean = BUF_INIT(JSON_FILE_MAX);
    enum status s = fs_read_file(path, &text, e);
    if (s == STATUS_OK)
        s = replace_json(names, buf_text(&text), text.len, true, &clean);
    if (s == STATUS_OK)
        s = fs_write_atomic(path, buf_text(&clean), clean.len, e);
    buf_fini(&text);
    buf_fini(&clean);
    return s;
}

static bool has_names(const struct own_names *names, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    bool found = false;
    for (ssize_t len; file != NULL && !found && (len = getline(&line, &cap, file)) >= 0;)
        found = own_names_in(names, line, (size_t)len);
    free(line);
    if (file != NULL)
        fclose(file);
    return found;
}

static int clean_file(const char *name, void *arg)
{
    struct anonymising *a = arg;
    struct buf path = BUF_INIT(8192);
    struct stat about;
    if (buf_printf(&path, "%s/%s%s", a->folder.path, a->below, name) == STATUS_OK &&
        lstat(buf_text(&path), &about) == 0 && S_ISREG(about.st_mode) && has_names(a->names, buf_text(&path)))
        a->status = ends_in(name, ".json")
                        ? rewrite_whole(a->names, buf_text(&path), a->e)
                        : rewrite_lines(a->names, buf_text(&path), ends_in(name, ".jsonl"), a->e);
    buf_fini(&path);
    return a->status != STATUS_OK;
}

static enum status clean_folder(struct anonymising *a, const char *below)
{
    struct buf path = BUF_INIT(8192);
    snprintf(a->below, sizeof a->below, "%s", below);
    enum status s = buf_printf(&path, "%s/%s", a->folder.path, below);
    if (s == STATUS_OK && fs_is_folder(buf_text(&path)))
        s = fs_list(buf_text(&path), clean_file, a, a->e);
    buf_fini(&path);
    return a->status != STATUS_OK ? a->status : s;
}

/* ---- logs ---- */

struct renaming {
    struct buf folder, old_slug, new_slug;
};

static int rename_log(const char *name, void *arg)
{
    struct renaming *r = arg;
    struct buf from = BUF_INIT(8192), to = BUF_INIT(8192);
    size_t len = r->old_slug.len;
    if (strncmp(name, buf_text(&r->old_slug), len) == 0 && name[len] == '.' &&
        buf_printf(&from, "%s/%s", buf_text(&r->folder), name) == STATUS_OK &&
        buf_printf(&to, "%s/%s%s", buf_text(&r->folder), buf_text(&r->new_slug), name + len) == STATUS_OK)
        (void)rename(buf_text(&from), buf_text(&to));
    buf_fini(&from);
    buf_fini(&to);
    return 0;
}

/* A log has its test's name, in which the model's may be a path. */
static enum status rename_logs_of(const struct anonymising *a, const char *test)
{
    struct renaming r = {.folder = BUF_INIT(8192), .old_slug = BUF_INIT(4096), .new_slug = BUF_INIT(4096)};
    struct buf clean = BUF_INIT(8192);
    enum status s = STATUS_OK;
    if (!own_names_in(a->names, test, strlen(test)))
        goto out;
    s = own_names_replace(a->names, test, strlen(test), &clean) ? STATUS_OK : STATUS_NO_MEMORY;
    if (s == STATUS_OK)
        s = buf_printf(&r.folder, "%s/logs", a->folder.path);
    if (s == STATUS_OK)
        s = text_slug(&r.old_slug, test);
    if (s == STATUS_OK)
        s = text_slug(&r.new_slug, buf_text(&clean));
    if (s == STATUS_OK && fs_is_folder(buf_text(&r.folder)))
        s = fs_list(buf_text(&r.folder), rename_log, &r, a->e);
out:
    buf_fini(&clean);
    buf_fini(&r.folder);
    buf_fini(&r.old_slug);
    buf_fini(&r.new_slug);
    return s;
}

static enum status rename_logs(const struct anonymising *a)
{
    const struct json_object *plan = json_get_array(a->folder.run, "/plan");
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && plan != NULL && i < json_object_array_length(plan); i++) {
        const char *test = json_get_text(json_object_array_get_idx(plan, i), "/test");
        if (test != NULL)
            s = rename_logs_of(a, test);
    }
    return s;
}

/* ---- the run ---- */

/* A machine that is called like a case of the plan keeps that word: it is in every record. */
static void forget_our_words(struct anonymising *a)
{
    const struct json_object *plan = json_get_array(a->folder.run, "/plan");
    for (size_t i = 0; plan != NULL && i < json_object_array_length(plan); i++) {
        const char *at = json_get_text(json_object_array_get_idx(plan, i), "/case");
        while (at != NULL && *at != '\0') {
            char word[128];
            size_t len = strcspn(at, ".");
            snprintf(word, sizeof word, "%.*s", (int)(len < 127 ? len : 127), at);
            own_names_forget(a->names, word);
            at += len + (at[len] == '.');
        }
    }
}

static enum status clean_all(struct anonymising *a)
{
    static const char *const folders[] = {"logs/", "spool/", ""};
    enum status s = STATUS_OK;
    forget_our_words(a);
    s = rename_logs(a); /* first: run.json still has their names */
    for (size_t i = 0; s == STATUS_OK && i < sizeof folders / sizeof folders[0]; i++)
        s = clean_folder(a, folders[i]);
    return s;
}

/* run.json was rewritten on the way, so it is read again; the files are listed as they are now. */
static enum status note_done(const char *folder, struct error *e)
{
    struct run_folder again = {0};
    enum status s = run_folder_open(folder, &again, e);
    const char *state = s == STATUS_OK ? json_get_text(again.run, "/anonymous") : NULL;
    if (state != NULL && strcmp(state, "done") != 0) {
        s = provenance_renew(&again, PROVENANCE_KIND_COUNT, e);
        if (s == STATUS_OK)
            s = json_set_text(again.run, "anonymous", "done")
                    ? run_folder_save(&again, again.run, e)
                    : error_set(e, STATUS_NO_MEMORY, "no memory for run.json");
    }
    run_folder_fini(&again);
    return s;
}

enum status anonymise_run(const char *folder, struct error *e)
{
    struct anonymising a = {.e = e};
    enum status s = run_folder_open(folder, &a.folder, e);
    if (s != STATUS_OK || !anonymise_is_asked(a.folder.run))
        goto out;
    a.names = own_names_new();
    s = a.names != NULL && own_names_of_machine(a.names, "")
            ? STATUS_OK
            : error_set(e, STATUS_NO_MEMORY, "no memory for the names of this machine");
    if (s == STATUS_OK)
        s = clean_all(&a);
    if (s == STATUS_OK)
        s = note_done(folder, e);
out:
    own_names_free(a.names);
    run_folder_fini(&a.folder);
    return s;
}
