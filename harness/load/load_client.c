#include "load_client.h"

#include "clock.h"
#include "load_run.h"
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAD_NS (20 * NS_PER_MS) /* from the last thread's being ready to the start */

static bool index_conversations(struct load_run *run)
{
    const struct load_plan *plan = run->plan;
    run->firsts = calloc(plan->conversations + (size_t)1, sizeof *run->firsts);
    for (size_t i = 0; run->firsts && i < plan->count; i++)
        if (plan->items[i].turn == 0)
            run->firsts[plan->items[i].conversation] = (uint32_t)i;
    return run->firsts != NULL;
}

static enum status check(const struct load_client_options *o, struct error *e)
{
    const struct load_plan *plan = o->plan;
    if (plan->count == 0 || plan->conversations == 0)
        return error_set(e, STATUS_USAGE, "the plan has no request");
    if (o->choice_count == 0 || o->choice_count > LOAD_CHOICES_MAX)
        return error_set(e, STATUS_USAGE, "1 to %d targets and models can be asked, not %zu",
            LOAD_CHOICES_MAX, o->choice_count);
    if (o->threads < 0 || o->threads > LOAD_THREADS_MAX)
        return error_set(
            e, STATUS_USAGE, "1 to %d threads can be used, not %d", LOAD_THREADS_MAX, o->threads);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].choice >= o->choice_count)
            return error_set(e, STATUS_USAGE, "the plan asks target %d of %zu", plan->items[i].choice + 1,
                o->choice_count);
    return STATUS_OK;
}

/* ---- threads ---- */

static void begin(struct load_run *run)
{
    run->t_start_ns = loop_now_ns() + LEAD_NS;
    run->t_closing_ns = run->t_start_ns + run->plan->duration_ns;
}

static bool any_failed(const struct load_thread *threads, int count)
{
    for (int i = 0; i < count; i++)
        if (threads[i].failed)
            return true;
    return false;
}

struct watch {
    struct load_run *run;
    atomic_bool over;
};

/* Who looks on does so from a thread of its own: those that measure have better things to do. */
static void *look_on(void *arg)
{
    struct watch *w = arg;
    const struct load_client_options *o = w->run->options;
    int64_t at_ns = w->run->t_start_ns;
    while (!atomic_load(&w->over)) {
        at_ns += NS_PER_S / 10;
        clock_sleep_until(clock_system(), at_ns);
        int64_t since_ns = at_ns - w->run->t_start_ns;
        if (since_ns % NS_PER_S == 0)
            o->tick(&w->run->progress, since_ns, o->tick_arg);
    }
    return NULL;
}

static void join(struct load_run *run, struct load_thread *threads, int count)
{
    struct watch w = {.run = run};
    pthread_t watcher;
    bool watched = run->options->tick && pthread_create(&watcher, NULL, look_on, &w) == 0;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i].id, NULL);
    atomic_store(&w.over, true);
    if (watched)
        pthread_join(watcher, NULL);
}

/* ---- the gate: threads set up, and begin together ---- */

void load_gate_wait(struct load_run *run)
{
    pthread_mutex_lock(&run->gate.lock);
    run->gate.arrived++;
    pthread_cond_broadcast(&run->gate.changed);
    while (!run->gate.open)
        pthread_cond_wait(&run->gate.changed, &run->gate.lock);
    pthread_mutex_unlock(&run->gate.lock);
}

static void open_gate(struct load_run *run, struct load_thread *threads, int count)
{
    pthread_mutex_lock(&run->gate.lock);
    while (run->gate.arrived < count)
        pthread_cond_wait(&run->gate.changed, &run->gate.lock);
    if (any_failed(threads, count))
        atomic_store(&run->ending, true);
    begin(run);
    run->gate.open = true;
    pthread_cond_broadcast(&run->gate.changed);
    pthread_mutex_unlock(&run->gate.lock);
}

static enum status run_threads(struct load_run *run, struct load_thread *threads, struct error *e)
{
    int count = 0, rc = 0;
    for (; count < run->threads; count++) {
        threads[count].run = run;
        threads[count].number = count;
        if ((rc = pthread_create(&threads[count].id, NULL, load_thread_main, &threads[count])) != 0)
            break;
    }
    if (rc != 0)
        atomic_store(&run->ending, true);
    open_gate(run, threads, count);
    join(run, threads, count);
    for (int i = 0; i < count; i++)
        if (threads[i].failed) {
            *e = threads[i].why;
            return threads[i].why.status;
        }
    return rc == 0 ? STATUS_OK
                   : error_set(e, STATUS_IO, "cannot start thread %d: %s", count + 1, strerror(rc));
}

