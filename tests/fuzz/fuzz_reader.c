/* Whatever a server sends to any task, in any protocol, the exchange that comes of it keeps its promises. */
#include "llamacpp_events.h"
#include "lmstudio_chat.h"
#include "ollama_events.h"
#include "openai.h"
#include "openai_results.h"
#include "responses_events.h"

#include "exchange_json.h"
#include "json.h"
#include "text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static const struct answer_reader *const readers[] = {&openai_reader, &ollama_reader, &llamacpp_reader,
    &ollama_embed_reader, &openai_embed_reader, &openai_rerank_reader, &openai_image_reader,
    &openai_transcribe_reader, &openai_speak_reader, &lmstudio_chat_reader, &responses_reader};

struct reading {
    const struct answer_reader *reader;
    void *state;
    struct exchange *x;
};

static void read_event(const struct sse_event *event, void *arg)
{
    struct reading *r = arg;
    if (r->x->error == EXCHANGE_OK)
        r->reader->event(r->state, event);
}

static void check(const struct exchange *x)
{
    struct json_object *line = exchange_to_json(x);
    require(line != NULL);
    json_object_put(line);
    require(x->error == EXCHANGE_OK || x->error_text[0]);
    require(text_utf8_valid(x->error_text, strlen(x->error_text)));
    require(text_utf8_valid(x->model, strlen(x->model)));
    if (x->error != EXCHANGE_OK)
        return;
    for (size_t i = 0; i < x->vectors.count * x->vectors.dimension; i++)
        require(isfinite(x->vectors.values[i]) || isnan(x->vectors.values[i]));
    require(x->vectors.count == 0 || (x->vectors.values && x->vectors.dimension > 0));
    require((x->score_count > 0) == (x->scores != NULL));
}

static void read_stream(struct reading *r, const uint8_t *data, size_t size, size_t piece)
{
    struct sse sse;
    sse_init(&sse, 1 << 20, read_event, r);
    sse.lines = r->reader->lines;
    enum status s = STATUS_OK;
    for (size_t at = 0; s == STATUS_OK && at < size; at += piece)
        s = sse_push(&sse, data + at, size - at < piece ? size - at : piece, (int64_t)at + 2);
    if (s == STATUS_OK)
        s = sse_finish(&sse);
    sse_fini(&sse);
}

/* The first byte chooses the reader, the second how the body arrives. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct exchange x;
    struct reading r = {.reader = readers[data[0] % (sizeof readers / sizeof readers[0])], .x = &x};
    r.state = calloc(1, r.reader->state_size);
    if (!r.state)
        return 0;
    exchange_init(&x);
    x.t_intended_ns = x.t_dequeued_ns = x.t_sent_ns = 1;
    r.reader->begin(r.state, &x, NULL);
    if (data[1] & 1)
        read_stream(&r, data + 2, size - 2, 1 + data[1] % 64u);
    else
        r.reader->whole(r.state, (const char *)data + 2, size - 2);
    r.reader->end(r.state, data[1] & 2);
    x.t_done_ns = (int64_t)size + 3;
    check(&x);
    exchange_fini(&x);
    free(r.state);
    return 0;
}
