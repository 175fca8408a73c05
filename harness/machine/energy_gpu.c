#include "energy_gpu.h"

#include <stdio.h>
#include <stdlib.h>

struct gpu_energy {
    const struct sample *sample;
    size_t gpu;
    enum sensor_id sensor;
};

static bool read_gpu(struct energy_source *source, double *value, char reason[ENERGY_REASON_SIZE])
{
    const struct gpu_energy *g = source->state;
    const struct gpu_values *values = &g->sample->gpus[g->gpu];
    if (g->gpu >= g->sample->gpu_count || values->status[g->sensor - SENSOR_GPU_FIRST] != SENSOR_OK) {
        const char *why = g->sample->readings[g->sensor].reason;
        snprintf(reason, ENERGY_REASON_SIZE, "%s", why[0] ? why : "it did not tell this time");
        return false;
    }
    *value = values->value[g->sensor - SENSOR_GPU_FIRST];
    source->at_ns = g->sample->gpus_t_mono_ns;
    return true;
}

static void close_gpu(struct energy_source *source)
{
    free(source->state);
}

static const struct energy_ops gpu_ops = {.read = read_gpu, .close = close_gpu};

static bool says(const struct sample *sample, size_t gpu, enum sensor_id sensor)
{
    return sample->gpus[gpu].status[sensor - SENSOR_GPU_FIRST] == SENSOR_OK;
}

static bool add_one(struct energy_meter *meter, const struct sample *sample, size_t gpu)
{
    bool counts = says(sample, gpu, SENSOR_GPU_ENERGY);
    enum sensor_id sensor = counts ? SENSOR_GPU_ENERGY : SENSOR_GPU_POWER;
    const char *method = sample->gpus[gpu].source[sensor - SENSOR_GPU_FIRST];
    bool integrated = sample->gpus[gpu].integrated; /* what it draws is what its package does */
    struct energy_source source = {.unit = counts ? ENERGY_JOULES : ENERGY_WATTS,
        .part = integrated ? ENERGY_CPU : ENERGY_GPU,
        .spare = integrated};
    snprintf(source.name, sizeof source.name, "gpu%zu", gpu);
    snprintf(source.method, sizeof source.method, "%.120s", method ? method : "its driver");
    if (!says(sample, gpu, sensor)) {
        snprintf(source.reason, sizeof source.reason, "it tells neither energy nor power now");
        return energy_meter_add(meter, &source);
    }
    struct gpu_energy *g = malloc(sizeof *g);
    if (!g)
        return false;
    *g = (struct gpu_energy){.sample = sample, .gpu = gpu, .sensor = sensor};
    source.state = g;
    source.ops = &gpu_ops;
    return energy_meter_add(meter, &source);
}

bool energy_gpu_add(struct energy_meter *meter, const struct sample *sample)
{
    bool ok = true;
    for (size_t gpu = 0; gpu < sample->gpu_count && gpu < GPUS_MAX; gpu++)
        ok = add_one(meter, sample, gpu) && ok;
    return ok;
}
