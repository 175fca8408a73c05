/*
 * load_sample.h - one request of a load test and what became of it, as the load client keeps it.
 *
 * Times are CLOCK_MONOTONIC nanoseconds, 0 where the moment did not come (exchange.h has the same, with more
 * around it). A sample is written once, when its request is over, and never changed.
 */
#ifndef ASSAY_LOAD_SAMPLE_H
#define ASSAY_LOAD_SAMPLE_H

#include "exchange.h"

#include <stdbool.h>
#include <stdint.h>

enum load_sample_flags {
    LOAD_REUSED = 1, /* on a connection that was there */
    LOAD_STREAMED = 2,
    LOAD_WARMUP = 4,             /* began before the measured part */
    LOAD_CUT_OFF = 8,            /* ended by us because the test was over: neither a success nor a failure */
    LOAD_EVENTS_ARE_TOKENS = 16, /* so that its gaps are inter-token latencies */
    LOAD_HTTP_2 = 32,            /* answered in HTTP/2 */
};

struct load_sample {
    int64_t t_intended_ns; /* open loop: when the plan wanted it; closed loop: when its stream was free */
    int64_t t_dequeued_ns; /* when the client turned to it */
    int64_t t_sent_ns;     /* connection ready, nothing of it written */
    int64_t t_first_token_ns, t_last_token_ns, t_done_ns;
    uint32_t item;                                           /* of the plan */
    int32_t prompt_tokens, cached_tokens, completion_tokens; /* as the server counts; -1: it does not say */
    uint32_t token_events;                                   /* that carried at least one token */
    uint32_t connect_us, tls_us; /* of a new connection: names and TCP; then TLS */
    uint32_t bytes;              /* of the answer's body; UINT32_MAX: that or more */
    uint16_t http_status;
    uint16_t flags; /* of enum load_sample_flags */
    uint8_t error;  /* of enum exchange_error */
    uint8_t thread;
    uint16_t choice; /* as in the plan */
};

/* What follows from a sample, by the definitions of metric.h; false where it is absent. */
bool load_sample_ok(const struct load_sample *s); /* without error and not cut off by us */
bool load_sample_ttft_ns(const struct load_sample *s, int64_t *ns);
bool load_sample_latency_ns(const struct load_sample *s, int64_t *ns); /* from t_sent: what the server took */
bool load_sample_response_ns(
    const struct load_sample *s, int64_t *ns); /* from t_intended: what a user waited */
/* Mean time per output token behind the first; the first event is taken for one token. */
bool load_sample_tpot_ns(const struct load_sample *s, double *ns);
/* Output tokens as the server counts them, else its token events where each is one; false: nobody knows. */
bool load_sample_tokens(const struct load_sample *s, int64_t *tokens);

#endif
