#include "request.h"

const char *task_name(enum task task)
{
    static const char *const names[TASK_COUNT] = {
        [TASK_CHAT] = "chat",
        [TASK_COMPLETION] = "completion",
        [TASK_EMBED] = "embed",
        [TASK_RERANK] = "rerank",
        [TASK_IMAGE] = "image",
        [TASK_TRANSCRIBE] = "transcribe",
        [TASK_SPEAK] = "speak",
    };
    return (unsigned)task < TASK_COUNT ? names[task] : "unknown";
}
