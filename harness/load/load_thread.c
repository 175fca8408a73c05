#include "load_run.h"

#include "clock.h"
#include "load_slot.h"
#include "loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define START_SLICE_NS (250 * NS_PER_US)
#define LAG_PERIOD_NS (5 * NS_PER_MS)
#define TIMEOUT_NS (600 * NS_PER_S)
enum { FAILED_OF_AT_LEAST = 100, PROMPT_BYTES_MAX = 1 << 30 };

/* ---- who waits to be started ---- */

static void push_ready(struct load_thread *t, struct load_slot *slot)
{
    slot->next = NULL;
    if (t->ready_last)
        t->ready_last->next = slot;
    else
        t->ready_first = slot;
    t->ready_last = slot;
}

static struct load_slot *pop_ready(struct load_thread *t)
{
    struct load_slot *slot = t->ready_first;
    if (slot)
        t->ready_first = slot->next;
    if (!t->ready_first)
        t->ready_last = NULL;
    return slot;
}

static struct load_slot *take_idle(struct load_thread *t)
{
    struct load_slot *slot = t->idle;
    if (slot)
        t->idle = slot->next;
    return slot ? slot : load_slot_new(t);
}

static void give_idle(struct load_thread *t, struct load_slot *slot)
{
    load_slot_forget(slot);
    slot->next = t->idle;
    t->idle = slot;
}

/* ---- which conversation comes next ---- */

static bool all_taken(const struct load_run *run)
{
    return !run->plan->open && !run->plan->goes_round &&
           atomic_load_explicit(&run->next_conversation, memory_order_relaxed) >= run->plan->conversations;
}

static bool may_begin(const struct load_thread *t, int64_t now_ns)
{
    return !t->exhausted && now_ns < t->run->t_closing_ns && !atomic_load(&t->run->ending) &&
           !all_taken(t->run);
}

/* Closed loop. A plan that is bounded by time alone is gone through again. */
static bool take_conversation(struct load_thread *t, struct load_slot *slot, int64_t now_ns)
{
    struct load_run *run = t->run;
    if (!may_begin(t, now_ns))
        return false;
    unsigned long long n = atomic_fetch_add_explicit(&run->next_conversation, 1, memory_order_relaxed);
    if (n >= run->plan->conversations && !run->plan->goes_round)
        return false;
    slot->item = run->firsts[n % run->plan->conversations];
    slot->round = n / run->plan->conversations;
    slot->intended_ns = now_ns;
    slot->has_moment = false;
    return true;
}

/* How many of the streams that the plan wants now are this thread's; when that changes next. */
static int streams_wanted(const struct load_thread *t, int64_t since_ns, int64_t *next_ns)
{
    const struct load_plan *plan = t->run->plan;
    int streams = 0;
    *next_ns = INT64_MAX;
    for (size_t i = 0; i < plan->stage_count; i++) {
        if (plan->stages[i].at_ns <= since_ns)
            streams = plan->stages[i].streams;
        else {
            *next_ns = plan->stages[i].at_ns;
            break;
        }
    }
    return streams / t->run->threads + (t->number < streams % t->run->threads);
}

static int64_t fill_streams(struct load_thread *t, int64_t now_ns)
{
    int64_t next_ns;
    int wanted = streams_wanted(t, now_ns - t->run->t_start_ns, &next_ns);
    while (t->streams < wanted && may_begin(t, now_ns)) {
        struct load_slot *slot = take_idle(t);
        if (!slot || !take_conversation(t, slot, now_ns)) {
            if (slot)
                give_idle(t, slot);
            break;
        }
        t->streams++;
        slot->new_stream = true;
        push_ready(t, slot);
    }
    return may_begin(t, now_ns) && next_ns != INT64_MAX ? t->run->t_start_ns + next_ns : INT64_MAX;
}

