#include "load_run.h"

#include "clock.h"
#include "load_slot.h"
#include "load_starter.h"
#include "loop.h"

#include <time.h>

#define LAG_PERIOD_NS (5 * NS_PER_MS)
#define TIMEOUT_NS (600 * NS_PER_S)
enum { PROMPT_BYTES_MAX = 1 << 30 };

/* ---- the end ---- */

static void cut_off(struct load_thread *t)
{
    load_starter_give_up(t);
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
    return !load_starter_may_begin(t, now_ns) && !t->ready_first && t->in_flight == 0 && t->waiting == 0;
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
    bool closing = !load_starter_may_begin(t, now_ns) && !t->ready_first;
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
    t->starter = loop_timer_new(t->loop, load_starter_run, t);
    t->lag = loop_timer_new(t->loop, on_lag, t);
    bool ok = t->report.loop_lag && t->report.start_lag && t->report.connect_start_lag && t->report.gaps &&
              t->starter && t->lag;
    return ok ? STATUS_OK : error_set(&t->why, STATUS_NO_MEMORY, "out of memory");
}

static double thread_cpu_s(void)
{
    struct timespec used = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
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
    load_starter_set(t, t->run->t_start_ns);
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
