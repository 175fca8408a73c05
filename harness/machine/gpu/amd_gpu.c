#include "amd_gpu.h"

#include "amd_metrics.h"
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
    static const enum sensor_id sensors[] = {
        SENSOR_GPU_THROTTLE_THERMAL, SENSOR_GPU_THROTTLE_POWER, SENSOR_GPU_ENERGY};
    for (size_t i = 0; i < sizeof sensors / sizeof *sensors; i++)
        reading_unavailable(gpu_device_reading(&g->base, sensors[i]), metrics_source, reason);
}

static void set_metrics(struct amd_gpu *g, const struct amd_metrics *m, int64_t t_ns)
{
    char reason[96];
    g->base.integrated = m->major >= AMD_METRICS_OF_PROCESSORS;
    snprintf(reason, sizeof reason, "its version %u.%u does not tell, or is not known", m->major, m->minor);
    set_absent(g, reason);
    if (m->energy_known)
        reading_set(gpu_device_reading(&g->base, SENSOR_GPU_ENERGY), m->energy_j, metrics_source);
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
        return;
    }
    read_metrics(g, t_ns);
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

static void amd_gpu_look(struct gpu_device *gpu, int64_t t_ns, const struct gpu_owners *owners)
{
    static const char source[] = "ras/umc_err_count (amdgpu)";
    static const struct {
        enum sensor_id sensor;
        const char *key;
    } kinds[] = {{SENSOR_GPU_ECC_UNCORRECTED, "ue:"}, {SENSOR_GPU_ECC_CORRECTED, "ce:"}};
    struct amd_gpu *g = (void *)gpu;
    char text[256];
    (void)t_ns;
    (void)owners;
    if (g->errors.fd < 0)
        return; /* most have no memory that can tell */
    bool asleep = card_files_asleep(&g->files);
    bool readable = !asleep && kept_read(&g->errors, text, sizeof text);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct reading *r = gpu_device_reading(gpu, kinds[i].sensor);
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
    return &g->base;
}
