#include "amd_gpu.h"

#include "amd_gaps.h"
#include "amd_metrics.h"
#include "amd_processes.h"
#include "card_files.h"
#include "errand.h"
#include "gpu_lasting.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { METRICS_MAX = 4096 };

struct amd_gpu {
    struct gpu_device base; /* first: a struct gpu_device is one of these */
    struct card_files files;
    struct kept_file metrics, errors,
        shared; /* the last: of the machine's memory, which counts where it shares it */
    struct gpu_lasting heat, power;
    struct amd_held held; /* where the GPU itself counts both */
    struct amd_gaps gaps;
    struct amd_processes processes;
    char slot[32]; /* its address on the bus, "" where it is not known */
};

/* Of several thermometers the second is the hottest spot where there is one. */
static const struct card_row rows[] = {
    {SENSOR_GPU_UTILISATION, "device/gpu_busy_percent", "gpu_busy_percent (amdgpu)", 0.01},
    {SENSOR_GPU_MEMORY_USED, "device/mem_info_vram_used", "mem_info_vram_used (amdgpu)", 1},
    {SENSOR_GPU_POWER, "hwmon/power1_average", "hwmon power1_average (amdgpu)", 1e-6},
    {SENSOR_GPU_POWER, "hwmon/power1_input", "hwmon power1_input (amdgpu)", 1e-6},
    {SENSOR_GPU_TEMPERATURE, "hwmon/temp2_input", "hwmon temp2_input (amdgpu)", 1e-3},
    {SENSOR_GPU_TEMPERATURE, "hwmon/temp1_input", "hwmon temp1_input (amdgpu)", 1e-3},
    {SENSOR_GPU_CLOCK, "hwmon/freq1_input", "hwmon freq1_input (amdgpu)", 1},
};

static const char metrics_source[] = "gpu_metrics (amdgpu)";

static void set_absent(struct amd_gpu *g, const char *reason)
{
    static const enum sensor_id sensors[] = {SENSOR_GPU_THROTTLE_THERMAL, SENSOR_GPU_THROTTLE_POWER};
    struct reading *energy = gpu_device_reading(&g->base, SENSOR_GPU_ENERGY);
    for (size_t i = 0; i < sizeof sensors / sizeof *sensors; i++)
        reading_unavailable(gpu_device_reading(&g->base, sensors[i]), metrics_source, reason);
    if (!amd_gaps_tell(&g->gaps, SENSOR_GPU_ENERGY))
        reading_unavailable(energy, metrics_source, reason);
}

static void set_metrics(struct amd_gpu *g, const struct amd_metrics *m, int64_t t_ns)
{
    char reason[96];
    g->base.integrated = m->major >= AMD_METRICS_OF_PROCESSORS;
    snprintf(reason, sizeof reason, "its version %u.%u does not tell, or is not known", m->major, m->minor);
    set_absent(g, reason);
    amd_gaps_want(&g->gaps, SENSOR_GPU_ENERGY, !m->energy_known);
    if (m->energy_known && !amd_gaps_tell(&g->gaps, SENSOR_GPU_ENERGY))
        reading_set(gpu_device_reading(&g->base, SENSOR_GPU_ENERGY), m->energy_j, metrics_source);
    if (m->cycles_known)
        amd_held_note(&g->held, t_ns, m);
    if (m->cycles_known) {
        reading_set(
            gpu_device_reading(&g->base, SENSOR_GPU_THROTTLE_THERMAL), g->held.heat_s, metrics_source);
        reading_set(gpu_device_reading(&g->base, SENSOR_GPU_THROTTLE_POWER), g->held.power_s, metrics_source);
    }
    if (!m->throttle_known)
        return;
    gpu_lasting_note(&g->heat, t_ns, (m->throttle & AMD_THROTTLE_HEAT) != 0);
    gpu_lasting_note(&g->power, t_ns, (m->throttle & (AMD_THROTTLE_POWER | AMD_THROTTLE_CURRENT)) != 0);
    reading_set(gpu_device_reading(&g->base, SENSOR_GPU_THROTTLE_THERMAL), g->heat.seconds, metrics_source);
    reading_set(gpu_device_reading(&g->base, SENSOR_GPU_THROTTLE_POWER), g->power.seconds, metrics_source);
}

/* NULL, or why there is nothing to be had. */
static const char *take_metrics(const struct amd_gpu *g, struct amd_metrics *metrics)
{
    unsigned char bytes[METRICS_MAX];
    memset(metrics, 0, sizeof *metrics);
    if (g->metrics.fd < 0)
        return g->metrics.reason;
    errand_doing(metrics_source);
    ssize_t len = pread(g->metrics.fd, bytes, sizeof bytes, 0);
    if (len <= 0)
        return len < 0 ? "cannot be read now" : "empty";
    amd_metrics_parse(bytes, (size_t)len, metrics);
    return NULL;
}

static void read_metrics(struct amd_gpu *g, int64_t t_ns)
{
    struct amd_metrics metrics;
    const char *why_not = take_metrics(g, &metrics);
    if (why_not)
        set_absent(g, why_not);
    else
        set_metrics(g, &metrics, t_ns);
}

