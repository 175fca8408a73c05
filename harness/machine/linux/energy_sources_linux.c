#include "energy_source.h"

#include "energy_apart.h"
#include "errand.h"

#include <stdio.h>

size_t energy_sources_open(const char *root, int64_t deadline_ns, struct energy_source *sources, size_t max,
    char none[ENERGY_REASON_SIZE])
{
    struct energy_list list = {.root = root, .sources = sources, .max = max};
    none[0] = '\0';
    energy_rapl_list(&list); /* registers of the processor: they answer */
    energy_apart_list(&list, errand_deadline(root, deadline_ns));
    if (list.count == 0)
        snprintf(none, ENERGY_REASON_SIZE,
            "no RAPL in /sys/class/powercap, no known meter in /sys/class/hwmon, no battery, no GPU that "
            "tells: "
            "as in most virtual machines");
    return list.count;
}
