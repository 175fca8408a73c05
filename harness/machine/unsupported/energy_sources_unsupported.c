#include "energy_source.h"

#include <stdio.h>

size_t energy_sources_open(const char *root, int64_t deadline_ns, struct energy_source *sources, size_t max,
    char none[ENERGY_REASON_SIZE])
{
    (void)root;
    (void)deadline_ns;
    (void)sources;
    (void)max;
    snprintf(none, ENERGY_REASON_SIZE, "not supported on this operating system");
    return 0;
}
