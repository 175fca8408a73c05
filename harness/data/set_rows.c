#include "set_rows.h"

#include "csv.h"
#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- rows of a file ---- */

static struct json_object *csv_object(const struct csv_row *header, const struct csv_row *row)
{
    struct json_object *tree = json_object_new_object();
    bool ok = tree != NULL;
    for (size_t i = 0; ok && i < header->count && i < row->count; i++)
        if (text_utf8_valid(buf_text(&row->cells[i]), row->cells[i].len))
            ok = json_set_text(tree, buf_text(&header->cells[i]), buf_text(&row->cells[i]));
    if (ok)
        return tree;
    json_object_put(tree);
    return NULL;
}

static enum status csv_rows(const char *text, size_t len,
    enum status (*take)(struct json_object *row, int64_t number, void *arg, struct error *e), void *arg,
    long *line, struct error *e)
{
    struct csv table = CSV_INIT(text, len);
    struct csv_row header, row;
    int64_t number = 0;
    csv_row_init(&header);
    csv_row_init(&row);
    enum status s = csv_read_row(&table, &header, e);
    while (s == STATUS_OK && !csv_at_end(&table)) {
        *line = table.line;
        s = csv_read_row(&table, &row, e);
        if (s != STATUS_OK || csv_row_is_blank(&row))
            continue;
        struct json_object *tree = csv_object(&header, &row);
        s = tree ? take(tree, number++, arg, e) : error_set(e, STATUS_NO_MEMORY, "no memory for a row");
        json_object_put(tree);
    }
    csv_row_fini(&header);
    csv_row_fini(&row);
    return s;
}

static enum status line_rows(const char *text, size_t len,
    enum status (*take)(struct json_object *row, int64_t number, void *arg, struct error *e), void *arg,
    long *line, struct error *e)
{
    enum status s = STATUS_OK;
    int64_t number = 0;
    for (const char *at = text, *end = text + len; s == STATUS_OK && at < end; (*line)++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        struct json_object *tree = NULL;
        if (stop - at > (at[stop - at - (stop > at)] == '\r'))
            s = json_parse(at, (size_t)(stop - at), &tree, e);
        if (s == STATUS_OK && tree && !json_object_is_type(tree, json_type_object))
            s = error_set(e, STATUS_INVALID, "a row is no object");
        if (s == STATUS_OK && tree)
            s = take(tree, number++, arg, e);
        json_object_put(tree);
        at = stop + 1;
    }
    return s;
}

enum status set_file_rows(const char *name, const char *text, size_t len,
    enum status (*take)(struct json_object *row, int64_t number, void *arg, struct error *e), void *arg,
    struct error *e)
{
    size_t name_len = strlen(name);
    bool table = name_len >= 4 && strcasecmp(name + name_len - 4, ".csv") == 0;
    long line = 1;
    enum status s =
        table ? csv_rows(text, len, take, arg, &line, e) : line_rows(text, len, take, arg, &line, e);
    if (s != STATUS_OK)
        error_locate(e, name, line, 0, NULL);
    return s;
}

/* ---- columns ---- */

static const char *usual(const struct json_object *row, const char *const *names, char *out, size_t size)
{
    for (size_t i = 0; names[i]; i++)
        if (json_object_object_get_ex(row, names[i], NULL)) {
            snprintf(out, size, "%s", names[i]);
            return out;
        }
    return NULL;
}

static void list_columns(const struct json_object *row, struct buf *out)
{
    json_object_object_foreach((struct json_object *)row, key, value)
    {
        (void)value;
        buf_append_text(out, out->len ? ", " : "");
        (void)text_sanitise_line(out, key, strlen(key), 40);
    }
}

enum status set_ref_guess(struct set_ref *ref, const struct json_object *row, struct error *e)
{
    static const char *const prompts[] = {
        "prompt", "question", "instruction", "input", "query", "problem", "text", NULL};
    static const char *const answers[] = {
        "answer", "answers", "label", "output", "response", "target", "completion", NULL};
    struct set_known *k = &ref->known;
    if (!k->prompt)
        k->prompt = usual(row, prompts, ref->own[2], sizeof ref->own[2]);
    if (!k->answer && k->kind != SET_NONE)
        k->answer = usual(row, answers, ref->own[3], sizeof ref->own[3]);
    if (k->kind == SET_UNKNOWN)
        k->kind = k->answer ? SET_TEXT : SET_NONE;
    if (k->prompt && json_object_object_get_ex(row, k->prompt, NULL) &&
        (!k->answer || json_object_object_get_ex(row, k->answer, NULL)))
        return STATUS_OK;
    struct buf columns = BUF_INIT(1 << 16);
    list_columns(row, &columns);
    enum status s = error_set(e, STATUS_INVALID,
        "the set's columns are %.300s; say which are meant: %.100s#prompt=COLUMN,answer=COLUMN",
        columns.len ? buf_text(&columns) : "none", ref->text);
    buf_fini(&columns);
    return s;
}

