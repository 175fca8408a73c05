#include "call_task.h"

#include "target_private.h"

#include <stdio.h>

struct target_call *call_task_start(struct target *t, const char *base, const struct call_task *task,
    const struct target_request *r, struct exchange *x, target_done_fn done, void *arg)
{
    struct error why = {0};
    struct buf body = BUF_INIT(SIZE_MAX / 4);
    struct target_call *call = NULL;
    char url[sizeof t->base + 32];
    snprintf(url, sizeof url, "%s%s", base, task->path);
    if (task->write(t, r, &body, &why) == STATUS_OK) {
        struct call_request request = {.method = "POST",
            .url = url,
            .content_type = "application/json",
            .body_taken = &body,
            .reader = task->reader,
            .streamed = request_is_streamed(r),
            .hang_up_after_events = r->hang_up_after_events,
            .max_retries = r->max_retries,
            .t_intended_ns = r->t_intended_ns};
        call = target_call_start(t, &request, x, done, arg);
    } else {
        target_call_refuse(x, r->t_intended_ns, &why);
    }
    buf_fini(&body);
    return call;
}
