#include "intel_gpu.h"

#include "card_files.h"
#include "gpu_lasting.h"

#include <stdio.h>
#include <stdlib.h>

/* What slows the GPU down: files for heat, for power and current, and one that sums them up. */
enum { REASON_HEAT = 4, REASON_POWER = 4, REASONS = REASON_HEAT + REASON_POWER };

struct intel_gpu {
    struct gpu_device base; /* first: a struct gpu_device is one of these */
    struct card_files files;
    struct kept_file idle, throttled, reasons[REASONS];
    struct gpu_lasting heat, power;
    int64_t before_ns;
    double idle_before_ms, energy_before_j;
    bool have_idle, have_energy; /* from the reading before */
};

static const struct card_row rows[] = {
    {SENSOR_GPU_CLOCK, "gt/gt0/rps_act_freq_mhz", "gt0 rps_act_freq_mhz (i915)", 1e6},
    {SENSOR_GPU_CLOCK, "gt_act_freq_mhz", "gt_act_freq_mhz (i915)", 1e6},
    {SENSOR_GPU_CLOCK, "device/tile0/gt0/freq0/act_freq", "gt0 act_freq (xe)", 1e6},
    {SENSOR_GPU_TEMPERATURE, "hwmon/temp1_input", "hwmon temp1_input", 1e-3},
    {SENSOR_GPU_TEMPERATURE, "hwmon/temp2_input", "hwmon temp2_input", 1e-3},
    {SENSOR_GPU_ENERGY, "hwmon/energy1_input", "hwmon energy1_input", 1e-6},
};

static const char *const idle_paths[] = {
    "gt/gt0/rc6_residency_ms", "power/rc6_residency_ms", "device/tile0/gt0/gtidle/idle_residency_ms"};
static const char *const reason_folders[] = {
    "gt/gt0/throttle_reason_", "device/tile0/gt0/freq0/throttle/reason_"};
static const char *const status_paths[] = {
    "gt/gt0/throttle_reason_status", "device/tile0/gt0/freq0/throttle/status"};
static const char *const reason_names[REASONS] = {
    "thermal", "prochot", "ratl", "vr_thermalert", "pl1", "pl2", "pl4", "vr_tdc"};

static void read_utilisation(struct intel_gpu *g, int64_t t_ns)
{
    static const char source[] = "1 - idle residency of gt0";
    struct reading *r = gpu_device_reading(&g->base, SENSOR_GPU_UTILISATION);
    double idle_ms, elapsed_ms = (double)(t_ns - g->before_ns) / 1e6;
    if (!card_file_number(&g->idle, &idle_ms)) {
        kept_explain(&g->idle, r, source);
        g->have_idle = false;
        return;
    }
    double slept = elapsed_ms > 0 ? (idle_ms - g->idle_before_ms) / elapsed_ms : 0;
    if (g->have_idle && elapsed_ms > 0)
        reading_set(r, slept < 0 ? 1 : slept > 1 ? 0 : 1 - slept, source);
    else if (!g->have_idle)
        reading_unavailable(r, source, "it takes two readings");
    g->idle_before_ms = idle_ms;
    g->have_idle = true;
}

static void read_power(struct intel_gpu *g, int64_t t_ns)
{
    static const char source[] = "growth of hwmon energy1_input";
    struct reading *r = gpu_device_reading(&g->base, SENSOR_GPU_POWER);
    const struct reading *energy = gpu_device_reading(&g->base, SENSOR_GPU_ENERGY);
    double elapsed_s = (double)(t_ns - g->before_ns) / 1e9;
    if (energy->status != SENSOR_OK) {
        *r = *energy;
        g->have_energy = false;
        return;
    }
    if (g->have_energy && elapsed_s > 0)
        reading_set(r, (energy->value - g->energy_before_j) / elapsed_s, source);
    else if (!g->have_energy)
        reading_unavailable(r, source, "it takes two readings");
    g->energy_before_j = energy->value;
    g->have_energy = true;
}

