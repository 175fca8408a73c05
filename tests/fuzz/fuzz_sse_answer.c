/* Whatever a server sends as an answer of OpenAI's protocol, the exchange that comes of it keeps its
 * promises. */
#include "clock.h"
#include "exchange_json.h"
#include "json.h"
#include "openai_events.h"
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
    if (!claim)
        abort();
}

static void read_event(const struct sse_event *event, void *arg)
{
    struct openai_answer *a = arg;
    if (a->x->error == EXCHANGE_OK)
        openai_answer_event(a, event);
}

static void check_events(const struct exchange *x)
{
    int64_t before_ns = x->t_sent_ns;
    for (size_t i = 0; i < x->event_count; i++) {
        require(x->events[i].kinds > 0 && x->events[i].kinds < 512);
        require(x->events[i].t_ns >= before_ns && x->events[i].tokens >= -1);
        before_ns = x->events[i].t_ns;
    }
    require((exchange_token_events(x) > 0) == (x->t_first_token_ns > 0));
    require(x->t_first_token_ns <= x->t_last_token_ns);
    require(!x->t_first_answer_ns || x->t_first_answer_ns >= x->t_first_token_ns);
}

static void check_exchange(const struct exchange *x)
{
    struct tpot tpot;
    struct json_object *line = exchange_to_json(x);
    require(x->error == EXCHANGE_OK || x->error_text[0]);
    require(text_utf8_valid(x->error_text, strlen(x->error_text)));
    require(text_utf8_valid(x->finish_reason, strlen(x->finish_reason)));
    if (exchange_tpot(x, &tpot))
        require(tpot.seconds >= 0 && tpot.low_s <= tpot.seconds && tpot.seconds <= tpot.high_s);
    require(line != NULL);
    json_object_put(line);
}

static void begin(struct exchange *x, struct openai_answer *a)
{
    exchange_init(x);
    x->t_intended_ns = x->t_dequeued_ns = x->t_sent_ns = 1;
    openai_answer_init(a, x);
}

/* The first byte is the size of the reads; the rest is the body, read as a stream and as a whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct exchange x;
    struct openai_answer a;
    struct sse sse;
    size_t piece = 1 + data[0] % 64u;
    begin(&x, &a);
    sse_init(&sse, 1 << 20, read_event, &a);
    for (size_t at = 1; at < size; at += piece)
        if (sse_push(&sse, data + at, size - at < piece ? size - at : piece, (int64_t)at + 1) != STATUS_OK)
            break;
    if (sse_finish(&sse) == STATUS_OK)
        openai_answer_end(&a, data[0] & 1);
    check_events(&x);
    x.t_done_ns = (int64_t)size + 2;
    if (x.error != EXCHANGE_OK || a.done || x.finish_reason[0])
        check_exchange(&x);
    sse_fini(&sse);
    exchange_fini(&x);

    begin(&x, &a);
    openai_answer_whole(&a, (const char *)data + 1, size - 1);
    openai_answer_end(&a, true);
    check_exchange(&x);
    exchange_fini(&x);
    return 0;
}
