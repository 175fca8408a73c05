#include "regrade_tasks.h"

#include "fs.h"
#include "json.h"
#include "sha256.h"
#include "tasks.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { TASKS_BYTES = 256 << 20 };

static enum status parse(
    struct regrade_tasks *tasks, const char *path, const char *text, size_t len, struct error *e)
{
    sha256_hex(text, len, tasks->sha256);
    enum status s = task_list_parse(path, text, len, &tasks->list, e);
    return s == STATUS_OK ? task_index_new(&tasks->list, &tasks->index, e) : s;
}

static enum status read_file(struct regrade_tasks *tasks, const char *path, struct error *e)
{
    struct buf text = BUF_INIT(TASKS_BYTES);
    enum status s = fs_read_file(path, &text, e);
    if (s == STATUS_OK)
        s = parse(tasks, path, buf_text(&text), text.len, e);
    buf_fini(&text);
    return s;
}

static void set_name(struct regrade_tasks *tasks, const char *source, const char *name)
{
    tasks->source = source;
    snprintf(tasks->name, sizeof tasks->name, "%.*s", (int)text_utf8_cut(name, strlen(name), 255), name);
}

/* The copy that the run keeps beside its records. */
static enum status read_kept(const struct run_data *data, struct regrade_tasks *tasks, struct error *e)
{
    const char *file = json_get_text(data->run, "/parameters/tasks_file");
    struct buf path = BUF_INIT(1 << 16);
    if (!file || strchr(file, '/'))
        return error_set(
            e, STATUS_UNAVAILABLE, "the run does not name its file of tasks; give it with --tasks");
    set_name(tasks, "run", file);
    enum status s = fs_join(&path, data->folder, file);
    s = s == STATUS_OK ? read_file(tasks, buf_text(&path), e) : error_set(e, s, "the path is too long");
    buf_fini(&path);
    return s;
}

static enum status read_ours(const char *category, struct regrade_tasks *tasks, struct error *e)
{
    const struct task_file *file = task_file_find(category);
    char name[128];
    if (!file)
        return error_set(e, STATUS_UNAVAILABLE,
            "what it grades are no tasks of ours; give them with --tasks where they are a file");
    snprintf(name, sizeof name, "%s.jsonl, version %d", file->name, TASKS_VERSION);
    set_name(tasks, "program", name);
    snprintf(name, sizeof name, "%s.jsonl", file->name);
    return parse(tasks, name, file->text, file->len, e);
}

enum status regrade_tasks_load(const struct run_data *data, const struct run_test *test, const char *path,
    struct regrade_tasks *tasks, struct error *e)
{
    static const char suite[] = "utility.";
    const char *name = test->case_name ? test->case_name : "";
    bool ours = strncmp(name, suite, strlen(suite)) == 0;
    *tasks = (struct regrade_tasks){.category = ours ? name + strlen(suite) : "own"};
    if (path) {
        const char *slash = strrchr(path, '/');
        set_name(tasks, "file", slash && slash[1] ? slash + 1 : path);
        return read_file(tasks, path, e);
    }
    if (strcmp(name, "utility.own") == 0)
        return read_kept(data, tasks, e);
    return read_ours(ours ? tasks->category : "", tasks, e);
}

void regrade_tasks_fini(struct regrade_tasks *tasks)
{
    task_index_free(tasks->index);
    task_list_fini(&tasks->list);
    *tasks = (struct regrade_tasks){0};
}
