/* load_run.h - what the threads of a load test share, and one thread. Private to this room. */
#ifndef ASSAY_LOAD_RUN_H
#define ASSAY_LOAD_RUN_H

#include "load_client.h"
#include "load_pace.h"

#include <pthread.h>

struct loop_timer;

/* Shared; but for the atomics nothing in it changes while threads run. */
struct load_run {
    const struct load_client_options *options;
    const struct load_plan *plan;
    uint32_t *firsts; /* the first item of each conversation */
    int threads;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        int arrived;
        bool open;
    } gate;                           /* threads that are set up wait here for the others */
    int64_t t_start_ns, t_closing_ns; /* nothing starts from t_closing_ns on; INT64_MAX: the plan says when */
    atomic_ullong next_conversation;  /* closed loop: whoever is free takes it */
    atomic_bool ending;               /* all is to be cut off now */
    atomic_bool aborted, stopped;
    struct load_progress progress;
};

struct load_slot;

struct load_thread {
    struct load_run *run;
    int number;
    pthread_t id;
    struct load_thread_report report;
    struct load_store *store;
    struct error why; /* of a start that failed */
    bool failed;

    struct loop *loop;
    struct target *targets[LOAD_CHOICES_MAX];
    struct loop_timer *starter, *lag;
    bool finished;
    int64_t starter_due_ns, lag_due_ns, t_last_start_ns, cut_off_ns;
    struct load_pace pace;
    uint32_t next_conversation; /* open loop: of this thread */
    bool exhausted;             /* no conversation is left to begin */
    int streams;                /* closed loop: slots that go on */
    long in_flight, waiting;    /* requests; conversations in a pause */
    struct buf text;            /* of the prompt that is being sent */
    struct load_slot *slots;    /* all that were ever made */
    struct load_slot *idle;
    struct load_slot *ready_first, *ready_last; /* to be started, the oldest first */
    char first_errors[EXCHANGE_ERROR_COUNT][256];
    char server_model[256];
    bool simulated;
};

/* pthread_create's function; arg is a struct load_thread with run and number. */
void *load_thread_main(void *arg);
void load_thread_fini(struct load_thread *t);

/* Returns when all threads are here and it is known when to begin. */
void load_gate_wait(struct load_run *run);

#endif
