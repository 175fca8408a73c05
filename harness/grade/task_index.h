/*
 * task_index.h - which task a kept answer answers: found by what was asked, not by its place in the file.
 *
 * Files of tasks grow and are put in another order; an answer stays an answer to the question that was asked, and to no
 * other. Where several tasks ask the same, the task's id decides, else their order.
 *
 *     struct task_index *index;
 *     if (task_index_new(&tasks, &index, &why) != STATUS_OK) ...        // borrows tasks
 *     const struct graded_task *task = task_index_find(index, answer);  // a line of answers.jsonl; NULL: none
 *     task_index_free(index);
 */
#ifndef ASSAY_TASK_INDEX_H
#define ASSAY_TASK_INDEX_H

#include "task.h"

struct task_index;

/* The seed with which suite/utility.c draws the haystacks: the same question every time. */
#define TASK_PROMPT_SEED 1

enum status task_index_new(
    const struct task_list *tasks, struct task_index **index, struct error *e) ASSAY_MUST_CHECK;
void task_index_free(struct task_index *index); /* NULL allowed */

/* Answers of one test are to be looked up in their order. */
const struct graded_task *task_index_find(struct task_index *index, const struct json_object *answer);

#endif
