/*
 * Whatever arrives at the simulated server: request head, chunked or plain body, chat request, and the first
 * steps of the answer of a scenario that the bytes choose. The result must not depend on how the bytes are
 * cut.
 */
#include "sim_http.h"
#include "sim_prompt.h"
#include "sim_stream.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 100, TOKENS_MAX = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sim_catalog catalog;

static void play(struct sim_chat *chat, size_t choice)
{
    const struct sim_scenario *scenario = sim_catalog_find(&catalog, chat->model);
    struct sim_stream stream;
    if (!scenario)
        scenario = &catalog.items[choice % catalog.count];
    if (chat->max_tokens > TOKENS_MAX)
        chat->max_tokens = TOKENS_MAX;
    struct sim_refusal refusal;
    if (!sim_form_make(&chat->form, scenario, chat, &refusal))
        return;
    struct sim_stream_start start = {.scenario = scenario,
        .fault = scenario->fault_count ? scenario->faults : NULL,
        .number = 1,
        .read_ns = 1,
        .keep_alive = true,
        .truth = sim_truth_begin(NULL, false)};
    if (sim_stream_init(&stream, &start, chat) == STATUS_OK) {
        struct buf out = BUF_INIT(64 << 20);
        enum sim_course course = SIM_GOES_ON;
        for (int i = 0; i < STEPS_MAX && course == SIM_GOES_ON && stream.due_ns != SIM_NEVER; i++) {
            int64_t due_ns = stream.due_ns;
            course = sim_stream_step(&stream, &out);
            if (stream.due_ns < due_ns)
                abort();
        }
        buf_fini(&out);
    }
    sim_stream_fini(&stream);
    sim_truth_end(NULL, start.truth);
}

static void read_chat(const char *body, size_t len)
{
    static sim_parse *const parsers[] = {
        sim_chat_parse, sim_prompt_parse_lmstudio, sim_prompt_parse_responses};
    for (size_t i = 0; i < sizeof parsers / sizeof parsers[0]; i++) {
        struct sim_chat chat;
        struct sim_refusal refusal;
        if (parsers[i](body, len, &chat, &refusal))
            play(&chat, len);
        else if (refusal.status < 400 || refusal.status > 599)
            abort();
        sim_chat_fini(&chat);
    }
}

/* The decoded body in pieces of that size; its length. */
static size_t decode(const char *body, size_t len, size_t piece, char *out, struct sim_http_chunks *chunks)
{
    size_t at = 0, total = 0;
    while (at < len && !chunks->done && !chunks->bad) {
        size_t n = len - at < piece ? len - at : piece, payload = 0;
        memcpy(out + total, body + at, n);
        at += sim_http_decode_chunks(chunks, out + total, n, &payload);
        total += payload;
    }
    return total;
}

static void read_chunked(const char *body, size_t len)
{
    struct sim_http_chunks whole = {0}, cut = {0};
    char *one = malloc(len + 1), *two = malloc(len + 1);
    if (one && two) {
        size_t n = decode(body, len, len, one, &whole), m = decode(body, len, 3, two, &cut);
        if (n != m || memcmp(one, two, n) != 0 || whole.done != cut.done || whole.bad != cut.bad)
            abort();
        read_chat(one, n);
    }
    free(one);
    free(two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sim_http_head head;
    const char *bytes = (const char *)data;
    if (!catalog.count && sim_catalog_load(&catalog, NULL, NULL) != STATUS_OK)
        abort();
    long used = sim_http_parse_head(bytes, size, &head);
    if (used < 0 && (head.refusal < 400 || !head.reason))
        abort();
    if (used <= 0)
        return 0;
    if (head.chunked)
        read_chunked(bytes + used, size - (size_t)used);
    else
        read_chat(bytes + used, size - (size_t)used);
    return 0;
}
