/* ollama_request.h - the bodies of Ollama's own API. */
#ifndef ASSAY_OLLAMA_REQUEST_H
#define ASSAY_OLLAMA_REQUEST_H

#include "target.h"

/* TASK_CHAT, TASK_COMPLETION (text only) and TASK_EMBED. STATUS_INVALID where extra_json is not an object. */
enum status ollama_write(
    const struct target_request *request, struct buf *body, struct error *e) ASSAY_MUST_CHECK;

/* A request that generates nothing: loads the model, or with KEEP_ALIVE_NOT unloads it. */
enum status ollama_write_load(const char *model, const struct engine_options *options, struct buf *body,
    struct error *e) ASSAY_MUST_CHECK;

#endif
