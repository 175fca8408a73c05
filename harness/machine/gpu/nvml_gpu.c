#include "nvml.h"

#include "errand.h"
#include "gpu_lasting.h"
#include "gpu_processes.h"
#include "nvml_session.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PROCESSES_MAX = 256 };

/* Three ways of being slowed down, each with counters of the driver or, where it has none, by looking. */
enum held { HELD_HEAT, HELD_BRAKE, HELD_POWER, HELD_COUNT };

struct nvml_gpu {
    struct gpu_device base; /* first: a struct gpu_device is one of these */
    struct nvml *nvml;
    size_t index;
    struct nvml_device *device;
    bool given_up[GPU_SENSOR_COUNT]; /* not offered by this GPU: not asked again */
    bool counted[HELD_COUNT];        /* the driver counts it */
    bool two_heats;                  /* by two counters */
    bool unexplained;                /* at the last look: slowed down by hardware, and no reason given */
    struct gpu_lasting lasting[HELD_COUNT];
    struct nvml_process processes[PROCESSES_MAX];
};

static const struct {
    enum sensor_id sensor;
    unsigned long long bits;
} held_table[HELD_COUNT] = {
    [HELD_HEAT] = {SENSOR_GPU_THROTTLE_THERMAL, NVML_REASON_SW_THERMAL | NVML_REASON_HW_THERMAL},
    [HELD_BRAKE] = {SENSOR_GPU_THROTTLE_BRAKE, NVML_REASON_HW_POWER_BRAKE},
    [HELD_POWER] = {SENSOR_GPU_THROTTLE_POWER, NVML_REASON_POWER_CAP},
};

static int read_utilisation(struct nvml_gpu *g, double *value)
{
    const struct nvml_api *api = &g->nvml->api;
    struct nvml_utilisation u = {0};
    int code = api->utilisation ? api->utilisation(g->device, &u) : NVML_FUNCTION_NOT_FOUND;
    *value = u.gpu / 100.0;
    return code;
}

/* Version 2 leaves out what the driver keeps for itself. */
static int read_memory(struct nvml_gpu *g, double *value)
{
    const struct nvml_api *api = &g->nvml->api;
    struct nvml_memory_v2 v2 = {.version = (unsigned)sizeof v2 | 2u << 24};
    struct nvml_memory v1 = {0};
    int code = api->memory_v2 ? api->memory_v2(g->device, &v2) : NVML_FUNCTION_NOT_FOUND;
    *value = (double)v2.used;
    if (code == NVML_SUCCESS || !api->memory)
        return code;
    code = api->memory(g->device, &v1);
    *value = (double)v1.used;
    return code;
}

static int read_power(struct nvml_gpu *g, double *value)
{
    const struct nvml_api *api = &g->nvml->api;
    unsigned milliwatts = 0;
    int code = api->power ? api->power(g->device, &milliwatts) : NVML_FUNCTION_NOT_FOUND;
    *value = milliwatts / 1000.0;
    return code;
}

static int read_energy(struct nvml_gpu *g, double *value)
{
    const struct nvml_api *api = &g->nvml->api;
    unsigned long long millijoules = 0;
    int code = api->energy ? api->energy(g->device, &millijoules) : NVML_FUNCTION_NOT_FOUND;
    *value = (double)millijoules / 1000.0;
    return code;
}

static int read_temperature(struct nvml_gpu *g, double *value)
{
    const struct nvml_api *api = &g->nvml->api;
    struct nvml_temperature t = {.version = (unsigned)sizeof t | 1u << 24, .sensor = NVML_TEMPERATURE_GPU};
    unsigned celsius = 0;
    int code = api->temperature_v ? api->temperature_v(g->device, &t) : NVML_FUNCTION_NOT_FOUND;
    *value = t.celsius;
    if (code == NVML_SUCCESS || !api->temperature)
        return code;
    code = api->temperature(g->device, NVML_TEMPERATURE_GPU, &celsius);
    *value = celsius;
    return code;
}

