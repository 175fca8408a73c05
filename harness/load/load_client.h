/*
 * load_client.h - the client of a load test: asks what a plan says, when it says so, on a few threads, and keeps
 * a sample of each request.
 *
 * Each thread has its own event loop, connections and samples; threads share a cursor and a few counters, and no
 * lock. Conversations are dealt out evenly: by their number where the plan has moments, by whoever is free
 * where it has streams. Requests that are due together are started a few at a time between reads, so that
 * starting never delays the reading of others by more than START_SLICE_NS; how late a start is stands in its
 * sample. Errors of requests are data and are never retried.
 *
 *     struct load_client_options o = {.plan = &plan, .choices = &choice, .choice_count = 1, .prompts = &prompts};
 *     struct load_outcome outcome;
 *     if (load_client_run(&o, &outcome, &why) != STATUS_OK) ...
 *     for (struct load_cursor at = LOAD_CURSOR_FIRST; load_next_sample(&outcome, &at);) look_at(at.sample);
 *     load_outcome_fini(&outcome);
 */
#ifndef ASSAY_LOAD_CLIENT_H
#define ASSAY_LOAD_CLIENT_H

#include "hist.h"
#include "load_prompts.h"
#include "load_source.h"
#include "load_sample.h"
#include "load_store.h"
#include "target.h"

#include <stdatomic.h>

enum { LOAD_THREADS_MAX = 64, LOAD_CHOICES_MAX = 64 };

/* One of the targets and models that requests go to. Texts are borrowed. */
struct load_choice {
    struct target_access access;
    const char *protocol; /* NULL: probe */
    const char *model;
    bool simulated; /* the server says that it is a simulator */
    struct engine_options engine;
    const char *extra_json; /* an object whose members are added to each body, or NULL */
};

/* What is known while it runs; read by another thread than those that write it. */
struct load_progress {
    atomic_long in_flight, done, failed;
    atomic_llong token_events;
};

struct load_client_options {
    const struct load_plan *plan;
    const struct load_choice *choices;
    size_t choice_count;
    int threads;       /* 0: one */
    int64_t warmup_ns; /* requests that are due earlier after the start are marked as warm-up */
    int64_t
        drain_ns; /* what is in flight when nothing starts any more may go on so long; then it is cut off */
    int64_t timeout_ns; /* of a request; 0: 600 s */
    bool unstreamed;
    bool fresh_connections; /* one for each request, closed behind it */
    bool completion;        /* raw prompts instead of chats */
    double temperature;     /* negative: leave out */
    double abort_fraction;  /* stop when more than this share of at least 100 requests failed; 0: never */
    int64_t
        raw_bytes_max; /* gaps are kept one by one up to so many bytes in all; 0: 1 GiB; beyond it in hist only */
    const char *folder; /* for the files of samples, which have no name in it; NULL: TMPDIR or /tmp */

    const struct load_prompts *prompts; /* what users say */
    void (*tick)(
        const struct load_progress *progress, int64_t since_start_ns, void *arg); /* each second, or NULL */
    void *tick_arg;
    const atomic_bool *stop; /* NULL, or set by whoever wants it to end now (a signal handler may) */
};

/* What a thread says of itself. */
struct load_thread_report {
    double cpu_s, wall_s;
    struct hist *loop_lag; /* how late a timer of every 5 ms was */
    struct hist
        *start_lag; /* t_sent - t_intended of requests whose moment the plan gave, else t_sent - t_dequeued;
                             * those on a new connection apart: */
    struct hist *connect_start_lag;
    struct hist *gaps;     /* between token events, warm-up left out */
    uint64_t gaps_lost;    /* not kept one by one */
    uint64_t samples_lost; /* could not be kept: disk or memory */
};

struct load_outcome {
    int64_t t_start_ns, t_last_start_ns,
        t_end_ns;          /* of the test; when the last request began; all was over */
    bool aborted, stopped; /* by the share of errors; from outside */
    int threads;
    struct load_thread_report reports[LOAD_THREADS_MAX];
    struct load_store *stores[LOAD_THREADS_MAX];
    struct target_info
        infos[LOAD_CHOICES_MAX]; /* who answered, as the first thread was told; texts are owned */
    char first_errors[EXCHANGE_ERROR_COUNT][256]; /* the text of the first of each class; sanitised */
    char server_model[256];                       /* as an answer named it */
    bool simulated;
};

/* STATUS_USAGE; STATUS_NOT_FOUND, _TIMEOUT, _UNAVAILABLE, _INVALID: a target that cannot be asked (target_probe);
 * STATUS_NO_MEMORY, STATUS_IO: threads, loops, files. */
enum status load_client_run(const struct load_client_options *options, struct load_outcome *outcome,
    struct error *e) ASSAY_MUST_CHECK;
void load_outcome_fini(struct load_outcome *outcome);

/* Every sample, thread by thread, in the order in which requests ended; only after the run. */
struct load_cursor {
    int thread;
    struct load_store_cursor at;
    const struct load_sample *sample;
    const uint8_t *times; /* load_times_next() reads the moments of its token events; NULL: not kept */
    size_t times_len;
};
#define LOAD_CURSOR_FIRST                                                                                    \
    {                                                                                                        \
        0                                                                                                    \
    }
bool load_next_sample(const struct load_outcome *outcome, struct load_cursor *cursor);

/* The same as a source; state and outcome outlive it. */
struct load_outcome_source {
    const struct load_outcome *outcome;
    struct load_cursor cursor;
    size_t time_at;
    int64_t t_ns;
};
struct load_source load_source_of_outcome(
    struct load_outcome_source *state, const struct load_outcome *outcome);

/* Asks the first choice three times, one after the other, for one token each, and learns from its usage how many
 * tokens a word has. STATUS_UNAVAILABLE: the server does not say; prompts are left as they are. */
enum status load_client_learn_scale(const struct load_client_options *options, struct load_prompts *prompts,
    struct error *e) ASSAY_MUST_CHECK;

#endif
