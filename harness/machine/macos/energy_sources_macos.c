#include "energy_source.h"

#include "mac_energy.h"
#include "powermetrics_run.h"

size_t energy_sources_open(const char *root, int64_t deadline_ns, struct energy_source *sources, size_t max,
    char none[ENERGY_REASON_SIZE])
{
    (void)deadline_ns;
    (void)root; /* there are no captured trees of a Mac */
#ifdef __x86_64__
    const bool intel = true;
#else
    const bool intel = false;
#endif
    struct mac_energy_options options = {
        .paths = &mac_paths_system, .intel = intel, .powermetrics = powermetrics_is_asked()};
    return mac_energy_open(&options, sources, max, none);
}
