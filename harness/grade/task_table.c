#include "task_table.h"

#include "buf.h"
#include "csv.h"
#include "json.h"
#include "text.h"

#include <string.h>

static const char *cell_of(const struct csv_row *header, const struct csv_row *row, const char *column)
{
    const char *cell = csv_cell(header, row, column);
    return cell ? cell : "";
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

static struct json_object *task_of(const struct csv_row *header, const struct csv_row *row, struct error *e)
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

static enum status read_header(struct csv *t, struct csv_row *header, struct error *e)
{
    enum status s = csv_read_row(t, header, e);
    if (s == STATUS_OK && (!csv_cell(header, header, "prompt") || !csv_cell(header, header, "answer")))
        s = error_set(
            e, STATUS_INVALID, "the first line has to name the columns, prompt and answer among them");
    return s;
}

enum status task_table_read(const char *name, const char *text, size_t len,
    enum status (*take)(struct json_object *task, long line, void *arg, struct error *e), void *arg,
    struct error *e)
{
    struct csv t = CSV_INIT(text, len);
    struct csv_row header, row;
    csv_row_init(&header);
    csv_row_init(&row);
    long line = 1;
    enum status s = read_header(&t, &header, e);
    while (s == STATUS_OK && !csv_at_end(&t)) {
        line = t.line;
        s = csv_read_row(&t, &row, e);
        if (s != STATUS_OK || csv_row_is_blank(&row))
            continue;
        struct json_object *task = task_of(&header, &row, e);
        s = task ? take(task, line, arg, e) : STATUS_INVALID;
    }
    if (s != STATUS_OK)
        error_locate(e, name, line, 0, NULL);
    csv_row_fini(&header);
    csv_row_fini(&row);
    return s;
}
