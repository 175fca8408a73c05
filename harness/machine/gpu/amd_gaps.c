#include "amd_gaps.h"

#include "clock.h"
#include "errand.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* How long a counter may stand still, and between which shares of the driver's power it has to grow. */
enum { NAPS = 20 };
static const int64_t NAP_NS = 10 * NS_PER_MS;
static const double SLOWEST = 0.1, FASTEST = 10, LEAST_WATTS = 5;

static int read_utilisation(const struct amd_gaps *g, double *value)
{
    struct amd_smi_activity activity = {0};
    int code = g->api->activity ? g->api->activity(g->processor, &activity) : AMD_SMI_NO_FUNCTION;
    *value = activity.gpu / 100.0;
    return code == AMD_SMI_SUCCESS && activity.gpu > 100 ? AMD_SMI_NO_DATA : code;
}

static int read_memory(const struct amd_gaps *g, double *value)
{
    uint64_t bytes = 0;
    int code = g->api->memory_usage ? g->api->memory_usage(g->processor, AMD_SMI_CARD_MEMORY, &bytes)
                                    : AMD_SMI_NO_FUNCTION;
    *value = (double)bytes;
    return code;
}

static int read_temperature(const struct amd_gaps *g, double *value)
{
    int64_t celsius = 0;
    if (!g->api->temperature)
        return AMD_SMI_NO_FUNCTION;
    int code = g->api->temperature(g->processor, AMD_SMI_HOTTEST, AMD_SMI_NOW, &celsius);
    if (code != AMD_SMI_SUCCESS)
        code = g->api->temperature(g->processor, AMD_SMI_EDGE, AMD_SMI_NOW, &celsius);
    *value = (double)celsius;
    return code;
}

static int count_energy(const struct amd_gaps *g, double *joules, uint64_t *t_ns)
{
    uint64_t count = 0;
    float microjoules = 0;
    if (!g->api->energy)
        return AMD_SMI_NO_FUNCTION;
    int code = g->api->energy(g->processor, &count, &microjoules, t_ns);
    *joules = (double)count * (double)microjoules / 1e6;
    if (code == AMD_SMI_SUCCESS && (count == 0 || count == UINT64_MAX || !(microjoules > 0)))
        return AMD_SMI_NO_DATA;
    return code;
}

static int read_energy(const struct amd_gaps *g, double *value)
{
    uint64_t t_ns = 0;
    return count_energy(g, value, &t_ns);
}

static int read_errors(const struct amd_gaps *g, struct amd_smi_errors *errors)
{
    memset(errors, 0, sizeof *errors);
    return g->api->errors ? g->api->errors(g->processor, errors) : AMD_SMI_NO_FUNCTION;
}

static int read_corrected(const struct amd_gaps *g, double *value)
{
    struct amd_smi_errors errors;
    int code = read_errors(g, &errors);
    *value = (double)errors.corrected;
    return code;
}

static int read_uncorrected(const struct amd_gaps *g, double *value)
{
    struct amd_smi_errors errors;
    int code = read_errors(g, &errors);
    *value = (double)errors.uncorrected;
    return code;
}

struct row {
    enum sensor_id sensor;
    const char *source;
    int (*read)(const struct amd_gaps *g, double *value);
};
static const struct row fast_rows[] = {
    {SENSOR_GPU_UTILISATION, "amdsmi_get_gpu_activity", read_utilisation},
    {SENSOR_GPU_MEMORY_USED, "amdsmi_get_gpu_memory_usage", read_memory},
    {SENSOR_GPU_TEMPERATURE, "amdsmi_get_temp_metric", read_temperature},
    {SENSOR_GPU_ENERGY, "amdsmi_get_energy_count", read_energy},
};
static const struct row slow_rows[] = {
    {SENSOR_GPU_ECC_CORRECTED, "amdsmi_get_gpu_total_ecc_count", read_corrected},
    {SENSOR_GPU_ECC_UNCORRECTED, "amdsmi_get_gpu_total_ecc_count", read_uncorrected},
};