static int read_clock(struct nvml_gpu *g, double *value)
{
    const struct nvml_api *api = &g->nvml->api;
    unsigned megahertz = 0;
    int code = api->clock ? api->clock(g->device, NVML_CLOCK_SM, &megahertz) : NVML_FUNCTION_NOT_FOUND;
    *value = megahertz * 1e6;
    return code;
}

static int read_ecc(struct nvml_gpu *g, unsigned kind, double *value)
{
    const struct nvml_api *api = &g->nvml->api;
    unsigned long long count = 0;
    int code = api->ecc_errors ? api->ecc_errors(g->device, kind, NVML_ECC_SINCE_LOAD, &count)
                               : NVML_FUNCTION_NOT_FOUND;
    *value = (double)count;
    return code;
}

static int read_ecc_corrected(struct nvml_gpu *g, double *value)
{
    return read_ecc(g, NVML_ECC_CORRECTED, value);
}

static int read_ecc_uncorrected(struct nvml_gpu *g, double *value)
{
    return read_ecc(g, NVML_ECC_UNCORRECTED, value);
}

static int read_xid(struct nvml_gpu *g, double *value)
{
    uint64_t count = 0;
    int code = nvml_session_xid(g->nvml, g->index, &count);
    *value = (double)count;
    return code;
}

struct row {
    enum sensor_id sensor;
    const char *source;
    int (*read)(struct nvml_gpu *g, double *value);
};
static const struct row fast_rows[] = {
    {SENSOR_GPU_UTILISATION, "nvmlDeviceGetUtilizationRates", read_utilisation},
    {SENSOR_GPU_MEMORY_USED, "nvmlDeviceGetMemoryInfo", read_memory},
    {SENSOR_GPU_POWER, "nvmlDeviceGetPowerUsage", read_power},
    {SENSOR_GPU_ENERGY, "nvmlDeviceGetTotalEnergyConsumption", read_energy},
    {SENSOR_GPU_TEMPERATURE, "nvmlDeviceGetTemperature", read_temperature},
    {SENSOR_GPU_CLOCK, "nvmlDeviceGetClockInfo", read_clock},
};
static const struct row slow_rows[] = {
    {SENSOR_GPU_ECC_CORRECTED, "nvmlDeviceGetTotalEccErrors", read_ecc_corrected},
    {SENSOR_GPU_ECC_UNCORRECTED, "nvmlDeviceGetTotalEccErrors", read_ecc_uncorrected},
    {SENSOR_GPU_XID_ERRORS, "nvmlEventSetWait", read_xid},
};

/* Codes that say that there is nothing to be had, now or later. */
static bool is_refusal(int code)
{
    static const int refusals[] = {NVML_NOT_SUPPORTED, NVML_NO_PERMISSION, NVML_FUNCTION_NOT_FOUND,
        NVML_ARGUMENT_VERSION_MISMATCH, NVML_DEPRECATED, NVML_DRIVER_NOT_LOADED, NVML_VERSION_MISMATCH};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (refusals[i] == code)
            return true;
    }
    return false;
}

/* What was read before may be refused later: then it failed; only a first refusal is final. */
static void set_by_code(struct nvml_gpu *g, enum sensor_id sensor, const char *source, int code, double value)
{
    struct reading *r = gpu_device_reading(&g->base, sensor);
    bool was_read = r->status != SENSOR_UNAVAILABLE;
    if (code == NVML_SUCCESS)
        reading_set(r, value, source);
    else if (is_refusal(code) && !was_read) {
        reading_unavailable(r, source, nvml_api_explain(&g->nvml->api, code));
        g->given_up[sensor - SENSOR_GPU_FIRST] = true;
    } else
        reading_failed(r, source, nvml_api_explain(&g->nvml->api, code));
}

static void read_rows(struct nvml_gpu *g, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = 0;
        if (g->given_up[rows[i].sensor - SENSOR_GPU_FIRST])
            continue;
        errand_doing(rows[i].source);
        int code = g->device ? rows[i].read(g, &value) : g->nvml->codes[g->index];
        set_by_code(g, rows[i].sensor, rows[i].source, code, value);
    }
}