/* Open loop: what is due goes among the ready ones; the moment of what comes next. */
static int64_t fill_moments(struct load_thread *t, int64_t now_ns)
{
    const struct load_run *run = t->run;
    const struct load_plan *plan = run->plan;
    while (t->next_conversation < plan->conversations && !atomic_load(&run->ending)) {
        size_t item = run->firsts[t->next_conversation];
        int64_t due_ns = run->t_start_ns + plan->items[item].at_ns;
        if (due_ns >= run->t_closing_ns)
            break;
        if (due_ns > now_ns)
            return due_ns;
        struct load_slot *slot = take_idle(t);
        if (!slot) {
            t->report.samples_lost++;
            t->next_conversation += (uint32_t)run->threads;
            continue;
        }
        slot->item = item;
        slot->intended_ns = due_ns;
        slot->has_moment = true;
        t->next_conversation += (uint32_t)run->threads;
        push_ready(t, slot);
    }
    t->exhausted = true;
    return INT64_MAX;
}

/* ---- what became of a request ---- */

static struct load_sample sample_of(const struct load_slot *slot)
{
    const struct exchange *x = &slot->x;
    const struct load_thread *t = slot->thread;
    const struct load_run *run = t->run;
    bool warm_up = slot->intended_ns - run->t_start_ns < run->options->warmup_ns;
    bool cut_off = x->error == EXCHANGE_CANCELLED;
    bool tokens = x->streamed && x->error == EXCHANGE_OK && exchange_events_are_tokens(x);
    return (struct load_sample){.t_intended_ns = x->t_intended_ns,
        .t_dequeued_ns = x->t_dequeued_ns,
        .t_sent_ns = x->t_sent_ns,
        .t_first_token_ns = x->t_first_token_ns,
        .t_last_token_ns = x->t_last_token_ns,
        .t_done_ns = x->t_done_ns,
        .item = (uint32_t)slot->item,
        .prompt_tokens = (int32_t)x->tokens.prompt,
        .cached_tokens = (int32_t)x->tokens.cached,
        .completion_tokens = (int32_t)x->tokens.completion,
        .token_events = (uint32_t)exchange_token_events(x),
        .connect_us = (uint32_t)((x->resolve_ns + x->connect_ns) / NS_PER_US),
        .tls_us = (uint32_t)(x->tls_ns / NS_PER_US),
        .bytes = x->bytes_received < UINT32_MAX ? (uint32_t)x->bytes_received : UINT32_MAX,
        .http_status = (uint16_t)x->http_status,
        .flags = (uint16_t)((x->connection_reused ? LOAD_REUSED : 0) | (x->streamed ? LOAD_STREAMED : 0) |
                            (x->http == 20 ? LOAD_HTTP_2 : 0) | (warm_up ? LOAD_WARMUP : 0) |
                            (cut_off ? LOAD_CUT_OFF : 0) | (tokens ? LOAD_EVENTS_ARE_TOKENS : 0)),
        .error = (uint8_t)x->error,
        .thread = (uint8_t)t->number,
        .choice = run->plan->items[slot->item].choice};
}

static void note_lags(struct load_thread *t, const struct load_slot *slot, const struct load_sample *s)
{
    if (!s->t_sent_ns || s->flags & LOAD_WARMUP)
        return;
    struct hist *lag = s->flags & LOAD_REUSED ? t->report.start_lag : t->report.connect_start_lag;
    hist_record(lag, s->t_sent_ns - (slot->has_moment ? s->t_intended_ns : s->t_dequeued_ns));
}

static void note_gaps(struct load_thread *t, const struct exchange *x)
{
    int64_t before_ns = 0;
    for (size_t i = 0; i < x->event_count; i++) {
        if (!(x->events[i].kinds & EVENT_TOKEN_KINDS))
            continue;
        if (before_ns)
            hist_record(t->report.gaps, x->events[i].t_ns - before_ns);
        before_ns = x->events[i].t_ns;
    }
}