enum { FAST_ROWS = sizeof fast_rows / sizeof *fast_rows, SLOW_ROWS = sizeof slow_rows / sizeof *slow_rows };

/* Codes that say that there is nothing to be had, now or later. */
static bool is_refusal(int code)
{
    static const int refusals[] = {AMD_SMI_INVALID, AMD_SMI_NOT_SUPPORTED, AMD_SMI_NOT_IMPLEMENTED,
        AMD_SMI_NO_PERMISSION, AMD_SMI_FILE_ERROR, AMD_SMI_NOT_FOUND, AMD_SMI_DRIVER_NOT_LOADED,
        AMD_SMI_NO_DATA, AMD_SMI_FILE_NOT_FOUND, AMD_SMI_NO_FUNCTION};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (refusals[i] == code)
            return true;
    }
    return false;
}

static void give_up(struct amd_gaps *g, struct gpu_device *gpu, const struct row *row, const char *reason)
{
    g->given_up[row->sensor - SENSOR_GPU_FIRST] = true;
    reading_unavailable(gpu_device_reading(gpu, row->sensor), row->source, reason);
}

/* What was read before may be refused later: then it failed; only a first refusal is final. */
static void take(struct amd_gaps *g, struct gpu_device *gpu, const struct row *row, int code, double value)
{
    struct reading *r = gpu_device_reading(gpu, row->sensor);
    const char *reason = code == AMD_SMI_SUCCESS ? "" : amd_smi_api_explain(g->api, code);
    bool was_read = r->source == row->source && r->status != SENSOR_UNAVAILABLE;
    if (code == AMD_SMI_SUCCESS)
        reading_set(r, value, row->source);
    else if (is_refusal(code) && !was_read)
        give_up(g, gpu, row, reason);
    else
        reading_failed(r, row->source, reason);
}

/* What the file says of it, and why the library does not know better. */
static void explain(const struct amd_gaps *g, struct gpu_device *gpu, enum sensor_id sensor)
{
    struct reading *r = gpu_device_reading(gpu, sensor);
    char reason[sizeof r->reason];
    if (r->status == SENSOR_OK || !g->why_not[0] || strstr(r->reason, "AMD SMI: "))
        return;
    snprintf(reason, sizeof reason, "%.60s; AMD SMI: %.80s", r->reason, g->why_not);
    reading_unavailable(r, r->source, reason);
}

static void read_rows(struct amd_gaps *g, struct gpu_device *gpu, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = 0;
        size_t at = rows[i].sensor - SENSOR_GPU_FIRST;
        if (!g->wanted[at] || g->given_up[at])
            continue;
        if (!g->api) {
            explain(g, gpu, rows[i].sensor);
            continue;
        }
        errand_doing(rows[i].source);
        int code = rows[i].read(g, &value);
        take(g, gpu, &rows[i], code, value);
    }
}

struct count {
    double joules;
    uint64_t t_ns;
};

/* Looks until it has moved on from there, for so long at least; false where it does not, or cannot be read. */
static bool await_move(
    const struct amd_gaps *g, const struct count *from, int64_t least_ns, struct count *to, int *code)
{
    const struct clock *clock = clock_system();
    *code = AMD_SMI_SUCCESS;
    for (int i = 0; i < NAPS && *code == AMD_SMI_SUCCESS; i++) {
        clock_sleep_until(clock, clock_mono_ns(clock) + NAP_NS);
        *code = count_energy(g, &to->joules, &to->t_ns);
        if (*code == AMD_SMI_SUCCESS && to->joules > from->joules &&
            to->t_ns >= from->t_ns + (uint64_t)least_ns)
            return true;
    }
    return false;
}

/* Its pace from one move to another: it may be moved on seldom, and by much at a time. 0 where it stands still. */
static int watch_counter(const struct amd_gaps *g, double *watts)
{
    struct count start = {0}, moved, end;
    int code = count_energy(g, &start.joules, &start.t_ns);
    *watts = 0;
    if (code != AMD_SMI_SUCCESS || !await_move(g, &start, 0, &moved, &code) ||
        !await_move(g, &moved, 2 * NAP_NS, &end, &code))
        return code;
    *watts = (end.joules - moved.joules) / ((double)(end.t_ns - moved.t_ns) / 1e9);
    return code;
}