/* Counters of nanoseconds; the driver moves them on ten times a second or so. */
static double field_seconds(const struct nvml_field *field)
{
    switch (field->type) {
    case 0:
        return field->value.real / 1e9;
    case 1:
        return field->value.uint / 1e9;
    case 2:
        return (double)field->value.ulong / 1e9;
    case 4:
        return (double)field->value.s64 / 1e9;
    default:
        return (double)field->value.u64 / 1e9;
    }
}

/* What the driver's counters say of one way of being held back. */
struct told {
    int code;
    double seconds;
};

static struct told tell(int code, const struct nvml_field *field)
{
    return (struct told){code != NVML_SUCCESS ? code : field->code, field_seconds(field)};
}

/* Heat has two counters, or one of both on older drivers: another one, which never takes the place of the two. */
static struct told tell_heat(struct nvml_gpu *g, int code, const struct nvml_field *sw,
    const struct nvml_field *hw, const struct nvml_field *any)
{
    struct told first = tell(code, sw), second = tell(code, hw);
    if (!g->counted[HELD_HEAT])
        g->two_heats = first.code == NVML_SUCCESS && second.code == NVML_SUCCESS;
    if (!g->two_heats)
        return tell(code, any);
    return first.code != NVML_SUCCESS ? first : (struct told){second.code, first.seconds + second.seconds};
}

/* Asked when a window begins and ends and once a second between. */
static void count_held(struct nvml_gpu *g)
{
    enum { SW_HEAT, HW_HEAT, BRAKE, POWER, ANY_HEAT, FIELDS };
    static const char source[] = "nvmlDeviceGetFieldValues";
    struct nvml_field f[FIELDS] = {[SW_HEAT] = {.id = NVML_FIELD_SW_THERMAL},
        [HW_HEAT] = {.id = NVML_FIELD_HW_THERMAL},
        [BRAKE] = {.id = NVML_FIELD_HW_POWER_BRAKE},
        [POWER] = {.id = NVML_FIELD_HELD_BY_POWER},
        [ANY_HEAT] = {.id = NVML_FIELD_HELD_BY_HEAT}};
    const struct nvml_api *api = &g->nvml->api;
    errand_doing(source);
    int code = api->field_values ? api->field_values(g->device, FIELDS, f) : NVML_FUNCTION_NOT_FOUND;
    const struct told told[HELD_COUNT] = {
        [HELD_HEAT] = tell_heat(g, code, &f[SW_HEAT], &f[HW_HEAT], &f[ANY_HEAT]),
        [HELD_BRAKE] = tell(code, &f[BRAKE]),
        [HELD_POWER] = tell(code, &f[POWER]),
    };
    for (size_t i = 0; i < HELD_COUNT; i++) {
        g->counted[i] |= told[i].code == NVML_SUCCESS && !g->lasting[i].looked;
        if (g->counted[i])
            set_by_code(g, held_table[i].sensor, source, told[i].code, told[i].seconds);
    }
}

/*
 * Slowed down by hardware, and not for heat: the supply. A change of the clock rates may look like it for a moment,
 * so that it counts where two looks in a row found it.
 */
static unsigned long long sort_reasons(struct nvml_gpu *g, unsigned long long reasons)
{
    bool before = g->unexplained;
    g->unexplained = (reasons & NVML_REASON_HW_SLOWDOWN) && !(reasons & NVML_REASON_HW_THERMAL);
    return before && g->unexplained ? reasons | NVML_REASON_HW_POWER_BRAKE : reasons;
}

/* Where the driver does not count, the time between two looks counts as what the second found. */
static void watch_held(struct nvml_gpu *g, int64_t t_ns)
{
    static const char source[] = "nvmlDeviceGetCurrentClocksEventReasons";
    const struct nvml_api *api = &g->nvml->api;
    unsigned long long reasons = 0;
    bool wanted = false;
    for (size_t i = 0; i < HELD_COUNT; i++)
        wanted |= !g->counted[i] && !g->given_up[held_table[i].sensor - SENSOR_GPU_FIRST];
    if (!wanted)
        return;
    errand_doing(source);
    int code = !g->device                  ? g->nvml->codes[g->index]
               : api->clocks_event_reasons ? api->clocks_event_reasons(g->device, &reasons)
                                           : NVML_FUNCTION_NOT_FOUND;
    reasons = sort_reasons(g, code == NVML_SUCCESS ? reasons : 0);
    for (size_t i = 0; i < HELD_COUNT; i++) {
        if (g->counted[i])
            continue;
        gpu_lasting_note(&g->lasting[i], t_ns, code == NVML_SUCCESS && (reasons & held_table[i].bits));
        set_by_code(g, held_table[i].sensor, source, code, g->lasting[i].seconds);
    }
}

