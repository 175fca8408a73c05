#include "gpu_watch.h"

#include "clock.h"
#include "gpu_finder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t READ_PERIOD_NS = 50 * NS_PER_MS;
enum { COST_FACTOR = 100 }; /* readings take at most one part in so many of the time */

struct gpu_watch {
    struct gpu_search search;
    size_t count;
    struct gpu_device *gpus[GPUS_MAX];
    struct reading sums[GPU_SENSOR_COUNT];
    struct growth {
        double before;
        bool known;
    } growths[GPUS_MAX][GPU_SENSOR_COUNT]; /* of the times of being held back */
    double held_s[GPU_SENSOR_COUNT];       /* likewise, of all of them */
    int64_t read_ns, due_ns;
};

/* How the GPUs' readings become one; the others are added up. */
static bool is_highest(enum sensor_id id)
{
    return id == SENSOR_GPU_UTILISATION || id == SENSOR_GPU_TEMPERATURE || id == SENSOR_GPU_CLOCK;
}

/* Times that several may spend at once. */
static bool is_time(enum sensor_id id)
{
    return id == SENSOR_GPU_THROTTLE_THERMAL || id == SENSOR_GPU_THROTTLE_BRAKE ||
           id == SENSOR_GPU_THROTTLE_POWER;
}

static void set_all_absent(struct gpu_watch *watch, const char *source, const char *reason)
{
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        reading_unavailable(&watch->sums[i], source, reason);
}

bool gpu_watch_is_likely(const char *root, const struct gpu_libraries *libraries)
{
    return gpu_find_is_likely(root, libraries);
}

struct gpu_watch *gpu_watch_open(const char *root, const struct gpu_libraries *libraries)
{
    struct gpu_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    watch->count = gpu_find(root, libraries, watch->gpus, &watch->search);
    set_all_absent(watch, watch->search.source, watch->search.reason);
    return watch;
}

void gpu_watch_close(struct gpu_watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->count; i++)
        watch->gpus[i]->ops->close(watch->gpus[i]);
    gpu_find_end(&watch->search);
    free(watch);
}

size_t gpu_watch_count(const struct gpu_watch *watch)
{
    return watch->count;
}

const struct reading *gpu_watch_reading(const struct gpu_watch *watch, size_t gpu, enum sensor_id id)
{
    return &watch->gpus[gpu]->readings[id - SENSOR_GPU_FIRST];
}

/* What leaves the sum unknown: a reading that failed this time, or processes that may be anybody's. */
static bool spoils_sum(const struct gpu_device *gpu, enum sensor_id id)
{
    bool of_others = id == SENSOR_GPU_PROCESSES_FOREIGN || id == SENSOR_GPU_MEMORY_FOREIGN;
    return gpu->readings[id - SENSOR_GPU_FIRST].status == SENSOR_ERROR || (of_others && gpu->unattributed);
}

/* Since the first reading; from one to the next it grows as much as that of the GPU for which it grew most. */
static double held_since_start(struct gpu_watch *watch, enum sensor_id id)
{
    double most = 0;
    for (size_t i = 0; i < watch->count; i++) {
        const struct reading *r = gpu_watch_reading(watch, i, id);
        struct growth *growth = &watch->growths[i][id - SENSOR_GPU_FIRST];
        if (r->status != SENSOR_OK)
            continue;
        most = growth->known ? fmax(most, r->value - growth->before) : most;
        *growth = (struct growth){r->value, true};
    }
    return watch->held_s[id - SENSOR_GPU_FIRST] += most;
}

/* Those that offer it count. */
static void sum_up(struct gpu_watch *watch, enum sensor_id id)
{
    struct reading *sum = &watch->sums[id - SENSOR_GPU_FIRST];
    const struct reading *offered = NULL, *spoilt = NULL;
    double value = 0;
    for (size_t i = 0; i < watch->count; i++) {
        const struct reading *r = gpu_watch_reading(watch, i, id);
        if (spoils_sum(watch->gpus[i], id))
            spoilt = r;
        if (r->status != SENSOR_OK)
            continue;
        value = is_highest(id) && offered ? fmax(value, r->value) : value + r->value;
        offered = offered ? offered : r;
    }
    if (is_time(id))
        value = held_since_start(watch, id);
    if (spoilt)
        *sum = *spoilt;
    else if (offered)
        reading_set(sum, value, offered->source);
    else
        *sum = *gpu_watch_reading(watch, 0, id);
}

void gpu_watch_read(struct gpu_watch *watch, int64_t t_ns, bool thorough, const struct gpu_owners *owners)
{
    if (watch->count == 0 || (!thorough && t_ns < watch->due_ns))
        return;
    for (size_t i = 0; thorough && i < watch->count; i++) {
        if (watch->gpus[i]->ops->look)
            watch->gpus[i]->ops->look(watch->gpus[i], t_ns, owners);
    }
    int64_t start_ns = clock_mono_ns(clock_system());
    for (size_t i = 0; i < watch->count; i++)
        watch->gpus[i]->ops->read(watch->gpus[i], t_ns);
    int64_t rest_ns = COST_FACTOR * (clock_mono_ns(clock_system()) - start_ns);
    watch->read_ns = t_ns;
    watch->due_ns = t_ns + (rest_ns > READ_PERIOD_NS ? rest_ns : READ_PERIOD_NS);
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        sum_up(watch, (enum sensor_id)(SENSOR_GPU_FIRST + i));
}

int64_t gpu_watch_due_ns(const struct gpu_watch *watch)
{
    return watch->count > 0 ? watch->due_ns : INT64_MAX;
}

static struct reading target_memory(const struct gpu_watch *watch)
{
    struct reading sum = {0};
    for (size_t i = 0; i < watch->count; i++) {
        const struct gpu_device *gpu = watch->gpus[i];
        if (!gpu->lists_processes)
            continue;
        if (sum.source == NULL || gpu->target_memory.status != SENSOR_OK)
            sum = gpu->target_memory;
        else if (sum.status == SENSOR_OK)
            sum.value += gpu->target_memory.value;
    }
    return sum;
}

void gpu_watch_fill(const struct gpu_watch *watch, struct sample *sample)
{
    memcpy(&sample->readings[SENSOR_GPU_FIRST], watch->sums, sizeof watch->sums);
    sample->readings[SENSOR_GPU_MEMORY_TARGET] = target_memory(watch);
    sample->gpus_t_mono_ns = watch->read_ns;
    sample->gpu_count = watch->count;
    for (size_t i = 0; i < watch->count; i++) {
        for (size_t q = 0; q < GPU_SENSOR_COUNT; q++) {
            const struct reading *r = &watch->gpus[i]->readings[q];
            sample->gpus[i].status[q] = r->status;
            sample->gpus[i].value[q] = r->status == SENSOR_OK ? r->value : 0;
            sample->gpus[i].source[q] = r->source;
        }
        sample->gpus[i].integrated = watch->gpus[i]->integrated;
    }
}