/*
 * There are GPUs whose counter stands still, or counts in another unit than the library thinks. What cannot be read
 * at all is left to the reading, which says why.
 */
void amd_gaps_check_counter(struct amd_gaps *g, struct gpu_device *gpu)
{
    static const struct row *const row = &fast_rows[FAST_ROWS - 1];
    const struct reading *power = gpu_device_reading(gpu, SENSOR_GPU_POWER);
    char reason[128], grows[32], draws[32];
    double watts;
    if (!amd_gaps_tell(g, SENSOR_GPU_ENERGY))
        return;
    errand_doing(row->source);
    if (watch_counter(g, &watts) != AMD_SMI_SUCCESS)
        return;
    bool compared = power->status == SENSOR_OK && power->value >= LEAST_WATTS;
    if (watts <= 0) {
        give_up(g, gpu, row, "its counter does not move");
    } else if (compared && (watts < SLOWEST * power->value || watts > FASTEST * power->value)) {
        text_format_decimal(grows, sizeof grows, watts, 0);
        text_format_decimal(draws, sizeof draws, power->value, 0);
        snprintf(reason, sizeof reason, "its counter grows by %s W where the GPU draws %s W", grows, draws);
        give_up(g, gpu, row, reason);
    }
}

static bool is_known(enum sensor_id sensor)
{
    bool known = false;
    for (size_t i = 0; i < FAST_ROWS; i++)
        known |= fast_rows[i].sensor == sensor;
    for (size_t i = 0; i < SLOW_ROWS; i++)
        known |= slow_rows[i].sensor == sensor;
    return known;
}

void amd_gaps_want(struct amd_gaps *gaps, enum sensor_id sensor, bool wanted)
{
    if (!gaps->api && is_known(sensor))
        gaps->wanted[sensor - SENSOR_GPU_FIRST] = wanted;
}

bool amd_gaps_are_wanted(const struct amd_gaps *gaps)
{
    bool any = false;
    for (size_t i = 0; i < GPU_SENSOR_COUNT; i++)
        any |= gaps->wanted[i];
    return any;
}

void amd_gaps_fill(struct amd_gaps *gaps, const struct amd_smi *smi, const char *why_not, const char *slot)
{
    gaps->processor = smi ? amd_smi_find(smi, slot) : NULL;
    gaps->api = gaps->processor ? amd_smi_api(smi) : NULL;
    snprintf(gaps->why_not, sizeof gaps->why_not, "%s", smi ? "it does not know this GPU" : why_not);
}

bool amd_gaps_tell(const struct amd_gaps *gaps, enum sensor_id sensor)
{
    return gaps->api && gaps->wanted[sensor - SENSOR_GPU_FIRST];
}

void amd_gaps_read(struct amd_gaps *gaps, struct gpu_device *gpu)
{
    read_rows(gaps, gpu, fast_rows, FAST_ROWS);
}

void amd_gaps_look(struct amd_gaps *gaps, struct gpu_device *gpu)
{
    read_rows(gaps, gpu, slow_rows, SLOW_ROWS);
}

static void sleep_rows(struct amd_gaps *g, struct gpu_device *gpu, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (amd_gaps_tell(g, rows[i].sensor) && !g->given_up[rows[i].sensor - SENSOR_GPU_FIRST])
            reading_unavailable(gpu_device_reading(gpu, rows[i].sensor), rows[i].source, "the GPU is asleep");
    }
}

void amd_gaps_sleep(struct amd_gaps *gaps, struct gpu_device *gpu)
{
    sleep_rows(gaps, gpu, fast_rows, FAST_ROWS);
    sleep_rows(gaps, gpu, slow_rows, SLOW_ROWS);
}