static void note_error(struct load_thread *t, const struct exchange *x)
{
    char *text = t->first_errors[x->error];
    if (!*text)
        snprintf(
            text, sizeof t->first_errors[0], "%.250s", *x->error_text ? x->error_text : "no reason given");
}

static void note_progress(struct load_thread *t, const struct load_sample *s)
{
    struct load_run *run = t->run;
    struct load_progress *p = &run->progress;
    bool failed = s->error != EXCHANGE_OK && !(s->flags & LOAD_CUT_OFF);
    long done = atomic_fetch_add_explicit(&p->done, 1, memory_order_relaxed) + 1;
    atomic_fetch_add_explicit(&p->token_events, s->token_events, memory_order_relaxed);
    if (!failed)
        return;
    long failures = atomic_fetch_add_explicit(&p->failed, 1, memory_order_relaxed) + 1;
    double most = run->options->abort_fraction;
    if (most > 0 && done >= FAILED_OF_AT_LEAST && (double)failures > most * (double)done) {
        atomic_store(&run->aborted, true);
        atomic_store(&run->ending, true);
    }
}

static void keep_sample(struct load_thread *t, const struct load_slot *slot)
{
    const struct exchange *x = &slot->x;
    struct load_sample s = sample_of(slot);
    if (!load_store_add(t->store, &s, x->events, x->event_count))
        t->report.samples_lost++;
    note_lags(t, slot, &s);
    if (!(s.flags & LOAD_WARMUP))
        note_gaps(t, x);
    if (s.error != EXCHANGE_OK && !(s.flags & LOAD_CUT_OFF))
        note_error(t, x);
    if (x->simulated)
        t->simulated = true;
    if (!*t->server_model)
        snprintf(t->server_model, sizeof t->server_model, "%s", x->model);
    note_progress(t, &s);
}

/* ---- from one request to the next ---- */

static void set_starter(struct load_thread *t, int64_t at_ns)
{
    t->starter_due_ns = at_ns;
    loop_timer_set(t->starter, at_ns);
}

static void wake_starter(struct load_thread *t)
{
    set_starter(t, 0);
}

static void on_pause_over(void *arg)
{
    struct load_slot *slot = arg;
    struct load_thread *t = slot->thread;
    t->waiting--;
    slot->intended_ns = loop_now_ns();
    push_ready(t, slot);
    wake_starter(t);
}

static bool begin_pause(struct load_slot *slot, int64_t pause_ns)
{
    struct load_thread *t = slot->thread;
    if (!slot->pause)
        slot->pause = loop_timer_new(t->loop, on_pause_over, slot);
    if (!slot->pause || loop_timer_set(slot->pause, loop_now_ns() + pause_ns) != STATUS_OK)
        return false;
    t->waiting++;
    return true;
}

static bool go_on(struct load_slot *slot, int64_t now_ns)
{
    struct load_thread *t = slot->thread;
    int64_t ignored;
    if (atomic_load(&t->run->ending))
        return false;
    if (load_slot_next_turn(slot)) {
        slot->has_moment = false;
        slot->intended_ns = now_ns;
        int64_t pause_ns = t->run->plan->items[slot->item].pause_ns;
        if (pause_ns > 0 && begin_pause(slot, pause_ns))
            return true;
        push_ready(t, slot);
        return true;
    }
    load_slot_forget(slot);
    if (t->run->plan->open || t->streams > streams_wanted(t, now_ns - t->run->t_start_ns, &ignored) ||
        !take_conversation(t, slot, now_ns))
        return false;
    push_ready(t, slot);
    return true;
}

static void finish(struct load_slot *slot)
{
    struct load_thread *t = slot->thread;
    keep_sample(t, slot);
    if (!go_on(slot, loop_now_ns())) {
        t->streams -= !t->run->plan->open;
        give_idle(t, slot);
    }
    wake_starter(t);
}

