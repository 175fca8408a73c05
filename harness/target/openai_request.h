/* openai_request.h - the body of POST /v1/chat/completions. */
#ifndef ASSAY_OPENAI_REQUEST_H
#define ASSAY_OPENAI_REQUEST_H

#include "target.h"

/* STATUS_INVALID where extra_json is not an object, or a number not finite. */
enum status openai_request_write(const struct chat_request *request, bool knows_stream_options,
    struct buf *out, struct error *e) ASSAY_MUST_CHECK;

#endif
