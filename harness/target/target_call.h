/*
 * target_call.h - one call to a target: request, answer, retries; the same for every protocol. Private to
 * this room.
 *
 * A protocol gives the request and a const table of functions that read the answer into the exchange.
 * Everything that HTTP decides is decided here: status classes, timeouts, times, connection, retries,
 * redaction.
 */
#ifndef ASSAY_TARGET_CALL_H
#define ASSAY_TARGET_CALL_H

#include "sse.h"
#include "target.h"

/* state points to state_size zeroed bytes of the attempt. */
struct answer_reader {
    size_t state_size;
    bool lines; /* a stream has one JSON value on a line (NDJSON), and is no SSE */
    void (*begin)(void *state, struct exchange *x, void *arg); /* arg: call_request.reader_arg */
    bool (*event)(
        void *state, const struct sse_event *event); /* false: reading on is of no use, x->error is set */
    void (*whole)(void *state, const char *body, size_t len);
    bool (*is_complete)(
        const void *state); /* the protocol's own end has come: what follows does not matter */
    void (*end)(void *state, bool closed_cleanly);
};

struct call_request {
    const char *method;
    const char *url;          /* absolute */
    const char *content_type; /* NULL: none */
    const void *body;         /* copied */
    size_t body_len;
    struct buf *body_taken;             /* or NULL: instead of body, and left empty */
    const struct answer_reader *reader; /* NULL: only status and body are of interest */
    void *reader_arg;
    bool streamed; /* an answer of unknown type is a stream of events */
    int max_retries;
    int64_t t_intended_ns;        /* 0: now */
    int64_t hang_up_after_events; /* token-carrying ones; 0: never */
    bool adapts; /* a body of OpenAI's words, which may be said in another way where it is refused */
    struct buf *whole_body; /* NULL, or where all of an answer's body is appended (reader NULL) */
};

struct target_call *target_call_start(struct target *target, const struct call_request *request,
    struct exchange *x, target_done_fn done, void *arg);

/* To wait for one call: pass target_call_stop_waiting and a struct target_wait as its done function. */
struct target_wait {
    struct target *target;
    bool over;
};
void target_call_stop_waiting(struct exchange *x, void *target_wait);
void target_call_wait(struct target_wait *wait);

/* One call to its end. */
void target_call_run(struct target *target, const struct call_request *request, struct exchange *x);

/* An exchange that never came to a request: EXCHANGE_INTERNAL with the reason. x is reset first. */
void target_call_refuse(struct exchange *x, int64_t t_intended_ns, struct error *why);

/* Ends all calls of a target, as cancelled. */
void target_call_end_all(struct target *target);

#endif
