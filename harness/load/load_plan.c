#include "load_plan.h"

#include "arrival_times.h"
#include "lengths.h"
#include "shares.h"
#include "stages.h"
#include "text.h"
#include "trace.h"

#include <stdlib.h>

static const double plan_seconds_max = 366.0 * 86400;

const char *arrivals_kind_name(enum arrivals_kind kind)
{
    static const char *const names[] = {[ARRIVALS_CLOSED] = "closed",
        [ARRIVALS_CONSTANT] = "constant",
        [ARRIVALS_POISSON] = "poisson",
        [ARRIVALS_GAMMA] = "gamma",
        [ARRIVALS_TRACE] = "trace"};
    return names[kind];
}

/* What a plan is made with; each source has a stream of random numbers of its own. */
struct maker {
    const struct load_plan_options *options;
    struct load_plan *plan;
    size_t room; /* items allocated */
    struct length_source prompts, outputs, turns, pauses;
    struct rng prefixes;
    struct shares shares;
};

static enum status check_bounds(const struct load_plan_options *o, struct error *e)
{
    if (o->duration_ns < 0 || o->duration_ns > LOAD_NO_END)
        return error_set(e, STATUS_USAGE, "duration: it must be between 0 and 73 years");
    if (o->count > LOAD_ITEMS_MAX)
        return error_set(
            e, STATUS_LIMIT, "count: %zu requests; a plan has at most %d", o->count, LOAD_ITEMS_MAX);
    if (o->duration_ns == 0 && o->count == 0 && o->arrivals.kind != ARRIVALS_TRACE)
        return error_set(e, STATUS_USAGE, "neither a duration nor a count ends the test; give one");
    return STATUS_OK;
}

static enum status start_lengths(struct maker *m, struct error *e)
{
    static const struct length_limits prompts = {"prompt tokens", 1, LOAD_TOKENS_MAX},
                                      outputs = {"output tokens", 1, LOAD_TOKENS_MAX},
                                      turns = {"turns", 1, 10000}, pauses = {"pause ms", 0, 86400 * 1000};
    const struct load_plan_options *o = m->options;
    enum status s = length_source_init(&m->prompts, &o->prompt_tokens, &prompts, o->seed, e);
    if (s == STATUS_OK)
        s = length_source_init(&m->outputs, &o->output_tokens, &outputs, o->seed, e);
    if (s == STATUS_OK)
        s = length_source_init(&m->turns, &o->turns, &turns, o->seed, e);
    if (s == STATUS_OK)
        s = length_source_init(&m->pauses, &o->pause_ms, &pauses, o->seed, e);
    return s;
}

static enum status start_prefixes(struct maker *m, struct error *e)
{
    static const struct length_limits limits = {"prefix tokens", 1, LOAD_TOKENS_MAX};
    const struct load_plan_options *o = m->options;
    struct length_source lengths;
    if (length_is_absent(&o->prefix_tokens) && o->prefix_count == 0)
        return STATUS_OK;
    if (length_is_absent(&o->prefix_tokens))
        return error_set(e, STATUS_USAGE, "prefixes: say how many tokens each has");
    if (o->prefix_count < 1 || o->prefix_count >= LOAD_NO_PREFIX)
        return error_set(
            e, STATUS_USAGE, "prefixes: give a number of them between 1 and %d", LOAD_NO_PREFIX - 1);
    enum status s = length_source_init(&lengths, &o->prefix_tokens, &limits, o->seed, e);
    if (s != STATUS_OK)
        return s;
    m->plan->prefix_count = (size_t)o->prefix_count;
    m->plan->prefix_lengths = malloc(m->plan->prefix_count * sizeof *m->plan->prefix_lengths);
    if (!m->plan->prefix_lengths)
        return error_set(e, STATUS_NO_MEMORY, "no memory for %d prefixes", o->prefix_count);
    for (size_t i = 0; i < m->plan->prefix_count; i++)
        m->plan->prefix_lengths[i] = length_source_next(&lengths);
    rng_seed_text(&m->prefixes, o->seed, "prefixes");
    return STATUS_OK;
}

static enum status make_room(struct maker *m, struct error *e)
{
    if (m->plan->count < m->room)
        return STATUS_OK;
    if (m->plan->count >= LOAD_ITEMS_MAX)
        return error_set(e, STATUS_LIMIT,
            "the plan has more than %d requests; lower the rate, the duration or the count", LOAD_ITEMS_MAX);
    size_t room = m->room == 0 ? 1024 : m->room + m->room / 2;
    if (room > LOAD_ITEMS_MAX)
        room = LOAD_ITEMS_MAX;
    struct load_item *items = realloc(m->plan->items, room * sizeof *items);
    if (!items)
        return error_set(e, STATUS_NO_MEMORY, "no memory for a plan of %zu requests", room);
    m->plan->items = items;
    m->room = room;
    return STATUS_OK;
}

