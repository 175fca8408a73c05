/*
 * replay_capture.h - a capture (schemas/capture.schema.json) as bytes for a canned_server: the answer comes again, each
 * read of then a chunk of now.
 *
 *     struct replay r;
 *     replay_load(testkit_path("fixtures/captures/ollama/chat_stream.jsonl"), &r);
 *     struct canned_reply reply = {.text = r.wire.data, .len = r.wire.len, .end = CANNED_CLOSE};
 *     replay_fini(&r);
 */
#ifndef ASSAY_REPLAY_CAPTURE_H
#define ASSAY_REPLAY_CAPTURE_H

#include "buf.h"

#include <stdint.h>

struct json_object;

struct replay {
    struct buf wire;
    struct json_object *request; /* the first line */
    int64_t status;
    char error[32]; /* as our client judged it then */
    size_t reads;
};

/* Fails the running test where the file is no capture. */
void replay_load(const char *path, struct replay *r);
void replay_fini(struct replay *r);

#endif
