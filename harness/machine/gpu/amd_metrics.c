#include "amd_metrics.h"

#include <string.h>

enum { HEADER_BYTES = 4 };

/*
 * Where the tables have them; 0: nowhere. A later minor version of the second kind only adds at the end. What a first
 * draft of 1.6 had elsewhere was shorter than the least that is taken here.
 */
static const struct table {
    unsigned major, minor;
    size_t throttle_at, energy_at, cycles_at, least;
} tables[] = {
    {1, 3, 112, 0, 0, 0},
    {1, 4, 0, 24, 0, 0},
    {1, 5, 0, 88, 0, 0},
    {1, 6, 0, 16, 32, 1024},
    {1, 7, 0, 24, 40, 1024},
    {1, 8, 0, 24, 40, 1024},
    {2, 2, 120, 0, 0, 0},
    {2, 3, 120, 0, 0, 0},
    {2, 4, 120, 0, 0, 0},
};

/* Written by the kernel of this machine, in its own order of bytes. */
static bool take_u64(const unsigned char *bytes, size_t len, size_t at, uint64_t *value)
{
    if (at == 0 || at + sizeof *value > len)
        return false;
    memcpy(value, bytes + at, sizeof *value);
    return *value != UINT64_MAX; /* not filled in for this GPU */
}

/* The cycles, and behind them those in which something held the GPU back. */
static bool take_cycles(const unsigned char *bytes, size_t len, size_t at, struct amd_metrics *metrics)
{
    if (at == 0 || at + sizeof metrics->cycles + sizeof metrics->held_by > len)
        return false;
    memcpy(&metrics->cycles, bytes + at, sizeof metrics->cycles);
    memcpy(metrics->held_by, bytes + at + sizeof metrics->cycles, sizeof metrics->held_by);
    return metrics->cycles != UINT32_MAX; /* not filled in for this GPU */
}

static void take_table(
    const unsigned char *bytes, size_t len, const struct table *table, struct amd_metrics *metrics)
{
    uint64_t energy = 0;
    if (len < table->least)
        return;
    metrics->throttle_known = take_u64(bytes, len, table->throttle_at, &metrics->throttle);
    metrics->energy_known = take_u64(bytes, len, table->energy_at, &energy);
    metrics->energy_j = (double)energy / 65536; /* counted in 2^-16 J */
    metrics->cycles_known = take_cycles(bytes, len, table->cycles_at, metrics);
}

void amd_metrics_parse(const unsigned char *bytes, size_t len, struct amd_metrics *metrics)
{
    uint16_t size;
    memset(metrics, 0, sizeof *metrics);
    if (len < HEADER_BYTES)
        return;
    memcpy(&size, bytes, sizeof size);
    metrics->major = bytes[2];
    metrics->minor = bytes[3];
    if (size < len)
        len = size;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (tables[i].major == metrics->major && tables[i].minor == metrics->minor)
            take_table(bytes, len, &tables[i], metrics);
    }
}

/* A counter that grew by so much was set back: a reset of the GPU. */
static bool went_back(uint32_t growth)
{
    return growth > INT32_MAX;
}

/* Of the cycles since then, as a share: 0 where this one is not counted. */
static double held_share(const struct amd_held *held, const struct amd_metrics *metrics, size_t kind)
{
    uint32_t cycles = metrics->cycles - held->before.cycles;
    uint32_t those = metrics->held_by[kind] - held->before.held_by[kind];
    if (metrics->held_by[kind] == UINT32_MAX || held->before.held_by[kind] == UINT32_MAX)
        return 0;
    return those <= cycles ? (double)those / cycles : went_back(those) ? 0 : 1;
}

/* Where the firmware has not counted on since the last note, the next one has the time of both. */
void amd_held_note(struct amd_held *held, int64_t t_ns, const struct amd_metrics *metrics)
{
    static const size_t heats[] = {AMD_HELD_PROCHOT, AMD_HELD_SOCKET, AMD_HELD_REGULATOR, AMD_HELD_MEMORY};
    double seconds = (double)(t_ns - held->before_ns) / 1e9, heat = 0;
    bool counted = held->before.cycles_known && !went_back(metrics->cycles - held->before.cycles);
    if (counted && (metrics->cycles == held->before.cycles || seconds <= 0))
        return;
    for (size_t i = 0; counted && i < sizeof heats / sizeof *heats; i++) {
        double share = held_share(held, metrics, heats[i]);
        heat = share > heat ? share : heat;
    }
    if (counted) {
        held->heat_s += heat * seconds;
        held->power_s += held_share(held, metrics, AMD_HELD_POWER) * seconds;
    }
    held->before = *metrics;
    held->before_ns = t_ns;
}
