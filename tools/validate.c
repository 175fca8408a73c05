#include "validate.h"

#include "junit.h"
#include "jsonl.h"
#include "validate_judge.h"
#include "yamldoc.h"

#include "fs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool validate_is_stopped(const struct validation *v)
{
    return v->stop != NULL && *v->stop != 0;
}

/* ---- text that is no JSON ---- */

static bool is_utf16(const char *text, size_t len)
{
    return len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

static size_t count_nuls(const char *text, size_t len)
{
    size_t count = 0;
    for (const char *at = text; (at = memchr(at, '\0', len - (size_t)(at - text))) != NULL; at++)
        count++;
    return count;
}

/* Why a text is refused: the parser's word, or one that says more. */
static void tell_text(struct judged *j, const char *text, size_t len, bool torn, const struct error *why)
{
    struct error better = {0};
    const char *kind = torn ? "torn" : why->status == STATUS_LIMIT ? "too_deep" : "json";
    size_t nuls = count_nuls(text, len);
    if (is_utf16(text, len)) {
        kind = "encoding";
        error_set(&better, STATUS_INVALID,
            "the text is UTF-16, and JSON is UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8");
    } else if (nuls > 0) {
        kind = "nul";
        error_set(&better, STATUS_INVALID,
            "%zu NUL %s: what a machine may leave that went down while the file was written (%.200s)", nuls,
            nuls == 1 ? "byte" : "bytes", why->text);
    }
    if (better.status == STATUS_OK)
        better = *why;
    error_locate(&better, NULL, why->line, why->column, NULL);
    judge_tell(j, kind, &better);
}

static void tell_mark(struct judged *j)
{
    struct error why = {0};
    error_set(&why, STATUS_INVALID,
        "a byte order mark (BOM) stands before the first value: JSON has none, and many readers refuse it");
    error_locate(&why, NULL, 1, 0, NULL);
    judge_tell(j, "bom", &why);
}

/* ---- one value ---- */

/* What is compressed and damaged is a fault of the file, anything else one of the reading. */
static enum status tell_unpacking(struct judged *j, enum status s, const struct error *why, struct error *e)
{
    if (s == STATUS_INVALID) {
        judge_tell(j, "packing", why);
        return STATUS_OK;
    }
    if (s != STATUS_OK && e != NULL)
        *e = *why;
    return s;
}

static enum status judge_yaml(struct judged *j, struct error *e)
{
    struct yamldoc doc = {0};
    struct error why = {0};
    enum status s = yamldoc_read_file(j->path, &doc, &why);
    if (s == STATUS_OK)
        s = judge_value(j, doc.tree, NULL, &(struct places){.yaml = &doc}, e);
    else if (s == STATUS_INVALID) {
        judge_tell(j, "yaml", &why);
        s = STATUS_OK;
    } else if (e != NULL) {
        *e = why;
    }
    yamldoc_fini(&doc);
    return s;
}

static enum status judge_junit(struct judged *j, const char *path, struct error *e)
{
    struct buf xml = BUF_INIT(JUNIT_BYTES_MAX);
    struct error why = {0};
    enum status s = tell_unpacking(j, byte_in_read_file(path, j->v->stop, &xml, &why), &why, e);
    if (s == STATUS_OK && j->faults == 0 && !validate_is_stopped(j->v)) {
        s = junit_check(buf_text(&xml), xml.len, false, &why);
        j->v->values++;
        if (s == STATUS_INVALID)
            judge_tell(j, "xml", &why);
        else if (s != STATUS_OK && e != NULL)
            *e = why;
        s = s == STATUS_INVALID ? STATUS_OK : s;
    }
    buf_fini(&xml);
    return s;
}

static enum status judge_text(struct judged *j, const struct buf *text, struct error *e)
{
    struct error why = {0};
    struct json_object *tree = NULL;
    enum status s = json_parse(buf_text(text), text->len, &tree, &why);
    if (s == STATUS_OK)
        s = judge_value(j, tree, NULL, &(struct places){.text = text}, e);
    else if (s == STATUS_NO_MEMORY)
        s = error_set(e, s, "out of memory");
    else {
        tell_text(j, buf_text(text), text->len, false, &why);
        s = STATUS_OK;
    }
    json_object_put(tree);
    return s;
}

static enum status judge_one(struct judged *j, const char *path, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    struct error why = {0};
    enum status s = byte_in_read_file(path, j->v->stop, &text, &why);
    bool whole = s == STATUS_OK && !validate_is_stopped(j->v);
    s = tell_unpacking(j, s, &why, e);
    if (whole && text.len == 0) {
        error_set(&why, STATUS_INVALID, "the file is empty");
        judge_tell(j, "empty", &why);
    } else if (whole) {
        if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
            tell_mark(j);
            buf_consume(&text, 3);
        }
        s = judge_text(j, &text, e);
    }
    buf_fini(&text);
    return s;
}