static void on_done(struct exchange *x, void *arg)
{
    struct load_slot *slot = arg;
    (void)x;
    slot->call = NULL;
    slot->thread->in_flight--;
    atomic_fetch_sub_explicit(&slot->thread->run->progress.in_flight, 1, memory_order_relaxed);
    finish(slot);
}

static void start(struct load_slot *slot)
{
    struct load_thread *t = slot->thread;
    load_pace_started(&t->pace, slot->new_stream, loop_now_ns());
    slot->new_stream = false;
    t->in_flight++;
    atomic_fetch_add_explicit(&t->run->progress.in_flight, 1, memory_order_relaxed);
    t->t_last_start_ns = loop_now_ns();
    if (!load_slot_start(slot, on_done))
        on_done(&slot->x, slot);
}

/* Starts what is due for a slice of time; what is left waits until sockets have been read. */
static void on_starter(void *arg)
{
    struct load_thread *t = arg;
    int64_t now_ns = loop_now_ns(), began_ns = now_ns;
    t->starter_due_ns = INT64_MAX;
    int64_t next_ns = t->run->plan->open ? fill_moments(t, now_ns) : fill_streams(t, now_ns);
    while (t->ready_first && load_pace_may_start(&t->pace, now_ns) && now_ns - began_ns < START_SLICE_NS &&
           !atomic_load(&t->run->ending)) {
        start(pop_ready(t));
        now_ns = loop_now_ns();
    }
    if (t->ready_first)
        set_starter(t, t->pace.next_ns);
    else if (next_ns != INT64_MAX)
        set_starter(t, next_ns);
}

/* ---- the end ---- */

static void cut_off(struct load_thread *t)
{
    for (struct load_slot *slot; (slot = pop_ready(t));) {
        t->streams -= !t->run->plan->open;
        give_idle(t, slot);
    }
    t->exhausted = true;
    for (struct load_slot *slot = t->slots; slot; slot = slot->next_of_all) {
        if (slot->call)
            target_call_cancel(slot->call);
        if (slot->pause)
            loop_timer_cancel(slot->pause);
    }
    t->waiting = 0;
}

static bool nothing_left(const struct load_thread *t, int64_t now_ns)
{
    return !may_begin(t, now_ns) && !t->ready_first && t->in_flight == 0 && t->waiting == 0;
}

static void on_lag(void *arg)
{
    struct load_thread *t = arg;
    const struct load_client_options *o = t->run->options;
    int64_t now_ns = loop_now_ns();
    hist_record(t->report.loop_lag, now_ns - t->lag_due_ns);
    t->lag_due_ns += LAG_PERIOD_NS * (1 + (now_ns - t->lag_due_ns) / LAG_PERIOD_NS);
    loop_timer_set(t->lag, t->lag_due_ns);
    if (o->stop && atomic_load(o->stop)) {
        atomic_store(&t->run->stopped, true);
        atomic_store(&t->run->ending, true);
    }
    bool closing = !may_begin(t, now_ns) && !t->ready_first;
    if (closing && !t->cut_off_ns)
        t->cut_off_ns = now_ns + o->drain_ns;
    if (atomic_load(&t->run->ending) || (closing && now_ns >= t->cut_off_ns))
        cut_off(t);
    if (nothing_left(t, now_ns))
        t->finished = true;
}

/* ---- the thread ---- */

static enum status open_targets(struct load_thread *t)
{
    const struct load_client_options *o = t->run->options;
    enum status s = STATUS_OK;
    for (size_t i = 0; i < o->choice_count && s == STATUS_OK; i++) {
        const struct load_choice *choice = &o->choices[i];
        int64_t timeout_ns = o->timeout_ns ? o->timeout_ns : TIMEOUT_NS;
        struct target_options options = {.url = choice->access.url,
            .name = choice->access.name,
            .protocol = choice->protocol,
            .api_key = choice->access.api_key,
            .transport = choice->access.transport,
            .found = choice->access.found,
            .first_token_timeout_ns = timeout_ns,
            .total_timeout_ns = timeout_ns,
            .fresh_connections = o->fresh_connections,
            .loop = t->loop};
        s = target_open(&options, &t->targets[i], &t->why);
        if (s == STATUS_OK)
            s = target_probe(t->targets[i], &t->why);
    }
    return s;
}

