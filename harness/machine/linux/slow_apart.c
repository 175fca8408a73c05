#include "slow_apart.h"

#include "clock.h"

#include <string.h>

struct place {
    const char *root, *disk_path;
};

static void serve(struct errand_side *side, void *memory, const void *arg)
{
    static struct slow_sensors sensors; /* large, and once in such a process */
    const struct place *place = arg;
    slow_sensors_open(&sensors, place->root, place->disk_path, SLOW_APART);
    while (errand_next(side))
        slow_sensors_read(&sensors, true, memory);
    slow_sensors_close(&sensors);
}

void slow_apart_open(struct slow_apart *s, const char *root, const char *disk_path, int64_t deadline_ns)
{
    struct place place = {root, disk_path};
    struct errand_plan plan = {
        .serve = serve, .arg = &place, .size = sizeof(struct sample), .deadline_ns = deadline_ns};
    memset(s, 0, sizeof *s);
    if (deadline_ns > 0)
        s->errand = errand_start(&plan);
    slow_sensors_open(&s->here, root, disk_path, s->errand ? SLOW_HERE : SLOW_HERE | SLOW_APART);
    if (s->errand == NULL)
        return;
    slow_sensors_lose(SLOW_APART, "not read yet", &s->told);
    if (errand_ask_first(s->errand, deadline_ns) == ERRAND_TOLD)
        slow_sensors_copy(errand_memory(s->errand), SLOW_APART, &s->told);
}

void slow_apart_close(struct slow_apart *s)
{
    slow_sensors_close(&s->here);
    errand_end(s->errand);
}

/* At the ends of a window a late answer to an earlier question is not enough. */
static enum errand_answer ask_anew(struct slow_apart *s, bool fresh)
{
    int64_t patience_ns = fresh ? ERRAND_LONG_PATIENCE_NS : ERRAND_PATIENCE_NS;
    enum errand_answer answer = errand_ask(s->errand, patience_ns);
    if (answer != ERRAND_EARLIER || !fresh)
        return answer;
    slow_sensors_copy(errand_memory(s->errand), SLOW_APART, &s->told);
    return errand_ask(s->errand, patience_ns);
}

static void ask(struct slow_apart *s, bool fresh, int64_t now_ns)
{
    char reason[sizeof s->told.readings[0].reason];
    if (ask_anew(s, fresh) != ERRAND_SILENT) {
        slow_sensors_copy(errand_memory(s->errand), SLOW_APART, &s->told);
        s->due_ns = now_ns + NS_PER_S;
    } else if (errand_lost(s->errand, reason, sizeof reason)) {
        slow_sensors_lose(SLOW_APART, reason, &s->told);
    }
}

void slow_apart_read(struct slow_apart *s, bool fresh, struct sample *sample)
{
    slow_sensors_read(&s->here, fresh, sample);
    if (s->errand == NULL)
        return;
    if (fresh || sample->t_mono_ns >= s->due_ns)
        ask(s, fresh, sample->t_mono_ns);
    slow_sensors_copy(&s->told, SLOW_APART, sample);
}
