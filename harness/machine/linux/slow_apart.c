#include "slow_apart.h"

#include "clock.h"

#include <string.h>

struct place {
    const char *root, *disk_path;
    unsigned part;
};

static const struct {
    unsigned part;
    enum errand_kind kind;
} kinds[SLOW_ERRANDS] = {{SLOW_DRIVERS, ERRAND_SLOW}, {SLOW_DISK, ERRAND_DISK}};

static void serve(struct errand_side *side, void *memory, const void *arg)
{
    static struct slow_sensors sensors; /* large, and once in such a process */
    const struct place *place = arg;
    slow_sensors_open(&sensors, place->root, place->disk_path, place->part);
    while (errand_next(side))
        slow_sensors_read(&sensors, true, memory);
    slow_sensors_close(&sensors);
}

static void start(struct slow_errand *a, size_t i, const struct place *place, int64_t deadline_ns)
{
    struct errand_plan plan = {.kind = kinds[i].kind,
        .serve = serve,
        .arg = place,
        .size = sizeof(struct sample),
        .deadline_ns = deadline_ns};
    a->part = place->part;
    a->errand = errand_start(&plan);
    if (a->errand)
        slow_sensors_lose(a->part, errand_unread(plan.kind), &a->told);
}

/* Where nothing is written there is no disk to ask for. */
void slow_apart_open(struct slow_apart *s, const char *root, const char *disk_path, int64_t deadline_ns)
{
    unsigned here = SLOW_HERE;
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < SLOW_ERRANDS; i++) {
        struct place place = {root, disk_path, kinds[i].part};
        if (deadline_ns > 0 && (kinds[i].part != SLOW_DISK || disk_path))
            start(&s->apart[i], i, &place, deadline_ns);
        here |= s->apart[i].errand ? 0 : kinds[i].part;
    }
    slow_sensors_open(&s->here, root, disk_path, here);
    for (size_t i = 0; i < SLOW_ERRANDS; i++) {
        struct slow_errand *a = &s->apart[i];
        if (a->errand && errand_ask_first(a->errand, deadline_ns) == ERRAND_TOLD)
            slow_sensors_copy(errand_memory(a->errand), a->part, &a->told);
    }
}

void slow_apart_close(struct slow_apart *s)
{
    slow_sensors_close(&s->here);
    for (size_t i = 0; i < SLOW_ERRANDS; i++)
        errand_end(s->apart[i].errand);
}

/* At the ends of a window a late answer to an earlier question is not enough. */
static enum errand_answer ask_anew(struct slow_errand *a, bool fresh)
{
    int64_t patience_ns = fresh ? ERRAND_LONG_PATIENCE_NS : ERRAND_PATIENCE_NS;
    enum errand_answer answer = errand_ask(a->errand, patience_ns);
    if (answer != ERRAND_EARLIER || !fresh)
        return answer;
    slow_sensors_copy(errand_memory(a->errand), a->part, &a->told);
    return errand_ask(a->errand, patience_ns);
}

static void ask(struct slow_errand *a, bool fresh, int64_t now_ns)
{
    char reason[sizeof a->told.readings[0].reason];
    if (ask_anew(a, fresh) != ERRAND_SILENT) {
        slow_sensors_copy(errand_memory(a->errand), a->part, &a->told);
        a->due_ns = now_ns + NS_PER_S;
    } else if (errand_lost(a->errand, reason, sizeof reason)) {
        slow_sensors_lose(a->part, reason, &a->told);
    }
}

void slow_apart_read(struct slow_apart *s, bool fresh, struct sample *sample)
{
    slow_sensors_read(&s->here, fresh, sample);
    for (size_t i = 0; i < SLOW_ERRANDS; i++) {
        struct slow_errand *a = &s->apart[i];
        if (!a->errand)
            continue;
        if (fresh || sample->t_mono_ns >= a->due_ns)
            ask(a, fresh, sample->t_mono_ns);
        slow_sensors_copy(&a->told, a->part, sample);
    }
}
