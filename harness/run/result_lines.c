/*
 * Lines of exchanges.jsonl and answers.jsonl: a journal's entries with the names that only the supervisor
 * knows.
 */
#include "result.h"

#include "fs.h"
#include "json.h"
#include "record.h"
#include "our_schemas.h"

#include <fcntl.h>
#include <unistd.h>

struct lines {
    int fd; /* -1 until the first line */
    const struct run_folder *folder;
    const struct result_facts *facts;
    enum spool_kind kind;
    const char *schema; /* its name: compiled only where there is a line */
};

static enum status open_lines(struct lines *lines, struct error *e)
{
    const struct intent_spec *spec = lines->facts->spec;
    struct buf path = BUF_INIT(4096);
    enum status s = spool_path(lines->folder, spec->planned->test, spec->attempt, lines->kind, &path);
    if (s == STATUS_OK)
        lines->fd = open(buf_text(&path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (s == STATUS_OK && lines->fd < 0)
        s = error_set_errno(e, "cannot make %s", buf_text(&path));
    buf_fini(&path);
    return s;
}

static enum status name_line(const struct lines *lines, struct json_object *tree, struct error *e)
{
    const struct intent_spec *spec = lines->facts->spec;
    bool ok = json_set_text(tree, "schema_version", RECORD_VERSION) &&
              json_set_text(tree, "run_id", lines->folder->run_id) &&
              json_set_text(tree, "test", spec->planned->test) &&
              json_set_int(tree, "attempt", spec->attempt);
    return ok ? STATUS_OK : error_set(e, STATUS_NO_MEMORY, "no memory for a line");
}

/* The grade of an answer stands a few entries behind it: it is made when the answer is known. */
enum { GRADE_DISTANCE = 8 };

static bool take_grade(struct json_object *answer, const struct journal_entry *entry)
{
    struct json_object *grade = NULL;
    int64_t graded = -1, index = -2;
    bool ok = json_parse(entry->text, entry->len, &grade, NULL) == STATUS_OK &&
              json_get_int(grade, "/index", &graded) && json_get_int(answer, "/index", &index) &&
              graded == index;
    if (ok) {
        json_object_object_del(grade, "index");
        return json_set(answer, "grade", grade);
    }
    json_object_put(grade);
    return false;
}

static void find_grade(const struct lines *lines, size_t at, struct json_object *answer)
{
    struct journal_entry next;
    for (int i = 0; i < GRADE_DISTANCE && journal_next(lines->facts->journal, &at, &next); i++)
        if (next.type == JOURNAL_GRADE && take_grade(answer, &next))
            return;
}

static enum status write_line(
    struct lines *lines, const struct journal_entry *entry, size_t next, struct error *e)
{
    struct json_object *tree = NULL;
    struct buf text = BUF_INIT(JSON_FILE_MAX);
    enum status s = json_parse(entry->text, entry->len, &tree, e);
    if (s == STATUS_OK && entry->type == JOURNAL_ANSWER)
        find_grade(lines, next, tree);
    if (s == STATUS_OK)
        s = name_line(lines, tree, e);
    if (s == STATUS_OK)
        s = schema_check(schema_for(lines->schema), tree, e);
    if (s == STATUS_OK)
        s = json_write(tree, &text, e);
    if (s == STATUS_OK && lines->fd < 0)
        s = open_lines(lines, e);
    if (s == STATUS_OK)
        s = fs_append_line(lines->fd, buf_text(&text), text.len, e);
    json_object_put(tree);
    buf_fini(&text);
    return s;
}

enum status result_write_lines(const struct run_folder *folder, const struct result_facts *facts,
    enum journal_type type, enum spool_kind kind, const char *schema, struct error *e)
{
    struct lines lines = {-1, folder, facts, kind, schema};
    struct journal_entry entry;
    enum status s = STATUS_OK;
    for (size_t at = 0; journal_next(facts->journal, &at, &entry);) {
        if (entry.type != type)
            continue;
        struct error *detail = s == STATUS_OK ? e : NULL; /* the first fault is the one to tell */
        enum status of_line = write_line(&lines, &entry, at, detail);
        s = s == STATUS_OK ? of_line : s;
    }
    if (lines.fd >= 0)
        (void)close(lines.fd);
    return s;
}
