#include "repeat.h"

#include "buf.h"
#include "journal.h"
#include "metric.h"
#include "rng.h"
#include "stats.h"

#include <stdlib.h>
#include <string.h>

void repeat_figures_init(struct repeat_figures *f)
{
    *f = (struct repeat_figures){0};
}

void repeat_figures_fini(struct repeat_figures *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->metrics[i].values);
    free(f->tpots);
    *f = (struct repeat_figures){0};
}

void repeat_figures_clear(struct repeat_figures *f)
{
    for (size_t i = 0; i < f->count; i++)
        f->metrics[i].count = 0;
    f->tpot_count = 0;
    f->out_of_memory = false;
}

static struct repeat_samples *samples_of(struct repeat_figures *f, const char *metric)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->metrics[i].metric, metric) == 0)
            return &f->metrics[i];
    const struct metric *known = metric_find(metric);
    if (!known || f->count == REPEAT_METRICS_MAX)
        return NULL;
    f->metrics[f->count] = (struct repeat_samples){.metric = known->name};
    return &f->metrics[f->count++];
}

/* Room for n more; NULL without memory. */
static double *grow(struct repeat_samples *s, size_t n)
{
    if (s->count + n > s->cap) {
        size_t cap = s->cap ? s->cap : 16;
        while (cap < s->count + n)
            cap *= 2;
        double *values = realloc(s->values, cap * sizeof *values);
        if (!values)
            return NULL;
        s->values = values;
        s->cap = cap;
    }
    return s->values + s->count;
}

void repeat_figures_add(struct repeat_figures *f, const char *metric, double value)
{
    struct repeat_samples *s = samples_of(f, metric);
    double *room = s ? grow(s, 1) : NULL;
    if (!room) {
        f->out_of_memory = true;
        return;
    }
    *room = value;
    s->count++;
}

static void add_gaps(struct repeat_figures *f, const char *metric, const struct exchange *x)
{
    size_t events = exchange_token_events(x);
    struct repeat_samples *s = events > 1 ? samples_of(f, metric) : NULL;
    double *room = s ? grow(s, events - 1) : NULL;
    if (room)
        s->count += exchange_chunk_gaps(x, room);
    else
        f->out_of_memory |= events > 1;
}

static void add_tpot(struct repeat_figures *f, const struct exchange *x)
{
    struct tpot tpot;
    if (!exchange_tpot(x, &tpot))
        return;
    if (f->tpot_count == f->tpot_cap) {
        size_t cap = f->tpot_cap ? 2 * f->tpot_cap : 4;
        struct tpot *tpots = realloc(f->tpots, cap * sizeof *tpots);
        if (!tpots) {
            f->out_of_memory = true;
            return;
        }
        f->tpots = tpots;
        f->tpot_cap = cap;
    }
    f->tpots[f->tpot_count++] = tpot;
}

void repeat_figures_add_exchange(struct repeat_figures *f, const struct exchange *x)
{
    static const struct {
        const char *metric;
        bool (*value)(const struct exchange *, double *);
    } single[] = {
        {"ttfe_s", exchange_ttfe_s},
        {"ttft_s", exchange_ttft_s},
        {"ttfa_s", exchange_ttfa_s},
        {"latency_s", exchange_latency_s},
        {"response_s", exchange_response_s},
        {"prefill_tokens_per_s", exchange_prefill_per_s},
        {"decode_tokens_per_s", exchange_decode_per_s},
    };
    double value;
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        if (single[i].value(x, &value))
            repeat_figures_add(f, single[i].metric, value);
    add_tpot(f, x);
    add_gaps(f, "icl_s", x);
    if (exchange_events_are_tokens(x))
        add_gaps(f, "itl_s", x);
}

static int by_seconds(const void *a, const void *b)
{
    const struct tpot *x = a, *y = b;
    return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

/* The middle one of several, whole, so that its bounds stay its own; of an even number the lower. */
static void write_tpot(const struct repeat_figures *f, struct journal *journal, int repeat)
{
    if (f->tpot_count == 0)
        return;
    qsort(f->tpots, f->tpot_count, sizeof *f->tpots, by_seconds);
    journal_observe_tpot(journal, repeat, &f->tpots[(f->tpot_count - 1) / 2]);
}

void repeat_figures_write(const struct repeat_figures *f, struct journal *journal, int repeat)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct repeat_samples *s = &f->metrics[i];
        if (s->count == 0)
            continue;
        if (metric_find(s->metric)->pooled) {
            journal_observe(journal, s->metric, repeat, s->values, s->count);
            continue;
        }
        double median = stats_median(s->values, s->count);
        journal_observe(journal, s->metric, repeat, &median, 1);
    }
    write_tpot(f, journal, repeat);
    if (f->out_of_memory)
        journal_note(journal, "figures", "some figures are missing: no memory in the runner");
}

void repeat_words(struct buf *out, uint64_t seed, size_t words)
{
    static const char *const list[] = {"river", "lamp", "stone", "paper", "window", "garden", "metal",
        "cloud", "bread", "horse", "silver", "engine", "forest", "letter", "market", "bridge", "winter",
        "candle", "ocean", "pencil", "desert", "island", "button", "carpet", "ladder", "mirror", "needle",
        "orange", "pepper", "rocket", "saddle", "tunnel"};
    struct rng rng;
    rng_seed_text(&rng, seed, "words");
    for (size_t i = 0; i < words; i++)
        buf_printf(out, "%s%s", i ? " " : "", list[rng_below(&rng, sizeof list / sizeof list[0])]);
}
