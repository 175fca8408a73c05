/*
 * exchange.h - one request and its response with all its times.
 *
 * A failed exchange is data: error says how, everything seen until then stays. Times are CLOCK_MONOTONIC
 * nanoseconds, 0 where the moment did not come, stamped in the read callback before any parsing
 * (`assay list --metrics` says what is made of them).
 *
 *     struct exchange x[2] = {0};
 *     exchange_init(&x[0]), exchange_init(&x[1]);
 *     assay_ask_all(ctx, requests, 2, x);           // fills both, also when they fail
 *     if (x[0].error == EXCHANGE_OK) use(buf_text(&x[0].answer), x[0].answer.len);
 *     exchange_fini(&x[0]), exchange_fini(&x[1]);
 */
#ifndef ASSAY_EXCHANGE_H
#define ASSAY_EXCHANGE_H

#include "assay_api.h"
#include "buf_view.h"

#include <stdbool.h>
#include <stdint.h>

ASSAY_BEGIN

/* What became of an exchange; names by exchange_error_name(): "resolve", "timeout_first_token", "http_4xx",
 * ... */
enum exchange_error {
    EXCHANGE_OK = 0,
    EXCHANGE_RESOLVE, /* name not resolved */
    EXCHANGE_CONNECT, /* refused, unreachable, reset before the request was sent */
    EXCHANGE_TLS,
    EXCHANGE_SEND, /* connection lost while the request was written */
    EXCHANGE_TIMEOUT_CONNECT,
    EXCHANGE_TIMEOUT_FIRST_TOKEN, /* no token-carrying event (unstreamed: no first byte) in time */
    EXCHANGE_TIMEOUT_IDLE,        /* too long a gap in mid-stream */
    EXCHANGE_TIMEOUT_TOTAL,
    EXCHANGE_HTTP_4XX,
    EXCHANGE_HTTP_5XX,
    EXCHANGE_HTTP_OTHER,   /* 1xx or 3xx where an answer was due */
    EXCHANGE_RATE_LIMITED, /* 429, or 503 with Retry-After */
    EXCHANGE_PROTOCOL,     /* not HTTP, bad framing, not JSON, not of the protocol's shape */
    EXCHANGE_TRUNCATED,    /* the connection ended before the answer did */
    EXCHANGE_STREAM_ERROR, /* an error object inside a 200 answer */
    EXCHANGE_EMPTY,        /* complete, but without one token */
    EXCHANGE_TOO_LARGE,    /* more than the client is willing to keep */
    EXCHANGE_CANCELLED,    /* by us */
    EXCHANGE_INTERNAL,     /* our own fault: no memory, no descriptors */
    EXCHANGE_ERROR_COUNT
};
ASSAY_API const char *exchange_error_name(enum exchange_error error);

/* What one stream event carried; an event may carry several of these. */
enum event_kind {
    EVENT_ROLE = 1 << 0, /* a role and no token */
    EVENT_REASONING =
        1 << 1, /* reasoning_content, reasoning, or answer text inside an inline <think> block */
    EVENT_ANSWER = 1 << 2,
    EVENT_TOOL_CALL = 1 << 3,
    EVENT_FINISH = 1 << 4, /* a finish_reason */
    EVENT_USAGE = 1 << 5,
    EVENT_ERROR = 1 << 6,
    EVENT_DONE = 1 << 7,  /* the protocol's own end mark */
    EVENT_OTHER = 1 << 8, /* understood as an event, nothing of the above */
    EVENT_TOKEN_KINDS = EVENT_REASONING | EVENT_ANSWER | EVENT_TOOL_CALL,
};

struct exchange_event {
    int64_t t_ns;
    uint32_t kinds;      /* of enum event_kind, or-ed */
    uint32_t text_bytes; /* of reasoning, answer and tool call together */
    int32_t tokens; /* as the server says of this event (logprobs, token ids, cumulative usage); -1 if it does
                       not */
};

enum token_source { TOKENS_NONE, TOKENS_SERVER_USAGE, TOKENS_SERVER_NATIVE, TOKENS_TOKENIZER };

/* -1 where unknown. completion includes reasoning, prompt includes cached. */
struct exchange_tokens {
    int64_t prompt, completion, reasoning, cached;
    enum token_source source;
    int agrees; /* a second source: 1 says the same, 0 differs, -1 there is none */
};

/* What the server says of its own speed; negative where it does not say. */
struct exchange_native {
    const char *source; /* static text: "llamacpp_timings", or NULL where there is nothing */
    double prompt_s, decode_s, load_s, total_s, ttft_s, decode_per_s, prefill_per_s;
    int64_t prompt_n, decode_n, cached_n;
};