/* ---- lines ---- */

struct line_file {
    struct jsonl *lines;
    struct jsonl_line line;
    long before;        /* number of the line before, empty ones left out */
    bool by_line;       /* its name says so */
    bool seen;          /* a line that is not empty */
    int64_t size_first; /* of the file before it was read; 0: unknown */
};

static int64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_size : 0;
}

/* Somebody writes it while we read it: what was not there at first is left for the next time. */
static bool is_growing(struct judged *j, const struct line_file *f)
{
    const struct jsonl_line *line = &f->line;
    if (f->size_first == 0 || jsonl_packing(f->lines) != NULL)
        return false;
    bool behind = line->offset >= f->size_first;
    if (!behind && !(line->torn && line->status != STATUS_OK && size_of(j->path) > f->size_first))
        return false;
    judge_note(j, "growing", line->number, "the file grows: it was judged up to the line before");
    return true;
}

static void note_form(struct judged *j, const struct line_file *f)
{
    const struct jsonl_line *line = &f->line;
    if (line->number > f->before + 1)
        judge_note(j, "blank", f->before + 1, "an empty line, or several: they are left out");
    if (line->len > 0 && line->text[line->len - 1] == '\r')
        judge_note(
            j, "crlf", line->number, "the line ends with CR LF, as on Windows; JSON takes the CR as a blank");
    if (line->torn && line->status == STATUS_OK && (f->by_line || line->number > 1))
        judge_note(
            j, "no_newline", line->number, "the last line has no newline: what is appended would join it");
}

/* A kind whose readers take what is no JSON may take this. */
static enum status judge_refused(struct judged *j, struct line_file *f, struct error *e)
{
    const struct jsonl_line *line = &f->line;
    struct json_object *tree = NULL, *aside = NULL;
    const struct validate_kind *kind = NULL;
    if (line->text == NULL) {
        judge_tell(j, line->status == STATUS_LIMIT ? "too_long" : "memory", &line->error);
        return STATUS_OK;
    }
    if (line->status == STATUS_INVALID)
        kind = validate_kind_of_text(line->text, line->len, &tree, &aside);
    enum status s = STATUS_OK;
    if (kind != NULL && (j->kind == NULL || j->kind == kind))
        s = judge_value(j, tree, aside, &(struct places){.line = line->number}, e);
    else
        tell_text(j, line->text, line->len, line->cut, &line->error);
    json_object_put(tree);
    json_object_put(aside);
    return s;
}

static enum status judge_line(struct judged *j, struct line_file *f, struct error *e)
{
    struct error why; /* three kilobytes: too much to clear for each line */
    error_clear(&why);
    if (f->line.marked)
        tell_mark(j);
    note_form(j, f);
    enum status s = f->line.status == STATUS_OK
                        ? judge_value(j, f->line.tree, NULL, &(struct places){.line = f->line.number}, &why)
                        : judge_refused(j, f, &why);
    if (s == STATUS_USAGE && j->kind != NULL) { /* others of the file were known */
        error_locate(&why, NULL, f->line.number, 0, NULL);
        judge_tell(j, "unknown", &why);
        return STATUS_OK;
    }
    if (s != STATUS_OK && e != NULL)
        *e = why;
    return s;
}

/* Lines are kept where they were, so that places in the text are places in the file. */
static void gather(struct buf *text, long *at_line, const struct jsonl_line *line)
{
    for (; *at_line < line->number; (*at_line)++)
        buf_append_char(text, '\n');
    buf_append(text, line->text, line->len);
}

