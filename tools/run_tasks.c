#include "run_tasks.h"

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

/* Pictures become part of the text, which is then JSON lines whatever it was. */
static enum status take_pictures_in(
    const struct task_list *tasks, const char *path, struct buf *text, bool *any, struct error *e)
{
    struct buf folder = BUF_INIT(1 << 16), lines = BUF_INIT(RUN_TASKS_BYTES);
    folder_of(path, &folder);
    enum status s = task_images_take_in(tasks, buf_text(&folder), &lines, any, e);
    if (s == STATUS_OK && *any) {
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

enum status run_tasks_read(const char *path, struct run_settings *settings, struct buf *text, struct error *e)
{
    struct task_list tasks;
    bool pictures = false;
    char hex[65];
    enum status s = fs_read_file(path, text, e);
    if (s == STATUS_OK)
        s = task_list_parse(path, buf_text(text), text->len, &tasks, e);
    if (s != STATUS_OK)
        return s;
    s = take_pictures_in(&tasks, path, text, &pictures, e);
    task_list_fini(&tasks);
    if (s != STATUS_OK)
        return s;
    sha256_hex(buf_text(text), text->len, hex);
    snprintf(settings->prompt_set, sizeof settings->prompt_set, "tasks-%.16s", hex);
    snprintf(settings->tasks_file, sizeof settings->tasks_file, "tasks.%s",
        is_table(path) && !pictures ? "csv" : "jsonl");
    return STATUS_OK;
}