static enum status set_up(struct load_thread *t)
{
    const struct load_client_options *o = t->run->options;
    int64_t times_max = (o->raw_bytes_max ? o->raw_bytes_max : INT64_C(1) << 30) / t->run->threads;
    enum status s = loop_new(&t->loop, &t->why);
    if (s == STATUS_OK)
        s = load_store_new(o->folder, times_max, &t->store, &t->why);
    if (s == STATUS_OK)
        s = open_targets(t);
    if (s != STATUS_OK)
        return s;
    t->report.loop_lag = hist_new();
    t->report.start_lag = hist_new();
    t->report.connect_start_lag = hist_new();
    t->report.gaps = hist_new();
    buf_init(&t->text, PROMPT_BYTES_MAX);
    t->starter = loop_timer_new(t->loop, on_starter, t);
    t->lag = loop_timer_new(t->loop, on_lag, t);
    bool ok = t->report.loop_lag && t->report.start_lag && t->report.connect_start_lag && t->report.gaps &&
              t->starter && t->lag;
    return ok ? STATUS_OK : error_set(&t->why, STATUS_NO_MEMORY, "out of memory");
}

static double thread_cpu_s(void)
{
    struct rusage use;
    getrusage(RUSAGE_THREAD, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static int64_t earlier(int64_t a_ns, int64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

/* Pauses and deadlines of calls may be late by a rest. */
static enum status run_loop(struct load_thread *t)
{
    const struct clock *clock = clock_system();
    int64_t t_woken_ns = loop_now_ns();
    clock_sleep_precisely();
    while (!t->finished) {
        if (loop_run_once(t->loop, -1) != STATUS_OK)
            return STATUS_IO;
        int64_t now_ns = loop_now_ns();
        int64_t until_ns = earlier(t_woken_ns + PACE_REST_NS, earlier(t->starter_due_ns, t->lag_due_ns));
        if (until_ns > now_ns && !t->finished)
            clock_sleep_until(clock, until_ns);
        t_woken_ns = loop_now_ns();
    }
    return STATUS_OK;
}

static void ask_all(struct load_thread *t)
{
    double cpu_s = thread_cpu_s();
    t->next_conversation = (uint32_t)t->number;
    load_pace_init(&t->pace, t->run->threads);
    t->lag_due_ns = t->run->t_start_ns;
    loop_timer_set(t->lag, t->lag_due_ns);
    set_starter(t, t->run->t_start_ns);
    if (run_loop(t) != STATUS_OK) {
        t->failed = true;
        error_set(&t->why, STATUS_IO, "the event loop has failed");
    }
    t->report.cpu_s = thread_cpu_s() - cpu_s;
    t->report.wall_s = (double)(loop_now_ns() - t->run->t_start_ns) / 1e9;
    if (load_store_finish(t->store, &t->why) != STATUS_OK)
        t->failed = true;
    t->report.gaps_lost = load_store_without_times(t->store);
}

void *load_thread_main(void *arg)
{
    struct load_thread *t = arg;
    t->failed = set_up(t) != STATUS_OK;
    load_gate_wait(t->run);
    if (!t->failed && !atomic_load(&t->run->ending))
        ask_all(t);
    return NULL;
}

void load_thread_fini(struct load_thread *t)
{
    for (size_t i = 0; i < t->run->options->choice_count; i++)
        target_close(t->targets[i]); /* before the slots: calls in flight end in them */
    for (struct load_slot *slot = t->slots, *next; slot; slot = next) {
        next = slot->next_of_all;
        load_slot_free(slot);
    }
    loop_timer_free(t->starter);
    loop_timer_free(t->lag);
    loop_free(t->loop);
    buf_fini(&t->text);
}
