#include "target_apart.h"

#include <string.h>

/* The question, and the answer to it. */
struct told {
    struct target_question question;
    struct target_readings readings;
};

static void serve(struct errand_side *side, void *memory, const void *arg)
{
    struct told *told = memory;
    struct target_sensors sensors;
    target_sensors_open(&sensors, arg);
    while (errand_next(side))
        target_sensors_look(&sensors, &told->question, &told->readings);
    target_sensors_close(&sensors);
}

static void lose(struct target_apart *t, const char *reason)
{
    static const char source[] = "/proc/*";
    struct reading *all[] = {&t->told.pss, &t->told.rss_peak, &t->told.files_open, &t->told.files_left,
        &t->told.gpu_memory, &t->told.gpu_busy};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        reading_unavailable(all[i], source, reason);
}

void target_apart_open(struct target_apart *t, const char *root, int64_t deadline_ns)
{
    struct errand_plan plan = {.kind = ERRAND_TARGET,
        .serve = serve,
        .arg = root,
        .size = sizeof(struct told),
        .deadline_ns = deadline_ns};
    memset(t, 0, sizeof *t);
    t->deadline_ns = deadline_ns;
    if (deadline_ns > 0)
        t->errand = errand_start(&plan);
    if (t->errand == NULL)
        target_sensors_open(&t->here, root);
    lose(t, errand_unread(ERRAND_TARGET));
}

void target_apart_close(struct target_apart *t)
{
    if (t->errand == NULL)
        target_sensors_close(&t->here);
    errand_end(t->errand);
}

/* The memory of a large server takes longer than a sample may; both ends of a window have the time. */
static void ask(struct target_apart *t, const struct target_question *question)
{
    char reason[sizeof t->told.pss.reason];
    struct told *told = errand_memory(t->errand);
    int64_t patience_ns = question->weigh ? errand_patience(t->errand, t->deadline_ns) : ERRAND_PATIENCE_NS;
    enum errand_answer answer;
    do {
        if (!errand_owes(t->errand))
            told->question = *question;
        answer = errand_ask(t->errand, patience_ns);
        if (answer != ERRAND_SILENT)
            t->told = told->readings;
    } while (answer == ERRAND_EARLIER); /* which was to another question */
    if (answer == ERRAND_SILENT && errand_lost(t->errand, reason, sizeof reason))
        lose(t, reason);
}

void target_apart_look(struct target_apart *t, const struct target_question *question)
{
    if (t->errand != NULL)
        ask(t, question);
    else
        target_sensors_look(&t->here, question, &t->told);
}
