#include "migrate.h"

#include "migration.h"
#include "migration_parts.h"
#include "old_files.h"

#include "byte_in.h"
#include "json.h"
#include "jsonl.h"
#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct migrate_format *format_named(const char *name)
{
    for (size_t i = 0; migrate_formats[i] != NULL; i++)
        if (strcmp(migrate_formats[i]->name, name) == 0)
            return migrate_formats[i];
    return NULL;
}

/* A line that is no record may stand first, as anywhere: the format is looked for in so many lines. */
enum { LINES_TRIED = 64 };

static enum status unknown_format(struct error *e)
{
    return error_set(
        e, STATUS_USAGE, "no older format that is known here begins like this: name one with --from");
}

static bool choose_format(struct migration *m, const struct json_object *first)
{
    for (size_t i = 0; m->format == NULL && migrate_formats[i] != NULL; i++)
        if (migrate_formats[i]->recognises(first))
            m->format = migrate_formats[i];
    return m->format != NULL;
}

/* Whoever is asked to stop leaves no half of a run behind. */
static enum status check_stop(const struct migration *m, struct error *e)
{
    if (m->request->stop_asked == NULL || m->request->stop_asked() == 0)
        return STATUS_OK;
    return error_set(e, STATUS_UNAVAILABLE, "stopped before its end: nothing of it is kept");
}

/* ---- the old file ---- */

static void finish_hex(struct sha256 *h, char hex[65])
{
    unsigned char digest[32];
    sha256_final(h, digest);
    for (int i = 0; i < 32; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex[64] = '\0';
}

static enum status hash_open_file(
    const struct migration *m, struct migrate_source *source, int fd, struct error *e)
{
    char block[64 << 10];
    struct sha256 h;
    struct stat about;
    sha256_init(&h);
    if (fstat(fd, &about) != 0)
        return error_set_errno(e, "cannot read the file");
    if (!S_ISREG(about.st_mode))
        return error_set(e, STATUS_USAGE, "it is read twice, so it has to be a regular file");
    for (ssize_t n; (n = read(fd, block, sizeof block)) != 0;) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(e, "cannot read the file");
        if (check_stop(m, e) != STATUS_OK)
            return STATUS_UNAVAILABLE;
        sha256_update(&h, block, (size_t)n);
        source->bytes += n;
    }
    finish_hex(&h, source->sha256);
    return source->bytes > 0 ? STATUS_OK : error_set(e, STATUS_INVALID, "the file is empty");
}

static enum status hash_file(const struct migration *m, struct migrate_source *source, struct error *e)
{
    int fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return error_set(e, STATUS_NOT_FOUND, "there is no such file");
    if (fd < 0)
        return error_set_errno(e, "cannot open the file");
    enum status s = hash_open_file(m, source, fd, e);
    close(fd);
    return s;
}

/* ---- values ---- */

static void tell_nonfinite(struct migration *m, const struct migrate_value *value)
{
    if (value->nonfinite == NULL)
        return;
    json_object_object_foreach(value->nonfinite, pointer, word) migration_note(m, value->line,
        "%s was %s, which no number is: taken for absent", pointer, json_object_get_string(word));
}

static enum status lift_value(struct migration *m, const struct migrate_value *value, struct error *e)
{
    struct error why = {0};
    bool known = m->format != NULL || choose_format(m, value->tree);
    if (!known && (value->line == 0 || ++m->unknown > LINES_TRIED))
        return unknown_format(e);
    m->result->values++;
    enum status s = known ? m->format->lift(m, value, &why)
                          : error_set(&why, STATUS_INVALID, "no value of an older format that is known here");
    if (s == STATUS_OK) {
        tell_nonfinite(m, value);
    } else if (s == STATUS_INVALID) {
        migration_refuse(m, value->line, why.pointer[0] != '\0' ? error_text(&why) : why.text);
        s = STATUS_OK;
    } else if (e != NULL) {
        *e = why;
    }
    return s != STATUS_OK || !m->no_memory ? s : error_set(e, STATUS_NO_MEMORY, "out of memory");
}

static size_t byte_order_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static enum status lift_line(struct migration *m, const struct jsonl_line *line, struct error *e)
{
    struct migrate_value value = {.line = line->number};
    struct json_object *tree = NULL;
    struct error why = line->error;
    enum status s = line->status;
    size_t mark = line->text != NULL && line->number == 1 ? byte_order_mark(line->text, line->len) : 0;
    if (s == STATUS_INVALID) {
        struct error again = {0};
        s = old_json_parse(line->text + mark, line->len - mark, &tree, &value.nonfinite, &again);
    }
    value.tree = tree != NULL ? tree : line->tree;
    if (s == STATUS_OK) {
        sha256_hex(line->text, line->len, value.sha256);
        s = lift_value(m, &value, e);
    } else if (s == STATUS_NO_MEMORY) {
        s = error_set(e, s, "out of memory");
    } else {
        migration_refuse(m, line->number, why.text);
        m->result->values++;
        s = STATUS_OK;
    }
    json_object_put(tree);
    json_object_put(value.nonfinite);
    return s;
}

