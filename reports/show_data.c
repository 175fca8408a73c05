#include "show_data.h"

#include "fs.h"
#include "jsonl.h"
#include "line_check.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX ((size_t)8 << 20)

static bool belongs(struct json_object *tree, const char *test, int64_t attempt)
{
    const char *of = json_get_text(tree, "/test");
    int64_t number = 0;
    return of && strcmp(of, test) == 0 && json_get_int(tree, "/attempt", &number) && number == attempt;
}

static enum status keep(struct show_lines *lines, struct json_object *tree, struct error *e)
{
    struct json_object **grown = reallocarray(lines->items, lines->count + 1, sizeof *grown);
    if (!grown)
        return error_set(e, STATUS_NO_MEMORY, "no memory for the exchanges of the test");
    lines->items = grown;
    lines->items[lines->count++] = json_object_get(tree);
    return STATUS_OK;
}

static enum status read_lines(const char *path, const char *kind, const char *test, int64_t attempt,
    struct show_lines *lines, struct error *e)
{
    struct jsonl *reader = NULL;
    struct error why = {0};
    enum status s = jsonl_open(path, &reader, &why);
    lines->absent = s == STATUS_NOT_FOUND;
    if (s != STATUS_OK)
        return lines->absent ? STATUS_OK : error_set(e, s, "%s", error_text(&why));
    for (struct jsonl_line line; s == STATUS_OK && jsonl_next(reader, &line);) {
        bool wanted = line.status == STATUS_OK && belongs(line.tree, test, attempt);
        if (line.status != STATUS_OK || (wanted && line_check(kind, line.tree, NULL) != STATUS_OK))
            lines->unreadable++;
        else if (wanted)
            s = keep(lines, line.tree, e);
    }
    enum status closed = jsonl_close(reader, s == STATUS_OK ? e : NULL);
    return s == STATUS_OK ? closed : s;
}

static enum status load_lines(const struct run_data *data, const char *file, const char *kind,
    const char *test, int64_t attempt, struct show_lines *lines, struct error *e)
{
    struct buf path = BUF_INIT(1 << 16);
    enum status s = fs_join(&path, data->folder, file);
    s = s == STATUS_OK ? read_lines(buf_text(&path), kind, test, attempt, lines, e)
                       : error_set(e, s, "%s: the path is too long", data->folder);
    buf_fini(&path);
    return s;
}

/* logs/<slug>.<attempt>.log; a log that is not there or too large is no reason to show nothing. */
static void load_log(const struct run_data *data, const char *test, int64_t attempt, struct buf *log)
{
    struct buf name = BUF_INIT(4096), path = BUF_INIT(1 << 16);
    buf_init(log, LOG_MAX);
    buf_append_text(&name, "logs/");
    if (text_slug(&name, test) == STATUS_OK && buf_printf(&name, ".%" PRId64 ".log", attempt) == STATUS_OK &&
        fs_join(&path, data->folder, buf_text(&name)) == STATUS_OK &&
        fs_read_file(buf_text(&path), log, NULL) != STATUS_OK)
        buf_clear(log);
    buf_fini(&name);
    buf_fini(&path);
}

enum status show_data_load(
    const struct run_data *data, const char *test, int64_t attempt, struct show_data *shown, struct error *e)
{
    *shown = (struct show_data){0};
    enum status s = load_lines(data, "exchanges.jsonl", "exchange", test, attempt, &shown->exchanges, e);
    if (s == STATUS_OK)
        s = load_lines(data, "answers.jsonl", "answer", test, attempt, &shown->answers, e);
    load_log(data, test, attempt, &shown->log);
    if (s != STATUS_OK)
        show_data_fini(shown);
    return s;
}

static void free_lines(struct show_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        json_object_put(lines->items[i]);
    free(lines->items);
}

void show_data_fini(struct show_data *shown)
{
    free_lines(&shown->exchanges);
    free_lines(&shown->answers);
    buf_fini(&shown->log);
    *shown = (struct show_data){0};
}

struct json_object *show_data_answer(const struct show_data *shown, int64_t index)
{
    for (size_t i = 0; i < shown->answers.count; i++) {
        int64_t of = -1;
        if (json_get_int(shown->answers.items[i], "/index", &of) && of == index)
            return shown->answers.items[i];
    }
    return NULL;
}
