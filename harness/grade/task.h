/*
 * task.h - files of tasks: one JSON object on a line (schemas/task.schema.json), or a CSV table with a header.
 *
 *     struct task_list tasks;
 *     if (task_list_parse("my.jsonl", text, len, &tasks, &why) != STATUS_OK) ...     // "my.jsonl:3: /check: ..."
 *     for (size_t i = 0; i < tasks.count; i++) ask(tasks.items[i].prompt);
 *     task_list_fini(&tasks);
 *
 * A table has the columns prompt and answer, and may have id, category, system, kind (text, choice, number,
 * facts, pattern, code, none; without one text), image and max_tokens; answers of the kind text are separated
 * by |.
 */
#ifndef ASSAY_TASK_H
#define ASSAY_TASK_H

#include "buf.h"

#include <stdint.h>

struct json_object;

/* That a task is asked for at most where it does not say. */
#define TASK_TOKENS 256

/* Texts belong to the list. */
struct graded_task {
    const char *id, *category; /* "" without a category */
    const char *system;        /* NULL without */
    const char *prompt;
    const struct json_object *check;
    int64_t max_tokens; /* 0: not said */
    const char *needle; /* NULL: no haystack */
    int64_t haystack_words;
    double needle_depth;
    const char *reference;            /* NULL without */
    const struct json_object *wrong;  /* array or NULL */
    const struct json_object *images; /* array of texts, see task_images.h; NULL without */
    struct json_object *tree;         /* the task as it was read */
};

struct task_list {
    struct graded_task *items;
    size_t count;
    struct json_object **trees; /* one a task: behind its texts */
    char **ids;                 /* made for those without one */
};

/* name: for messages; .csv makes it a table. STATUS_INVALID with file, line and pointer; also where an id is
 * there twice, a check cannot grade, or there is no task at all. */
enum status task_list_parse(const char *name, const char *text, size_t len, struct task_list *tasks,
    struct error *e) ASSAY_MUST_CHECK;
void task_list_fini(struct task_list *tasks);

/* The whole question: with its haystack, drawn from seed, in front. */
enum status task_prompt(const struct graded_task *task, uint64_t seed, struct buf *out);

#endif
