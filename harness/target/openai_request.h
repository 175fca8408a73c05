/* openai_request.h - the bodies of requests in OpenAI's protocol. */
#ifndef ASSAY_OPENAI_REQUEST_H
#define ASSAY_OPENAI_REQUEST_H

#include "target.h"

/* What is sent, whatever the task. */
struct openai_body {
    struct buf bytes;
    char content_type[96];
    bool streamed; /* the answer will be a stream of events */
};

/* STATUS_INVALID where extra_json is not an object, or a number not finite. */
enum status openai_request_write(const struct chat_request *request, bool knows_stream_options,
    struct buf *out, struct error *e) ASSAY_MUST_CHECK;

#endif
