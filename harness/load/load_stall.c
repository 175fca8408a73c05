#include "load_stall.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 20 * 1000 * 1000, SHORTEST_STEPS = 10 };
static const int64_t step_ns = 10 * NS_PER_MS;

/* What happened when, by steps of the window. */
struct steps {
    int64_t from_ns;
    size_t count;
    uint8_t *heard;  /* something came */
    int32_t *change; /* answers that begin less those that end */
};

static size_t step_of(const struct steps *s, int64_t t_ns)
{
    if (t_ns < s->from_ns)
        return 0;
    size_t i = (size_t)((t_ns - s->from_ns) / step_ns);
    return i < s->count ? i : s->count;
}

static void hear(struct steps *s, int64_t t_ns)
{
    size_t i = step_of(s, t_ns);
    if (t_ns >= s->from_ns && i < s->count)
        s->heard[i] = 1;
}

static void add_answer(struct steps *s, const struct load_source *source, const struct load_sample *sample)
{
    bool known = false;
    size_t first = step_of(s, sample->t_first_token_ns), last = step_of(s, sample->t_last_token_ns);
    hear(s, sample->t_done_ns);
    if (sample->t_first_token_ns <= 0 || sample->t_last_token_ns < sample->t_first_token_ns)
        return;
    for (int64_t t_ns; load_source_next_event(source, &t_ns); known = true)
        hear(s, t_ns);
    if (!known && last > first)
        memset(s->heard + first, 1, last - first);
    hear(s, sample->t_first_token_ns);
    hear(s, sample->t_last_token_ns);
    s->change[first]++;
    s->change[last]--;
}

/* Nothing comes within a silence, so as many answers are under way at its end as at its beginning. */
static void find_longest(const struct steps *s, struct load_stall *out)
{
    size_t silent = 0, longest = SHORTEST_STEPS - 1;
    int64_t answers = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->heard[i])
            silent = 0;
        else
            silent++;
        answers += s->change[i];
        if (silent <= longest || answers <= 0)
            continue;
        longest = silent;
        out->to_ns = s->from_ns + (int64_t)(i + 1) * step_ns;
        out->from_ns = out->to_ns - (int64_t)silent * step_ns;
        out->answers = (size_t)answers;
    }
}

enum status load_stall_find(
    const struct load_source *source, int64_t from_ns, int64_t to_ns, struct load_stall *out, struct error *e)
{
    *out = (struct load_stall){0};
    if (to_ns <= from_ns)
        return STATUS_OK;
    struct steps s = {.from_ns = from_ns, .count = (size_t)((to_ns - from_ns) / step_ns)};
    if (s.count > STEPS_MAX)
        s.count = STEPS_MAX;
    s.heard = calloc(s.count + 1, sizeof *s.heard);
    s.change = calloc(s.count + 1, sizeof *s.change);
    enum status status = STATUS_OK;
    if (s.heard == NULL || s.change == NULL)
        status = error_set(e, STATUS_NO_MEMORY, "no memory to look for stalls");
    load_source_rewind(source);
    for (const struct load_sample *sample; !status && (sample = load_source_next(source)) != NULL;)
        add_answer(&s, source, sample);
    if (status == STATUS_OK)
        find_longest(&s, out);
    free(s.heard);
    free(s.change);
    return status;
}
