/* openai_bodies.h - what each task of OpenAI's protocol sends; one function per line of openai.c's table. */
#ifndef ASSAY_OPENAI_BODIES_H
#define ASSAY_OPENAI_BODIES_H

#include "openai_request.h"
#include "server_kind.h"

/* kind: NULL where the server is not known. STATUS_INVALID where extra_json is not an object or a number not
 * finite. */
typedef enum status openai_write_fn(const struct server_kind *kind, const struct target_request *request,
    struct openai_body *body, struct error *e);

openai_write_fn openai_write_chat, openai_write_completion, openai_write_embed, openai_write_rerank,
    openai_write_image, openai_write_transcribe, openai_write_speak;

#endif
