/*
 * queue_model.h - servers whose answer is known: what a load test of them must find, computed, and the samples
 * that such a test would have brought, drawn.
 *
 * M/D/c: requests come at random, each of c workers serves one in exactly service_s, first come, first served.
 * The distribution of waiting is exact (Franx 2001, Operations Research Letters 29).
 *
 * Batch: one engine makes a token for each request in its batch in steps of base_s + n per_sequence_s.
 */
#ifndef ASSAY_QUEUE_MODEL_H
#define ASSAY_QUEUE_MODEL_H

#include "load_sample.h"

#include <stddef.h>

struct drawn {
    struct load_sample *samples;
    size_t count;
    int64_t *events; /* moments of token events */
    size_t *event_ends;
};
void drawn_fini(struct drawn *d);

struct queue_mdc {
    double rate_per_s, service_s;
    int workers;
};
/* P(waiting <= wait_s); the load rate service / workers must be below 1. */
double queue_mdc_wait_within(const struct queue_mdc *q, double wait_s);
/* The highest rate at which the share p of all requests waits at most wait_s. */
double queue_mdc_highest_rate(const struct queue_mdc *q, double p, double wait_s);
/* An open loop of so many requests from t_start_ns on: the first token comes when one is served, and ends it. */
void queue_mdc_draw(
    const struct queue_mdc *q, int64_t t_start_ns, size_t requests, uint64_t seed, struct drawn *out);

struct queue_batch {
    double base_s, per_sequence_s;
    int max_batch;
    int tokens;   /* of each answer */
    double noise; /* standard deviation of the time of a step, as a share of it */
};
double queue_batch_step_s(const struct queue_batch *q, int sequences);
/* Tokens per second of all with so many streams in a closed loop. */
double queue_batch_tokens_per_s(const struct queue_batch *q, int streams);
/* Streams, not whole, at which a stream gets the share of what it gets alone. */
double queue_batch_streams_at_share(const struct queue_batch *q, double share);
/* A closed loop of so many streams from t_start_ns on for so long, then each request is finished. */
void queue_batch_draw(const struct queue_batch *q, int streams, int64_t t_start_ns, double seconds,
    uint64_t seed, struct drawn *out);

#endif
