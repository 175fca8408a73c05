#include "queue_model.h"

#include "clock.h"
#include "rng.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STATES = 1200 };

void drawn_fini(struct drawn *d)
{
    free(d->samples);
    free(d->events);
    free(d->event_ends);
    *d = (struct drawn){0};
}

static double poisson(double mean, int k)
{
    int sign;
    return exp(k * log(mean) - mean - lgamma_r(k + 1.0, &sign));
}

/* States at moments one service apart are a chain: all who were served have left, a Poisson number has come. */
static void stationary(const struct queue_mdc *q, double p[STATES])
{
    static double arrive[STATES], next[STATES];
    for (int k = 0; k < STATES; k++)
        arrive[k] = poisson(q->rate_per_s * q->service_s, k);
    memset(p, 0, STATES * sizeof *p);
    p[0] = 1;
    for (double change = 1; change > 1e-11;) {
        change = 0;
        memset(next, 0, sizeof next);
        for (int i = 0; i < STATES; i++) {
            int left = i > q->workers ? i - q->workers : 0;
            for (int k = 0; p[i] > 1e-15 && k < STATES - left && (k < 4 * q->workers + 20); k++)
                next[left + k] += p[i] * arrive[k];
        }
        for (int i = 0; i < STATES; i++)
            change += fabs(next[i] - p[i]);
        memcpy(p, next, sizeof next);
    }
}

double queue_mdc_wait_within(const struct queue_mdc *q, double wait_s)
{
    static double p[STATES], waiting[STATES];
    stationary(q, p);
    double sum = 0;
    for (int m = 0; m < q->workers; m++)
        sum += p[m];
    for (int i = 0; i + q->workers < STATES; i++)
        waiting[i] = sum += p[i + q->workers]; /* P(at most i wait) */
    int k = (int)floor(wait_s / q->service_s) + 1, last = k * q->workers - 1;
    ck_assert_int_lt(last + q->workers, STATES);
    double mean = q->rate_per_s * (k * q->service_s - wait_s), within = 0;
    for (int j = 0; j <= last; j++)
        within += waiting[last - j] * poisson(mean, j);
    return within;
}

double queue_mdc_highest_rate(const struct queue_mdc *q, double p, double wait_s)
{
    double low = 0, high = q->workers / q->service_s * 0.995;
    for (int i = 0; i < 20; i++) {
        struct queue_mdc at = *q;
        at.rate_per_s = (low + high) / 2;
        if (queue_mdc_wait_within(&at, wait_s) >= p)
            low = at.rate_per_s;
        else
            high = at.rate_per_s;
    }
    return low;
}

static struct load_sample streamed(size_t item, int64_t t_intended_ns)
{
    return (struct load_sample){.t_intended_ns = t_intended_ns,
        .t_dequeued_ns = t_intended_ns,
        .t_sent_ns = t_intended_ns,
        .item = (uint32_t)item,
        .prompt_tokens = -1,
        .cached_tokens = -1,
        .flags = LOAD_STREAMED | LOAD_EVENTS_ARE_TOKENS,
        .http_status = 200};
}

void queue_mdc_draw(
    const struct queue_mdc *q, int64_t t_start_ns, size_t requests, uint64_t seed, struct drawn *out)
{
    struct rng rng;
    rng_seed(&rng, seed);
    double *free_at = calloc((size_t)q->workers, sizeof *free_at), t = 0;
    *out = (struct drawn){.samples = calloc(requests, sizeof *out->samples), .count = requests};
    ck_assert(free_at != NULL && out->samples != NULL);
    for (size_t i = 0; i < requests; i++) {
        t += rng_exponential(&rng, 1 / q->rate_per_s);
        double *worker = &free_at[i % (size_t)q->workers]; /* equal services: they take turns */
        *worker = (*worker > t ? *worker : t) + q->service_s;
        struct load_sample *s = &out->samples[i];
        *s = streamed(i, t_start_ns + (int64_t)(t * NS_PER_S));
        s->t_first_token_ns = s->t_last_token_ns = s->t_done_ns = t_start_ns + (int64_t)(*worker * NS_PER_S);
        s->completion_tokens = 1;
        s->token_events = 1;
    }
    free(free_at);
}

double queue_batch_step_s(const struct queue_batch *q, int sequences)
{
    return q->base_s + sequences * q->per_sequence_s;
}

double queue_batch_tokens_per_s(const struct queue_batch *q, int streams)
{
    int batch = streams < q->max_batch ? streams : q->max_batch;
    return batch / queue_batch_step_s(q, batch);
}

double queue_batch_streams_at_share(const struct queue_batch *q, double share)
{
    return (queue_batch_step_s(q, 1) / share - q->base_s) / q->per_sequence_s;
}

struct stream {
    size_t sample;
    int tokens; /* made so far */
};

static void begin(struct drawn *d, struct stream *stream, int64_t t_ns)
{
    ck_assert_uint_lt(d->count, 2000000);
    if (d->count % 1024 == 0) {
        d->samples = realloc(d->samples, (d->count + 1024) * sizeof *d->samples);
        ck_assert_ptr_nonnull(d->samples);
    }
    *stream = (struct stream){.sample = d->count};
    d->samples[d->count] = streamed(d->count, t_ns);
    d->count++;
}

static bool advance(struct drawn *d, struct stream *stream, const struct queue_batch *q, int64_t t_ns)
{
    struct load_sample *s = &d->samples[stream->sample];
    if (stream->tokens++ == 0)
        s->t_first_token_ns = t_ns;
    s->t_last_token_ns = t_ns;
    if (stream->tokens < q->tokens)
        return false;
    s->t_done_ns = t_ns;
    s->completion_tokens = q->tokens;
    s->token_events = (uint32_t)q->tokens;
    return true;
}

/* Streams take turns in the batch: those in `order` up to max_batch are in it, others wait behind. */
void queue_batch_draw(const struct queue_batch *q, int streams, int64_t t_start_ns, double seconds,
    uint64_t seed, struct drawn *out)
{
    struct rng rng;
    rng_seed(&rng, seed);
    struct stream *order = calloc((size_t)streams, sizeof *order);
    ck_assert_ptr_nonnull(order);
    *out = (struct drawn){0};
    for (int i = 0; i < streams; i++)
        begin(out, &order[i], t_start_ns);
    double t = 0;
    for (int alive = streams; alive > 0;) {
        int batch = alive < q->max_batch ? alive : q->max_batch, kept = 0, again = 0;
        double factor = 1 + q->noise * rng_normal(&rng, 0, 1);
        t += queue_batch_step_s(q, batch) * (factor > 0.1 ? factor : 0.1);
        int64_t t_ns = t_start_ns + (int64_t)(t * NS_PER_S);
        struct stream *fresh = calloc((size_t)batch, sizeof *fresh);
        ck_assert_ptr_nonnull(fresh);
        for (int i = 0; i < alive; i++) {
            if (i >= batch || !advance(out, &order[i], q, t_ns))
                order[kept++] = order[i];
            else if (t < seconds)
                begin(out, &fresh[again++], t_ns);
        }
        memcpy(&order[kept], fresh, (size_t)again * sizeof *fresh);
        alive = kept + again;
        free(fresh);
    }
    free(order);
}