/* A GPU in the processor has little memory of its own: models lie in what it takes of the machine's. */
static void add_shared(struct amd_gpu *g)
{
    static const char source[] = "mem_info_vram_used + mem_info_gtt_used (amdgpu)";
    struct reading *used = gpu_device_reading(&g->base, SENSOR_GPU_MEMORY_USED);
    double bytes;
    if (!g->base.integrated || g->shared.fd < 0 || used->status != SENSOR_OK)
        return;
    if (card_file_number(&g->shared, &bytes))
        reading_set(used, used->value + bytes, source);
    else
        kept_explain(&g->shared, used, source);
}

static void amd_gpu_read(struct gpu_device *gpu, int64_t t_ns)
{
    struct amd_gpu *g = (void *)gpu;
    if (!card_files_read(&g->files, gpu)) {
        set_absent(g, "the GPU is asleep");
        amd_gaps_sleep(&g->gaps, gpu);
        return;
    }
    read_metrics(g, t_ns);
    amd_gaps_read(&g->gaps, gpu);
    add_shared(g);
}

/* "ue: 0\nce: 3\n": errors of the memory that were not corrected, and that were. */
static bool find_count(const char *text, const char *key, double *count)
{
    char number[32];
    int64_t value;
    const char *at = strstr(text, key);
    if (!at)
        return false;
    at += strlen(key);
    at += strspn(at, " ");
    snprintf(number, sizeof number, "%.*s", (int)strcspn(at, "\n"), at);
    if (!text_parse_i64(number, &value) || value < 0)
        return false;
    *count = (double)value;
    return true;
}

static void look_at_errors(struct amd_gpu *g)
{
    static const char source[] = "ras/umc_err_count (amdgpu)";
    static const struct {
        enum sensor_id sensor;
        const char *key;
    } kinds[] = {{SENSOR_GPU_ECC_UNCORRECTED, "ue:"}, {SENSOR_GPU_ECC_CORRECTED, "ce:"}};
    char text[256];
    bool asleep = card_files_asleep(&g->files);
    bool readable = !asleep && kept_read(&g->errors, text, sizeof text);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct reading *r = gpu_device_reading(&g->base, kinds[i].sensor);
        double count;
        if (asleep)
            reading_unavailable(r, source, "the GPU is asleep");
        else if (!readable)
            kept_explain(&g->errors, r, source);
        else if (find_count(text, kinds[i].key, &count))
            reading_set(r, count, source);
        else
            reading_failed(r, source, "no number in its line");
    }
}

static void amd_gpu_look(struct gpu_device *gpu, int64_t t_ns, const struct gpu_owners *owners)
{
    struct amd_gpu *g = (void *)gpu;
    (void)t_ns;
    amd_processes_look(&g->processes, gpu, owners);
    if (g->errors.fd >= 0)
        look_at_errors(g);
    else if (!card_files_asleep(&g->files))
        amd_gaps_look(&g->gaps, gpu);
}

static void amd_gpu_close(struct gpu_device *gpu)
{
    struct amd_gpu *g = (void *)gpu;
    card_files_close(&g->files);
    kept_close(&g->metrics);
    kept_close(&g->errors);
    kept_close(&g->shared);
    free(g);
}

static const struct gpu_ops amd_gpu_ops = {
    .read = amd_gpu_read, .look = amd_gpu_look, .close = amd_gpu_close};

static void want_what_no_file_tells(struct amd_gpu *g)
{
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        amd_gaps_want(&g->gaps, (enum sensor_id)(SENSOR_GPU_FIRST + i), !g->files.chosen[i]);
    amd_gaps_want(&g->gaps, SENSOR_GPU_ENERGY, false); /* its file says so itself, by its version */
    amd_gaps_want(&g->gaps, SENSOR_GPU_ECC_CORRECTED, g->errors.fd < 0);
    amd_gaps_want(&g->gaps, SENSOR_GPU_ECC_UNCORRECTED, g->errors.fd < 0);
}

struct gpu_device *amd_gpu_new(const char *root, const struct gpu_card *card)
{
    struct amd_gpu *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    gpu_device_init(&g->base, &amd_gpu_ops, "amdgpu");
    card_files_open(&g->files, root, card, rows, sizeof rows / sizeof *rows);
    card_file_open(&g->metrics, root, card, "device/gpu_metrics");
    card_file_open(&g->errors, root, card, "device/ras/umc_err_count");
    card_file_open(&g->shared, root, card, "device/mem_info_gtt_used");
    (void)gpu_card_slot(root, card, g->slot, sizeof g->slot);
    amd_processes_open(&g->processes, root, g->slot);
    want_what_no_file_tells(g);
    return &g->base;
}

bool amd_gpu_is_asleep(struct gpu_device *gpu)
{
    struct amd_gpu *g = (void *)gpu;
    return card_files_asleep(&g->files);
}

bool amd_gpu_lacks_figures(struct gpu_device *gpu)
{
    struct amd_gpu *g = (void *)gpu;
    struct amd_metrics metrics;
    if (!card_files_asleep(&g->files))
        amd_gaps_want(
            &g->gaps, SENSOR_GPU_ENERGY, take_metrics(g, &metrics) != NULL || !metrics.energy_known);
    return amd_gaps_are_wanted(&g->gaps);
}

void amd_gpu_ask_library(struct gpu_device *gpu, const struct amd_smi *smi, const char *why_not)
{
    struct amd_gpu *g = (void *)gpu;
    amd_gaps_fill(&g->gaps, smi, why_not, g->slot);
    if (smi && card_files_read(&g->files, gpu))
        amd_gaps_check_counter(&g->gaps, gpu);
}
