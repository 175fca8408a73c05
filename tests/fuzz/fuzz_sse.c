/* The parser of server-sent events gives the same result however the bytes are split. */
#include "sse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

/* What a stream came to: every event with its lengths, and how it ended. */
struct outcome {
    struct buf events;
    enum status pushed, finished;
    int64_t retry_ms;
    uint64_t comments;
};

static void write_down(const struct sse_event *event, void *arg)
{
    struct buf *out = arg;
    require(strlen(event->name) <= SIZE_MAX && event->data);
    buf_printf(out, "%zu:%s %zu:%s %zu:", strlen(event->name), event->name, strlen(event->id), event->id,
        event->len);
    buf_append(out, event->data, event->len);
    buf_append_char(out, ';');
}

/* Pieces of 1 to `most` bytes, drawn from seed; most 0: all at once. */
static struct outcome parse(const uint8_t *bytes, size_t len, size_t limit, size_t most, uint32_t seed)
{
    struct outcome o = {.events = BUF_INIT(64 << 20)};
    struct sse sse;
    sse_init(&sse, limit, write_down, &o.events);
    for (size_t at = 0; at < len && o.pushed == STATUS_OK;) {
        seed = seed * 1664525u + 1013904223u;
        size_t piece = most ? 1 + (seed >> 16) % most : len;
        if (piece > len - at)
            piece = len - at;
        o.pushed = sse_push(&sse, bytes + at, piece, (int64_t)at + 1);
        at += piece;
    }
    o.finished = sse_finish(&sse);
    o.retry_ms = sse.retry_ms;
    o.comments = sse.comments;
    require(buf_status(&o.events) == STATUS_OK);
    sse_fini(&sse);
    return o;
}

static void require_same(const struct outcome *a, const struct outcome *b)
{
    require(a->pushed == b->pushed && a->finished == b->finished);
    require(a->events.len == b->events.len);
    require(a->events.len == 0 || memcmp(a->events.data, b->events.data, a->events.len) == 0);
    if (a->pushed == STATUS_OK)
        require(a->retry_ms == b->retry_ms && a->comments == b->comments);
}

/* The first byte chooses the limit, the second how the bytes are split; the rest is the stream. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t limit = data[0] < 128 ? 8 + (size_t)data[0] : 1 << 20;
    struct outcome whole = parse(data + 2, size - 2, limit, 0, 0);
    const size_t most[] = {1, 2, 1 + data[1] % 64u};
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        struct outcome split = parse(data + 2, size - 2, limit, most[i], data[1]);
        require_same(&whole, &split);
        buf_fini(&split.events);
    }
    buf_fini(&whole.events);
    return 0;
}
