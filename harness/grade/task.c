#include "task.h"

#include "grade.h"
#include "task_table.h"

#include "json.h"
#include "our_schemas.h"
#include "rng.h"
#include "schema.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TASKS_MAX = 1 << 20 };

static const char *text_of(const struct json_object *tree, const char *pointer)
{
    const char *text = json_get_text(tree, pointer);
    return text && *text ? text : NULL;
}

static bool grow(struct task_list *tasks)
{
    size_t n = tasks->count;
    if (n & (n - 1) || n > TASKS_MAX)
        return n <= TASKS_MAX;
    size_t cap = n ? 2 * n : 1;
    struct graded_task *items = realloc(tasks->items, cap * sizeof *items);
    tasks->items = items ? items : tasks->items;
    struct json_object **trees = realloc(tasks->trees, cap * sizeof *trees);
    tasks->trees = trees ? trees : tasks->trees;
    char **ids = realloc(tasks->ids, cap * sizeof *ids);
    tasks->ids = ids ? ids : tasks->ids;
    return items && trees && ids;
}

static struct graded_task task_of(struct json_object *tree, const char *made_id)
{
    const char *id = text_of(tree, "/id"), *category = text_of(tree, "/category");
    struct graded_task task = {.id = id ? id : made_id,
        .category = category ? category : "",
        .system = text_of(tree, "/system"),
        .prompt = text_of(tree, "/prompt"),
        .check = json_get(tree, "/check"),
        .needle = text_of(tree, "/haystack/needle"),
        .needle_depth = 0.5,
        .reference = text_of(tree, "/reference"),
        .wrong = json_get_array(tree, "/wrong"),
        .images = json_get_array(tree, "/images"),
        .tree = tree};
    (void)json_get_int(tree, "/max_tokens", &task.max_tokens);
    (void)json_get_int(tree, "/haystack/words", &task.haystack_words);
    (void)json_get_real(tree, "/haystack/depth", &task.needle_depth);
    return task;
}

/* The ids met so far, by their hash: a slot is the number of a task, plus 1. */
struct ids {
    size_t *slots;
    size_t room; /* a power of two */
};

static size_t *slot_of(const struct ids *ids, const struct task_list *tasks, const char *id)
{
    size_t i = (size_t)text_hash(id, strlen(id)) & (ids->room - 1);
    while (ids->slots[i] && strcmp(tasks->items[ids->slots[i] - 1].id, id) != 0)
        i = (i + 1) & (ids->room - 1);
    return &ids->slots[i];
}

static bool widen(struct ids *ids, const struct task_list *tasks)
{
    if (2 * (tasks->count + 1) <= ids->room)
        return true;
    struct ids wider = {.room = ids->room ? 2 * ids->room : 64};
    wider.slots = calloc(wider.room, sizeof *wider.slots);
    for (size_t i = 0; wider.slots && i < tasks->count; i++)
        *slot_of(&wider, tasks, tasks->items[i].id) = i + 1;
    if (!wider.slots)
        return false;
    free(ids->slots);
    *ids = wider;
    return true;
}

/* Takes the tree. */
static enum status add(
    struct task_list *tasks, struct ids *ids, struct json_object *tree, long line, struct error *e)
{
    size_t *slot = NULL;
    char made[32];
    const struct schema *schema = schema_for("task");
    enum status s = schema ? schema_check(schema, tree, e)
                           : error_set(e, STATUS_INTERNAL, "the schema of tasks cannot be used");
    if (s == STATUS_OK)
        s = grade_check_valid(json_get(tree, "/check"), e);
    if (s == STATUS_OK && (!grow(tasks) || !widen(ids, tasks)))
        s = error_set(e, STATUS_NO_MEMORY, "no memory for %zu tasks", tasks->count + 1);
    if (s == STATUS_OK) {
        snprintf(made, sizeof made, "line-%ld", line);
        const char *id = text_of(tree, "/id");
        slot = slot_of(ids, tasks, id ? id : made);
        if (*slot)
            s = error_set(e, STATUS_INVALID, "a task with the id \"%s\" is there already", id ? id : made);
    }
    if (s != STATUS_OK) {
        json_object_put(tree);
        return s;
    }
    size_t n = tasks->count++;
    tasks->trees[n] = tree;
    tasks->ids[n] = strdup(made);
    tasks->items[n] = task_of(tree, tasks->ids[n] ? tasks->ids[n] : "");
    *slot = n + 1;
    return STATUS_OK;
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!strchr(" \t\r", line[i]))
            return false;
    return true;
}

