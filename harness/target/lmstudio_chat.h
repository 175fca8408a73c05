/*
 * lmstudio_chat.h - LM Studio's newer chat (/api/v1/chat), which has its own figures in streams as well; private
 * to this room.
 *
 * It takes one thing to answer and what it is told before that: no answers of the model, no functions, schemas,
 * stop sequences or seeds.
 */
#ifndef ASSAY_LMSTUDIO_CHAT_H
#define ASSAY_LMSTUDIO_CHAT_H

#include "target_call.h"

extern const struct answer_reader lmstudio_chat_reader;

/* Can all that the request asks for be said there? */
bool lmstudio_chat_can(const struct chat_request *request);

struct target_call *lmstudio_chat_start(
    struct target *t, const struct target_request *r, struct exchange *x, target_done_fn done, void *arg);

#endif