/* ---- what came of it ---- */

static void gather_texts(struct load_outcome *out, const struct load_thread *t)
{
    for (int i = 0; i < EXCHANGE_ERROR_COUNT; i++)
        if (!*out->first_errors[i])
            memcpy(out->first_errors[i], t->first_errors[i], sizeof out->first_errors[i]);
    if (!*out->server_model)
        memcpy(out->server_model, t->server_model, sizeof out->server_model);
    out->simulated |= t->simulated;
}

static void gather(struct load_outcome *out, struct load_run *run, struct load_thread *threads)
{
    out->threads = run->threads;
    out->t_start_ns = run->t_start_ns;
    out->t_end_ns = loop_now_ns();
    out->aborted = atomic_load(&run->aborted);
    out->stopped = atomic_load(&run->stopped);
    for (int i = 0; i < run->threads; i++) {
        struct load_thread *t = &threads[i];
        out->reports[i] = t->report;
        out->stores[i] = t->store;
        if (t->t_last_start_ns > out->t_last_start_ns)
            out->t_last_start_ns = t->t_last_start_ns;
        gather_texts(out, t);
    }
    for (size_t k = 0; k < run->options->choice_count && threads[0].targets[k]; k++)
        out->infos[k] = *target_info(threads[0].targets[k]);
}

enum status load_client_run(
    const struct load_client_options *options, struct load_outcome *outcome, struct error *e)
{
    struct load_run run = {
        .options = options, .plan = options->plan, .threads = options->threads ? options->threads : 1};
    *outcome = (struct load_outcome){0};
    enum status s = check(options, e);
    if (s != STATUS_OK)
        return s;
    struct load_thread *threads = calloc((size_t)run.threads, sizeof *threads);
    pthread_mutex_init(&run.gate.lock, NULL);
    pthread_cond_init(&run.gate.changed, NULL);
    if (threads && index_conversations(&run)) {
        s = run_threads(&run, threads, e);
        gather(outcome, &run, threads);
        for (int i = 0; i < run.threads; i++)
            if (threads[i].run)
                load_thread_fini(&threads[i]);
    } else {
        s = error_set(e, STATUS_NO_MEMORY, "out of memory");
    }
    pthread_cond_destroy(&run.gate.changed);
    pthread_mutex_destroy(&run.gate.lock);
    free(run.firsts);
    free(threads);
    if (s != STATUS_OK)
        load_outcome_fini(outcome);
    return s;
}

void load_outcome_fini(struct load_outcome *outcome)
{
    for (int i = 0; i < outcome->threads; i++) {
        struct load_thread_report *r = &outcome->reports[i];
        hist_free(r->loop_lag);
        hist_free(r->start_lag);
        hist_free(r->connect_start_lag);
        hist_free(r->gaps);
        load_store_free(outcome->stores[i]);
    }
    *outcome = (struct load_outcome){0};
}

bool load_next_sample(const struct load_outcome *outcome, struct load_cursor *cursor)
{
    while (cursor->thread < outcome->threads) {
        if (load_store_next(outcome->stores[cursor->thread], &cursor->at)) {
            cursor->sample = &cursor->at.sample;
            cursor->times = cursor->at.times;
            cursor->times_len = cursor->at.times_len;
            return true;
        }
        cursor->thread++;
        cursor->at = (struct load_store_cursor){0};
    }
    return false;
}

static void outcome_rewind(void *state)
{
    struct load_outcome_source *s = state;
    s->cursor = (struct load_cursor)LOAD_CURSOR_FIRST;
}

static const struct load_sample *outcome_next(void *state)
{
    struct load_outcome_source *s = state;
    if (!load_next_sample(s->outcome, &s->cursor))
        return NULL;
    s->time_at = 0;
    s->t_ns = s->cursor.sample->t_sent_ns;
    return s->cursor.sample;
}

static bool outcome_next_event(void *state, int64_t *t_ns)
{
    struct load_outcome_source *s = state;
    if (!s->cursor.times || !load_times_next(s->cursor.times, s->cursor.times_len, &s->time_at, &s->t_ns))
        return false;
    *t_ns = s->t_ns;
    return true;
}

struct load_source load_source_of_outcome(
    struct load_outcome_source *state, const struct load_outcome *outcome)
{
    *state = (struct load_outcome_source){.outcome = outcome};
    return (struct load_source){
        .rewind = outcome_rewind, .next = outcome_next, .next_event = outcome_next_event, .state = state};
}
