/*
 * sse.h - server-sent events (WHATWG HTML, "event stream"), pushed in as the bytes arrive.
 *
 * Takes LF, CRLF and CR, also split across reads; `data:` with and without a space; several data lines
 * (joined with LF); event, id and retry; comments anywhere; a byte order mark. An event is reported as soon
 * as its closing blank line is complete, with the arrival time of the read that completed it. One deviation
 * from the standard, because model servers need it: a last event without its blank line is reported by
 * sse_finish(), with the time of the last read. The result does not depend on how the bytes are split.
 *
 *     struct sse sse;
 *     sse_init(&sse, 16 << 20, on_event, arg);
 *     if (sse_push(&sse, bytes, len, t_ns) != STATUS_OK) ...   // STATUS_LIMIT: an event larger than that
 *     if (sse_finish(&sse) != STATUS_OK) ...
 *     sse_fini(&sse);
 */
#ifndef ASSAY_SSE_H
#define ASSAY_SSE_H

#include "buf.h"

#include <stdint.h>

/* Borrowed for the time of the call. */
struct sse_event {
    const char *name; /* of `event:`, "" without */
    const char *data; /* len bytes, without a NUL behind them: mostly they lie where they were read to */
    size_t len;
    const char *id; /* last `id:` seen, "" without */
    int64_t t_ns;   /* arrival of the read that completed the event */
};

struct sse {
    void (*on_event)(const struct sse_event *event, void *arg);
    void *arg;
    const char *view; /* data of one line, where it lies in the bytes of this push; NULL: in data */
    size_t view_len;
    struct buf line, data, name, id; /* line: an unfinished one only */
    size_t limit;                    /* bytes of one line and of one event's data */
    bool lines;                      /* no SSE: each line that is not empty is an event (NDJSON) */
    bool has_data, after_cr;
    unsigned bom_seen; /* bytes of a byte order mark matched so far; > 3: past the start */
    int64_t t_ns;      /* of the latest read */
    int64_t retry_ms;  /* last `retry:`, -1 without */
    uint64_t comments; /* comment lines seen */
    enum status failed;
};

void sse_init(struct sse *sse, size_t max_event_bytes,
    void (*on_event)(const struct sse_event *event, void *arg), void *arg);
void sse_fini(struct sse *sse);

/* STATUS_OK; STATUS_LIMIT or STATUS_NO_MEMORY, which stick: nothing is reported after them. */
enum status sse_push(struct sse *sse, const void *bytes, size_t len, int64_t t_ns) ASSAY_MUST_CHECK;

/* The stream has ended: reports an event that lacks its blank line. */
enum status sse_finish(struct sse *sse) ASSAY_MUST_CHECK;

#endif
