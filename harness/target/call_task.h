/*
 * call_task.h - a task of a protocol that is asked as one body of JSON, in words of its own; private to this room.
 *
 *     static const struct call_task chat = {"/api/chat", write_chat, &chat_reader};
 *     return call_task_start(t, t->url.root, &chat, r, x, done, arg);
 */
#ifndef ASSAY_CALL_TASK_H
#define ASSAY_CALL_TASK_H

#include "target_call.h"

/* STATUS_INVALID, STATUS_UNAVAILABLE: that cannot be said there; why is the reason. */
typedef enum status call_write_fn(
    const struct target *t, const struct target_request *r, struct buf *body, struct error *why);

struct call_task {
    const char *path; /* below what it is asked below: "/api/chat" */
    call_write_fn *write;
    const struct answer_reader *reader;
};

/* As target_ops.start. What cannot be written is refused. */
struct target_call *call_task_start(struct target *t, const char *base, const struct call_task *task,
    const struct target_request *r, struct exchange *x, target_done_fn done, void *arg);

#endif
