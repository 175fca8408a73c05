#include "request_kind.h"

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

bool request_is_streamed(const struct target_request *request)
{
    return request->task == TASK_CHAT         ? request->chat.stream
           : request->task == TASK_COMPLETION ? request->completion.stream
                                              : false;
}

struct completion_request request_as_completion(const struct chat_request *chat, const char *prompt)
{
    return (struct completion_request){.model = chat->model,
        .prompt = prompt,
        .max_tokens = chat->max_tokens,
        .temperature = chat->temperature,
        .top_p = chat->top_p,
        .seed = chat->seed,
        .stop = chat->stop,
        .stream = chat->stream,
        .want_usage = chat->want_usage,
        .engine = chat->engine,
        .extra_json = chat->extra_json};
}