static enum status parse_lines(
    const char *name, const char *text, size_t len, struct task_list *tasks, struct ids *ids, struct error *e)
{
    long number = 0;
    enum status s = STATUS_OK;
    for (const char *line = text, *end = text + len; s == STATUS_OK && line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        struct json_object *tree = NULL;
        number++;
        if (!is_blank(line, (size_t)(stop - line))) {
            s = json_parse(line, (size_t)(stop - line), &tree, e);
            if (s == STATUS_OK)
                s = add(tasks, ids, tree, number, e);
            if (s != STATUS_OK && e) {
                e->line = number;
                error_locate(e, name, number, 0, NULL);
            }
        }
        line = stop + 1;
    }
    return s;
}

struct rows {
    struct task_list *tasks;
    struct ids *ids;
};

static enum status take_row(struct json_object *task, long line, void *arg, struct error *e)
{
    struct rows *rows = arg;
    return add(rows->tasks, rows->ids, task, line, e);
}

static bool is_table(const char *name)
{
    size_t len = strlen(name);
    return len >= 4 && strcasecmp(name + len - 4, ".csv") == 0;
}

enum status task_list_parse(
    const char *name, const char *text, size_t len, struct task_list *tasks, struct error *e)
{
    struct ids ids = {0};
    struct rows rows = {tasks, &ids};
    *tasks = (struct task_list){0};
    enum status s = is_table(name) ? task_table_read(name, text, len, take_row, &rows, e)
                                   : parse_lines(name, text, len, tasks, &ids, e);
    free(ids.slots);
    if (s == STATUS_OK && tasks->count == 0) {
        s = error_set(e, STATUS_INVALID, "there is no task in it");
        error_locate(e, name, 0, 0, NULL);
    }
    if (s != STATUS_OK)
        task_list_fini(tasks);
    return s;
}

void task_list_fini(struct task_list *tasks)
{
    for (size_t i = 0; i < tasks->count; i++) {
        json_object_put(tasks->trees[i]);
        free(tasks->ids[i]);
    }
    free(tasks->items);
    free(tasks->trees);
    free(tasks->ids);
    *tasks = (struct task_list){0};
}

static void append_words(struct buf *out, struct rng *rng, int64_t count)
{
    static const char *const list[] = {"river", "lamp", "stone", "paper", "window", "garden", "metal",
        "cloud", "bread", "horse", "silver", "engine", "forest", "letter", "market", "bridge", "winter",
        "candle", "ocean", "pencil", "desert", "island", "button", "carpet", "ladder", "mirror"};
    for (int64_t i = 0; i < count; i++)
        buf_printf(
            out, "%s%s", list[rng_below(rng, sizeof list / sizeof list[0])], i % 12 == 11 ? ". " : " ");
}

enum status task_prompt(const struct graded_task *task, uint64_t seed, struct buf *out)
{
    if (task->needle) {
        struct rng rng;
        rng_seed_text(&rng, seed, task->id);
        int64_t before = (int64_t)((double)task->haystack_words * task->needle_depth);
        append_words(out, &rng, before);
        buf_printf(out, "%s ", task->needle);
        append_words(out, &rng, task->haystack_words - before);
        buf_append_text(out, "\n\n");
    }
    return buf_append_text(out, task->prompt);
}
