#include "run_tasks.h"

#include "fetch_set.h"
#include "fs.h"
#include "sha256.h"
#include "task.h"
#include "task_images.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void folder_of(const char *path, struct buf *folder)
{
    const char *slash = strrchr(path, '/');
    if (slash)
        buf_append(folder, path, (size_t)(slash - path) + 1);
    else
        buf_append_text(folder, ".");
}

/* The first of them, with their pictures in them: JSON lines, whatever it was. */
static enum status write_anew(
    const struct task_list *tasks, size_t count, const char *path, struct buf *text, struct error *e)
{
    struct buf folder = BUF_INIT(1 << 16), lines = BUF_INIT(text->limit);
    struct task_list first = *tasks;
    first.count = count;
    folder_of(path, &folder);
    enum status s = task_images_take_in(&first, buf_text(&folder), &lines, e);
    if (s == STATUS_OK) {
        buf_clear(text);
        s = buf_append(text, buf_text(&lines), lines.len);
    }
    buf_fini(&folder);
    buf_fini(&lines);
    return s;
}

static bool is_table(const char *path)
{
    size_t len = strlen(path);
    return len >= 4 && strcasecmp(path + len - 4, ".csv") == 0;
}

static void count(const struct task_list *tasks, size_t first, struct run_settings *settings)
{
    settings->task_count = (int64_t)first;
    settings->task_tokens = 0;
    for (size_t i = 0; i < first; i++) {
        int64_t of_task = tasks->items[i].max_tokens;
        settings->task_tokens += settings->max_tokens > 0 ? settings->max_tokens
                                 : of_task > 0            ? of_task
                                                          : TASK_TOKENS;
    }
}

static enum status check(const struct run_tasks_request *r, const char *name, struct run_settings *settings,
    struct buf *text, bool *anew, struct error *e)
{
    struct task_list tasks;
    enum status s = task_list_parse(name, buf_text(text), text->len, &tasks, e);
    if (s != STATUS_OK)
        return s;
    size_t first = r->count > 0 && (size_t)r->count < tasks.count ? (size_t)r->count : tasks.count;
    count(&tasks, first, settings);
    *anew = first < tasks.count || task_images_any(&tasks);
    if (*anew)
        s = write_anew(&tasks, first, name, text, e);
    task_list_fini(&tasks);
    return s;
}

enum status run_tasks_read(const struct run_tasks_request *request, struct run_settings *settings,
    struct run_tasks *tasks, struct error *e)
{
    bool set = fetch_set_is_one(request->name), anew = false;
    const char *name = set ? "set.jsonl" : request->name;
    char hex[65];
    enum status s =
        set ? fetch_set(request->name, request->count, request->offline, &tasks->text, &tasks->about, e)
            : fs_read_file(request->name, &tasks->text, e);
    if (s == STATUS_NOT_FOUND && !strpbrk(request->name, "./"))
        s = fetch_set_suggest(request->name, e);
    if (s == STATUS_OK)
        s = check(request, name, settings, &tasks->text, &anew, e);
    if (s != STATUS_OK)
        return s;
    sha256_hex(buf_text(&tasks->text), tasks->text.len, hex);
    snprintf(settings->prompt_set, sizeof settings->prompt_set, "tasks-%.16s", hex);
    snprintf(settings->tasks_file, sizeof settings->tasks_file, "tasks.%s",
        is_table(name) && !anew ? "csv" : "jsonl");
    return STATUS_OK;
}

void run_tasks_fini(struct run_tasks *tasks)
{
    buf_fini(&tasks->text);
    buf_fini(&tasks->about);
}
