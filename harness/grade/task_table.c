#include "task_table.h"

#include "buf.h"
#include "json.h"
#include "text.h"

#include <string.h>

enum { COLUMNS_MAX = 32, CELL_MAX = 1 << 20 };

struct row {
    struct buf cells[COLUMNS_MAX];
    size_t count;
};

struct table {
    const char *at, *end;
    long line;
};

static void row_fini(struct row *row)
{
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        buf_fini(&row->cells[i]);
}

/* One cell up to its comma or line end; quoted ones may hold both, and "" is a quote. */
static enum status read_cell(struct table *t, struct buf *cell, struct error *e)
{
    bool quoted = t->at < t->end && *t->at == '"';
    t->at += quoted;
    while (t->at < t->end) {
        char c = *t->at;
        if (quoted && c == '"') {
            if (t->at + 1 < t->end && t->at[1] == '"') {
                buf_append_char(cell, '"');
                t->at += 2;
                continue;
            }
            t->at++;
            quoted = false;
            continue;
        }
        if (!quoted && (c == ',' || c == '\n'))
            break;
        t->line += c == '\n';
        if (quoted || c != '\r')
            buf_append_char(cell, c);
        t->at++;
    }
    if (quoted)
        return error_set(e, STATUS_INVALID, "a quoted cell does not end");
    return buf_status(cell) == STATUS_OK
               ? STATUS_OK
               : error_set(e, STATUS_LIMIT, "a cell of more than %d bytes", CELL_MAX);
}

static enum status read_row(struct table *t, struct row *row, struct error *e)
{
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        buf_clear(&row->cells[i]);
    row->count = 0;
    for (;;) {
        if (row->count == COLUMNS_MAX)
            return error_set(e, STATUS_LIMIT, "more than %d columns", COLUMNS_MAX);
        enum status s = read_cell(t, &row->cells[row->count++], e);
        if (s != STATUS_OK)
            return s;
        bool more = t->at < t->end && *t->at == ',';
        t->at += t->at < t->end;
        if (!more)
            break;
    }
    t->line++;
    return STATUS_OK;
}

static const char *cell_of(const struct row *header, const struct row *row, const char *column)
{
    for (size_t i = 0; i < header->count && i < row->count; i++)
        if (strcmp(buf_text(&header->cells[i]), column) == 0)
            return buf_text(&row->cells[i]);
    return "";
}

static bool set_each(struct json_object *check, const char *key, const char *text, bool nested)
{
    struct json_object *list = json_object_new_array();
    bool ok = true;
    while (ok) {
        size_t len = strcspn(text, "|");
        struct json_object *one = json_object_new_string_len(text, (int)len);
        if (nested) {
            struct json_object *ways = json_object_new_array();
            ok = json_add(ways, one);
            one = ways;
        }
        ok = json_add(list, one) && ok;
        if (!text[len])
            break;
        text += len + 1;
    }
    return json_set(check, key, list) && ok;
}

static struct json_object *check_of(const char *kind, const char *answer, struct error *e)
{
    struct json_object *check = json_object_new_object();
    double value;
    bool ok = json_set_text(check, "kind", *kind ? kind : "text");
    if (!*kind || strcmp(kind, "text") == 0)
        ok = ok && set_each(check, "any", answer, false);
    else if (strcmp(kind, "choice") == 0)
        ok = ok && json_set_text(check, "letter", answer);
    else if (strcmp(kind, "number") == 0)
        ok = ok && text_parse_double(answer, &value) && json_set_real(check, "value", value);
    else if (strcmp(kind, "facts") == 0)
        ok = ok && set_each(check, "all", answer, true);
    else if (strcmp(kind, "pattern") == 0)
        ok = ok && json_set_text(check, "regex", answer);
    else if (strcmp(kind, "none") == 0)
        ok = ok && !*answer;
    else if (strcmp(kind, "code") == 0)
        ok = ok && json_set_text(check, "output", answer);
    if (ok)
        return check;
    json_object_put(check);
    error_set(e, STATUS_INVALID, "\"%.100s\" is no answer of the kind %.40s", answer, *kind ? kind : "text");
    return NULL;
}

static bool set_optional(struct json_object *task, const char *key, const char *text)
{
    return !*text || json_set_text(task, key, text);
}

static struct json_object *task_of(const struct row *header, const struct row *row, struct error *e)
{
    const char *tokens = cell_of(header, row, "max_tokens");
    int64_t max_tokens = 0;
    struct json_object *check = check_of(cell_of(header, row, "kind"), cell_of(header, row, "answer"), e);
    if (!check)
        return NULL;
    struct json_object *task = json_object_new_object();
    bool ok = json_set_text(task, "prompt", cell_of(header, row, "prompt")) &&
              set_optional(task, "id", cell_of(header, row, "id")) &&
              set_optional(task, "category", cell_of(header, row, "category")) &&
              set_optional(task, "system", cell_of(header, row, "system"));
    ok = json_set(task, "check", check) && ok;
    if (*cell_of(header, row, "image")) {
        struct json_object *images = json_object_new_array();
        ok = json_add_text(images, cell_of(header, row, "image")) && ok;
        ok = json_set(task, "images", images) && ok;
    }
    if (*tokens)
        ok = ok && text_parse_i64(tokens, &max_tokens) && json_set_int(task, "max_tokens", max_tokens);
    if (ok)
        return task;
    json_object_put(task);
    error_set(e, STATUS_INVALID, "max_tokens \"%.40s\" is no whole number", tokens);
    return NULL;
}

static bool has_column(const struct row *header, const char *column)
{
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(buf_text(&header->cells[i]), column) == 0)
            return true;
    return false;
}

static enum status read_header(struct table *t, struct row *header, struct error *e)
{
    enum status s = read_row(t, header, e);
    if (s == STATUS_OK && (!has_column(header, "prompt") || !has_column(header, "answer")))
        s = error_set(
            e, STATUS_INVALID, "the first line has to name the columns, prompt and answer among them");
    return s;
}

enum status task_table_read(const char *name, const char *text, size_t len,
    enum status (*take)(struct json_object *task, long line, void *arg, struct error *e), void *arg,
    struct error *e)
{
    struct table t = {.at = text, .end = text + len, .line = 1};
    struct row header = {0}, row = {0};
    for (size_t i = 0; i < COLUMNS_MAX; i++) {
        buf_init(&header.cells[i], CELL_MAX);
        buf_init(&row.cells[i], CELL_MAX);
    }
    long line = 1;
    enum status s = read_header(&t, &header, e);
    while (s == STATUS_OK && t.at < t.end) {
        line = t.line;
        s = read_row(&t, &row, e);
        if (s != STATUS_OK || (row.count == 1 && row.cells[0].len == 0))
            continue;
        struct json_object *task = task_of(&header, &row, e);
        s = task ? take(task, line, arg, e) : STATUS_INVALID;
    }
    if (s != STATUS_OK)
        error_locate(e, name, line, 0, NULL);
    row_fini(&header);
    row_fini(&row);
    return s;
}
