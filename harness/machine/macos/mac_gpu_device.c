#include "mac_gpu_device.h"

#include "io_report.h"

#include <stdio.h>
#include <stdlib.h>

static const char registry[] = "ioreg IOAccelerator PerformanceStatistics";
static const char states[] = "IOReport GPU Stats, GPUPH";
static const char energy[] = "IOReport Energy Model, GPU Energy";

struct mac_gpu_device {
    struct gpu_device base; /* first: a struct gpu_device is one of these */
    const struct mac_frameworks *f;
    struct mac_gpu gpu;
    struct io_report *report; /* NULL: there is none */
    char no_report[MAC_REASON_SIZE];
    int64_t before_ns; /* the last reading of the report */
    double before_j;
};

static void read_registry(struct mac_gpu_device *g)
{
    struct mac_gpu_state state;
    struct reading *busy = gpu_device_reading(&g->base, SENSOR_GPU_UTILISATION);
    struct reading *memory = gpu_device_reading(&g->base, SENSOR_GPU_MEMORY_USED);
    bool told = mac_gpu_read(g->f, &g->gpu, &state);
    if (told && state.has_utilisation)
        reading_set(busy, state.utilisation, registry);
    else
        reading_unavailable(busy, registry, "its driver does not tell");
    if (told && state.has_memory)
        reading_set(memory, state.memory_bytes, registry);
    else
        reading_unavailable(memory, registry, "its driver does not tell");
}

/* Watts are what was used since the reading before. */
static void read_energy(struct mac_gpu_device *g, int64_t t_ns)
{
    struct reading *total = gpu_device_reading(&g->base, SENSOR_GPU_ENERGY);
    struct reading *power = gpu_device_reading(&g->base, SENSOR_GPU_POWER);
    double joules;
    if (!io_report_joules(g->report, MAC_GPU, &joules)) {
        reading_unavailable(total, energy, "the chip has no such channel");
        *power = *total;
        return;
    }
    reading_set(total, joules, energy);
    if (g->before_ns > 0 && t_ns > g->before_ns)
        reading_set(power, (joules - g->before_j) / ((double)(t_ns - g->before_ns) / 1e9), energy);
    else
        reading_unavailable(power, energy, "one reading only so far");
    g->before_ns = t_ns;
    g->before_j = joules;
}

static void read_report(struct mac_gpu_device *g, int64_t t_ns)
{
    double share;
    if (!io_report_read(g->report)) {
        reading_failed(gpu_device_reading(&g->base, SENSOR_GPU_ENERGY), energy, "it gave nothing this time");
        reading_failed(gpu_device_reading(&g->base, SENSOR_GPU_POWER), energy, "it gave nothing this time");
        return;
    }
    if (io_report_gpu_busy(g->report, &share))
        reading_set(gpu_device_reading(&g->base, SENSOR_GPU_UTILISATION), share, states);
    read_energy(g, t_ns);
}

static void mac_gpu_device_read(struct gpu_device *gpu, int64_t t_ns)
{
    struct mac_gpu_device *g = (void *)gpu;
    read_registry(g);
    if (g->report)
        read_report(g, t_ns);
}

static void mac_gpu_device_close(struct gpu_device *gpu)
{
    struct mac_gpu_device *g = (void *)gpu;
    io_report_close(g->report);
    mac_gpus_release(g->f, &g->gpu, 1);
    free(g);
}

static const struct gpu_ops mac_gpu_ops = {.read = mac_gpu_device_read, .close = mac_gpu_device_close};

static void explain_absent(struct mac_gpu_device *g)
{
    static const struct {
        enum sensor_id id;
        const char *reason;
    } rows[] = {
        {SENSOR_GPU_TEMPERATURE, "macOS tells temperatures to nobody without its private interfaces"},
        {SENSOR_GPU_CLOCK, "macOS does not tell it without rights: powermetrics does"},
        {SENSOR_GPU_THROTTLE_THERMAL, "macOS tells of heat for the whole machine: thermal_pressure"},
        {SENSOR_GPU_PROCESSES_FOREIGN, "macOS does not tell whose work a GPU does"},
        {SENSOR_GPU_MEMORY_FOREIGN, "macOS does not tell whose memory a GPU holds"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        reading_unavailable(gpu_device_reading(&g->base, rows[i].id), "macOS", rows[i].reason);
    if (g->report)
        return;
    reading_unavailable(gpu_device_reading(&g->base, SENSOR_GPU_ENERGY), energy, g->no_report);
    reading_unavailable(gpu_device_reading(&g->base, SENSOR_GPU_POWER), energy, g->no_report);
}

/* What the GPU uses is none of what the chip counts for its processors, so it is a source of its own. */
struct gpu_device *mac_gpu_device_new(const struct mac_frameworks *f, const struct mac_gpu *gpu)
{
    struct mac_gpu_device *g = calloc(1, sizeof *g);
    if (!g) {
        mac_gpus_release(f, gpu, 1);
        return NULL;
    }
    gpu_device_init(&g->base, &mac_gpu_ops, "macOS");
    g->f = f;
    g->gpu = *gpu;
    if (gpu->of_apple)
        g->report = io_report_open(f, IO_REPORT_ENERGY | IO_REPORT_GPU, g->no_report);
    else
        snprintf(g->no_report, sizeof g->no_report, "IOReport tells of Apple's own GPUs only");
    explain_absent(g);
    return &g->base;
}
