#include "amd_metrics.h"

#include <string.h>

enum { HEADER_BYTES = 4 };

/* Where the tables have them; 0: nowhere. A later minor version of the second kind only adds at the end. */
static const struct table {
    unsigned major, minor;
    size_t throttle_at, energy_at;
} tables[] = {
    {1, 3, 112, 0},
    {1, 4, 0, 24},
    {2, 2, 120, 0},
    {2, 3, 120, 0},
    {2, 4, 120, 0},
};

/* Written by the kernel of this machine, in its own order of bytes. */
static bool take_u64(const unsigned char *bytes, size_t len, size_t at, uint64_t *value)
{
    if (at == 0 || at + sizeof *value > len)
        return false;
    memcpy(value, bytes + at, sizeof *value);
    return *value != UINT64_MAX; /* not filled in for this GPU */
}

void amd_metrics_parse(const unsigned char *bytes, size_t len, struct amd_metrics *metrics)
{
    uint16_t size;
    uint64_t energy = 0;
    memset(metrics, 0, sizeof *metrics);
    if (len < HEADER_BYTES)
        return;
    memcpy(&size, bytes, sizeof size);
    metrics->major = bytes[2];
    metrics->minor = bytes[3];
    if (size < len)
        len = size;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct table *table = &tables[i];
        if (table->major != metrics->major || table->minor != metrics->minor)
            continue;
        metrics->throttle_known = take_u64(bytes, len, table->throttle_at, &metrics->throttle);
        metrics->energy_known = take_u64(bytes, len, table->energy_at, &energy);
        metrics->energy_j = (double)energy / 65536; /* counted in 2^-16 J */
    }
}
