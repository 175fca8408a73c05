#include "gpu_apart.h"

#include "clock.h"
#include "errand.h"
#include "gpu_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIDS_MAX = 32768 };

/* Whose the processes are, as the parent knows it, ascending by number. */
struct owned {
    bool unknown;
    char why[160]; /* then */
    size_t count;
    long pids[PIDS_MAX];
    unsigned char owners[PIDS_MAX]; /* enum gpu_owner */
};

/* The question, and the answer to it: what gpu_watch_fill() fills. */
struct told {
    int64_t t_ns;
    bool thorough, found; /* found: there is a GPU */
    int64_t due_ns;
    struct sample sample;
    struct owned owned;
};

struct gpu_apart {
    struct gpu_watch *here; /* NULL: the errand reads them */
    struct errand *errand;
    bool none; /* there is no GPU, so that nobody is asked again */
    int64_t due_ns;
    struct sample last;
};

struct place {
    const char *root;
    const struct gpu_libraries *libraries;
};

/* What gpu_watch_fill() fills, alone. */
static void copy(const struct sample *from, struct sample *to)
{
    memcpy(&to->readings[SENSOR_GPU_FIRST], &from->readings[SENSOR_GPU_FIRST],
        GPU_SENSOR_COUNT * sizeof to->readings[0]);
    to->readings[SENSOR_GPU_MEMORY_TARGET] = from->readings[SENSOR_GPU_MEMORY_TARGET];
    to->gpus_t_mono_ns = from->gpus_t_mono_ns;
    to->gpu_count = from->gpu_count;
    memcpy(to->gpus, from->gpus, from->gpu_count * sizeof to->gpus[0]);
}

/* ---- in the errand ---- */

static int by_number(const void *a, const void *b)
{
    const long *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static enum gpu_owner owner_of(void *arg, long pid)
{
    const struct owned *owned = arg;
    const long *at = bsearch(&pid, owned->pids, owned->count, sizeof pid, by_number);
    return at ? (enum gpu_owner)owned->owners[at - owned->pids] : GPU_OWNER_UNSEEN;
}

static void answer(struct gpu_watch *watch, struct told *told)
{
    struct owned *owned = &told->owned;
    struct gpu_owners owners = {.of = owner_of, .arg = owned, .unknown = owned->unknown ? owned->why : NULL};
    gpu_watch_read(watch, told->t_ns, told->thorough, &owners);
    gpu_watch_fill(watch, &told->sample);
    told->found = gpu_watch_count(watch) > 0;
    told->due_ns = gpu_watch_due_ns(watch);
}

static void serve(struct errand_side *side, void *memory, const void *arg)
{
    const struct place *place = arg;
    struct gpu_watch *watch = gpu_watch_open(place->root, place->libraries);
    while (watch && errand_next(side))
        answer(watch, memory);
    gpu_watch_close(watch);
}

/* ---- at home ---- */

static void lose(struct gpu_apart *gpus, const char *reason)
{
    struct sample *last = &gpus->last;
    reading_unavailable(&last->readings[SENSOR_GPU_MEMORY_TARGET], "the GPU's driver", reason);
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++) {
        reading_unavailable(&last->readings[SENSOR_GPU_FIRST + i], "the GPU's driver", reason);
        for (size_t gpu = 0; gpu < last->gpu_count; gpu++) {
            last->gpus[gpu].status[i] = SENSOR_UNAVAILABLE;
            last->gpus[gpu].value[i] = 0;
        }
    }
}

static void take(struct gpu_apart *gpus)
{
    const struct told *told = errand_memory(gpus->errand);
    copy(&told->sample, &gpus->last);
    gpus->due_ns = told->due_ns;
    gpus->none = !told->found;
}