static int list_processes(struct nvml_gpu *g, unsigned *count)
{
    const struct nvml_api *api = &g->nvml->api;
    *count = PROCESSES_MAX;
    if (!g->device)
        return g->nvml->codes[g->index];
    if (api->processes)
        return api->processes(g->device, count, g->processes);
    if (!api->processes_v1)
        return NVML_FUNCTION_NOT_FOUND;
    /* the older entries are smaller: they fit into the same memory, and are spread out from the last one on */
    struct nvml_process_v1 *old = (void *)g->processes;
    int code = api->processes_v1(g->device, count, old);
    for (unsigned i = code == NVML_SUCCESS ? *count : 0; i-- > 0;) {
        struct nvml_process_v1 one = old[i];
        g->processes[i] = (struct nvml_process){.pid = one.pid, .used_bytes = one.used_bytes};
    }
    return code;
}

static size_t convert(const struct nvml_gpu *g, unsigned count, struct gpu_process *list)
{
    for (unsigned i = 0; i < count; i++) {
        const struct nvml_process *process = &g->processes[i];
        bool untold = process->used_bytes == ULLONG_MAX;
        list[i] = (struct gpu_process){
            .pid = (long)process->pid, .bytes = untold ? 0 : (double)process->used_bytes, .untold = untold};
    }
    return count;
}

static void look_at_processes(struct nvml_gpu *g, const struct gpu_owners *owners)
{
    static const char source[] = "nvmlDeviceGetComputeRunningProcesses";
    struct reading *processes = gpu_device_reading(&g->base, SENSOR_GPU_PROCESSES_FOREIGN);
    struct reading *memory = gpu_device_reading(&g->base, SENSOR_GPU_MEMORY_FOREIGN);
    unsigned count;
    if (g->given_up[SENSOR_GPU_PROCESSES_FOREIGN - SENSOR_GPU_FIRST])
        return;
    errand_doing(source);
    int code = list_processes(g, &count);
    g->base.unattributed = false;
    if (code != NVML_SUCCESS) {
        set_by_code(g, SENSOR_GPU_PROCESSES_FOREIGN, source, code, 0);
        *memory = g->base.target_memory = *processes;
        return;
    }
    struct gpu_process list[PROCESSES_MAX];
    gpu_processes_tell(
        &g->base, source, list, convert(g, count < PROCESSES_MAX ? count : PROCESSES_MAX, list), owners);
}

static void nvml_gpu_look(struct gpu_device *gpu, int64_t t_ns, const struct gpu_owners *owners)
{
    struct nvml_gpu *g = (void *)gpu;
    (void)t_ns;
    read_rows(g, slow_rows, sizeof slow_rows / sizeof *slow_rows);
    if (g->device)
        count_held(g);
    look_at_processes(g, owners);
}

static void nvml_gpu_read(struct gpu_device *gpu, int64_t t_ns)
{
    struct nvml_gpu *g = (void *)gpu;
    read_rows(g, fast_rows, sizeof fast_rows / sizeof *fast_rows);
    watch_held(g, t_ns);
}

static void nvml_gpu_close(struct gpu_device *gpu)
{
    free(gpu);
}

static const struct gpu_ops nvml_gpu_ops = {
    .read = nvml_gpu_read, .look = nvml_gpu_look, .close = nvml_gpu_close};

struct gpu_device *nvml_gpu_new(struct nvml *nvml, size_t index)
{
    struct nvml_gpu *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    gpu_device_init(&g->base, &nvml_gpu_ops, "NVML");
    g->base.lists_processes = true;
    g->nvml = nvml;
    g->index = index;
    g->device = nvml->devices[index];
    return &g->base;
}