static enum status lift_lines(struct migration *m, const char *path, struct error *e)
{
    struct jsonl *lines;
    enum status s = jsonl_open(path, &lines, e);
    if (s != STATUS_OK)
        return s;
    for (struct jsonl_line line; s == STATUS_OK && jsonl_next(lines, &line);) {
        if (jsonl_packing(lines) == NULL && line.offset >= m->source->bytes)
            break; /* it has grown since it was hashed: check_length() */
        s = lift_line(m, &line, e);
        if (s == STATUS_OK)
            s = check_stop(m, e);
    }
    if (s == STATUS_OK && m->format == NULL && m->unknown > 0)
        s = unknown_format(e);
    enum status read = jsonl_close(lines, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? read : s;
}

/* The file as one value. STATUS_INVALID, STATUS_LIMIT: it is none, or too large for one. */
static enum status lift_whole(struct migration *m, const char *path, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    struct json_object *tree = NULL;
    struct migrate_value value = {0};
    enum status s = byte_in_read_file(path, NULL, &text, e);
    size_t mark = byte_order_mark(buf_text(&text), text.len);
    if (s == STATUS_OK)
        s = old_json_parse(buf_text(&text) + mark, text.len - mark, &tree, &value.nonfinite, e);
    if (s == STATUS_OK) {
        value.tree = tree;
        memcpy(value.sha256, m->source->sha256, sizeof value.sha256);
        s = lift_value(m, &value, e);
    }
    json_object_put(tree);
    json_object_put(value.nonfinite);
    buf_fini(&text);
    return s;
}

/* Is the first line a value by itself? Then every line is one. */
static enum status is_lines(const char *path, bool *lines, struct error *e)
{
    struct jsonl *reader;
    struct jsonl_line line = {0};
    struct json_object *tree = NULL, *nonfinite = NULL;
    enum status s = jsonl_open(path, &reader, e);
    if (s != STATUS_OK)
        return s;
    *lines = jsonl_next(reader, &line) && (line.status == STATUS_OK || line.status == STATUS_INVALID);
    if (*lines && line.status == STATUS_INVALID) {
        size_t mark = byte_order_mark(line.text, line.len);
        *lines = old_json_parse(line.text + mark, line.len - mark, &tree, &nonfinite, NULL) == STATUS_OK;
    }
    json_object_put(tree);
    json_object_put(nonfinite);
    return jsonl_close(reader, e);
}

/* Neither is its first line a value nor the whole: lines of which the first is broken, or one value that is. */
static enum status lift_broken(
    struct migration *m, const char *path, enum status of_whole, const struct error *why, struct error *e)
{
    enum status s = lift_lines(m, path, e);
    if (s != STATUS_USAGE)
        return s;
    if (e != NULL)
        *e = *why;
    return of_whole;
}

static enum status lift_file(struct migration *m, const char *path, struct error *e)
{
    bool lines = false;
    enum status s = is_lines(path, &lines, e);
    if (s != STATUS_OK || lines)
        return s == STATUS_OK ? lift_lines(m, path, e) : s;
    struct error why = {0};
    s = lift_whole(m, path, &why);
    if ((s == STATUS_INVALID || s == STATUS_LIMIT) && m->result->values == 0)
        return lift_broken(m, path, s, &why, e);
    if (s != STATUS_OK && e != NULL)
        *e = why;
    return s;
}

/* ---- the run ---- */

static bool begin_run(struct migration *m)
{
    struct json_object *assay = json_object_new_object();
    bool ok = json_set_text(m->run, "schema_version", "1.0.0") &&
              json_set_text(assay, "version", m->request->assay_version);
    ok &= json_set(m->run, "assay", assay);
    return ok && json_set(m->run, "machine", json_object_new_object()) &&
           json_set(m->run, "parameters", json_object_new_object()) &&
           json_set(m->run, "targets", json_object_new_array()) &&
           json_set(m->run, "models", json_object_new_array()) &&
           json_set(m->run, "plan", json_object_new_array());
}

static bool tell_run(struct migration *m)
{
    struct json_object *told = json_get_object(m->run, "/migrated");
    if (told == NULL && (!json_set(m->run, "migrated", json_object_new_object()) ||
                            (told = json_get_object(m->run, "/migrated")) == NULL))
        return false;
    const char *only = json_object_array_length(m->versions) == 1
                           ? json_object_get_string(json_object_array_get_idx(m->versions, 0))
                           : NULL;
    return json_set_text(told, "from", m->format->name) &&
           (only == NULL || json_set_text(told, "version", only)) &&
           json_set(told, "versions", json_object_get(m->versions)) &&
           json_set_text(told, "file", m->first.name) && json_set_int(told, "bytes", m->first.bytes) &&
           json_set_text(told, "sha256", m->first.sha256) &&
           json_set_int(told, "values", m->result->values) &&
           json_set_int(told, "records", m->result->records) &&
           json_set_int(told, "samples", m->result->samples) &&
           json_set_int(told, "refused", m->result->refused) &&
           json_set(told, "refusals", migrate_tally_take(&m->refused)) &&
           json_set(told, "losses", migrate_tally_take(&m->losses)) &&
           json_set(told, "notes", migrate_tally_take(&m->notes));
}

static enum status nothing_lifted(struct migration *m, struct error *e)
{
    struct json_object *first = json_get(m->refused.list, "/0");
    const char *why = json_get_text(first, "/reason");
    int64_t line = 0;
    (void)json_get_int(first, "/first_line", &line);
    error_set(
        e, STATUS_INVALID, "nothing in it can be migrated: %s", why != NULL ? why : "it holds no value");
    error_locate(e, NULL, (long)line, 0, NULL);
    return STATUS_INVALID;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The digest is that of what was migrated: a file that is still written is left for later. */
static enum status check_length(const struct migrate_source *source, struct error *e)
{
    struct stat about;
    if (stat(source->path, &about) == 0 && about.st_size == (off_t)source->bytes)
        return STATUS_OK;
    return error_set(
        e, STATUS_BUSY, "somebody writes to the file while it is read: migrate it when that is over");
}

static enum status read_source(struct migration *m, struct migrate_source *source, struct error *e)
{
    m->source = source;
    enum status s = hash_file(m, source, e);
    if (s == STATUS_OK)
        s = lift_file(m, source->path, e);
    if (s == STATUS_OK)
        s = check_length(source, e);
    if (s != STATUS_OK)
        error_locate(e, source->path, 0, 0, NULL);
    return s;
}

static bool tell_memory(struct migration *m, const struct migrate_source *source)
{
    struct json_object *migrated = json_get_object(m->run, "/migrated"), *told = json_object_new_object();
    if (migrated == NULL && json_set(m->run, "migrated", json_object_new_object()))
        migrated = json_get_object(m->run, "/migrated");
    bool ok = json_set_text(told, "file", source->name) && json_set_int(told, "bytes", source->bytes) &&
              json_set_text(told, "sha256", source->sha256);
    return json_set(migrated, "memory", told) && ok;
}

/* The samples that were taken beside the tests. */
static enum status read_memory(struct migration *m, struct error *e)
{
    const struct migrate_format *format = m->format;
    struct migrate_source memory = {.path = m->request->memory, .name = base_name(m->request->memory)};
    m->format = format_named("mlx-knife-memory");
    enum status s = read_source(m, &memory, e);
    if (s == STATUS_OK && m->result->samples == 0)
        s = error_set(e, STATUS_INVALID, "%s: there is no sample of mlx-knife in it", memory.path);
    if (s == STATUS_OK && !tell_memory(m, &memory))
        s = error_set(e, STATUS_NO_MEMORY, "out of memory");
    m->format = format;
    m->source = &m->first;
    return s;
}

static enum status migrate_whole(struct migration *m, struct error *e)
{
    enum status s = read_source(m, &m->first, e);
    if (s == STATUS_OK && (m->run_id[0] == '\0' || m->result->records + m->result->samples == 0))
        s = nothing_lifted(m, e);
    if (s == STATUS_OK && m->request->memory != NULL)
        s = read_memory(m, e);
    if (s == STATUS_OK && m->format->finish != NULL)
        s = m->format->finish(m, e);
    if (s == STATUS_OK && !tell_run(m))
        s = error_set(e, STATUS_NO_MEMORY, "out of memory");
    if (s == STATUS_OK)
        s = check_stop(m, e);
    return s == STATUS_OK ? migrate_folder_finish(m, e) : s;
}

enum status migrate_file(
    const char *path, const struct migrate_request *request, struct migrate_result *result, struct error *e)
{
    *result = (struct migrate_result){0};
    struct migration m = {.request = request,
        .result = result,
        .first = {.path = path, .name = base_name(path)},
        .run = json_object_new_object(),
        .versions = json_object_new_array(),
        .losses = {.key = "pointer", .max = 256},
        .notes = {.key = "text", .max = 256},
        .refused = {.key = "reason", .max = 64}};
    enum status s = STATUS_OK;
    if (request->from != NULL && (m.format = format_named(request->from)) == NULL)
        s = error_set(e, STATUS_USAGE, "there is no format \"%s\"", request->from);
    if (s == STATUS_OK && (m.versions == NULL || !begin_run(&m)))
        s = error_set(e, STATUS_NO_MEMORY, "out of memory");
    if (s == STATUS_OK)
        s = migrate_whole(&m, e);
    if (s != STATUS_OK)
        error_locate(e, path, 0, 0, NULL);
    migrate_folder_drop(&m);
    migrate_tally_fini(&m.losses);
    migrate_tally_fini(&m.notes);
    migrate_tally_fini(&m.refused);
    migrate_attempts_fini(&m.attempts);
    json_object_put(m.versions);
    result->format = m.format;
    result->run = m.run;
    return s;
}

void migrate_result_fini(struct migrate_result *result)
{
    json_object_put(result->run);
    *result = (struct migrate_result){0};
}