const char *set_row_image(const struct set_ref *ref, const struct json_object *row)
{
    struct json_object *cell = NULL, *source = NULL;
    if (!ref->known.image || !json_object_object_get_ex(row, ref->known.image, &cell))
        return NULL;
    if (json_object_is_type(cell, json_type_string))
        return json_object_get_string(cell);
    if (!json_object_is_type(cell, json_type_object) || !json_object_object_get_ex(cell, "src", &source) ||
        !json_object_is_type(source, json_type_string))
        return NULL;
    return json_object_get_string(source);
}

/* ---- checks ---- */

static int index_of(const char *const *labels, const char *label)
{
    for (int i = 0; labels && labels[i]; i++)
        if (strcasecmp(labels[i], label) == 0)
            return i;
    return -1;
}

static bool set_choice(struct json_object *check, const struct set_known *k, const char *answer)
{
    int at = index_of(k->labels, answer);
    char letter[2] = {(char)('A' + at), '\0'};
    struct json_object *options = json_object_new_array();
    bool ok = at >= 0 && json_set_text(check, "kind", "choice") && json_set_text(check, "letter", letter);
    for (size_t i = 0; ok && k->options[i]; i++)
        ok = json_add_text(options, k->options[i]);
    return json_set(check, "options", options) && ok;
}

/* The first word decides: "Yes, there is a dog." */
static bool set_yes_no(struct json_object *check, const char *answer)
{
    static const char *const yes[] = {"yes", "1", "true", NULL}, *const no[] = {"no", "0", "false", NULL};
    bool is_yes = index_of(yes, answer) >= 0;
    return (is_yes || index_of(no, answer) >= 0) && json_set_text(check, "kind", "pattern") &&
           json_set_text(check, "regex", is_yes ? "(?i)^\\W*yes\\b" : "(?i)^\\W*no\\b");
}

static bool set_number(struct json_object *check, const char *answer)
{
    double value;
    return text_parse_double(answer, &value) && json_set_text(check, "kind", "number") &&
           json_set_real(check, "value", value);
}

/* One answer, or a list of which any will do. */
static bool set_text(struct json_object *check, struct json_object *cell, const char *answer)
{
    struct json_object *any = json_object_new_array();
    bool list = json_object_is_type(cell, json_type_array), ok = true;
    size_t n = list ? json_object_array_length(cell) : 1, kept = 0;
    for (size_t i = 0; ok && i < n; i++) {
        const char *one = list ? json_object_get_string(json_object_array_get_idx(cell, i)) : answer;
        if (one && *one)
            ok = json_add_text(any, one), kept++;
    }
    ok = json_set(check, "any", any) && ok;
    return ok && kept > 0 && json_set_text(check, "kind", "text");
}

/* False: the row has no answer that can be graded. */
static bool set_check(struct json_object *check, const struct set_known *k, const struct json_object *row)
{
    struct json_object *cell = NULL;
    if (k->kind == SET_NONE)
        return json_set_text(check, "kind", "none");
    if (!json_object_object_get_ex(row, k->answer, &cell) || !cell)
        return false;
    const char *answer = json_object_get_string(cell);
    switch (k->kind) {
    case SET_CHOICE:
        return set_choice(check, k, answer);
    case SET_YES_NO:
        return set_yes_no(check, answer);
    case SET_NUMBER:
        return set_number(check, answer);
    default:
        return set_text(check, cell, answer);
    }
}

static bool set_prompt(struct json_object *task, const struct set_known *k, const struct json_object *row)
{
    struct json_object *cell = NULL;
    struct buf prompt = BUF_INIT(8 << 20);
    bool ok = json_object_object_get_ex(row, k->prompt, &cell) &&
              json_object_is_type(cell, json_type_string) && json_object_get_string_len(cell) > 0;
    if (ok) {
        buf_append_text(&prompt, k->before ? k->before : "");
        buf_append(&prompt, json_object_get_string(cell), (size_t)json_object_get_string_len(cell));
        buf_append_text(&prompt, k->after ? k->after : "");
        ok =
            buf_status(&prompt) == STATUS_OK && json_set_bytes(task, "prompt", buf_text(&prompt), prompt.len);
    }
    buf_fini(&prompt);
    return ok;
}

enum status set_row_write(const struct set_ref *ref, const struct json_object *row, int64_t number,
    const char *image, struct buf *lines, bool *skipped, struct error *e)
{
    const struct set_known *k = &ref->known;
    struct json_object *task = json_object_new_object(), *check = json_object_new_object();
    char id[32];
    enum status s = STATUS_OK;
    snprintf(id, sizeof id, "row-%" PRId64, number);
    bool usable = json_set_text(task, "id", id) && json_set_text(task, "category", ref->category) &&
                  set_prompt(task, k, row) && set_check(check, k, row) && (!k->image || image);
    usable = json_set(task, "check", check) && usable;
    if (usable && image) {
        struct json_object *images = json_object_new_array();
        usable = json_add_text(images, image);
        usable = json_set(task, "images", images) && usable;
    }
    if (usable && k->max_tokens)
        usable = json_set_int(task, "max_tokens", k->max_tokens);
    *skipped = !usable;
    if (usable)
        s = json_write(task, lines, e);
    if (usable && s == STATUS_OK && buf_append_char(lines, '\n') != STATUS_OK)
        s = error_set(e, STATUS_LIMIT, "the set is larger than a run keeps");
    json_object_put(task);
    return s;
}
