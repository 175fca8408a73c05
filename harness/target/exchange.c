#include "exchange.h"

#include "buf.h"
#include "exchange_json.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_BYTES_MAX = 64 << 20, BODY_BYTES_MAX = 64 << 10 };

static const char *const error_names[EXCHANGE_ERROR_COUNT] = {
    [EXCHANGE_OK] = "ok",
    [EXCHANGE_RESOLVE] = "resolve",
    [EXCHANGE_CONNECT] = "connect",
    [EXCHANGE_TLS] = "tls",
    [EXCHANGE_SEND] = "send",
    [EXCHANGE_TIMEOUT_CONNECT] = "timeout_connect",
    [EXCHANGE_TIMEOUT_FIRST_TOKEN] = "timeout_first_token",
    [EXCHANGE_TIMEOUT_IDLE] = "timeout_idle",
    [EXCHANGE_TIMEOUT_TOTAL] = "timeout_total",
    [EXCHANGE_HTTP_4XX] = "http_4xx",
    [EXCHANGE_HTTP_5XX] = "http_5xx",
    [EXCHANGE_HTTP_OTHER] = "http_other",
    [EXCHANGE_RATE_LIMITED] = "rate_limited",
    [EXCHANGE_PROTOCOL] = "protocol",
    [EXCHANGE_TRUNCATED] = "truncated",
    [EXCHANGE_STREAM_ERROR] = "stream_error",
    [EXCHANGE_EMPTY] = "empty",
    [EXCHANGE_TOO_LARGE] = "too_large",
    [EXCHANGE_CANCELLED] = "cancelled",
    [EXCHANGE_INTERNAL] = "internal",
};

const char *exchange_error_name(enum exchange_error error)
{
    return (unsigned)error < EXCHANGE_ERROR_COUNT ? error_names[error] : "internal";
}

const char *token_source_name(enum token_source source)
{
    static const char *const names[] = {
        [TOKENS_NONE] = "none",
        [TOKENS_SERVER_USAGE] = "server_usage",
        [TOKENS_SERVER_NATIVE] = "server_native",
        [TOKENS_TOKENIZER] = "tokenizer",
    };
    return (size_t)source < sizeof names / sizeof names[0] ? names[source] : "none";
}

static const struct exchange_native native_unknown = {.prompt_s = -1,
    .decode_s = -1,
    .load_s = -1,
    .total_s = -1,
    .ttft_s = -1,
    .decode_per_s = -1,
    .prefill_per_s = -1,
    .prompt_n = -1,
    .decode_n = -1,
    .cached_n = -1};

void exchange_init(struct exchange *x)
{
    *x = (struct exchange){0};
    buf_init(&x->answer, ANSWER_BYTES_MAX);
    buf_init(&x->reasoning, ANSWER_BYTES_MAX);
    buf_init(&x->tool_calls, ANSWER_BYTES_MAX);
    buf_init(&x->body, BODY_BYTES_MAX);
    exchange_reset(x);
}

/* What other tasks than chat leave behind: rare and large, so nothing of it is kept for the next exchange. */
static void results_fini(struct exchange *x)
{
    for (size_t i = 0; i < x->media_count; i++)
        buf_fini(&x->media[i].bytes);
    free(x->media);
    free(x->scores);
    free(x->vectors.values);
    x->media = NULL;
    x->scores = NULL;
    x->vectors = (struct exchange_vectors){0};
    x->media_count = x->score_count = 0;
}

void exchange_fini(struct exchange *x)
{
    free(x->events);
    results_fini(x);
    buf_fini(&x->answer);
    buf_fini(&x->reasoning);
    buf_fini(&x->tool_calls);
    buf_fini(&x->body);
    x->events = NULL;
    x->event_count = x->event_cap = 0;
}

void exchange_reset(struct exchange *x)
{
    struct exchange_event *events = x->events;
    struct buf answer = x->answer, reasoning = x->reasoning, tool_calls = x->tool_calls, body = x->body;
    size_t event_cap = x->event_cap;
    results_fini(x);
    memset(x, 0, offsetof(struct exchange, finish_reason));
    x->finish_reason[0] = x->model[0] = x->server_header[0] = x->content_type[0] = x->error_text[0] = '\0';
    x->events = events;
    x->event_cap = event_cap;
    x->answer = answer;
    x->reasoning = reasoning;
    x->tool_calls = tool_calls;
    x->body = body;
    x->retry_after_ns = x->tokenized = -1;
    x->tokens =
        (struct exchange_tokens){.prompt = -1, .completion = -1, .reasoning = -1, .cached = -1, .agrees = -1};
    x->native = native_unknown;
    buf_clear(&x->answer);
    buf_clear(&x->reasoning);
    buf_clear(&x->tool_calls);
    buf_clear(&x->body);
}
