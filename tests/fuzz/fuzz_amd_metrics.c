/* Whatever the file gpu_metrics holds, nothing beyond its end is read, and what is told was there. */
#include "amd_metrics.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct amd_metrics metrics;
    unsigned char *copy =
        malloc(size ? size : 1); /* of this length and no more: a sanitizer sees a step beyond */
    if (!copy)
        return 0;
    for (size_t i = 0; i < size; i++)
        copy[i] = data[i];
    amd_metrics_parse(copy, size, &metrics);
    if ((metrics.throttle_known || metrics.energy_known) && size < 32)
        abort();
    if (metrics.energy_known && metrics.energy_j < 0)
        abort();
    free(copy);
    return 0;
}
