#include "in_flight.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool was_in_flight(const struct load_sample *s)
{
    return s->t_sent_ns > 0 && s->t_done_ns > s->t_sent_ns;
}

static size_t count_sent(const struct load_source *source)
{
    size_t n = 0;
    load_source_rewind(source);
    for (const struct load_sample *s; (s = load_source_next(source)) != NULL;)
        n += was_in_flight(s);
    return n;
}

enum status in_flight_init(struct in_flight *f, const struct load_source *source, struct error *e)
{
    *f = (struct in_flight){0};
    size_t n = count_sent(source);
    f->starts = malloc((n + 1) * sizeof *f->starts);
    f->ends = malloc((n + 1) * sizeof *f->ends);
    if (f->starts == NULL || f->ends == NULL) {
        in_flight_fini(f);
        return error_set(e, STATUS_NO_MEMORY, "no memory for the times of %zu requests", n);
    }
    load_source_rewind(source);
    for (const struct load_sample *s; f->count < n && (s = load_source_next(source)) != NULL;)
        if (was_in_flight(s)) {
            f->starts[f->count] = s->t_sent_ns;
            f->ends[f->count++] = s->t_done_ns;
        }
    qsort(f->starts, f->count, sizeof *f->starts, ascending);
    qsort(f->ends, f->count, sizeof *f->ends, ascending);
    return STATUS_OK;
}

void in_flight_fini(struct in_flight *f)
{
    free(f->starts);
    free(f->ends);
    *f = (struct in_flight){0};
}

/* How many of the ascending times are not after t_ns. */
static size_t count_until(const int64_t *times, size_t n, int64_t t_ns)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (times[middle] <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct in_flight_walk in_flight_from(const struct in_flight *f, int64_t from_ns, int64_t to_ns)
{
    return (struct in_flight_walk){.f = f,
        .start = count_until(f->starts, f->count, from_ns),
        .end = count_until(f->ends, f->count, from_ns),
        .t_ns = from_ns,
        .to_ns = to_ns};
}

bool in_flight_next(struct in_flight_walk *walk, struct in_flight_stretch *stretch)
{
    const struct in_flight *f = walk->f;
    if (walk->t_ns >= walk->to_ns)
        return false;
    *stretch = (struct in_flight_stretch){
        .from_ns = walk->t_ns, .to_ns = walk->to_ns, .requests = walk->start - walk->end};
    if (walk->start < f->count && f->starts[walk->start] < stretch->to_ns)
        stretch->to_ns = f->starts[walk->start];
    if (walk->end < f->count && f->ends[walk->end] < stretch->to_ns)
        stretch->to_ns = f->ends[walk->end];
    walk->t_ns = stretch->to_ns;
    while (walk->start < f->count && f->starts[walk->start] <= walk->t_ns)
        walk->start++;
    while (walk->end < f->count && f->ends[walk->end] <= walk->t_ns)
        walk->end++;
    return true;
}

double in_flight_mean(const struct in_flight *f, int64_t from_ns, int64_t to_ns)
{
    double area = 0;
    struct in_flight_stretch stretch;
    struct in_flight_walk walk = in_flight_from(f, from_ns, to_ns);
    while (in_flight_next(&walk, &stretch))
        area += (double)stretch.requests * (double)(stretch.to_ns - stretch.from_ns);
    return to_ns > from_ns ? area / (double)(to_ns - from_ns) : 0;
}