static bool any_is_on(struct intel_gpu *g, size_t from, size_t count)
{
    bool on = false;
    for (size_t i = from; i < from + count && !on; i++) {
        double value;
        on = card_file_number(&g->reasons[i], &value) && value != 0;
    }
    return on;
}

/* The sum first: where it says that nothing slows the GPU down, the rest need not be read. */
static void read_throttle(struct intel_gpu *g, int64_t t_ns)
{
    static const char source[] = "throttle reasons of gt0";
    struct reading *heat = gpu_device_reading(&g->base, SENSOR_GPU_THROTTLE_THERMAL);
    struct reading *power = gpu_device_reading(&g->base, SENSOR_GPU_THROTTLE_POWER);
    double throttled;
    if (!card_file_number(&g->throttled, &throttled)) {
        kept_explain(&g->throttled, heat, source);
        kept_explain(&g->throttled, power, source);
        return;
    }
    gpu_lasting_note(&g->heat, t_ns, throttled != 0 && any_is_on(g, 0, REASON_HEAT));
    gpu_lasting_note(&g->power, t_ns, throttled != 0 && any_is_on(g, REASON_HEAT, REASON_POWER));
    reading_set(heat, g->heat.seconds, source);
    reading_set(power, g->power.seconds, source);
}

static void intel_gpu_sleeps(struct intel_gpu *g)
{
    static const enum sensor_id sensors[] = {
        SENSOR_GPU_UTILISATION, SENSOR_GPU_POWER, SENSOR_GPU_THROTTLE_THERMAL, SENSOR_GPU_THROTTLE_POWER};
    for (size_t i = 0; i < sizeof sensors / sizeof *sensors; i++) {
        struct reading *r = gpu_device_reading(&g->base, sensors[i]);
        reading_unavailable(r, r->source, "the GPU is asleep");
    }
    g->have_idle = g->have_energy = false;
}

static void intel_gpu_read(struct gpu_device *gpu, int64_t t_ns)
{
    struct intel_gpu *g = (void *)gpu;
    if (!card_files_read(&g->files, gpu)) {
        intel_gpu_sleeps(g);
        return;
    }
    read_utilisation(g, t_ns);
    read_power(g, t_ns);
    read_throttle(g, t_ns);
    g->before_ns = t_ns;
}

static void intel_gpu_close(struct gpu_device *gpu)
{
    struct intel_gpu *g = (void *)gpu;
    card_files_close(&g->files);
    kept_close(&g->idle);
    kept_close(&g->throttled);
    for (size_t i = 0; i < REASONS; i++)
        kept_close(&g->reasons[i]);
    free(g);
}

static const struct gpu_ops intel_gpu_ops = {.read = intel_gpu_read, .close = intel_gpu_close};

/* The first of the paths that is there; which it is, or the last. */
static size_t open_first(struct kept_file *file, const char *root, const struct gpu_card *card,
    const char *const *paths, size_t count)
{
    for (size_t i = 0;; i++) {
        card_file_open(file, root, card, paths[i]);
        if (file->fd >= 0 || i + 1 == count)
            return i;
    }
}

static void open_reasons(struct intel_gpu *g, const char *root, const struct gpu_card *card)
{
    size_t driver =
        open_first(&g->throttled, root, card, status_paths, sizeof status_paths / sizeof *status_paths);
    for (size_t i = 0; i < REASONS; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", reason_folders[driver], reason_names[i]);
        card_file_open(&g->reasons[i], root, card, path);
    }
}

struct gpu_device *intel_gpu_new(const char *root, const struct gpu_card *card)
{
    struct intel_gpu *g = calloc(1, sizeof *g);
    char folder[64];
    if (!g)
        return NULL;
    gpu_device_init(&g->base, &intel_gpu_ops, "i915, xe");
    card_files_open(&g->files, root, card, rows, sizeof rows / sizeof *rows);
    g->base.integrated = !gpu_card_hwmon(root, card, folder, sizeof folder); /* only cards have one */
    open_first(&g->idle, root, card, idle_paths, sizeof idle_paths / sizeof *idle_paths);
    open_reasons(g, root, card);
    return &g->base;
}
