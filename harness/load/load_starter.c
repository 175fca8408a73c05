#include "load_starter.h"

#include "clock.h"
#include "load_answer.h"
#include "loop.h"

#define START_SLICE_NS (250 * NS_PER_US)

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

bool load_starter_may_begin(const struct load_thread *t, int64_t now_ns)
{
    return !t->exhausted && now_ns < t->run->t_closing_ns && !atomic_load(&t->run->ending) &&
           !all_taken(t->run);
}

/* Closed loop. A plan that is bounded by time alone is gone through again. */
static bool take_conversation(struct load_thread *t, struct load_slot *slot, int64_t now_ns)
{
    struct load_run *run = t->run;
    if (!load_starter_may_begin(t, now_ns))
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
    while (t->streams < wanted && load_starter_may_begin(t, now_ns)) {
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
    return load_starter_may_begin(t, now_ns) && next_ns != INT64_MAX ? t->run->t_start_ns + next_ns
                                                                     : INT64_MAX;
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

/* ---- from one request to the next ---- */

void load_starter_set(struct load_thread *t, int64_t at_ns)
{
    t->starter_due_ns = at_ns;
    loop_timer_set(t->starter, at_ns);
}

static void wake_starter(struct load_thread *t)
{
    load_starter_set(t, 0);
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
    load_answer_keep(t, slot);
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
void load_starter_run(void *arg)
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
        load_starter_set(t, t->pace.next_ns);
    else if (next_ns != INT64_MAX)
        load_starter_set(t, next_ns);
}

void load_starter_give_up(struct load_thread *t)
{
    for (struct load_slot *slot; (slot = pop_ready(t));) {
        t->streams -= !t->run->plan->open;
        give_idle(t, slot);
    }
    t->exhausted = true;
}