/* The first line was no whole value: perhaps the file is one. */
static enum status judge_whole(struct judged *j, struct line_file *f, struct error *e)
{
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    long at_line = 1, count = 0;
    bool cut = f->line.cut;
    struct error of_first = f->line.error;
    if (f->line.marked)
        tell_mark(j);
    do {
        if (f->line.text == NULL)
            break;
        gather(&text, &at_line, &f->line);
        count++;
    } while (jsonl_next(f->lines, &f->line));
    enum status s = buf_status(&text);
    if (validate_is_stopped(j->v))
        s = STATUS_OK;
    else if (s != STATUS_OK)
        s = error_set(e, s, "the file is larger than %zu bytes", JSON_FILE_MAX);
    else if (count == 1)
        tell_text(j, buf_text(&text), text.len, cut, &of_first);
    else
        s = judge_text(j, &text, e);
    buf_fini(&text);
    return s;
}

/* A value over several lines? Nothing else says that there are values line by line. */
static bool may_be_whole(const struct judged *j, const struct line_file *f)
{
    const struct jsonl_line *line = &f->line;
    struct json_object *tree, *aside;
    if (f->by_line || j->by_name != NULL || line->status != STATUS_INVALID || is_utf16(line->text, line->len))
        return false;
    bool taken = validate_kind_of_text(line->text, line->len, &tree, &aside) != NULL;
    json_object_put(tree);
    json_object_put(aside);
    return !taken;
}

static enum status judge_lines(struct judged *j, struct line_file *f, struct error *e)
{
    enum status s = STATUS_OK;
    for (bool first = true; s == STATUS_OK && !j->v->full && jsonl_next(f->lines, &f->line); first = false) {
        struct jsonl_line *line = &f->line;
        if (validate_is_stopped(j->v) || (!first && is_growing(j, f)))
            break;
        f->seen = true;
        if (first && may_be_whole(j, f))
            return judge_whole(j, f, e);
        bool utf16 = line->text != NULL && is_utf16(line->text, line->len);
        s = judge_line(j, f, e);
        f->before = line->number;
        if (utf16) /* it would be said of each line */
            break;
    }
    return s;
}

/* Of a file of lines that is no fault; whether it is one of those, only its name can say. */
static enum status judge_nothing(struct judged *j, const struct line_file *f, struct error *e)
{
    if (!f->by_line)
        return error_set(e, STATUS_UNAVAILABLE, "it is empty: there is nothing to judge");
    judge_note(j, "empty", 0, "the file is empty");
    return STATUS_OK;
}

static enum status judge_line_file(struct judged *j, const char *path, struct error *e)
{
    struct error why = {0};
    struct line_file f = {
        .size_first = strcmp(path, "-") == 0 ? 0 : size_of(path), /* not of a file named so */
        .by_line = validate_name_ends(path, ".jsonl") || validate_name_ends(path, ".ndjson")};
    enum status s = jsonl_open_until(path, j->v->stop, &f.lines, e);
    if (s != STATUS_OK)
        return validate_is_stopped(j->v) ? STATUS_OK : s;
    s = judge_lines(j, &f, e);
    enum status read = jsonl_close(f.lines, &why);
    if (s == STATUS_OK && read != STATUS_OK)
        return tell_unpacking(j, read, &why, e);
    bool nothing = !f.seen && !validate_is_stopped(j->v);
    return s == STATUS_OK && nothing ? judge_nothing(j, &f, e) : s;
}

/* ---- a file ---- */

static enum status judge_file(struct judged *j, const char *path, struct error *e)
{
    if (j->v->schema == NULL && j->by_name != NULL && strcmp(j->by_name->schema, "junit") == 0)
        return judge_junit(j, path, e);
    if (validate_name_ends(path, ".yaml") || validate_name_ends(path, ".yml"))
        return judge_yaml(j, e);
    return validate_name_ends(path, ".json") ? judge_one(j, path, e) : judge_line_file(j, path, e);
}

enum status validate_file(struct validation *v, const char *path, struct error *e)
{
    struct judged j = {
        .v = v, .path = strcmp(path, "-") == 0 ? "(stdin)" : path, .by_name = validate_kind_of_name(path)};
    enum status s = judge_file(&j, path, e);
    judge_tell_notes(&j);
    v->files += s == STATUS_OK;
    v->bad_files += j.faults > 0;
    if (s != STATUS_OK)
        error_locate(e, j.path, 0, 0, NULL);
    return s;
}
