/* call_private.h - a call, shared between target_call.c (its life) and call_answer.c (its answer). */
#ifndef ASSAY_CALL_PRIVATE_H
#define ASSAY_CALL_PRIVATE_H

#include "http.h"
#include "target_call.h"
#include "target_private.h"

enum body_mode { BODY_IGNORED, BODY_EVENTS, BODY_WHOLE, BODY_ERROR };

struct target_call {
    struct target *target;
    struct target_call *next, *previous;
    struct exchange *x;
    target_done_fn done;
    void *arg;

    char *method, *url;
    char *content_line;       /* the header */
    const char *content_type; /* in it; NULL: none */
    struct buf request_body;
    const struct answer_reader *reader;
    void *reader_arg;
    bool streamed, cancelled, adapts;
    unsigned adapted; /* how its body was changed (openai_adapt.h) */
    int max_retries, redirects;
    int64_t hang_up_after_events;
    struct buf *whole_body;
    int64_t t_start_ns, start_unix_ns;

    /* of the attempt */
    struct http_exchange *http;
    struct loop_timer *timer; /* starts the next attempt */
    enum body_mode mode;
    struct sse sse;
    struct buf body; /* of BODY_WHOLE */
    void *state;     /* of the reader */
    bool gave_up;    /* reading on was of no use; x->error says why */
};

/* Callbacks of the request, and what became of the attempt once it is over: x->error. */
void call_on_headers(struct http_exchange *http, void *call);
void call_on_data(const void *bytes, size_t len, int64_t t_ns, void *call);
void call_judge(struct target_call *call, const struct http_result *result);

#endif