static void tell_owners(const struct gpu_owners *owners, struct owned *owned)
{
    size_t count = owners->unknown ? 0 : owners->pids(owners->arg, owned->pids, PIDS_MAX);
    const char *why = owners->unknown ? owners->unknown : "there are more processes than can be told apart";
    owned->unknown = owners->unknown || count > PIDS_MAX;
    owned->count = owned->unknown ? 0 : count;
    if (owned->unknown)
        snprintf(owned->why, sizeof owned->why, "%s", why);
    for (size_t i = 0; i < owned->count; i++)
        owned->owners[i] = (unsigned char)owners->of(owners->arg, owned->pids[i]);
}

/* The question is written where none is open: until its answer the memory is the errand's. */
static enum errand_answer ask_once(
    struct gpu_apart *gpus, bool thorough, const struct gpu_owners *owners, int64_t t_ns)
{
    if (!errand_owes(gpus->errand)) {
        struct told *told = errand_memory(gpus->errand);
        told->t_ns = t_ns;
        told->thorough = thorough;
        if (thorough)
            tell_owners(owners, &told->owned);
    }
    return errand_ask(gpus->errand, thorough ? ERRAND_LONG_PATIENCE_NS : ERRAND_PATIENCE_NS);
}

/* An end of a window is not content with what an earlier question was answered. */
static void ask(struct gpu_apart *gpus, bool thorough, const struct gpu_owners *owners, int64_t t_ns)
{
    char reason[sizeof gpus->last.readings[0].reason];
    enum errand_answer answer = ask_once(gpus, thorough, owners, t_ns);
    if (answer == ERRAND_EARLIER && thorough) {
        take(gpus);
        answer = ask_once(gpus, thorough, owners, t_ns);
    }
    if (answer != ERRAND_SILENT)
        take(gpus);
    else if (errand_lost(gpus->errand, reason, sizeof reason))
        lose(gpus, reason);
}

void gpu_apart_read(
    struct gpu_apart *gpus, bool thorough, const struct gpu_owners *owners, struct sample *sample)
{
    if (gpus->here) {
        gpu_watch_read(gpus->here, sample->t_mono_ns, thorough, owners);
        gpu_watch_fill(gpus->here, sample);
        return;
    }
    if (!gpus->none && (thorough || sample->t_mono_ns >= gpus->due_ns))
        ask(gpus, thorough, owners, sample->t_mono_ns);
    copy(&gpus->last, sample);
}

/* The first question finds the GPUs, which takes a second where their driver is to be woken, and what they count. */
static void find(struct gpu_apart *gpus, int64_t deadline_ns)
{
    struct told *told = errand_memory(gpus->errand);
    told->thorough = told->owned.unknown = true;
    snprintf(told->owned.why, sizeof told->owned.why, "no pass over the processes was made yet");
    told->t_ns = clock_mono_ns(clock_system());
    lose(gpus, errand_unread(ERRAND_GPUS));
    if (errand_ask_first(gpus->errand, ERRAND_WAKING * deadline_ns) == ERRAND_TOLD)
        take(gpus);
    gpus->due_ns = 0;
}

struct gpu_apart *gpu_apart_open(const char *root, const struct gpu_libraries *libraries, int64_t deadline_ns)
{
    struct place place = {root, libraries};
    struct errand_plan plan = {.kind = ERRAND_GPUS,
        .serve = serve,
        .arg = &place,
        .size = sizeof(struct told),
        .deadline_ns = deadline_ns};
    struct gpu_apart *gpus = calloc(1, sizeof *gpus);
    if (!gpus)
        return NULL;
    if (deadline_ns > 0 && gpu_watch_is_likely(root, libraries))
        gpus->errand = errand_start(&plan);
    if (gpus->errand)
        find(gpus, deadline_ns);
    else
        gpus->here = gpu_watch_open(root, libraries);
    if (gpus->errand || gpus->here)
        return gpus;
    free(gpus);
    return NULL;
}

void gpu_apart_close(struct gpu_apart *gpus)
{
    if (!gpus)
        return;
    errand_end(gpus->errand);
    gpu_watch_close(gpus->here);
    free(gpus);
}