static uint16_t choose_prefix(struct maker *m)
{
    if (m->plan->prefix_count == 0)
        return LOAD_NO_PREFIX;
    return (uint16_t)rng_below(&m->prefixes, m->plan->prefix_count);
}

/* All turns of one conversation, or as many as the count allows. */
static enum status add_conversation(struct maker *m, int64_t at_ns, struct error *e)
{
    uint32_t turns = length_source_next(&m->turns);
    uint16_t prefix = choose_prefix(m), choice = shares_next(&m->shares);
    struct load_plan *plan = m->plan;
    for (uint32_t turn = 0; turn < (turns ? turns : 1); turn++) {
        if (m->options->count > 0 && plan->count == m->options->count)
            break;
        enum status s = make_room(m, e);
        if (s != STATUS_OK)
            return s;
        plan->items[plan->count++] = (struct load_item){
            .at_ns = turn == 0 ? at_ns : 0,
            .pause_ns = turn == 0 ? 0 : length_source_next(&m->pauses) * INT64_C(1000000),
            .prompt_tokens = length_source_next(&m->prompts),
            .output_tokens = length_source_next(&m->outputs),
            .conversation = plan->conversations,
            .turn = (uint16_t)turn,
            .prefix = prefix,
            .choice = choice,
        };
    }
    plan->conversations++;
    return STATUS_OK;
}

/* Closed loop: how many items at most. */
static size_t closed_count(const struct load_plan *plan, const struct load_plan_options *o)
{
    if (o->count > 0)
        return o->count;
    double streams = stages_most_streams(plan->stages, plan->stage_count);
    double wanted = streams * (double)o->duration_ns * 1e-9 * 100;
    if (wanted > LOAD_CLOSED_ITEMS)
        wanted = LOAD_CLOSED_ITEMS;
    return (size_t)(wanted > streams ? wanted : streams);
}

static enum status make_closed(struct maker *m, struct error *e)
{
    struct load_plan *plan = m->plan;
    enum status s = stages_make(&m->options->arrivals, &plan->stages, &plan->stage_count, e);
    size_t count = s == STATUS_OK ? closed_count(plan, m->options) : 0;
    while (s == STATUS_OK && plan->count < count)
        s = add_conversation(m, 0, e);
    return s;
}

static enum status check_expected(const struct maker *m, const struct arrival_times *times, struct error *e)
{
    double expected = arrival_times_expected(times, (double)m->plan->duration_ns * 1e-9);
    if (m->options->count > 0 || expected <= LOAD_ITEMS_MAX)
        return STATUS_OK;
    char shown[64];
    text_format_significant(shown, sizeof shown, expected, 3);
    return error_set(e, STATUS_LIMIT,
        "the plan would have about %s requests; it has at most %d: lower the rate or the duration", shown,
        LOAD_ITEMS_MAX);
}

static enum status make_open(struct maker *m, struct error *e)
{
    struct arrival_times times;
    enum status s = arrival_times_init(&times, &m->options->arrivals, m->options->seed, e);
    if (s == STATUS_OK)
        s = check_expected(m, &times, e);
    while (s == STATUS_OK && (m->options->count == 0 || m->plan->count < m->options->count)) {
        double at_s = arrival_times_next(&times);
        if (at_s * 1e9 >= (double)m->plan->duration_ns)
            break;
        if (at_s > plan_seconds_max)
            return error_set(e, STATUS_USAGE,
                "at this rate the test would take more than a year; raise the rate or lower the count");
        s = add_conversation(m, (int64_t)(at_s * 1e9), e);
    }
    if (s == STATUS_OK && m->plan->count == 0)
        s = error_set(e, STATUS_USAGE, "no request falls into the duration; raise it or the rate");
    return s;
}

static enum status check_trace(const struct maker *m, const struct trace *trace, struct error *e)
{
    const struct arrivals *a = &m->options->arrivals;
    if (a->rate_per_s != 0 || a->ramp_ns != 0)
        return error_set(
            e, STATUS_USAGE, "a trace has its own moments: leave rate and ramp out, and give its speed");
    if (!(a->trace_speed >= 0 && a->trace_speed <= 1e6))
        return error_set(e, STATUS_USAGE, "trace speed: give a factor above 0 and up to 1000000");
    if (trace->prefix_count > 0 && m->plan->prefix_count > 0)
        return error_set(e, STATUS_USAGE, "prefixes: the trace has its own; leave them out");
    return STATUS_OK;
}

