/*
 * request_kind.h - what kind of request it is, for those who send and record it.
 *
 *     json_set_text(line, "kind", task_name(request->task));
 */
#ifndef ASSAY_REQUEST_KIND_H
#define ASSAY_REQUEST_KIND_H

#include "request.h"

const char *task_name(enum task task); /* "chat", "completion", ...: kind of a line in exchanges.jsonl */

/* Whether the answer is to come as a stream. */
bool request_is_streamed(const struct target_request *request);

/* A text continued as the chat says it: roles, media, functions and schemas have no place in a completion. */
struct completion_request request_as_completion(const struct chat_request *chat, const char *prompt);

#endif