/* Embeddings in the order of the inputs, one after the other. */
struct exchange_vectors {
    float *values; /* owned; count * dimension */
    size_t count, dimension;
};

/* A picture or sound that the server made. */
struct exchange_media {
    char type[48]; /* "image/png"; "" where it does not say */
    struct buf bytes;
};

enum { EXCHANGE_ATTEMPTS_MAX = 16 };

struct exchange {
    enum exchange_error error;
    int http_status; /* 0 without an answer */
    int http;        /* 10, 11 or 20: the version of HTTP in which it came */
    int attempts;    /* requests made, retries included; 1 in the ordinary case */
    enum exchange_error
        earlier[EXCHANGE_ATTEMPTS_MAX]; /* what became of the attempts before the last, in order */
    int earlier_count;      /* attempts - 1; attempts where the exchange was given up before the next one */
    int64_t retry_after_ns; /* what the last refusal asked for, or -1 */
    bool streamed;

    int64_t start_unix_ns; /* wall clock at t_sent (or t_dequeued where never sent): a label */
    int64_t t_intended_ns, t_dequeued_ns, t_sent_ns, t_headers_ns, t_event1_ns, t_first_token_ns,
        t_first_answer_ns, t_last_token_ns, t_done_ns;

    bool connection_reused;
    int64_t resolve_ns, connect_ns, tls_ns; /* how long each took; 0 on a reused connection */

    struct exchange_event *events; /* owned; NULL for an unstreamed answer */
    size_t event_count, event_cap;

    /* Text of the first choice as received, decoded from JSON; hostile. Tool calls: "name arguments" on a
     * line each. */
    struct buf answer, reasoning, tool_calls;
    struct exchange_vectors vectors; /* of TASK_EMBED */
    double *scores;                  /* of TASK_RERANK: owned, by the documents' order; NAN: not said */
    size_t score_count;
    struct exchange_media *media; /* of TASK_IMAGE and TASK_SPEAK; owned */
    size_t media_count;
    struct exchange_tokens tokens;
    int64_t tokenized; /* completion tokens as the server's tokenizer counts the text; -1: not asked */
    struct exchange_native native;
    bool simulated;  /* the answer says that it comes from a simulator */
    struct buf body; /* start of the raw body: of an error answer always, else only when asked for */
    int64_t bytes_received;

    /* Texts, apart from what each event touches; finish_reason is the first, and nothing else stands behind it. */
    char finish_reason[64];
    char model[256];         /* the model as the answer names it, sanitised; "" where it does not */
    char server_header[128]; /* sanitised Server header */
    char content_type[48];   /* sanitised, without parameters */
    char error_text[1024];   /* sanitised; "" without error */
};

ASSAY_API void exchange_init(struct exchange *x);
ASSAY_API void exchange_fini(struct exchange *x);
ASSAY_API void exchange_reset(struct exchange *x); /* keeps the memory */

/*
 * Numbers derived from the times: false where the metric is absent (`assay list --metrics`). The
 * first-times need only their moment, so a stream that broke later has them; everything else needs an
 * exchange without error. _s is in seconds, _per_s in tokens per second, tpot in seconds for a token.
 */
ASSAY_API bool exchange_ttfe_s(const struct exchange *x, double *seconds);
ASSAY_API bool exchange_ttft_s(const struct exchange *x, double *seconds);
ASSAY_API bool exchange_ttfa_s(const struct exchange *x, double *seconds);
ASSAY_API bool exchange_latency_s(const struct exchange *x, double *seconds);
ASSAY_API bool exchange_response_s(const struct exchange *x, double *seconds);

struct tpot {
    double seconds;
    bool k1_known; /* else k1 = 1 was assumed and low, high bound it */
    double low_s, high_s;
};
ASSAY_API bool exchange_tpot(const struct exchange *x, struct tpot *tpot);
ASSAY_API bool exchange_prefill_per_s(const struct exchange *x, double *per_s);
ASSAY_API bool exchange_decode_per_s(const struct exchange *x, double *per_s);

/* How many events carried tokens: an event may have several. */
ASSAY_API size_t exchange_token_events(const struct exchange *x);
/* Gaps between token-carrying events in seconds, written to gaps_s (room for exchange_token_events() - 1). */
ASSAY_API size_t exchange_chunk_gaps(const struct exchange *x, double *gaps_s);
/* True where each event is one token, so that the chunk gaps are inter-token latencies. */
ASSAY_API bool exchange_events_are_tokens(const struct exchange *x);

ASSAY_END

#endif