/* The trace's own lengths, instead of drawn ones, for a first turn that is in the plan already; its prefix for
 * all turns. */
static void set_traced(
    const struct trace *trace, const struct trace_request *r, struct load_item *item, size_t turns)
{
    uint32_t shared = r->prefix == LOAD_NO_PREFIX ? 0 : trace->prefix_lengths[r->prefix];
    if (trace->has_prompts)
        item->prompt_tokens = r->prompt_tokens > shared ? r->prompt_tokens - shared : 1;
    if (trace->has_outputs)
        item->output_tokens = r->output_tokens;
    for (size_t i = 0; trace->prefix_count > 0 && i < turns; i++)
        item[i].prefix = r->prefix;
}

static enum status add_traced(struct maker *m, const struct trace *trace, struct error *e)
{
    double speed = m->options->arrivals.trace_speed > 0 ? m->options->arrivals.trace_speed : 1;
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < trace->count; i++) {
        double at_ns = (double)trace->requests[i].at_ns / speed;
        size_t first = m->plan->count;
        if (at_ns >= (double)m->plan->duration_ns || (m->options->count > 0 && first == m->options->count))
            break;
        s = add_conversation(m, (int64_t)at_ns, e);
        if (s == STATUS_OK)
            set_traced(trace, &trace->requests[i], &m->plan->items[first], m->plan->count - first);
    }
    return s;
}

static enum status make_traced(struct maker *m, struct error *e)
{
    struct trace trace = {0};
    if (!m->options->arrivals.trace_file)
        return error_set(e, STATUS_USAGE, "arrivals: name the file of the trace");
    enum status s = trace_read(m->options->arrivals.trace_file, &trace, e);
    if (s == STATUS_OK)
        s = check_trace(m, &trace, e);
    if (s == STATUS_OK)
        s = add_traced(m, &trace, e);
    m->plan->traced_prompts = trace.has_prompts;
    m->plan->traced_outputs = trace.has_outputs;
    if (s == STATUS_OK && trace.prefix_count > 0) {
        m->plan->prefix_lengths = trace.prefix_lengths;
        m->plan->prefix_parents = trace.prefix_parents;
        m->plan->prefix_count = trace.prefix_count;
        trace.prefix_lengths = NULL;
        trace.prefix_parents = NULL;
    }
    trace_fini(&trace);
    return s;
}

static enum status make_items(struct maker *m, struct error *e)
{
    switch (m->options->arrivals.kind) {
    case ARRIVALS_CLOSED:
        return make_closed(m, e);
    case ARRIVALS_CONSTANT:
    case ARRIVALS_POISSON:
    case ARRIVALS_GAMMA:
        m->plan->open = true;
        return make_open(m, e);
    case ARRIVALS_TRACE:
        m->plan->open = true;
        return make_traced(m, e);
    }
    return error_set(e, STATUS_USAGE, "arrivals: of no known kind");
}

static void give_back_room(struct maker *m)
{
    struct load_item *items = realloc(m->plan->items, m->plan->count * sizeof *items);
    if (items)
        m->plan->items = items;
}

enum status load_plan_make(const struct load_plan_options *o, struct load_plan *plan, struct error *e)
{
    *plan = (struct load_plan){.duration_ns = o->duration_ns > 0 ? o->duration_ns : LOAD_NO_END};
    struct maker m = {.options = o, .plan = plan};
    enum status s = check_bounds(o, e);
    if (s == STATUS_OK)
        s = start_lengths(&m, e);
    if (s == STATUS_OK)
        s = start_prefixes(&m, e);
    if (s == STATUS_OK)
        s = shares_init(&m.shares, o->shares, o->share_count, e);
    if (s == STATUS_OK)
        s = make_items(&m, e);
    plan->goes_round = !plan->open && o->count == 0;
    if (s == STATUS_OK)
        give_back_room(&m);
    else
        load_plan_fini(plan);
    shares_fini(&m.shares);
    return s;
}

void load_plan_fini(struct load_plan *plan)
{
    free(plan->items);
    free(plan->stages);
    free(plan->prefix_lengths);
    free(plan->prefix_parents);
    *plan = (struct load_plan){0};
}
